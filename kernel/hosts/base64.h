/* Base64 of RFC 4648, for buffers that travel in JSON. */
#ifndef TN_BASE64_H
#define TN_BASE64_H

#include "buffer.h"

/* Appends the text of `size` bytes, padded.  TN_ERROR_MEMORY. */
int base64_encode(const void *data, size_t size, struct tn_buffer *out);

/* Appends the bytes of the text; padding may be missing, nothing else may
 * be in it.  TN_ERROR_INVALID, TN_ERROR_MEMORY. */
int base64_decode(const char *text, size_t size, struct tn_buffer *out);

#endif /* TN_BASE64_H */
