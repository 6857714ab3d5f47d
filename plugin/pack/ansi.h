/* Terminal text to HTML: colours become spans, \r and \b do what they do. */
#ifndef TN_ANSI_H
#define TN_ANSI_H

#include <stddef.h>

#include "buffer.h"

/* Appends escaped HTML.  Colours are classes tn-ansi-red, tn-ansi-bright-red,
 * tn-ansi-bg-red ..., attributes tn-ansi-bold, -faint, -italic, -underline,
 * -inverse, -strike; exact colours a style.  Other sequences are left out. */
void tn_ansi_append(struct tn_buffer *out, const char *text, size_t size);

/* Appends the text without escape sequences. */
void tn_ansi_append_plain(struct tn_buffer *out, const char *text,
                          size_t size);

#endif /* TN_ANSI_H */
