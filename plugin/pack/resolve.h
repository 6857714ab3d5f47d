/* --requirements: what is said to resolve.py and what it says back.
 *
 * pip decides which wheels there have to be and brings them; this is the
 * packer's side of the conversation.
 */
#ifndef TN_RESOLVE_H
#define TN_RESOLVE_H

#include "buffer.h"
#include "json.h"
#include "wheels.h"

/* Appends {"python","requirements","wheels","packages"}: what is asked for,
 * the paths of wheels that are there already, and what is built in by
 * `profiles`, the root of profiles.json; what `profile`, one of them, has is
 * marked as present. */
int tn_resolve_append_request(struct tn_buffer *out,
                              const struct tn_json_value *profiles,
                              const struct tn_json_value *profile,
                              const char *const *requirements,
                              size_t requirement_count,
                              const char *const *wheels, size_t wheel_count);

/* Adds the wheels of the reply, and to `packages` the built-in packages that
 * they use, as tn_needs_find does.  TN_ERROR_INVALID when pip refused, and
 * what it said; TN_ERROR_IO when resolve.py itself failed. */
int tn_resolve_take_reply(struct tn_wheels *wheels, const char *reply,
                          size_t size, int exit_code, const char *python,
                          struct tn_buffer *packages,
                          struct tn_problem *problem);

#endif /* TN_RESOLVE_H */
