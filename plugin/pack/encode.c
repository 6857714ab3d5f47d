/* Writing zstd frames, and knowing again what they and gzip files hold. */
#include "codec.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "buffer.h"
#include "codec_memory.h"
#include "xxh64.h"

int
tn_codec_encode(TN_OWN char **out, size_t *out_size, const void *data,
                size_t size, int level)
{
    *out = NULL;
    *out_size = 0;
    int status = TN_ERROR_MEMORY;
    size_t bound = ZSTD_compressBound(size);
    char *frame = tn_alloc(bound);
    ZSTD_CCtx *context = ZSTD_createCCtx_advanced(codec_memory());
    if (frame == NULL || context == NULL) {
        goto done;
    }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t written = ZSTD_compress2(context, frame, bound, data, size);
    if (ZSTD_isError(written)) {
        goto done;
    }
    char *fitting = tn_realloc(frame, written);
    *out = fitting != NULL ? fitting : frame;
    *out_size = written;
    frame = NULL;
    status = TN_OK;
done:
    ZSTD_freeCCtx(context);
    tn_free(frame);
    return status;
}

static uint32_t
read_32(const void *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

bool
tn_codec_is_frame_of(const void *frame, size_t frame_size, const void *data,
                     size_t size)
{
    if (frame_size < 9 ||
        ZSTD_getFrameContentSize(frame, frame_size) != size ||
        ZSTD_findFrameCompressedSize(frame, frame_size) != frame_size) {
        return false;
    }
    /* Bit 2 of the frame header says that the frame ends with the low half
     * of its content's XXH64. */
    bool has_checksum = ((const unsigned char *)frame)[4] & 4;
    return has_checksum && read_32((const char *)frame + frame_size - 4) ==
                               (uint32_t)tn_xxh64(data, size);
}

static uint32_t
crc32_of(const unsigned char *bytes, size_t size)
{
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (unsigned bit = 0; bit < 8; bit++) {
            value = value >> 1 ^ (value & 1 ? UINT32_C(0xEDB88320) : 0);
        }
        table[i] = value;
    }
    uint32_t crc = UINT32_C(0xFFFFFFFF);
    for (size_t i = 0; i < size; i++) {
        crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 255];
    }
    return ~crc;
}

bool
tn_codec_is_gzip_of(const void *gzip, size_t gzip_size, const void *data,
                    size_t size)
{
    if (gzip_size < 18 || memcmp(gzip, "\x1f\x8b\x08", 3) != 0) {
        return false;
    }
    const char *trailer = (const char *)gzip + gzip_size - 8;
    return read_32(trailer) == crc32_of(data, size) &&
           read_32(trailer + 4) == (uint32_t)size;
}

/* The most that one stored block of deflate holds. */
#define STORED_BLOCK_SIZE ((size_t)65535)

static void
append_little(struct tn_buffer *out, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        tn_buffer_append_char(out, (char)(value >> (8 * i)));
    }
}

int
tn_codec_wrap_gzip(TN_OWN char **out, size_t *out_size, const void *data,
                   size_t size)
{
    static const char header[] = "\x1f\x8b\x08\0\0\0\0\0\0\xff";
    struct tn_buffer gzip = {0};
    size_t start = 0;
    tn_buffer_append(&gzip, header, sizeof header - 1);
    do {
        size_t rest = size - start;
        size_t block = rest < STORED_BLOCK_SIZE ? rest : STORED_BLOCK_SIZE;
        tn_buffer_append_char(&gzip, block == rest);
        append_little(&gzip, (uint32_t)block, 2);
        append_little(&gzip, ~(uint32_t)block, 2);
        tn_buffer_append(&gzip, (const char *)data + start, block);
        start += block;
    } while (start < size);
    append_little(&gzip, crc32_of(data, size), 4);
    append_little(&gzip, (uint32_t)size, 4);
    int status = tn_buffer_take(&gzip, out, out_size);
    tn_buffer_clear(&gzip);
    return status;
}
