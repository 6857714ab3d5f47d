/* What the allocation-failure tests use: oom_exhaust() runs a task again and
 * again, with all allocations failing from the first on, from the second on,
 * and so on, until the task succeeds; then with the first alone failing, the
 * second alone, and so on.  Each time everything must come back as a status,
 * with nothing leaked.
 *
 * The idea is that of Lua's test suite.
 */
#ifndef TN_OOM_H
#define TN_OOM_H

#include "alloc.h"
#include "check.h"
#include "status.h"

/* A task that needs more allocations than this never ends. */
#define OOM_ROUND_LIMIT 100000

/* Does the whole of its work, cleans up after itself, and returns the status
 * it ended with. */
typedef int (*oom_task)(void *context);

/* One run, with failures as they are set; what it ended with. */
static inline int
oom_run(oom_task task, void *context)
{
    size_t before = tn_alloc_live_count();
    int status = task(context);
    tn_alloc_fail_from(0);
    check(status == TN_OK || status == TN_ERROR_MEMORY);
    check_int(tn_alloc_live_count(), before);
    return status;
}

static inline void
oom_exhaust(const char *name, oom_task task, void *context)
{
    size_t count = 0;
    int status = TN_ERROR_MEMORY;
    for (; count < OOM_ROUND_LIMIT && status != TN_OK; count++) {
        tn_alloc_fail_from(count + 1);
        status = oom_run(task, context);
    }
    check_int(status, TN_OK);
    count--;
    for (size_t only = 1; only <= count; only++) {
        /* What gives up a cache and goes on may succeed all the same. */
        tn_alloc_fail_only(only);
        (void)oom_run(task, context);
    }
    tn_alloc_fail_from(0);
    check_int(task(context), TN_OK);
    printf("     %s: %zu allocations failed\n", name, 2 * count);
}

#endif /* TN_OOM_H */
