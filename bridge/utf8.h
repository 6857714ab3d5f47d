/* UTF-8, one character at a time; readers and writers of text share it. */
#ifndef TN_UTF8_H
#define TN_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character that `text` starts with (1 to 4), or 0
 * when there is none: overlong forms, surrogates, code points beyond U+10FFFF
 * and cut-off sequences are not well-formed.  `size` must not be 0. */
size_t tn_utf8_length(const char *text, size_t size);

/* True when `text` starts with the three bytes that would be a surrogate if
 * UTF-8 had them: Python's "surrogatepass" writes them. */
bool tn_utf8_is_surrogate(const char *text, size_t size);

/* Writes the UTF-8 form of a code point below 0x110000, of a surrogate its
 * three-byte form, and returns how many of the four bytes it took. */
size_t tn_utf8_encode(unsigned code_point, char bytes[4]);

#endif /* TN_UTF8_H */
