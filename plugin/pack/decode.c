/* Reading zstd frames; in the page as well as in the command. */
#include "codec.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "alloc.h"

int
tn_codec_decode(TN_OWN char **out, const void *frame, size_t frame_size,
                size_t size)
{
    *out = NULL;
    /* Checked before anything is allocated for a size that a damaged table
     * names: a block of zstd takes 4 bytes at least and gives 128 KiB. */
    if (ZSTD_getFrameContentSize(frame, frame_size) != size ||
        size >> 15 > frame_size) {
        return TN_ERROR_INVALID;
    }
    char *data = tn_alloc(size);
    if (data == NULL) {
        return TN_ERROR_MEMORY;
    }
    size_t seen = ZSTD_decompress(data, size, frame, frame_size);
    if (ZSTD_isError(seen) || seen != size) {
        tn_free(data);
        return ZSTD_isError(seen) &&
                       ZSTD_getErrorCode(seen) == ZSTD_error_memory_allocation
                   ? TN_ERROR_MEMORY
                   : TN_ERROR_INVALID;
    }
    *out = data;
    return TN_OK;
}
