/* Every allocation of kernel/fs fails once: a task that makes, mounts, reads,
 * changes, moves and removes must come back with "no memory" and nothing
 * leaked, and whatever failed half-way must still be usable. */
#include "fs_fixture.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "oom.h"

static struct fixture fixture;
static char block[70000];

static int
status_of(long long result)
{
    return result == -ENOMEM ? TN_ERROR_MEMORY
        : result < 0        ? TN_ERROR_STATE
                             : TN_OK;
}

static unsigned char *
make_image(size_t *size)
{
    static const struct fixture_file files[] = {
        {"a", block, 3000, NULL}, {"dir/", NULL, 0, NULL},
        {"dir/b", "text", 4, NULL}, {"dir/link", NULL, 0, "b"},
        {"dir/c", block, 1024, NULL}, {"dir/deep/", NULL, 0, NULL},
        {"dir/deep/d", "d", 1, NULL},
    };
    return fixture_image(files, 7, IMAGE_CODEC_LZ4, 1024, size);
}

static int
mount_image(struct tn_fs *fs)
{
    size_t size = 0;
    unsigned char *image = make_image(&size);
    if (image == NULL) {
        return -ENOMEM;
    }
    int status = tn_fs_mount(fs, "/some/where", "test.image", image, size,
                             TN_FS_IMAGE_OWNED);
    if (status < 0) {
        tn_free(image);
    }
    return status == TN_ERROR_MEMORY ? -ENOMEM : status;
}

/* The steps run in order until one fails. */

static long long
use_image(struct tn_fs *fs)
{
    char bytes[100];
    int fd = tn_fs_openat(fs, AT_FDCWD, "/some/where/dir/link", O_RDWR, 0);
    if (fd < 0) {
        return fd;
    }
    long long result = tn_fs_read(fs, fd, bytes, 4);
    if (result >= 0) {
        result = tn_fs_write(fs, fd, "more", 4);
    }
    if (result >= 0) {
        result = tn_fs_renameat(fs, AT_FDCWD, "/some/where/dir", AT_FDCWD,
                                "/some/moved");
    }
    tn_fs_close(fs, fd);
    return result;
}

static long long
use_files(struct tn_fs *fs)
{
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/file", O_RDWR | O_CREAT, 0600);
    if (fd < 0) {
        return fd;
    }
    long long result = 0;
    for (int i = 0; i < 5 && result >= 0; i++) {
        result = tn_fs_pwrite(fs, fd, block, sizeof(block), i * 100000);
        /* A write that got only half-way says so; go on where it stopped. */
        if (result >= 0 && result < (long long)sizeof(block)) {
            result = tn_fs_pwrite(fs, fd, block, sizeof(block), i * 100000);
            result = result == (long long)sizeof(block) ? result : -ENOMEM;
        }
    }
    if (result >= 0) {
        result = tn_fs_ftruncate(fs, fd, 100);
    }
    if (result >= 0) {
        result = tn_fs_fallocate(fs, fd, 0, 0, 200000);
    }
    tn_fs_close(fs, fd);
    return result;
}

static long long
send_and_receive(struct tn_fs *fs, const int ends[2])
{
    char byte;
    long long result = tn_fs_write(fs, ends[0], "x", 1);
    return result < 0 ? result : tn_fs_read(fs, ends[1], &byte, 1);
}

static long long
use_sockets(struct tn_fs *fs)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/tmp/s"};
    const struct sockaddr *address = (const struct sockaddr *)&name;
    int ends[2] = {-1, -1};
    long long result = 0;
    for (int type = SOCK_STREAM; type <= SOCK_DGRAM && result >= 0; type++) {
        result = tn_fs_socketpair(fs, AF_UNIX, type, 0, ends);
        if (result >= 0) {
            result = send_and_receive(fs, ends);
            tn_fs_close(fs, ends[0]);
            tn_fs_close(fs, ends[1]);
        }
    }
    int server = tn_fs_socket(fs, AF_UNIX, SOCK_STREAM, 0);
    int client = tn_fs_socket(fs, AF_UNIX, SOCK_STREAM, 0);
    if (result >= 0 && (server < 0 || client < 0)) {
        result = server < 0 ? server : client;
    }
    if (result >= 0) {
        result = tn_fs_bind(fs, server, address, sizeof(name));
    }
    if (result >= 0) {
        result = tn_fs_listen(fs, server, 1);
    }
    if (result >= 0) {
        result = tn_fs_connect(fs, client, address, sizeof(name));
    }
    if (result >= 0) {
        result = tn_fs_accept4(fs, server, NULL, NULL, 0);
    }
    tn_fs_close(fs, server);
    tn_fs_close(fs, client);
    return result;
}

static long long
use_names(struct tn_fs *fs)
{
    char path[32];
    long long result = 0;
    for (int i = 0; i < 20 && result >= 0; i++) {
        snprintf(path, sizeof(path), "/tmp/d%d", i);
        result = tn_fs_mkdirat(fs, AT_FDCWD, path, 0755);
    }
    if (result >= 0) {
        result = tn_fs_symlinkat(fs, "file", AT_FDCWD, "/tmp/link");
    }
    if (result >= 0) {
        result = tn_fs_linkat(fs, AT_FDCWD, "/tmp/file", AT_FDCWD, "/tmp/two",
                              0);
    }
    for (int i = 0; i < 20 && result >= 0; i++) {
        snprintf(path, sizeof(path), "/tmp/d%d", i);
        result = tn_fs_unlinkat(fs, AT_FDCWD, path, AT_REMOVEDIR);
    }
    return result;
}

static long long
use_descriptors(struct tn_fs *fs)
{
    int fds[2];
    long long result = tn_fs_pipe2(fs, fds, 0);
    if (result >= 0) {
        result = tn_fs_dup3(fs, fds[0], 100, 0);
    }
    if (result >= 0) {
        result = tn_fs_openat(fs, AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0600);
    }
    return result;
}

/* What hosts call, whose statuses are not the system's numbers. */
static long long
use_whole_files(struct tn_fs *fs)
{
    char *bytes = NULL;
    size_t size;
    int status = tn_fs_write_file(fs, "/new/place/file", block, 3000);
    if (status == TN_OK) {
        status = tn_fs_read_file(fs, "/new/place/file", &bytes, &size);
        check((bytes != NULL) == (status == TN_OK));
    }
    tn_free(bytes);
    return status == TN_ERROR_MEMORY ? -ENOMEM : status;
}

static int
use_all(void *context)
{
    static long long (*const steps[])(struct tn_fs *) = {
        use_image,       use_files,   use_names,
        use_descriptors, use_sockets, use_whole_files,
    };
    struct tn_fs *fs;
    (void)context;
    fixture_prepare(&fixture);
    int status = tn_fs_new(&fs, &fixture.config);
    if (status < 0) {
        return status;
    }
    long long result = mount_image(fs);
    const size_t count = sizeof(steps) / sizeof(*steps);
    for (size_t i = 0; i < count && result >= 0; i++) {
        result = steps[i](fs);
    }
    if (result >= 0) {
        result = tn_fs_check_images(fs);
    }
    tn_fs_free(fs);
    return status_of(result);
}

/* After a step failed for want of memory it is done again with memory: a
 * directory of an image that was taken in by half must then be whole. */
static void
test_half_loaded_directory(void)
{
    size_t size;
    unsigned char *image = make_image(&size);
    for (size_t count = 1; count < 30; count++) {
        fixture_prepare(&fixture);
        struct tn_fs *fs = fixture_start(&fixture);
        check_int(tn_fs_mount(fs, "/i", "test.image", image, size,
                              TN_FS_IMAGE_BORROWED), TN_OK);
        tn_alloc_fail_from(count);
        struct tn_fs_stat found;
        int status = tn_fs_stat(fs, "/i/dir/deep/d", &found);
        tn_alloc_fail_from(0);
        check(status == 0 || status == -ENOMEM);
        check_int(tn_fs_stat(fs, "/i/a", &found), 0);
        check_int(tn_fs_stat(fs, "/i/dir/deep/d", &found), 0);
        int fd = tn_fs_openat(fs, AT_FDCWD, "/i/dir", O_RDONLY, 0);
        struct tn_fs_entry entry;
        int entry_count = 0;
        while (tn_fs_readdir(fs, fd, &entry) > 0) {
            entry_count++;
        }
        check_int(entry_count, 6);
        tn_fs_free(fs);
    }
    tn_free(image);
}

static void
test_every_allocation(void)
{
    oom_exhaust("use of all calls", use_all, NULL);
}

int
main(void)
{
    memset(block, 'b', sizeof(block));
    run_test(test_every_allocation);
    run_test(test_half_loaded_directory);
    return check_report();
}
