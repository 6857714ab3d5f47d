/* Contents and descriptors: reading, writing, seeking, sizing, limits. */
#include "fs_fixture.h"

#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

static struct fixture fixture;

static struct tn_fs *
start(void)
{
    fixture_prepare(&fixture);
    return fixture_start(&fixture);
}

static void
test_write_then_read(void)
{
    struct tn_fs *fs = start();
    char bytes[16] = "";
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0640);
    check_int(fd, 3);
    check_int(tn_fs_write(fs, fd, "hello", 5), 5);
    check_int(tn_fs_lseek(fs, fd, 1, SEEK_SET), 1);
    check_int(tn_fs_read(fs, fd, bytes, sizeof(bytes)), 4);
    check_text(bytes, "ello");
    check_int(tn_fs_read(fs, fd, bytes, sizeof(bytes)), 0);
    check_int(tn_fs_lseek(fs, fd, -1, SEEK_SET), -EINVAL);
    check_int(tn_fs_close(fs, fd), 0);
    check_int(tn_fs_close(fs, fd), -EBADF);
    check(fixture_has(fs, "/tmp/a", "hello"));
    tn_fs_free(fs);
}

static void
test_append_goes_to_the_end(void)
{
    struct tn_fs *fs = start();
    check_int(fixture_put(fs, "/tmp/a", "one"), TN_OK);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_WRONLY | O_APPEND, 0);
    check_int(tn_fs_lseek(fs, fd, 0, SEEK_SET), 0);
    check_int(tn_fs_write(fs, fd, "two", 3), 3);
    check_int(tn_fs_lseek(fs, fd, 0, SEEK_CUR), 6);
    check_int(tn_fs_read(fs, fd, NULL, 0), -EBADF);
    check(fixture_has(fs, "/tmp/a", "onetwo"));
    tn_fs_free(fs);
}

/* Every size around the borders of chunks, in pieces of an odd size. */
static void
test_many_sizes(void)
{
    static unsigned char pattern[400000];
    static unsigned char seen[sizeof(pattern)];
    static const size_t pieces[] = {1000, 4096, 65536, 65537, 399999};
    struct tn_fs *fs = start();
    for (size_t i = 0; i < sizeof(pattern); i++) {
        pattern[i] = (unsigned char)(i * 31 + (i >> 8));
    }
    for (size_t k = 0; k < sizeof(pieces) / sizeof(*pieces); k++) {
        int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a",
                              O_RDWR | O_CREAT | O_TRUNC, 0600);
        size_t done = 0;
        while (done < sizeof(pattern)) {
            size_t rest = sizeof(pattern) - done;
            size_t size = pieces[k] < rest ? pieces[k] : rest;
            check_int(tn_fs_write(fs, fd, pattern + done, size), size);
            done += size;
        }
        memset(seen, 0, sizeof(seen));
        check_int(tn_fs_pread(fs, fd, seen, sizeof(seen), 0), sizeof(seen));
        check(memcmp(seen, pattern, sizeof(seen)) == 0);
        check_int(tn_fs_pread(fs, fd, seen, 100, 65500), 100);
        check(memcmp(seen, pattern + 65500, 100) == 0);
        tn_fs_close(fs, fd);
    }
    tn_fs_free(fs);
}

static void
test_holes_cost_nothing(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    struct tn_fs_counters before;
    struct tn_fs_counters after;
    char bytes[8] = "xxxxxxx";
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0600);
    int64_t far = (int64_t)1 << 39;

    tn_fs_get_counters(fs, &before);
    check_int(tn_fs_pwrite(fs, fd, "end", 3, far), 3);
    tn_fs_get_counters(fs, &after);
    check(after.writable_size - before.writable_size <= 65536);
    check_int(tn_fs_fstat(fs, fd, &found), 0);
    check_int(found.size, far + 3);
    check(found.block_count <= 128);
    check_int(tn_fs_pread(fs, fd, bytes, 7, far - 4), 7);
    check(memcmp(bytes, "\0\0\0\0end", 7) == 0);
    check_int(tn_fs_lseek(fs, fd, 0, SEEK_DATA), far);
    check_int(tn_fs_lseek(fs, fd, 5, SEEK_HOLE), 5);
    check_int(tn_fs_lseek(fs, fd, far, SEEK_HOLE), far + 3);
    check_int(tn_fs_lseek(fs, fd, far + 3, SEEK_DATA), -ENXIO);
    check_int(tn_fs_pwrite(fs, fd, "x", 1, (int64_t)1 << 40), -EFBIG);
    check_int(tn_fs_ftruncate(fs, fd, ((int64_t)1 << 40) + 1), -EFBIG);
    tn_fs_close(fs, fd);
    tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/a", 0);
    tn_fs_get_counters(fs, &after);
    check_int(after.writable_size, before.writable_size);
    tn_fs_free(fs);
}

/* What was cut off must not come back when the file grows again. */
static void
test_cut_bytes_are_gone(void)
{
    static char full[200000];
    static char seen[sizeof(full)];
    struct tn_fs *fs = start();
    struct tn_fs_counters counters;
    memset(full, 'x', sizeof(full));
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0600);
    check_int(tn_fs_write(fs, fd, full, sizeof(full)), sizeof(full));
    for (int64_t size = 150000; size > 0; size = size * 2 / 3) {
        check_int(tn_fs_ftruncate(fs, fd, size), 0);
        check_int(tn_fs_ftruncate(fs, fd, sizeof(full)), 0);
        check_int(tn_fs_pread(fs, fd, seen, sizeof(seen), 0), sizeof(seen));
        check(memcmp(seen, full, (size_t)size) == 0);
        bool is_zero = true;
        for (size_t i = (size_t)size; i < sizeof(seen); i++) {
            is_zero = is_zero && seen[i] == 0;
        }
        check(is_zero);
    }
    tn_fs_get_counters(fs, &counters);
    check(counters.writable_size < 65536);
    tn_fs_free(fs);
}

static void
test_full_disk(void)
{
    static char bytes[300000];
    struct tn_fs_statvfs space;
    fixture_prepare(&fixture);
    fixture.config.writable_size_limit = 262144;
    fixture.config.file_count_limit = 10;
    struct tn_fs *fs = fixture_start(&fixture);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0600);
    ptrdiff_t count = tn_fs_write(fs, fd, bytes, sizeof(bytes));
    check(count > 190000 && count <= 262144);
    check_int(tn_fs_write(fs, fd, bytes, 70000), -ENOSPC);
    check_int(tn_fs_statvfs(fs, "/", &space), 0);
    check_int(space.block_count, 64);
    check(space.free_count <= 16);
    check_int(tn_fs_ftruncate(fs, fd, 0), 0);
    check_int(tn_fs_fstatvfs(fs, fd, &space), 0);
    check_int(space.free_count, 63); /* the links in /dev take a few bytes */
    check_int(tn_fs_fallocate(fs, fd, 0, 0, 1 << 20), -ENOSPC);
    check_int(tn_fs_fallocate(fs, fd, 0, 0, 100000), 0);
    check_int(tn_fs_lseek(fs, fd, 0, SEEK_END), 100000);
    int status = 0;
    for (int i = 0; i < 10 && status == 0; i++) {
        char path[32];
        snprintf(path, sizeof(path), "/tmp/d%d", i);
        status = tn_fs_mkdirat(fs, AT_FDCWD, path, 0755);
    }
    check_int(status, -ENOSPC);
    check_int(tn_fs_statvfs(fs, "/", &space), 0);
    check_int(space.free_file_count, 0);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/tmp/new", O_WRONLY | O_CREAT, 0),
              -ENOSPC);
    tn_fs_free(fs);
}

static void
test_fallocate_reads_as_zero(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    char bytes[100];
    char zeros[100] = {0};
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0600);
    check_int(tn_fs_write(fs, fd, "abc", 3), 3);
    check_int(tn_fs_fallocate(fs, fd, 1, 0, 70000), 0);
    check_int(tn_fs_fstat(fs, fd, &found), 0);
    check_int(found.size, 3);
    check(found.block_count * 512 >= 70000);
    check_int(tn_fs_fallocate(fs, fd, 0, 65500, 4500), 0);
    check_int(tn_fs_pread(fs, fd, bytes, 100, 65490), 100);
    check(memcmp(bytes, zeros, 100) == 0);
    check_int(tn_fs_fallocate(fs, fd, 2, 0, 10), -EOPNOTSUPP);
    check_int(tn_fs_fallocate(fs, fd, 0, 0, 0), -EINVAL);
    check_int(tn_fs_fallocate(fs, fd, 0, INT64_MAX, INT64_MAX), -EFBIG);
    check_int(tn_fs_fallocate(fs, 1, 0, 0, 10), -ENODEV);
    tn_fs_free(fs);
}

static void
test_vectors(void)
{
    struct tn_fs *fs = start();
    char first[3] = "";
    char second[10] = "";
    struct iovec out[] = {{"ab", 2}, {"", 0}, {"cdef", 4}};
    struct iovec in[] = {{first, 2}, {second, 9}};
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0600);
    check_int(tn_fs_writev(fs, fd, out, 3), 6);
    check_int(tn_fs_preadv(fs, fd, in, 2, 1), 5);
    check_text(first, "bc");
    check_text(second, "def");
    check_int(tn_fs_pwritev(fs, fd, out, 3, 6), 6);
    check_int(tn_fs_lseek(fs, fd, 0, SEEK_SET), 0);
    check_int(tn_fs_readv(fs, fd, in, 2), 11);
    check_text(second, "cdefabcde");
    check_int(tn_fs_readv(fs, fd, in, -1), -EINVAL);
    check_int(tn_fs_readv(fs, fd, in, TN_FS_VECTOR_LIMIT + 1), -EINVAL);
    check_int(tn_fs_readv(fs, 99, in, 0), -EBADF);
    in[0].iov_len = SIZE_MAX;
    check_int(tn_fs_readv(fs, fd, in, 2), -EINVAL);
    tn_fs_free(fs);
}

static void
test_unlinked_file_lives(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    struct tn_fs_counters before;
    struct tn_fs_counters after;
    char bytes[8] = "";
    tn_fs_get_counters(fs, &before);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0600);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/a", 0), 0);
    check_int(tn_fs_write(fs, fd, "still", 5), 5);
    check_int(tn_fs_pread(fs, fd, bytes, 8, 0), 5);
    check_text(bytes, "still");
    check_int(tn_fs_fstat(fs, fd, &found), 0);
    check_int(found.link_count, 0);
    tn_fs_close(fs, fd);
    tn_fs_get_counters(fs, &after);
    check_int(after.node_count, before.node_count);
    check_int(after.writable_size, before.writable_size);
    tn_fs_free(fs);
}

static void
test_unnamed_file(void)
{
    struct tn_fs *fs = start();
    int flags = O_TMPFILE | O_RDWR;
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp", flags, 0600);
    check_int(fd, 3);
    check_int(tn_fs_write(fs, fd, "kept", 4), 4);
    check_int(tn_fs_linkat(fs, AT_FDCWD, "/dev/fd/3", AT_FDCWD, "/tmp/name",
                           AT_SYMLINK_FOLLOW), 0);
    check(fixture_has(fs, "/tmp/name", "kept"));
    check_int(tn_fs_openat(fs, AT_FDCWD, "/tmp", O_TMPFILE, 0600), -EINVAL);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/tmp/name", flags, 0600), -ENOTDIR);
    fd = tn_fs_openat(fs, AT_FDCWD, "/tmp", flags | O_EXCL, 0600);
    check_int(tn_fs_linkat(fs, fd, "", AT_FDCWD, "/tmp/no", AT_EMPTY_PATH),
              -ENOENT);
    tn_fs_free(fs);
}

static void
test_times(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat before;
    struct tn_fs_stat after;
    struct timespec times[2] = {{.tv_sec = 5000000000, .tv_nsec = 7},
                                {.tv_nsec = UTIME_OMIT}};
    check_int(fixture_put(fs, "/tmp/a", "x"), TN_OK);
    check_int(tn_fs_stat(fs, "/tmp/a", &before), 0);
    check_int(fixture_put(fs, "/tmp/a", "y"), TN_OK);
    check_int(tn_fs_stat(fs, "/tmp/a", &after), 0);
    check_int(after.inode, before.inode);
    check(after.mtime.tv_sec > before.mtime.tv_sec);
    check_int(tn_fs_utimensat(fs, AT_FDCWD, "/tmp/a", times, 0), 0);
    check_int(tn_fs_stat(fs, "/tmp/a", &before), 0);
    check(before.atime.tv_sec == 5000000000 && before.atime.tv_nsec == 7);
    check_int(before.mtime.tv_sec, after.mtime.tv_sec);
    check(before.ctime.tv_sec > after.ctime.tv_sec);
    check_int(tn_fs_utimensat(fs, AT_FDCWD, "/tmp/a", NULL, 0), 0);
    check_int(tn_fs_stat(fs, "/tmp/a", &after), 0);
    check(after.mtime.tv_sec > before.mtime.tv_sec);
    times[0].tv_nsec = 1000000000;
    check_int(tn_fs_utimensat(fs, AT_FDCWD, "/tmp/a", times, 0), -EINVAL);
    check_int(tn_fs_utimensat(fs, 77, NULL, NULL, 0), -EBADF);
    tn_fs_free(fs);
}

static void
test_modes_and_owners(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    check_int(tn_fs_umask(fs, 077), 022);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDWR | O_CREAT, 0666);
    check_int(tn_fs_fstat(fs, fd, &found), 0);
    check_int(found.mode, S_IFREG | 0600);
    check_int(tn_fs_faccessat(fs, AT_FDCWD, "/tmp/a", X_OK, 0), -EACCES);
    check_int(tn_fs_fchmod(fs, fd, 0100), 0);
    check_int(tn_fs_faccessat(fs, AT_FDCWD, "/tmp/a", R_OK | W_OK | X_OK, 0),
              0);
    check_int(tn_fs_fchown(fs, fd, 12, UINT32_MAX), 0);
    check_int(tn_fs_fchownat(fs, AT_FDCWD, "/tmp/a", UINT32_MAX, 13, 0), 0);
    check_int(tn_fs_fstat(fs, fd, &found), 0);
    check(found.uid == 12 && found.gid == 13);
    check_int(tn_fs_fsync(fs, fd), 0);
    check_int(tn_fs_fdatasync(fs, 1), -EINVAL);
    tn_fs_free(fs);
}

static void
test_whole_files(void)
{
    struct tn_fs *fs = start();
    char *bytes;
    size_t size;
    check_int(fixture_put(fs, "/home/x/data/a.csv", "1,2"), TN_OK);
    check(fixture_has(fs, "/home/x/data/a.csv", "1,2"));
    check_int(fixture_put(fs, "/home/x/data", "no"), TN_ERROR_INVALID);
    check_int(fixture_put(fs, "/home/x/data/a.csv/b", "no"),
              TN_ERROR_INVALID);
    check_int(fixture_put(fs, "", "no"), TN_ERROR_INVALID);
    check_int(tn_fs_read_file(fs, "/none", &bytes, &size), TN_ERROR_MISSING);
    check_int(tn_fs_read_file(fs, "/home", &bytes, &size), TN_ERROR_INVALID);
    check_int(tn_fs_write_file(fs, "/tmp/empty", NULL, 0), TN_OK);
    check(fixture_has(fs, "/tmp/empty", ""));
    tn_fs_free(fs);
}

static void
test_new_wants_a_clock(void)
{
    struct tn_fs_config config = {.context = NULL};
    struct tn_fs *fs;
    check_int(tn_fs_new(&fs, &config), TN_ERROR_INVALID);
    check(fs == NULL);
    tn_fs_free(NULL);
}

int
main(void)
{
    run_test(test_write_then_read);
    run_test(test_append_goes_to_the_end);
    run_test(test_many_sizes);
    run_test(test_holes_cost_nothing);
    run_test(test_cut_bytes_are_gone);
    run_test(test_full_disk);
    run_test(test_fallocate_reads_as_zero);
    run_test(test_vectors);
    run_test(test_unlinked_file_lives);
    run_test(test_unnamed_file);
    run_test(test_times);
    run_test(test_modes_and_owners);
    run_test(test_whole_files);
    run_test(test_new_wants_a_clock);
    return check_report();
}
