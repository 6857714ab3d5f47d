/* Free memory becomes zeros: what was deleted is in no copy of memory, and a
 * copy leaves pages of zeros out.
 *
 * malloc keeps its free blocks to itself, so it is asked for all of them, the
 * largest first, while it may take no new memory; they are cleared and given
 * back.  One request takes one free block whole, so giving it back leaves no
 * traces between other free memory.
 */
#include <emscripten/stack.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "web.h"
#include "web_stack.h"

/* dlmalloc's own, which <malloc.h> does not declare.  SIZE_MAX: no limit. */
size_t malloc_footprint(void);
size_t malloc_set_footprint_limit(size_t size);

/* The unit in which sizes of blocks are looked for. */
#define BLOCK_UNIT ((size_t)8)

/* A free block that was taken. */
struct taken {
    struct taken *next;
};

/* Without volatile the compiler would see that nothing is done with the
 * block, and take it for granted that there was one. */
static void *
try_block(size_t size)
{
    void *volatile block = malloc(size);

    return block;
}

/* The largest free block of at most `*limit` bytes; `*limit` becomes its
 * size. */
static void *
take_largest(size_t *limit)
{
    size_t low = 0; /* this much there is, or nothing */
    size_t high = *limit;
    void *block = try_block(high);

    while (block == NULL && high - low > BLOCK_UNIT) {
        size_t middle = low + (high - low) / 2 / BLOCK_UNIT * BLOCK_UNIT;
        void *found;

        if (middle == low) {
            middle += BLOCK_UNIT;
        }
        found = try_block(middle);
        if (found != NULL) {
            free(found);
            low = middle;
        }
        else {
            high = middle;
        }
    }
    if (block == NULL) {
        block = low > 0 ? try_block(low) : NULL;
        *limit = low;
    }
    return block;
}

static void
clear_free_blocks(void)
{
    struct taken *first = NULL;
    size_t limit = malloc_footprint();
    void *block;

    malloc_set_footprint_limit(limit);
    while ((block = take_largest(&limit)) != NULL) {
        struct taken *taken = block;

        memset(block, 0, malloc_usable_size(block));
        taken->next = first;
        first = taken;
    }
    while (first != NULL) {
        struct taken *next = first->next;

        first->next = NULL;
        free(first);
        first = next;
    }
    malloc_set_footprint_limit(SIZE_MAX);
}

/* What lies below the frame that calls this, and stacks that are not in
 * use. */
static void
clear_stack(void)
{
    uintptr_t end = emscripten_stack_get_end();

    memset((void *)end, 0, emscripten_stack_get_current() - end);
    web_stack_trim();
}

int
tn_web_trim(void)
{
    const struct web_state *web = web_state();
    int status = tn_web_can_snapshot();

    if (status < 0) {
        return status;
    }
    (void)web_enter(WEB_MODE_PLAIN);
    status = tn_kernel_trim(web->kernel);
    web_leave();
    clear_free_blocks();
    clear_stack();
    return status;
}
