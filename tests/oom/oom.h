/* What the allocation-failure tests use: oom_exhaust() runs a task again and
 * again, with the first allocation failing, then the second, and so on, until
 * the task succeeds.  Each time everything must come back as a status, with
 * nothing leaked.
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

static inline void
oom_exhaust(const char *name, oom_task task, void *context)
{
    size_t before = tn_alloc_live_count();
    size_t round = 1;
    int status = TN_ERROR_MEMORY;
    for (; round < OOM_ROUND_LIMIT && status != TN_OK; round++) {
        tn_alloc_fail_from(round);
        status = task(context);
        tn_alloc_fail_from(0);
        check(status == TN_OK || status == TN_ERROR_MEMORY);
        check_int(tn_alloc_live_count(), before);
    }
    check_int(status, TN_OK);
    printf("     %s: %zu allocations failed\n", name, round - 2);
}

#endif /* TN_OOM_H */
