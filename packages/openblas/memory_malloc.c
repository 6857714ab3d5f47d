/* Working memory from malloc, given back at once.
 *
 * A kept buffer would be in every snapshot of the memory, full of numbers
 * that do not compress; and without threads there is nothing to hand out.
 * No caller looks for NULL, and address 0 can be written to here: so a lack of
 * memory traps, which the host takes for a crash. */

#include "common.h"

#define ALIGNMENT 64

void *blas_memory_alloc(int unused)
{
    void *buffer = NULL;

    (void)unused;
    if (posix_memalign(&buffer, ALIGNMENT, BUFFER_SIZE) != 0) {
        fprintf(stderr, "OpenBLAS: no memory for a buffer of %d bytes\n",
                BUFFER_SIZE);
        __builtin_trap();
    }
    return buffer;
}

void blas_memory_free(void *buffer)
{
    free(buffer);
}
