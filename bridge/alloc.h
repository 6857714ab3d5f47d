/* The one allocator of bridge/, kernel/fs and plugin/pack.
 *
 * Nothing in those libraries calls malloc itself (tests/tidy.py sees to it),
 * so that a test can make the n-th allocation fail for n = 1, 2, 3 ... and
 * prove that every failure comes back as TN_ERROR_MEMORY with nothing leaked.
 */
#ifndef TN_ALLOC_H
#define TN_ALLOC_H

#include <stddef.h>

/* Returns NULL when memory is exhausted, and when `size` is 0 a pointer that
 * can be passed to tn_free. */
void *tn_alloc(size_t size);
void *tn_alloc_zeroed(size_t count, size_t size);

/* Like realloc; the old block stays valid when NULL is returned. */
void *tn_realloc(void *block, size_t size);

/* NULL is fine. */
void tn_free(void *block);

/* A NUL-terminated copy of `size` bytes; NULL when memory is exhausted. */
char *tn_copy_text(const char *text, size_t size);

#ifdef TN_ALLOC_TESTING
/* From now on the `count`-th allocation fails, counting from 1, and so does
 * every one after it; 0 turns failing off.  For tests only. */
void tn_alloc_fail_from(size_t count);

/* The same, but all those after it succeed. */
void tn_alloc_fail_only(size_t count);

/* Allocations since one of the two was called. */
size_t tn_alloc_asked_count(void);

/* Blocks allocated and not yet freed. */
size_t tn_alloc_live_count(void);
#endif

#endif /* TN_ALLOC_H */
