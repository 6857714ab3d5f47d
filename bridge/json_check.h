/* Private to bridge/: the pass over a JSON text that comes before cJSON. */
#ifndef TN_JSON_CHECK_H
#define TN_JSON_CHECK_H

#include <stddef.h>

#include "buffer.h"
#include "json.h"

/* A string escape \u0000 becomes these two bytes, an overlong form that valid
 * UTF-8 cannot have, so that it is told from everything else for certain. */
#define JSON_CHECK_NUL "\xc0\x80"

/* Checks that `text` is one JSON value as RFC 8259 has it, in valid UTF-8 and
 * not nested too deeply.  What cJSON cannot take is put differently: then the
 * whole text to parse in place of `text` is in `rewritten`, which is empty
 * where nothing had to be.  Status as tn_json_parse; *error must be there. */
int json_check(const char *text, size_t size, struct tn_buffer *rewritten,
               struct tn_json_error *error);

#endif /* TN_JSON_CHECK_H */
