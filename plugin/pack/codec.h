/* Compression of the payload: zstd frames with their size and a checksum. */
#ifndef TN_CODEC_H
#define TN_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

/* The level whose cost is paid once, when dist/ is made. */
#define TN_CODEC_LEVEL 19

/* A new block with the frame.  Native only: encode.c.  TN_ERROR_MEMORY. */
int tn_codec_encode(TN_OWN char **out, size_t *out_size, const void *data,
                    size_t size, int level);

/* A new block with exactly `size` bytes.  TN_ERROR_INVALID when the frame is
 * damaged or holds another number of bytes; TN_ERROR_MEMORY. */
int tn_codec_decode(TN_OWN char **out, const void *frame, size_t frame_size,
                    size_t size);

/* The same of a frame that is still arriving, piece by piece. */
struct tn_codec_stream;

/* Begins to decode the `size` bytes in a frame of `frame_size`, which has to
 * stay where it is.  TN_ERROR_INVALID for a size that such a frame cannot
 * have; TN_ERROR_MEMORY. */
int tn_codec_stream_new(TN_OWN struct tn_codec_stream **out,
                        const void *frame, size_t frame_size, size_t size);
void tn_codec_stream_free(TN_OWN struct tn_codec_stream *stream);

/* Decodes at most `limit` bytes of a frame of which the first `available`
 * bytes are there; none when it needs more of them, or when it is at its end.
 * TN_ERROR_INVALID when the frame is damaged; TN_ERROR_MEMORY. */
int tn_codec_stream_read(struct tn_codec_stream *stream, size_t available,
                         void *out, size_t limit, size_t *out_size);

/* True when the frame has ended and gave as many bytes as it should. */
bool tn_codec_stream_is_whole(const struct tn_codec_stream *stream);

/* True when `frame` was made from exactly these bytes, by the size and the
 * checksum it ends with; it need not be decoded for that. */
bool tn_codec_is_frame_of(const void *frame, size_t frame_size,
                          const void *data, size_t size);

/* True when a gzip file was made from exactly these bytes, likewise. */
bool tn_codec_is_gzip_of(const void *gzip, size_t gzip_size, const void *data,
                         size_t size);

/* A new block with a gzip file that holds these bytes as they are: for a
 * build without gzip at hand.  TN_ERROR_MEMORY. */
int tn_codec_wrap_gzip(TN_OWN char **out, size_t *out_size, const void *data,
                       size_t size);

#endif /* TN_CODEC_H */
