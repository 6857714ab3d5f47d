/* Nothing deleted stays in memory: free memory of CPython's allocator, and of
 * the kernel's own buffers, is overwritten with zeros.
 *
 * A snapshot is a copy of memory, so what a person has deleted would travel in
 * it, and zeros need no space.  Which blocks of a pool are free is known to
 * pymalloc only; it is asked by the internal header of the CPython that the
 * kernel is linked with.
 */
#define Py_BUILD_CORE 1

#include "internal.h"

#include <internal/pycore_interp.h>
#include <internal/pycore_obmalloc.h>

/* The blocks that were freed hang together by their first word; behind
 * `nextoffset` nothing was given out since the pool got its size. */
static void
clear_used_pool(struct pool_header *pool)
{
    size_t size = INDEX2SIZE(pool->szidx);
    pymem_block *block = pool->freeblock;
    while (block != NULL) {
        memset(block + sizeof(block), 0, size - sizeof(block));
        block = *(pymem_block **)(void *)block;
    }
    memset((char *)pool + pool->nextoffset, 0, POOL_SIZE - pool->nextoffset);
}

/* An empty pool keeps its blocks' list for the next request of their size;
 * without it the pool is set up anew. */
static void
clear_empty_pool(struct pool_header *pool)
{
    pool->szidx = DUMMY_SIZE_IDX;
    pool->freeblock = NULL;
    memset((char *)pool + POOL_OVERHEAD, 0, POOL_SIZE - POOL_OVERHEAD);
}

/* Pools are carved off an arena in ascending order. */
static void
clear_arena(const struct arena_object *arena)
{
    uintptr_t start = _Py_SIZE_ROUND_UP(arena->address, POOL_SIZE);
    uintptr_t end = (uintptr_t)arena->pool_address;
    for (uintptr_t place = start; place < end; place += POOL_SIZE) {
        struct pool_header *pool = (struct pool_header *)place;
        if (pool->ref.count == 0) {
            clear_empty_pool(pool);
        }
        else {
            clear_used_pool(pool);
        }
    }
}

static void
clear_arenas(void)
{
    const struct _obmalloc_state *state = PyInterpreterState_Get()->obmalloc;
    if (state == NULL) {
        return;
    }
    for (uint i = 0; i < state->mgmt.maxarenas; i++) {
        if (state->mgmt.arenas[i].address != 0) {
            clear_arena(&state->mgmt.arenas[i]);
        }
    }
}

/* Where frames of Python functions had their variables. */
static void
clear_frames(void)
{
    const PyThreadState *thread = PyThreadState_Get();
    if (thread->datastack_top != NULL) {
        size_t count
            = (size_t)(thread->datastack_limit - thread->datastack_top);
        memset(thread->datastack_top, 0, count * sizeof(PyObject *));
    }
}

int
tn_kernel_trim(struct tn_kernel *kernel)
{
    if (kernel->is_handling) {
        return TN_ERROR_STATE;
    }
    kernel->is_handling = true;
    PyObject *result = PyObject_CallMethod(kernel->entry, "trim", NULL);
    int status = result != NULL ? TN_OK : TN_ERROR_IO;
    if (result == NULL) {
        kernel_log_exception(kernel, "trimming memory");
    }
    Py_XDECREF(result);
    streams_flush(kernel);
    tn_bridge_trim(kernel->bridge);
    clear_arenas();
    clear_frames();
    kernel->is_handling = false;
    return status;
}
