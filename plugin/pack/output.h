/* Outputs (nbformat 4.5) to HTML. */
#ifndef TN_OUTPUT_H
#define TN_OUTPUT_H

#include "buffer.h"
#include "json.h"

/* Appends the tn-output element of one output; nothing for an empty one. */
int tn_output_append(struct tn_buffer *out,
                     const struct tn_json_value *output);

/* Appends those of an array; streams of the same name that follow each other
 * become one element. */
int tn_output_append_all(struct tn_buffer *out,
                         const struct tn_json_value *outputs);

/* Appends a multi-line string: a JSON string, or an array of them. */
int tn_output_append_lines(struct tn_buffer *out,
                           const struct tn_json_value *value);

#endif /* TN_OUTPUT_H */
