/* Writing HTML: escaping, and notebook HTML made safe to stand in a page. */
#ifndef TN_HTML_H
#define TN_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/* Escapes & < > " ' (as &#x27;): right in text and in quoted attributes, and
 * the five that Iodide's reader of `script#iomd` takes back.  A NUL and a lone
 * surrogate become U+FFFD. */
void tn_html_escape(struct tn_buffer *out, const char *text, size_t size);

/* Takes the five of tn_html_escape back and leaves every other & alone. */
void tn_html_unescape(struct tn_buffer *out, const char *text, size_t size);

/* Appends text for the inside of a raw-text element ("script", "style") so
 * that it cannot end it. */
void tn_html_raw(struct tn_buffer *out, const char *element, const char *text,
                 size_t size);

/* Appends the notebook's own HTML so that it stays inside the element it is
 * put in: every element it opens is closed; stray end tags, comments, ids
 * that are the page's own, and what belongs to a document (html, head, body,
 * base, meta) are left out.
 * Scripts and styles stay: a notebook is trusted with its own page. */
void tn_html_fragment(struct tn_buffer *out, const char *html, size_t size);

/* True for ids that the page itself uses. */
bool tn_html_is_reserved_id(const char *id, size_t size);

#endif /* TN_HTML_H */
