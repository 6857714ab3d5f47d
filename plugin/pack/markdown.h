/* Markdown to HTML: GitHub's flavour, raw HTML allowed, $math$ kept. */
#ifndef TN_MARKDOWN_H
#define TN_MARKDOWN_H

#include <stddef.h>

#include "buffer.h"
#include "json.h"

/* Appends the HTML of checked text, contained as tn_html_fragment does.
 * `attachments` (nbformat's object, or NULL) is where attachment: addresses
 * are found.  TN_ERROR_MEMORY, TN_ERROR_LIMIT. */
int tn_markdown_append(struct tn_buffer *out, const char *text, size_t size,
                       const struct tn_json_value *attachments);

/* Appends the plain text of the first heading; nothing when there is none. */
int tn_markdown_append_title(struct tn_buffer *out, const char *text,
                             size_t size);

#endif /* TN_MARKDOWN_H */
