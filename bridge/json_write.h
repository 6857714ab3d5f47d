/* Writing JSON: append-only, with the sticky error of the buffer below.
 *
 *     struct tn_json_writer w;
 *     tn_json_writer_init(&w, &buffer);
 *     tn_json_begin_object(&w);
 *     tn_json_key(&w, "status");
 *     tn_json_write_text(&w, "ok");
 *     tn_json_end_object(&w);
 *     status = buffer.error;
 *
 * Commas are the writer's business.  Wrong nesting is a bug and asserts.
 */
#ifndef TN_JSON_WRITE_H
#define TN_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

struct tn_json_writer {
    struct tn_buffer *out;
    unsigned depth;
    bool need_comma;
};

void tn_json_writer_init(struct tn_json_writer *writer, struct tn_buffer *out);
void tn_json_begin_object(struct tn_json_writer *writer);
void tn_json_end_object(struct tn_json_writer *writer);
void tn_json_begin_array(struct tn_json_writer *writer);
void tn_json_end_array(struct tn_json_writer *writer);
void tn_json_key(struct tn_json_writer *writer, const char *key);
void tn_json_key_sized(struct tn_json_writer *writer, const char *key,
                       size_t size);

/* UTF-8 of `size` bytes; zero bytes are escaped, three-byte surrogates
 * (Python's "surrogatepass") are written as \udXXX escapes and any other
 * invalid byte as U+FFFD, so that the output is always valid JSON. */
void tn_json_write_string(struct tn_json_writer *writer, const char *text,
                          size_t size);
void tn_json_write_text(struct tn_json_writer *writer, const char *text);
void tn_json_write_int(struct tn_json_writer *writer, int64_t number);

/* In the fewest digits that read back as the same double; null for nan and
 * inf. */
void tn_json_write_double(struct tn_json_writer *writer, double number);
void tn_json_write_bool(struct tn_json_writer *writer, bool truth);
void tn_json_write_null(struct tn_json_writer *writer);

/* Text that is JSON already; the caller answers for it. */
void tn_json_write_raw(struct tn_json_writer *writer, const char *json,
                       size_t size);

#endif /* TN_JSON_WRITE_H */
