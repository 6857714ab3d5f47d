/* Base64 with padding, as Uint8Array.fromBase64 reads it. */
#ifndef TN_BASE64_H
#define TN_BASE64_H

#include <stddef.h>

#include "buffer.h"

int tn_base64_append(struct tn_buffer *out, const void *data, size_t size);

/* Appends the bytes behind base64 text, in which spaces and newlines do not
 * count.  TN_ERROR_INVALID. */
int tn_base64_decode(struct tn_buffer *out, const char *text, size_t size);

#endif /* TN_BASE64_H */
