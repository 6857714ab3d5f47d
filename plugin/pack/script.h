/* Script elements that hold data. */
#ifndef TN_SCRIPT_H
#define TN_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/* JSON under this id, every < of it written \u003c. */
int tn_script_append_json(struct tn_buffer *out, const char *id,
                          const char *json, size_t size);

/* An object as it stands in such an element, with one more member at the end,
 * `checksum`: the XXH64 of all that stands before the comma in front of it. */
int tn_script_append_checked(struct tn_buffer *out, const char *json,
                             size_t size);

/* The same in its element. */
int tn_script_append_checked_json(struct tn_buffer *out, const char *id,
                                  const char *json, size_t size);

/* True for what that wrote into the element, unchanged. */
bool tn_script_is_whole_json(const char *text, size_t size);

/* script#iomd, html-escaped as Iodide has it. */
int tn_script_append_iomd(struct tn_buffer *out, const char *text,
                          size_t size);

/* An embedded file in Iodide's form: script#file-NAME, base64. */
int tn_script_append_file(struct tn_buffer *out, const char *name,
                          const char *mimetype, const char *data,
                          size_t size);

#endif /* TN_SCRIPT_H */
