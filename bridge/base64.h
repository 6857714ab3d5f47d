/* Base64 of RFC 4648, for buffers that travel in JSON, files and payload. */
#ifndef TN_BASE64_H
#define TN_BASE64_H

#include <stddef.h>

#include "buffer.h"

/* Appends the text of `size` bytes, padded.  TN_ERROR_MEMORY. */
int tn_base64_append(struct tn_buffer *out, const void *data, size_t size);

/* Appends the bytes behind base64 text, in which spaces and newlines do not
 * count and padding may be missing.  TN_ERROR_INVALID, TN_ERROR_MEMORY. */
int tn_base64_decode(struct tn_buffer *out, const char *text, size_t size);

#endif /* TN_BASE64_H */
