/* What wheels need: of each other, and of what is built in. */
#ifndef TN_NEEDS_H
#define TN_NEEDS_H

#include "buffer.h"
#include "json.h"
#include "wheels.h"

/* Looks through the Requires-Dist of every wheel.  Appends the normalised
 * names of built-in packages that they need to `packages`, each between
 * newlines, once.  A package that is nowhere is a warning; one that is there
 * in a version that does not do is TN_ERROR_INVALID.  `profiles` is the root
 * of profiles.json. */
int tn_needs_find(const struct tn_wheels *wheels,
                  const struct tn_json_value *profiles,
                  struct tn_buffer *packages, struct tn_buffer *notes,
                  struct tn_problem *problem);

/* Takes out the wheels of packages that `profile` has in the same version; in
 * another one it is TN_ERROR_INVALID. */
int tn_needs_drop(struct tn_wheels *wheels,
                  const struct tn_json_value *profile,
                  struct tn_problem *problem);

/* Appends one such name, unless it is there. */
int tn_needs_add(struct tn_buffer *packages, const char *name, size_t size);

#endif /* TN_NEEDS_H */
