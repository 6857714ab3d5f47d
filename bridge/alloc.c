/* The allocator of alloc.h over malloc, with the hooks that let a test make
 * allocations fail and count the blocks that live.
 *
 * The counters are atomic because a host may receive messages on a thread of
 * its own while a test counts.
 */
#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef TN_ALLOC_TESTING
#include <stdatomic.h>

static atomic_size_t live_count;
static atomic_size_t asked_count;
static atomic_size_t fail_from; /* 0: nothing fails */
static atomic_size_t fail_to;

void
tn_alloc_fail_from(size_t count)
{
    atomic_store(&asked_count, 0);
    atomic_store(&fail_to, SIZE_MAX);
    atomic_store(&fail_from, count);
}

void
tn_alloc_fail_only(size_t count)
{
    tn_alloc_fail_from(count);
    atomic_store(&fail_to, count);
}

size_t
tn_alloc_asked_count(void)
{
    return atomic_load(&asked_count);
}

size_t
tn_alloc_live_count(void)
{
    return atomic_load(&live_count);
}

static int
must_fail(void)
{
    size_t from = atomic_load(&fail_from);
    size_t count = atomic_fetch_add(&asked_count, 1) + 1;
    return from != 0 && count >= from && count <= atomic_load(&fail_to);
}

static void *
count_block(void *block)
{
    if (block != NULL) {
        atomic_fetch_add(&live_count, 1);
    }
    return block;
}

static void
forget_block(const void *block)
{
    if (block != NULL) {
        atomic_fetch_sub(&live_count, 1);
    }
}
#else
static int
must_fail(void)
{
    return 0;
}

static void *
count_block(void *block)
{
    return block;
}

static void
forget_block(const void *block)
{
    (void)block;
}
#endif

void *
tn_alloc(size_t size)
{
    if (must_fail()) {
        return NULL;
    }
    return count_block(malloc(size != 0 ? size : 1));
}

void *
tn_alloc_zeroed(size_t count, size_t size)
{
    if (must_fail() || (size != 0 && count > SIZE_MAX / size)) {
        return NULL;
    }
    if (count == 0 || size == 0) {
        count = size = 1;
    }
    return count_block(calloc(count, size));
}

void *
tn_realloc(void *block, size_t size)
{
    if (block == NULL) {
        return tn_alloc(size);
    }
    if (must_fail()) {
        return NULL;
    }
    /* realloc(block, 0) may free or not; one byte has one meaning. */
    return realloc(block, size != 0 ? size : 1);
}

void
tn_free(void *block)
{
    forget_block(block);
    free(block);
}

char *
tn_copy_text(const char *text, size_t size)
{
    if (size == SIZE_MAX) {
        return NULL;
    }
    char *copy = tn_alloc(size + 1);
    if (copy == NULL) {
        return NULL;
    }
    if (size != 0) {
        memcpy(copy, text, size);
    }
    copy[size] = '\0';
    return copy;
}
