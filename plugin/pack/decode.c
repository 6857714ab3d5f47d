/* Reading zstd frames; in the page as well as in the command.
 *
 * A stream decodes what has arrived of a frame, into memory of its caller. */
#include "codec.h"

#include "alloc.h"
#include "codec_memory.h"

struct tn_codec_stream {
    ZSTD_DCtx *context;
    ZSTD_inBuffer in; /* its size is what has arrived */
    size_t frame_size;
    size_t size;  /* bytes in the frame, as its owner says */
    size_t given; /* bytes of them that were decoded */
    bool has_ended;
};

/* Checked before anything is allocated for a size that a damaged table names:
 * a block of zstd takes 4 bytes at least and gives 128 KiB. */
static bool
is_possible(size_t frame_size, size_t size)
{
    return size >> 15 <= frame_size;
}

int
tn_codec_decode(TN_OWN char **out, const void *frame, size_t frame_size,
                size_t size)
{
    *out = NULL;
    if (ZSTD_getFrameContentSize(frame, frame_size) != size ||
        !is_possible(frame_size, size)) {
        return TN_ERROR_INVALID;
    }
    int status = TN_ERROR_MEMORY;
    char *data = tn_alloc(size);
    ZSTD_DCtx *context = ZSTD_createDCtx_advanced(codec_memory());
    if (data == NULL || context == NULL) {
        goto done;
    }
    size_t seen = ZSTD_decompressDCtx(context, data, size, frame, frame_size);
    status = ZSTD_isError(seen) ? codec_status(seen)
             : seen == size     ? TN_OK
                                : TN_ERROR_INVALID;
done:
    ZSTD_freeDCtx(context);
    if (status != TN_OK) {
        tn_free(data);
        return status;
    }
    *out = data;
    return TN_OK;
}

int
tn_codec_stream_new(TN_OWN struct tn_codec_stream **out, const void *frame,
                    size_t frame_size, size_t size)
{
    *out = NULL;
    if (!is_possible(frame_size, size)) {
        return TN_ERROR_INVALID;
    }
    struct tn_codec_stream *stream = tn_alloc_zeroed(1, sizeof *stream);
    if (stream == NULL) {
        return TN_ERROR_MEMORY;
    }
    stream->context = ZSTD_createDCtx_advanced(codec_memory());
    if (stream->context == NULL) {
        tn_free(stream);
        return TN_ERROR_MEMORY;
    }
    stream->in.src = frame;
    stream->frame_size = frame_size;
    stream->size = size;
    *out = stream;
    return TN_OK;
}

void
tn_codec_stream_free(TN_OWN struct tn_codec_stream *stream)
{
    if (stream != NULL) {
        ZSTD_freeDCtx(stream->context);
        tn_free(stream);
    }
}

int
tn_codec_stream_read(struct tn_codec_stream *stream, size_t available,
                     void *out, size_t limit, size_t *out_size)
{
    *out_size = 0;
    if (stream->has_ended || available < stream->in.size ||
        available > stream->frame_size) {
        return stream->has_ended ? TN_OK : TN_ERROR_INVALID;
    }
    ZSTD_outBuffer written = {.dst = out, .size = limit};
    stream->in.size = available;
    size_t hint =
        ZSTD_decompressStream(stream->context, &written, &stream->in);
    if (ZSTD_isError(hint)) {
        return codec_status(hint);
    }
    stream->has_ended = hint == 0;
    stream->given += written.pos;
    *out_size = written.pos;
    return stream->given <= stream->size ? TN_OK : TN_ERROR_INVALID;
}

bool
tn_codec_stream_is_whole(const struct tn_codec_stream *stream)
{
    return stream->has_ended && stream->given == stream->size &&
           stream->in.pos == stream->frame_size;
}
