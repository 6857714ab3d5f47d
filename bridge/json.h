/* Reading JSON: a thin face over cJSON, which only json.c knows.
 *
 * Strings come back as sized UTF-8 in which two things stand that strict
 * UTF-8 has not: a lone surrogate escape (\ud800) is its three-byte form, as
 * Python's "surrogatepass" reads it, and a NUL (\u0000) is a real zero byte,
 * so use the size and not strlen.  The text itself must be valid UTF-8, and
 * JSON as RFC 8259 has it, without anything that parsers add or let pass.
 * Numbers are doubles: beyond 2^53 they are rounded.
 */
#ifndef TN_JSON_H
#define TN_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Deepest nesting of arrays and objects that is read. */
#define TN_JSON_DEPTH_LIMIT 200

struct tn_json;       /* a parsed document; owns its values */
struct tn_json_value; /* borrowed from the document */

enum tn_json_kind {
    TN_JSON_NULL,
    TN_JSON_BOOL,
    TN_JSON_NUMBER,
    TN_JSON_STRING,
    TN_JSON_ARRAY,
    TN_JSON_OBJECT,
};

/* Where and why parsing stopped.  `offset` counts bytes from the start;
 * `reason` is static text. */
struct tn_json_error {
    size_t offset;
    const char *reason;
};

/* TN_ERROR_INVALID (then *error is set), TN_ERROR_LIMIT for nesting,
 * TN_ERROR_MEMORY.  `error` may be NULL. */
int tn_json_parse(struct tn_json **out, const char *text, size_t size,
                  struct tn_json_error *error);
void tn_json_free(struct tn_json *json);
const struct tn_json_value *tn_json_root(const struct tn_json *json);

/* NULL is TN_JSON_NULL. */
enum tn_json_kind tn_json_kind_of(const struct tn_json_value *value);

/* The member with this key, NULL when there is none or `object` is NULL or
 * not an object.  Keys are case-sensitive; of equal keys the first counts. */
const struct tn_json_value *tn_json_get(const struct tn_json_value *object,
                                        const char *key);

/* Arrays and objects in order.  `for (v = tn_json_first(a); v != NULL;
 * v = tn_json_next(v))`.  NULL in, NULL out. */
const struct tn_json_value *tn_json_first(const struct tn_json_value *value);
const struct tn_json_value *tn_json_next(const struct tn_json_value *value);
size_t tn_json_count(const struct tn_json_value *value);

/* The key of an object's member, "" elsewhere.  A NUL in a key stands as the
 * two bytes C0 80, because a key has no size; nothing else does. */
const char *tn_json_key_of(const struct tn_json_value *member);

/* Of another kind, or NULL: false, `fallback`, NULL (and size 0).  A string is
 * NUL-terminated; `size` may be NULL where a NUL inside does not matter. */
bool tn_json_is_true(const struct tn_json_value *value);
double tn_json_number(const struct tn_json_value *value, double fallback);
const char *tn_json_string(const struct tn_json_value *value, size_t *size);

/* The text of an object's member with this key, up to its first zero byte;
 * "" when there is none or it is no string. */
const char *tn_json_text_of(const struct tn_json_value *object,
                            const char *key);

struct tn_buffer;

/* Appends the value as compact JSON text, equal in meaning to what was
 * parsed.  TN_ERROR_MEMORY. */
int tn_json_print(const struct tn_json_value *value, struct tn_buffer *out);

#endif /* TN_JSON_H */
