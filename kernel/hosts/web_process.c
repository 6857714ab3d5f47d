/* What a page has not: other processes, users, limits.  Each call answers with
 * the errno that says so, so that Python raises a clear OSError instead of
 * believing in a made-up success.
 */
#include <emscripten/syscalls.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "web.h"

/* The only process there is. */
#define PROCESS_ID 1

/* --- Processes --------------------------------------------------------- */

pid_t
__syscall_getpid(void)
{
    return PROCESS_ID;
}

pid_t
__syscall_getppid(void)
{
    return 0;
}

pid_t
__syscall_wait4(pid_t pid, int *out_status, int options, struct rusage *usage)
{
    (void)pid;
    (void)out_status;
    (void)options;
    (void)usage;
    return -ECHILD;
}

/* With NULL: whether there is a shell.  There is none. */
int
system(const char *command)
{
    if (command == NULL) {
        return 0;
    }
    errno = ENOSYS;
    return -1;
}

int
__syscall_uname(struct utsname *out)
{
    *out = (struct utsname){
        .sysname = "Emscripten",
        .nodename = "localhost",
        .release = "1.0",
        .version = "Tincture",
        .machine = "wasm32",
    };
    return 0;
}

/* --- Users: one, who may do everything, as kernel/fs has it too ---------- */

uid_t
__syscall_getuid32(void)
{
    return 0;
}

uid_t
__syscall_geteuid32(void)
{
    return 0;
}

gid_t
__syscall_getgid32(void)
{
    return 0;
}

gid_t
__syscall_getegid32(void)
{
    return 0;
}

int
__syscall_getgroups32(int count, gid_t groups[])
{
    if (count < 0) {
        return -EINVAL;
    }
    if (count > 0) {
        groups[0] = 0;
    }
    return 1;
}

/* --- Limits and usage -------------------------------------------------- */

int
__syscall_getrusage(int who, struct rusage *out)
{
    double used_ms;

    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN) {
        return -EINVAL;
    }
    memset(out, 0, sizeof *out);
    if (who == RUSAGE_CHILDREN) {
        return 0;
    }
    used_ms = web_import_monotonic_ms() - web_state()->idle_ms;
    out->ru_utime.tv_sec = (time_t)(used_ms / 1e3);
    out->ru_utime.tv_usec
        = (suseconds_t)((used_ms - (double)out->ru_utime.tv_sec * 1e3) * 1e3);
    out->ru_maxrss = (long)(__builtin_wasm_memory_size(0) * 64);
    return 0;
}

/* The ends of the C stack, from the linker. */
extern char __stack_low[];
extern char __stack_high[];

static rlim_t
limit_of(int resource)
{
    switch (resource) {
    case RLIMIT_NOFILE:
        return TN_FS_DESCRIPTOR_COUNT_DEFAULT;
    case RLIMIT_STACK:
        return (rlim_t)(__stack_high - __stack_low);
    case RLIMIT_NPROC:
        return 1;
    case RLIMIT_CORE:
        return 0;
    default:
        return RLIM_INFINITY;
    }
}

/* Limits are as they are. */
int
__syscall_prlimit64(pid_t pid, int resource, const struct rlimit *new_limit,
                    struct rlimit *old_limit)
{
    const rlim_t limit = limit_of(resource);

    if (pid != 0 && pid != PROCESS_ID) {
        return -ESRCH;
    }
    if (new_limit != NULL
        && (new_limit->rlim_cur != limit || new_limit->rlim_max != limit)) {
        return -EPERM;
    }
    if (old_limit != NULL) {
        *old_limit = (struct rlimit){limit, limit};
    }
    return 0;
}

/* --- What CPython asks of its environment -------------------------------- */

char *_Py_emscripten_runtime(void);

/* sys._emscripten_info.runtime; CPython frees it. */
char *
_Py_emscripten_runtime(void)
{
    return strdup("Tincture");
}
