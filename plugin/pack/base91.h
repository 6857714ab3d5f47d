/* Bytes as printable ASCII, 13 bits in two characters: 23 % longer than they
 * are, where base64 is 33 %.
 *
 * The 91 characters are those from ! to ~ without & < and >, so that the text
 * means nothing to HTML or XML.  A pair of characters a, b stands for the 13
 * bits a + 91 b; pairs and bits are counted from the lowest, and 16
 * characters are 13 bytes.  What is left at the end is filled with zeros to
 * whole pairs.  (The encoding that is called basE91 is another one.)
 */
#ifndef TN_BASE91_H
#define TN_BASE91_H

#include <stddef.h>

#include "buffer.h"
#include "status.h"

/* A text whose bytes are a multiple of this can be continued by another. */
#define TN_BASE91_GROUP_SIZE 13

/* Appends the text of `size` bytes.  TN_ERROR_MEMORY. */
int tn_base91_append(struct tn_buffer *out, const void *data, size_t size);

/* Writes the bytes behind a text to `out`, at most `limit`, and how many to
 * `out_size`.  The text does not say whether three characters' worth of bits
 * are one byte or two: where fewer bytes than it has bits for are wanted,
 * `limit` says so.  Spaces and newlines do not count.  TN_ERROR_INVALID. */
int tn_base91_decode(void *out, size_t limit, size_t *out_size,
                     const char *text, size_t size);

#endif /* TN_BASE91_H */
