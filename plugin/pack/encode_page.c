/* What Save needs of page.wasm: bytes to a zstd frame, a window at a time, and
 * bytes to base91.
 *
 * The page asks for an encoder, fills its window, calls tn_page_encoder_write,
 * and so on to the end.  The frame names its size and ends with a checksum, as
 * the packer's own frames do, so the same code reads both.
 */
#include <stdint.h>

#include "alloc.h"
#include "base91.h"
#include "buffer.h"
#include "codec_memory.h"
#include "page.h"
#include "status.h"
#include "text.h"
#include "xxh64.h"

/* What is passed in with one call. */
#define WINDOW_SIZE ((size_t)256 << 10)

/* The highest level that page.wasm's compressor has (packages/zstd).  In Node
 * 33 MB take 0.22 s and become 8.3 MB; level 1: 0.18 s, 9.2 MB; the browser's
 * gzip: 1.2 s, 9.0 MB. */
#define PAGE_LEVEL 3

struct encoder {
    ZSTD_CCtx *context;
    char *window;
    struct tn_buffer frame;
    struct tn_buffer text;
};

struct encoder *tn_page_encoder_new(double size);
void tn_page_encoder_free(struct encoder *encoder);
void *tn_page_encoder_window(const struct encoder *encoder);
int tn_page_encoder_write(struct encoder *encoder, size_t size, int is_last);
void *tn_page_encoder_frame(const struct encoder *encoder);
size_t tn_page_encoder_frame_size(const struct encoder *encoder);
int tn_page_encoder_to_base91(struct encoder *encoder, const void *data,
                              size_t size);
int tn_page_encoder_checksum(struct encoder *encoder, const void *data,
                             size_t size);
void *tn_page_encoder_text(const struct encoder *encoder);
const char *tn_page_mimetype(const char *name);

/* An encoder for exactly `size` bytes; NULL when there is no memory. */
PAGE_EXPORT("tn_page_encoder_new")
struct encoder *
tn_page_encoder_new(double size)
{
    struct encoder *encoder = tn_alloc_zeroed(1, sizeof *encoder);
    if (encoder == NULL) {
        return NULL;
    }
    encoder->window = tn_alloc(WINDOW_SIZE);
    encoder->context = ZSTD_createCCtx_advanced(codec_memory());
    if (encoder->window == NULL || encoder->context == NULL) {
        tn_page_encoder_free(encoder);
        return NULL;
    }
    ZSTD_CCtx *context = encoder->context;
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, PAGE_LEVEL);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setPledgedSrcSize(context, (unsigned long long)size);
    return encoder;
}

PAGE_EXPORT("tn_page_encoder_free")
void
tn_page_encoder_free(struct encoder *encoder)
{
    ZSTD_freeCCtx(encoder->context);
    tn_free(encoder->window);
    tn_buffer_clear(&encoder->frame);
    tn_buffer_clear(&encoder->text);
    tn_free(encoder);
}

/* Where the next WINDOW_SIZE bytes go. */
PAGE_EXPORT("tn_page_encoder_window")
void *
tn_page_encoder_window(const struct encoder *encoder)
{
    return encoder->window;
}

/* Compresses the first `size` bytes of the window.  TN_ERROR_MEMORY;
 * TN_ERROR_INVALID when they are not as many as was announced. */
PAGE_EXPORT("tn_page_encoder_write")
int
tn_page_encoder_write(struct encoder *encoder, size_t size, int is_last)
{
    if (size > WINDOW_SIZE) {
        return TN_ERROR_INVALID;
    }
    ZSTD_inBuffer in = {encoder->window, size, 0};
    ZSTD_EndDirective end = is_last ? ZSTD_e_end : ZSTD_e_continue;
    struct tn_buffer *frame = &encoder->frame;
    for (;;) {
        int status = tn_buffer_reserve(frame, ZSTD_CStreamOutSize());
        if (status != TN_OK) {
            return status;
        }
        ZSTD_outBuffer out = {frame->data + frame->size,
                              ZSTD_CStreamOutSize(), 0};
        size_t left = ZSTD_compressStream2(encoder->context, &out, &in, end);
        if (ZSTD_isError(left)) {
            return codec_status(left);
        }
        frame->size += out.pos;
        if (is_last ? left == 0 : in.pos == in.size) {
            return TN_OK;
        }
    }
}

/* The frame so far; good until the next call. */
PAGE_EXPORT("tn_page_encoder_frame")
void *
tn_page_encoder_frame(const struct encoder *encoder)
{
    return encoder->frame.data;
}

PAGE_EXPORT("tn_page_encoder_frame_size")
size_t
tn_page_encoder_frame_size(const struct encoder *encoder)
{
    return encoder->frame.size;
}

/* Writes bytes, of the frame or any others, as base91 to where
 * tn_page_encoder_text then points; how many characters, or TN_ERROR_MEMORY.
 */
PAGE_EXPORT("tn_page_encoder_to_base91")
int
tn_page_encoder_to_base91(struct encoder *encoder, const void *data,
                          size_t size)
{
    struct tn_buffer *text = &encoder->text;
    text->size = 0;
    int status = tn_base91_append(text, data, size);
    return status != TN_OK ? status : (int)text->size;
}

/* The XXH64 of bytes in hexadecimal digits, to where tn_page_encoder_text
 * then points; how many digits, or TN_ERROR_MEMORY. */
PAGE_EXPORT("tn_page_encoder_checksum")
int
tn_page_encoder_checksum(struct encoder *encoder, const void *data,
                         size_t size)
{
    char digits[TN_XXH64_TEXT_SIZE];
    struct tn_buffer *text = &encoder->text;
    text->size = 0;
    tn_xxh64_text(data, size, digits);
    int status = tn_buffer_append_text(text, digits);
    return status != TN_OK ? status : (int)text->size;
}

PAGE_EXPORT("tn_page_encoder_text")
void *
tn_page_encoder_text(const struct encoder *encoder)
{
    return encoder->text.data;
}

/* The type of a file by its name; both end with a NUL. */
PAGE_EXPORT("tn_page_mimetype")
const char *
tn_page_mimetype(const char *name)
{
    return tn_text_mimetype(name);
}
