/* zstd's memory comes from the one allocator as well, so that tests can fail
 * it; shared inside this directory. */
#ifndef TN_CODEC_MEMORY_H
#define TN_CODEC_MEMORY_H

/* Contexts with an allocator are in the part of zstd.h that only a static
 * library may offer. */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include "alloc.h"
#include "status.h"

static inline void *
codec_alloc(void *context, size_t size)
{
    (void)context;
    return tn_alloc(size);
}

static inline void
codec_free(void *context, void *block)
{
    (void)context;
    tn_free(block);
}

static inline ZSTD_customMem
codec_memory(void)
{
    return (ZSTD_customMem){codec_alloc, codec_free, NULL};
}

/* What zstd's error is here. */
static inline int
codec_status(size_t error)
{
    return ZSTD_getErrorCode(error) == ZSTD_error_memory_allocation
               ? TN_ERROR_MEMORY
               : TN_ERROR_INVALID;
}

#endif /* TN_CODEC_MEMORY_H */
