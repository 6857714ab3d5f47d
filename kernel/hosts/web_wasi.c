/* The system calls that Emscripten's C library makes under WASI's names:
 * bytes of open files, clocks, randomness, the environment, the end.
 *
 * They answer with a positive errno, 0 being fine.  WASI's numbers are
 * Emscripten's own, so nothing is translated.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <wasi/api.h>

#include "web_thread.h"

/* How often a thread looks whether its pipe is ready. */
#define PIPE_INTERVAL_MS 5.0

static __wasi_errno_t
wasi_errno(int64_t status)
{
    return (__wasi_errno_t)(status < 0 ? -status : 0);
}

/* --- Bytes of open files ----------------------------------------------- */

/* One part of a vector: where to, how much, and at which offset (negative:
 * the file's own position). */
typedef ptrdiff_t (*move_part)(int fd, uint8_t *bytes, size_t size,
                               int64_t offset);

/* True when it is worth trying again: the other end of a pipe may be another
 * thread's.  Nobody rings when that has come, so it looks now and then. */
static bool
waits_for_pipe(int fd, ptrdiff_t *status)
{
    int flags;

    if (*status != -EAGAIN || web_is_alone()) {
        return false;
    }
    flags = tn_fs_fcntl(web_fs(), fd, F_GETFL, 0);
    if (flags < 0 || (flags & O_NONBLOCK) != 0) {
        return false;
    }
    if (web_sleep(PIPE_INTERVAL_MS) < 0) {
        *status = -EINTR;
        return false;
    }
    return true;
}

static ptrdiff_t
read_part(int fd, uint8_t *bytes, size_t size, int64_t offset)
{
    ptrdiff_t status;

    if (offset >= 0) {
        return tn_fs_pread(web_fs(), fd, bytes, size, offset);
    }
    do {
        status = tn_fs_read(web_fs(), fd, bytes, size);
    } while (waits_for_pipe(fd, &status));
    return status;
}

static ptrdiff_t
write_part(int fd, uint8_t *bytes, size_t size, int64_t offset)
{
    size_t total = 0;

    if (offset >= 0) {
        return tn_fs_pwrite(web_fs(), fd, bytes, size, offset);
    }
    for (;;) {
        ptrdiff_t status
            = tn_fs_write(web_fs(), fd, bytes + total, size - total);

        if (status > 0) {
            total += (size_t)status;
        }
        /* A pipe takes what it has room for; a thread waits for the rest. */
        if (total == size || status == 0
            || (status > 0 && web_is_alone())
            || (status < 0 && !waits_for_pipe(fd, &status))) {
            return total > 0 ? (ptrdiff_t)total : status;
        }
    }
}

/* Moves part after part until one comes out short.  An error counts only when
 * nothing was moved before it, as for any readv. */
static __wasi_errno_t
move_vector(move_part move, int fd, const __wasi_iovec_t *parts, size_t count,
            int64_t offset, __wasi_size_t *out_size)
{
    size_t total = 0;

    if (count > TN_FS_VECTOR_LIMIT) {
        return EINVAL;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t at = offset < 0 ? -1 : offset + (int64_t)total;
        ptrdiff_t moved = move(fd, parts[i].buf, parts[i].buf_len, at);

        if (moved < 0 && total == 0) {
            return wasi_errno(moved);
        }
        if (moved < 0) {
            break;
        }
        total += (size_t)moved;
        if ((size_t)moved < parts[i].buf_len) {
            break;
        }
    }
    *out_size = total;
    return 0;
}

__wasi_errno_t
__wasi_fd_read(__wasi_fd_t fd, const __wasi_iovec_t *parts, size_t count,
               __wasi_size_t *out_size)
{
    return move_vector(read_part, (int)fd, parts, count, -1, out_size);
}

__wasi_errno_t
__wasi_fd_pread(__wasi_fd_t fd, const __wasi_iovec_t *parts, size_t count,
                __wasi_filesize_t offset, __wasi_size_t *out_size)
{
    if ((int64_t)offset < 0) {
        return EINVAL;
    }
    return move_vector(read_part, (int)fd, parts, count, (int64_t)offset,
                       out_size);
}

/* WASI's two vectors differ in a const only; the bytes are not written. */
__wasi_errno_t
__wasi_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t *parts, size_t count,
                __wasi_size_t *out_size)
{
    return move_vector(write_part, (int)fd, (const __wasi_iovec_t *)parts,
                       count, -1, out_size);
}

__wasi_errno_t
__wasi_fd_pwrite(__wasi_fd_t fd, const __wasi_ciovec_t *parts, size_t count,
                 __wasi_filesize_t offset, __wasi_size_t *out_size)
{
    if ((int64_t)offset < 0) {
        return EINVAL;
    }
    return move_vector(write_part, (int)fd, (const __wasi_iovec_t *)parts,
                       count, (int64_t)offset, out_size);
}

__wasi_errno_t
__wasi_fd_seek(__wasi_fd_t fd, __wasi_filedelta_t offset,
               __wasi_whence_t whence, __wasi_filesize_t *out_position)
{
    int64_t position = tn_fs_lseek(web_fs(), (int)fd, offset, whence);

    if (position < 0) {
        return wasi_errno(position);
    }
    *out_position = (__wasi_filesize_t)position;
    return 0;
}

__wasi_errno_t
__wasi_fd_close(__wasi_fd_t fd)
{
    return wasi_errno(tn_fs_close(web_fs(), (int)fd));
}

__wasi_errno_t
__wasi_fd_sync(__wasi_fd_t fd)
{
    return wasi_errno(tn_fs_fsync(web_fs(), (int)fd));
}

/* The C library asks for the type only, and takes a character device for a
 * terminal: so that is what terminals are here, and nothing else is. */
__wasi_errno_t
__wasi_fd_fdstat_get(__wasi_fd_t fd, __wasi_fdstat_t *out)
{
    int status = tn_fs_isatty(web_fs(), (int)fd);

    if (status == -EBADF) {
        return EBADF;
    }
    *out = (__wasi_fdstat_t){
        .fs_filetype = status == 1 ? __WASI_FILETYPE_CHARACTER_DEVICE
                                   : __WASI_FILETYPE_UNKNOWN,
    };
    return 0;
}

/* --- Clocks, randomness, environment, end ------------------------------- */

/* What strftime() writes for %Z.  The C library takes only a name that it has
 * made itself for one, and so forgets those that Python brings along. */
const char *__tm_to_tzname(const struct tm *time);

const char *
__tm_to_tzname(const struct tm *time)
{
    bool is_named = time->tm_zone != NULL && time->tm_zone[0] != '\0';

    return is_named ? time->tm_zone : tzname[time->tm_isdst > 0];
}

/* A page has no clock of processor time; the time since it began, without what
 * Python spent suspended, is the closest to one. */
__wasi_errno_t
__wasi_clock_time_get(__wasi_clockid_t clock, __wasi_timestamp_t precision,
                      __wasi_timestamp_t *out)
{
    double now_ms;

    (void)precision;
    switch (clock) {
    case __WASI_CLOCKID_REALTIME:
        now_ms = web_import_wall_ms();
        break;
    case __WASI_CLOCKID_MONOTONIC:
        now_ms = web_monotonic_ms();
        break;
    case __WASI_CLOCKID_PROCESS_CPUTIME_ID:
    case __WASI_CLOCKID_THREAD_CPUTIME_ID:
        now_ms = web_monotonic_ms() - web_state()->idle_ms;
        break;
    default:
        return EINVAL;
    }
    *out = (__wasi_timestamp_t)(now_ms * 1e6);
    return 0;
}

/* What browsers promise for performance.now() without isolation headers. */
__wasi_errno_t
__wasi_clock_res_get(__wasi_clockid_t clock, __wasi_timestamp_t *out)
{
    if (clock > __WASI_CLOCKID_THREAD_CPUTIME_ID) {
        return EINVAL;
    }
    *out = clock == __WASI_CLOCKID_REALTIME ? 1000000 : 100000;
    return 0;
}

__wasi_errno_t
__wasi_random_get(uint8_t *bytes, __wasi_size_t size)
{
    web_import_random(bytes, size);
    return 0;
}

/* The environment begins empty; tn_web_start fills it from its
 * configuration. */
__wasi_errno_t
__wasi_environ_sizes_get(__wasi_size_t *out_count, __wasi_size_t *out_size)
{
    *out_count = 0;
    *out_size = 0;
    return 0;
}

__wasi_errno_t
__wasi_environ_get(uint8_t **environment, uint8_t *text)
{
    (void)environment;
    (void)text;
    return 0;
}

_Noreturn void
__wasi_proc_exit(__wasi_exitcode_t code)
{
    char reason[64];

    snprintf(reason, sizeof reason, "Python ended with exit status %d",
             (int)code);
    web_die(reason);
}
