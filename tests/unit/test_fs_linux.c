/* Plays the same random calls on kernel/fs and on the operating system below,
 * and wants the same answers.
 *
 * A child process makes a directory its root, so that absolute paths and `..`
 * mean the same on both sides, and closes its descriptors, so that numbers are
 * the same too.  Where that is not allowed the test says so and passes.
 *
 * What is left out on purpose: the link count, size and order of directories,
 * which differ between the systems' own file systems.
 */
#include "fs_fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define ROUND_COUNT 300
#define CALL_COUNT 300
#define TEXT_SIZE 512

struct play {
    struct fixture fixture;
    struct tn_fs *fs;
    uint64_t random;
    char call[TEXT_SIZE]; /* what is being compared, for the message */
};

static unsigned
choose(struct play *play, unsigned count)
{
    play->random ^= play->random << 13;
    play->random ^= play->random >> 7;
    play->random ^= play->random << 17;
    return (unsigned)(play->random >> 20) % count;
}

static long long
answer(long long result)
{
    return result < 0 ? -errno : result;
}

static void
compare(struct play *play, long long seen, long long expected)
{
    if (seen != expected) {
        fprintf(stderr, "%s: %s here, ", play->call,
                seen < 0 ? strerror((int)-seen) : "fine");
        fprintf(stderr, "%s there\n",
                expected < 0 ? strerror((int)-expected) : "fine");
    }
    check_int(seen, expected);
}

static const char *
make_path(struct play *play, char out[64])
{
    static const char *const parts[] = {"a", "b", "c", "d", ".", ".."};
    unsigned count = 1 + choose(play, 3);
    size_t size = 0;
    if (choose(play, 4) == 0) {
        out[size++] = '/';
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned part = choose(play, choose(play, 3) == 0 ? 6 : 4);
        size += (size_t)snprintf(out + size, 16, "%s%s", i > 0 ? "/" : "",
                                 parts[part]);
    }
    if (choose(play, 10) == 0) {
        out[size++] = '/';
    }
    out[size] = '\0';
    return out;
}

static int
choose_fd(struct play *play)
{
    return 3 + (int)choose(play, 8);
}

static void
play_open(struct play *play)
{
    static const int accesses[] = {O_RDONLY, O_WRONLY, O_RDWR};
    static const int extras[] = {O_CREAT,     O_CREAT | O_EXCL, O_TRUNC,
                                 O_APPEND,    O_DIRECTORY,      O_NOFOLLOW,
                                 O_CREAT | O_TRUNC, 0, O_PATH};
    char path[64];
    int flags = accesses[choose(play, 3)] | extras[choose(play, 9)];
    if (choose(play, 4) == 0) {
        flags |= extras[choose(play, 8)];
    }
    /* O_CREAT with O_DIRECTORY is refused by newer kernels only, and what
     * O_RDONLY with O_TRUNC does is left open by POSIX. */
    if (flags & O_DIRECTORY) {
        flags &= ~O_CREAT;
    }
    if ((flags & O_ACCMODE) == O_RDONLY) {
        flags &= ~O_TRUNC;
    }
    int dirfd = choose(play, 4) == 0 ? choose_fd(play) : AT_FDCWD;
    make_path(play, path);
    snprintf(play->call, TEXT_SIZE, "openat(%d, %s, %o)", dirfd, path, flags);
    compare(play, tn_fs_openat(play->fs, dirfd, path, flags, 0666),
            answer(openat(dirfd, path, flags, 0666)));
}

static void
play_descriptor(struct play *play)
{
    int fd = choose_fd(play);
    int other = choose_fd(play);
    switch (choose(play, 5)) {
    case 0:
        snprintf(play->call, TEXT_SIZE, "dup(%d)", fd);
        compare(play, tn_fs_dup(play->fs, fd), answer(dup(fd)));
        break;
    case 1:
        snprintf(play->call, TEXT_SIZE, "dup2(%d, %d)", fd, other);
        compare(play, tn_fs_dup2(play->fs, fd, other),
                answer(dup2(fd, other)));
        break;
    default:
        snprintf(play->call, TEXT_SIZE, "close(%d)", fd);
        compare(play, tn_fs_close(play->fs, fd), answer(close(fd)));
        break;
    }
}

static void
play_read(struct play *play)
{
    char mine[300];
    char theirs[300];
    int fd = choose_fd(play);
    size_t size = choose(play, 300);
    off_t offset = (off_t)choose(play, 400) - 10;
    ptrdiff_t count;
    ssize_t expected;
    if (choose(play, 2) == 0) {
        snprintf(play->call, TEXT_SIZE, "read(%d, %zu)", fd, size);
        count = tn_fs_read(play->fs, fd, mine, size);
        expected = read(fd, theirs, size);
    }
    else {
        snprintf(play->call, TEXT_SIZE, "pread(%d, %zu, %lld)", fd, size,
                 (long long)offset);
        count = tn_fs_pread(play->fs, fd, mine, size, offset);
        expected = pread(fd, theirs, size, offset);
    }
    compare(play, count, answer(expected));
    if (count > 0 && count == expected) {
        check(memcmp(mine, theirs, (size_t)count) == 0);
    }
}

static void
play_write(struct play *play)
{
    char bytes[300];
    int fd = choose_fd(play);
    size_t size = choose(play, 300);
    off_t offset = (off_t)choose(play, 400) - 10;
    memset(bytes, 'A' + (int)choose(play, 26), sizeof(bytes));
    if (choose(play, 2) == 0) {
        snprintf(play->call, TEXT_SIZE, "write(%d, %zu)", fd, size);
        compare(play, tn_fs_write(play->fs, fd, bytes, size),
                answer(write(fd, bytes, size)));
    }
    else {
        snprintf(play->call, TEXT_SIZE, "pwrite(%d, %zu, %lld)", fd, size,
                 (long long)offset);
        compare(play, tn_fs_pwrite(play->fs, fd, bytes, size, offset),
                answer(pwrite(fd, bytes, size, offset)));
    }
}

static bool
is_directory(int fd)
{
    struct stat found;
    return fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
}

static void
play_size(struct play *play)
{
    char path[64];
    int fd = choose_fd(play);
    off_t size = (off_t)choose(play, 500) - 20;
    int whence = (int)choose(play, 3);
    switch (choose(play, 3)) {
    case 0:
        snprintf(play->call, TEXT_SIZE, "ftruncate(%d, %lld)", fd,
                 (long long)size);
        compare(play, tn_fs_ftruncate(play->fs, fd, size),
                answer(ftruncate(fd, size)));
        break;
    case 1:
        make_path(play, path);
        snprintf(play->call, TEXT_SIZE, "truncate(%s, %lld)", path,
                 (long long)size);
        compare(play, tn_fs_truncate(play->fs, path, size),
                answer(truncate(path, size)));
        break;
    default:
        /* Positions in directories mean what their own system wants. */
        if (!is_directory(fd)) {
            snprintf(play->call, TEXT_SIZE, "lseek(%d, %lld, %d)", fd,
                     (long long)size, whence);
            compare(play, tn_fs_lseek(play->fs, fd, size, whence),
                    answer(lseek(fd, size, whence)));
        }
        break;
    }
}

static void
compare_stat(struct play *play, int status, const struct tn_fs_stat *mine,
             int result, const struct stat *theirs)
{
    compare(play, status, answer(result));
    if (status < 0 || result < 0) {
        return;
    }
    compare(play, mine->mode, theirs->st_mode);
    if (!S_ISDIR(mine->mode)) {
        compare(play, mine->link_count, (long long)theirs->st_nlink);
        compare(play, mine->size, theirs->st_size);
    }
}

static void
play_stat(struct play *play)
{
    struct tn_fs_stat mine;
    struct stat theirs;
    char path[64];
    int fd = choose_fd(play);
    int flags = choose(play, 2) == 0 ? AT_SYMLINK_NOFOLLOW : 0;
    int status;
    if (choose(play, 3) == 0) {
        snprintf(play->call, TEXT_SIZE, "fstat(%d)", fd);
        status = tn_fs_fstat(play->fs, fd, &mine);
        compare_stat(play, status, &mine, fstat(fd, &theirs), &theirs);
        return;
    }
    int dirfd = choose(play, 4) == 0 ? fd : AT_FDCWD;
    make_path(play, path);
    snprintf(play->call, TEXT_SIZE, "fstatat(%d, %s, %d)", dirfd, path, flags);
    status = tn_fs_fstatat(play->fs, dirfd, path, &mine, flags);
    compare_stat(play, status, &mine, fstatat(dirfd, path, &theirs, flags),
                 &theirs);
}

static void
play_make(struct play *play)
{
    char path[64];
    char target[64];
    make_path(play, path);
    make_path(play, target);
    switch (choose(play, 4)) {
    case 0:
        snprintf(play->call, TEXT_SIZE, "symlink(%s, %s)", target, path);
        compare(play, tn_fs_symlinkat(play->fs, target, AT_FDCWD, path),
                answer(symlink(target, path)));
        break;
    case 1: {
        int flags = choose(play, 2) == 0 ? AT_SYMLINK_FOLLOW : 0;
        snprintf(play->call, TEXT_SIZE, "link(%s, %s, %d)", target, path,
                 flags);
        compare(play,
                tn_fs_linkat(play->fs, AT_FDCWD, target, AT_FDCWD, path,
                             flags),
                answer(linkat(AT_FDCWD, target, AT_FDCWD, path, flags)));
        break;
    }
    default:
        snprintf(play->call, TEXT_SIZE, "mkdir(%s)", path);
        compare(play, tn_fs_mkdirat(play->fs, AT_FDCWD, path, 0777),
                answer(mkdir(path, 0777)));
        break;
    }
}

static void
play_remove(struct play *play)
{
    char path[64];
    int flags = choose(play, 2) == 0 ? AT_REMOVEDIR : 0;
    make_path(play, path);
    snprintf(play->call, TEXT_SIZE, "unlinkat(%s, %d)", path, flags);
    compare(play, tn_fs_unlinkat(play->fs, AT_FDCWD, path, flags),
            answer(unlinkat(AT_FDCWD, path, flags)));
}

static void
play_rename(struct play *play)
{
    char path[64];
    char target[64];
    make_path(play, path);
    make_path(play, target);
    snprintf(play->call, TEXT_SIZE, "rename(%s, %s)", path, target);
    compare(play,
            tn_fs_renameat(play->fs, AT_FDCWD, path, AT_FDCWD, target),
            answer(rename(path, target)));
}

static void
play_other(struct play *play)
{
    char mine[256];
    char theirs[256];
    char path[64];
    ptrdiff_t count;
    int mode = (int)choose(play, 8);
    make_path(play, path);
    switch (choose(play, 3)) {
    case 0:
        snprintf(play->call, TEXT_SIZE, "readlink(%s)", path);
        count = tn_fs_readlinkat(play->fs, AT_FDCWD, path, mine, 100);
        compare(play, count, answer(readlink(path, theirs, 100)));
        if (count > 0) {
            check(memcmp(mine, theirs, (size_t)count) == 0);
        }
        break;
    case 1:
        snprintf(play->call, TEXT_SIZE, "access(%s, %d)", path, mode);
        compare(play,
                tn_fs_faccessat(play->fs, AT_FDCWD, path, mode, 0),
                answer(access(path, mode)));
        break;
    default:
        mode = mode * 0111;
        snprintf(play->call, TEXT_SIZE, "chmod(%s, %o)", path, mode);
        compare(play,
                tn_fs_fchmodat(play->fs, AT_FDCWD, path, (unsigned)mode, 0),
                answer(chmod(path, (mode_t)mode)));
        break;
    }
}

static void
play_cwd(struct play *play)
{
    char mine[4096];
    char theirs[4096];
    char path[64];
    if (choose(play, 3) == 0) {
        int fd = choose_fd(play);
        snprintf(play->call, TEXT_SIZE, "fchdir(%d)", fd);
        compare(play, tn_fs_fchdir(play->fs, fd), answer(fchdir(fd)));
    }
    else {
        make_path(play, path);
        snprintf(play->call, TEXT_SIZE, "chdir(%s)", path);
        compare(play, tn_fs_chdir(play->fs, path), answer(chdir(path)));
    }
    snprintf(play->call, TEXT_SIZE, "getcwd()");
    int status = tn_fs_getcwd(play->fs, mine, sizeof(mine));
    const char *found = getcwd(theirs, sizeof(theirs));
    compare(play, status < 0 ? status : 0, found == NULL ? -errno : 0);
    if (status > 0 && found != NULL) {
        check_text(mine, theirs);
    }
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct names {
    char *names[16];
    size_t count;
};

static void
add_name(struct names *names, const char *name)
{
    if (names->count < 16) {
        names->names[names->count++] = strdup(name);
    }
}

static void
finish_names(struct names *names, char out[TEXT_SIZE])
{
    size_t size = 0;
    out[0] = '\0';
    qsort(names->names, names->count, sizeof(char *), compare_names);
    for (size_t i = 0; i < names->count; i++) {
        size += (size_t)snprintf(out + size, TEXT_SIZE - size, "%s ",
                                 names->names[i]);
        free(names->names[i]);
    }
}

static void
play_list(struct play *play)
{
    char mine[TEXT_SIZE];
    char theirs[TEXT_SIZE];
    char path[64];
    struct names names = {.count = 0};
    struct tn_fs_entry entry;
    make_path(play, path);
    int flags = O_RDONLY | O_DIRECTORY;
    snprintf(play->call, TEXT_SIZE, "list %s", path);
    int fd = tn_fs_openat(play->fs, AT_FDCWD, path, flags, 0);
    int real = open(path, flags);
    compare(play, fd, answer(real));
    if (fd < 0 || real < 0) {
        return;
    }
    while (tn_fs_readdir(play->fs, fd, &entry) > 0) {
        add_name(&names, entry.name);
    }
    tn_fs_close(play->fs, fd);
    finish_names(&names, mine);
    names.count = 0;
    DIR *stream = fdopendir(real);
    struct dirent *found;
    while ((found = readdir(stream)) != NULL) {
        add_name(&names, found->d_name);
    }
    closedir(stream);
    finish_names(&names, theirs);
    check_text(mine, theirs);
}

static void
play_round(struct play *play)
{
    static void (*const calls[])(struct play *) = {
        play_open, play_open,   play_open,   play_open, play_descriptor,
        play_read, play_write,  play_write,  play_size, play_stat,
        play_stat, play_make,   play_make,   play_make, play_remove,
        play_list, play_rename, play_rename, play_other, play_cwd,
    };
    for (int i = 0; i < CALL_COUNT && check_failed_count == 0; i++) {
        calls[choose(play, sizeof(calls) / sizeof(*calls))](play);
    }
}

/* In the child: the directory becomes the root, for good. */
static int
play_rounds(const char *base, unsigned round)
{
    struct play play = {.random = 88172645463325252u + round};
    umask(022);
    if (chmod(base, 0755) != 0 || chroot(base) != 0 || chdir("/") != 0) {
        return 2;
    }
    for (int fd = 3; fd < 256; fd++) {
        close(fd);
    }
    fixture_prepare(&play.fixture);
    play.fs = fixture_start(&play.fixture);
    /* The other side's root is bare. */
    check_int(mkdir("/dev", 0755), 0);
    check_int(mkdir("/tmp", 0755), 0);
    check_int(tn_fs_mkdirat(play.fs, AT_FDCWD, "/x", 0755), 0);
    check_int(mkdir("/x", 0755), 0);
    check_int(tn_fs_chdir(play.fs, "/x"), chdir("/x"));
    play_round(&play);
    tn_fs_free(play.fs);
    return check_failed_count != 0;
}

static void
remove_tree(const char *path)
{
    char command[256];
    snprintf(command, sizeof(command), "rm -rf '%s'", path);
    check_int(system(command), 0);
}

static void
test_same_answers(void)
{
    for (unsigned round = 0; round < ROUND_COUNT; round++) {
        char base[] = "/tmp/tn-test-fs-XXXXXX";
        int status = 0;
        check(mkdtemp(base) != NULL);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            _exit(play_rounds(base, round));
        }
        check_int(waitpid(child, &status, 0), child);
        remove_tree(base);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
            printf("     chroot is not allowed here: nothing compared\n");
            return;
        }
        check_int(status, 0);
        if (status != 0) {
            fprintf(stderr, "in round %u\n", round);
            return;
        }
    }
}

int
main(void)
{
    run_test(test_same_answers);
    return check_report();
}
