/* Descriptors that are not files: dup, fcntl, locks, pipes, poll, devices. */
#include "fs_fixture.h"

#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "check.h"

static struct fixture fixture;

static struct tn_fs *
start(void)
{
    fixture_prepare(&fixture);
    return fixture_start(&fixture);
}

static int
open_new(struct tn_fs *fs, const char *path)
{
    return tn_fs_openat(fs, AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
}

static void
test_dup_shares_the_position(void)
{
    struct tn_fs *fs = start();
    int fd = open_new(fs, "/tmp/a");
    int other = tn_fs_dup(fs, fd);
    check_int(other, fd + 1);
    check_int(tn_fs_write(fs, fd, "abc", 3), 3);
    check_int(tn_fs_lseek(fs, other, 0, SEEK_CUR), 3);
    check_int(tn_fs_close(fs, fd), 0);
    check_int(tn_fs_write(fs, other, "d", 1), 1);
    check(fixture_has(fs, "/tmp/a", "abcd"));
    check_int(tn_fs_dup2(fs, other, other), other);
    check_int(tn_fs_dup3(fs, other, other, 0), -EINVAL);
    check_int(tn_fs_dup2(fs, other, 1), 1);
    check_int(tn_fs_write(fs, 1, "e", 1), 1);
    check(fixture_has(fs, "/tmp/a", "abcde"));
    check_int(fixture.output_size, 0);
    check_int(tn_fs_dup2(fs, 99, 5), -EBADF);
    check_int(tn_fs_dup2(fs, other, 100000), -EBADF);
    check_int(tn_fs_dup3(fs, other, 700, O_CLOEXEC), 700);
    check_int(tn_fs_fcntl(fs, 700, F_GETFD, 0), FD_CLOEXEC);
    tn_fs_free(fs);
}

static void
test_fcntl(void)
{
    struct tn_fs *fs = start();
    int fd = open_new(fs, "/tmp/a");
    check_int(tn_fs_fcntl(fs, fd, F_DUPFD, 40), 40);
    check_int(tn_fs_fcntl(fs, fd, F_DUPFD_CLOEXEC, 40), 41);
    check_int(tn_fs_fcntl(fs, fd, F_DUPFD, -1), -EINVAL);
    check_int(tn_fs_fcntl(fs, 41, F_GETFD, 0), FD_CLOEXEC);
    check_int(tn_fs_fcntl(fs, 41, F_SETFD, 0), 0);
    check_int(tn_fs_fcntl(fs, 41, F_GETFD, 0), 0);
    check_int(tn_fs_fcntl(fs, fd, F_GETFL, 0), O_RDWR);
    check_int(tn_fs_fcntl(fs, fd, F_SETFL, O_APPEND | O_TRUNC), 0);
    check_int(tn_fs_fcntl(fs, fd, F_GETFL, 0), O_RDWR | O_APPEND);
    check_int(tn_fs_fcntl(fs, fd, 9999, 0), -EINVAL);
    check_int(tn_fs_fcntl(fs, 99, F_GETFD, 0), -EBADF);
    check_int(tn_fs_ioctl(fs, fd, FIOCLEX, NULL), 0);
    check_int(tn_fs_fcntl(fs, fd, F_GETFD, 0), FD_CLOEXEC);
    check_int(tn_fs_ioctl(fs, fd, FIONCLEX, NULL), 0);
    check_int(tn_fs_fcntl(fs, fd, F_GETFD, 0), 0);
    tn_fs_free(fs);
}

static void
test_table_is_full(void)
{
    fixture_prepare(&fixture);
    fixture.config.descriptor_limit = 20;
    struct tn_fs *fs = fixture_start(&fixture);
    int fds[2];
    for (int fd = 3; fd < 19; fd++) {
        check_int(open_new(fs, "/tmp/a"), fd);
    }
    check_int(tn_fs_pipe2(fs, fds, 0), -EMFILE);
    check_int(open_new(fs, "/tmp/b"), 19);
    check_int(open_new(fs, "/tmp/c"), -EMFILE);
    check_int(tn_fs_dup(fs, 3), -EMFILE);
    struct tn_fs_stat found;
    check_int(tn_fs_stat(fs, "/tmp/c", &found), -ENOENT);
    check_int(tn_fs_close(fs, 7), 0);
    check_int(tn_fs_close(fs, 5), 0);
    check_int(tn_fs_dup(fs, 3), 5);
    check_int(tn_fs_dup(fs, 3), 7);
    tn_fs_free(fs);
}

static void
test_record_locks_are_granted(void)
{
    struct tn_fs *fs = start();
    int fd = open_new(fs, "/tmp/a");
    int reader = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDONLY, 0);
    struct flock lock = {.l_type = F_WRLCK};
    check_int(tn_fs_fcntl_lock(fs, fd, F_SETLK, &lock), 0);
    check_int(tn_fs_fcntl_lock(fs, fd, F_SETLKW, &lock), 0);
    check_int(tn_fs_fcntl_lock(fs, reader, F_SETLK, &lock), -EBADF);
    check_int(tn_fs_fcntl_lock(fs, reader, F_GETLK, &lock), 0);
    check_int(lock.l_type, F_UNLCK);
    check_int(tn_fs_fcntl_lock(fs, fd, F_SETLK, &lock), 0);
    lock.l_type = 77;
    check_int(tn_fs_fcntl_lock(fs, fd, F_SETLK, &lock), -EINVAL);
    tn_fs_free(fs);
}

static void
test_flock_stands_between_open_files(void)
{
    struct tn_fs *fs = start();
    int one = open_new(fs, "/tmp/a");
    int two = open_new(fs, "/tmp/a");
    check_int(tn_fs_flock(fs, one, LOCK_SH), 0);
    check_int(tn_fs_flock(fs, two, LOCK_SH), 0);
    check_int(tn_fs_flock(fs, two, LOCK_EX | LOCK_NB), -EAGAIN);
    check_int(tn_fs_flock(fs, one, LOCK_UN), 0);
    check_int(tn_fs_flock(fs, two, LOCK_EX), 0);
    check_int(tn_fs_flock(fs, one, LOCK_SH), -EAGAIN);
    check_int(tn_fs_close(fs, two), 0);
    check_int(tn_fs_flock(fs, one, LOCK_EX), 0);
    check_int(tn_fs_flock(fs, one, 77), -EINVAL);
    tn_fs_free(fs);
}

static void
test_pipes(void)
{
    static char bytes[100000];
    struct tn_fs *fs = start();
    int fds[2];
    int waiting = 0;
    check_int(tn_fs_pipe2(fs, fds, O_CLOEXEC), 0);
    check_int(tn_fs_fcntl(fs, fds[0], F_GETPIPE_SZ, 0), TN_FS_PIPE_SIZE);
    check_int(tn_fs_fcntl(fs, fds[1], F_SETPIPE_SZ, 1), TN_FS_PIPE_SIZE);
    check_int(tn_fs_fcntl(fs, fds[1], F_SETPIPE_SZ, 2 * TN_FS_PIPE_SIZE),
              -EPERM);
    check_int(tn_fs_fcntl(fs, fds[1], F_SETPIPE_SZ, -1), -EINVAL);
    check_int(tn_fs_read(fs, fds[0], bytes, 10), -EAGAIN);
    check_int(tn_fs_write(fs, fds[1], "hello", 5), 5);
    check_int(tn_fs_ioctl(fs, fds[0], FIONREAD, &waiting), 0);
    check_int(waiting, 5);
    check_int(tn_fs_read(fs, fds[0], bytes, 3), 3);
    check(memcmp(bytes, "hel", 3) == 0);
    check_int(tn_fs_write(fs, fds[1], bytes, sizeof(bytes)),
              TN_FS_PIPE_SIZE - 2);
    check_int(tn_fs_write(fs, fds[1], bytes, 1), -EAGAIN);
    check_int(tn_fs_read(fs, fds[0], bytes, 100), 100);
    check_int(tn_fs_write(fs, fds[1], bytes, 4096), -EAGAIN);
    check_int(tn_fs_write(fs, fds[1], bytes, 5000), 100);
    check_int(tn_fs_write(fs, fds[0], "x", 1), -EBADF);
    check_int(tn_fs_lseek(fs, fds[0], 0, SEEK_CUR), -ESPIPE);
    check_int(tn_fs_pread(fs, fds[0], bytes, 1, 0), -ESPIPE);
    check_int(tn_fs_close(fs, fds[1]), 0);
    check_int(tn_fs_read(fs, fds[0], bytes, sizeof(bytes)), TN_FS_PIPE_SIZE);
    check_int(tn_fs_read(fs, fds[0], bytes, 1), 0);
    check_int(tn_fs_pipe2(fs, fds, O_APPEND), -EINVAL);
    check_int(tn_fs_pipe2(fs, fds, O_NONBLOCK), 0);
    check_int(tn_fs_close(fs, fds[0]), 0);
    check_int(tn_fs_write(fs, fds[1], "x", 1), -EPIPE);
    tn_fs_free(fs);
}

static void
test_poll(void)
{
    struct tn_fs *fs = start();
    int fds[2];
    check_int(tn_fs_pipe2(fs, fds, 0), 0);
    struct pollfd polls[] = {
        {.fd = fds[0], .events = POLLIN},
        {.fd = fds[1], .events = POLLOUT},
        {.fd = 99, .events = POLLIN},
        {.fd = -1, .events = POLLIN},
        {.fd = 0, .events = POLLIN},
    };
    check_int(tn_fs_poll(fs, polls, 5), 2);
    check_int(polls[0].revents, 0);
    check_int(polls[1].revents, POLLOUT);
    check_int(polls[2].revents, POLLNVAL);
    check_int(polls[4].revents, 0);
    fixture.input = "typed";
    check_int(tn_fs_write(fs, fds[1], "x", 1), 1);
    check_int(tn_fs_poll(fs, polls, 5), 4);
    check_int(polls[0].revents, POLLIN);
    check_int(polls[4].revents, POLLIN);
    check_int(tn_fs_close(fs, fds[1]), 0);
    check_int(tn_fs_poll(fs, polls, 1), 1);
    check_int(polls[0].revents, POLLIN | POLLHUP);
    tn_fs_free(fs);
}

static void
test_devices(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    char bytes[4] = "xxx";
    int null = tn_fs_openat(fs, AT_FDCWD, "/dev/null", O_RDWR | O_TRUNC, 0);
    check_int(tn_fs_write(fs, null, "x", 1), 1);
    check_int(tn_fs_read(fs, null, bytes, 3), 0);
    check_int(tn_fs_lseek(fs, null, 5, SEEK_SET), 0);
    check_int(tn_fs_fstat(fs, null, &found), 0);
    check(S_ISCHR(found.mode) && found.special_device != 0);
    int zero = tn_fs_openat(fs, AT_FDCWD, "/dev/zero", O_RDONLY, 0);
    check_int(tn_fs_read(fs, zero, bytes, 3), 3);
    check(memcmp(bytes, "\0\0\0", 3) == 0);
    int random = tn_fs_openat(fs, AT_FDCWD, "/dev/urandom", O_RDONLY, 0);
    check_int(tn_fs_read(fs, random, bytes, 3), 3);
    check(memcmp(bytes, "ZZZ", 3) == 0);
    int full = tn_fs_openat(fs, AT_FDCWD, "/dev/full", O_WRONLY, 0);
    check_int(tn_fs_write(fs, full, "x", 1), -ENOSPC);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/dev/tty", O_RDWR, 0), -ENXIO);
    tn_fs_free(fs);
}

static void
test_standard_streams(void)
{
    struct tn_fs *fs = start();
    char bytes[16] = "";
    fixture.input = "typed";
    check_int(tn_fs_read(fs, 0, bytes, 3), 3);
    check_text(bytes, "typ");
    check_int(tn_fs_write(fs, 1, "out", 3), 3);
    check_int(tn_fs_write(fs, 2, "err", 3), 3);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/dev/stdout", O_WRONLY, 0);
    check_int(tn_fs_write(fs, fd, "!", 1), 1);
    check_text(fixture.output, "outerr!");
    check_int(tn_fs_read(fs, 1, bytes, 1), -EBADF);
    check_int(tn_fs_lseek(fs, 1, 0, SEEK_SET), -ESPIPE);
    check_int(tn_fs_isatty(fs, 1), -ENOTTY);
    check_int(tn_fs_close(fs, 0), 0);
    check_int(open_new(fs, "/tmp/a"), 0);
    check_int(tn_fs_write(fs, 0, "now a file", 10), 10);
    check(fixture_has(fs, "/dev/stdin", "now a file"));
    tn_fs_free(fs);
}

static void
test_terminal(void)
{
    fixture_prepare(&fixture);
    fixture.config.terminal_columns = 100;
    fixture.config.terminal_rows = 30;
    struct tn_fs *fs = fixture_start(&fixture);
    struct winsize size;
    struct termios mode;
    check_int(tn_fs_isatty(fs, 0), 1);
    check_int(tn_fs_isatty(fs, open_new(fs, "/tmp/a")), -ENOTTY);
    check_int(tn_fs_ioctl(fs, 1, TIOCGWINSZ, &size), 0);
    check(size.ws_col == 100 && size.ws_row == 30);
    check_int(tn_fs_ioctl(fs, 0, TCGETS, &mode), 0);
    check((mode.c_lflag & ECHO) != 0);
    mode.c_lflag &= ~(tcflag_t)ECHO;
    check_int(tn_fs_ioctl(fs, 0, TCSETS, &mode), 0);
    memset(&mode, 0xff, sizeof(mode));
    check_int(tn_fs_ioctl(fs, 2, TCGETS, &mode), 0);
    check((mode.c_lflag & ECHO) == 0);
    check_int(tn_fs_ioctl(fs, 3, TCGETS, &mode), -ENOTTY);
    check(tn_fs_openat(fs, AT_FDCWD, "/dev/tty", O_RDWR, 0) > 0);
    tn_fs_free(fs);
}

static void
test_descriptor_directory(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_entry entry;
    struct tn_fs_stat found;
    char names[64] = "";
    size_t size = 0;
    check_int(fixture_put(fs, "/tmp/a", "x"), TN_OK);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp/a", O_RDONLY, 0);
    int list = tn_fs_openat(fs, AT_FDCWD, "/dev/fd", O_RDONLY, 0);
    while (tn_fs_readdir(fs, list, &entry) > 0) {
        size += (size_t)snprintf(names + size, sizeof(names) - size, "%s ",
                                 entry.name);
    }
    /* The list itself, 4, is a directory. */
    check_text(names, ". .. 0 1 2 3 ");
    check_int(fd, 3);
    check_int(tn_fs_stat(fs, "/dev/fd/3", &found), 0);
    check_int(found.size, 1);
    check_int(tn_fs_stat(fs, "/dev/fd/9", &found), -ENOENT);
    check_int(tn_fs_stat(fs, "/dev/fd/99999999999999", &found), -ENOENT);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/dev/fd/3", 0), -EACCES);
    check_int(open_new(fs, "/dev/fd/new"), -EACCES);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/dev/fd", AT_REMOVEDIR), -EBUSY);
    check_int(tn_fs_renameat(fs, AT_FDCWD, "/dev/fd/3", AT_FDCWD, "/x"),
              -EACCES);
    check_int(tn_fs_renameat(fs, AT_FDCWD, "/tmp/a", AT_FDCWD, "/dev/fd/8"),
              -EACCES);
    tn_fs_free(fs);
}

int
main(void)
{
    run_test(test_dup_shares_the_position);
    run_test(test_fcntl);
    run_test(test_table_is_full);
    run_test(test_record_locks_are_granted);
    run_test(test_flock_stands_between_open_files);
    run_test(test_pipes);
    run_test(test_poll);
    run_test(test_devices);
    run_test(test_standard_streams);
    run_test(test_terminal);
    run_test(test_descriptor_directory);
    return check_report();
}
