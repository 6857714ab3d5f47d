/* profiles.json: which kernels there are, and which one a notebook needs. */
#ifndef TN_PROFILES_H
#define TN_PROFILES_H

#include "buffer.h"
#include "json.h"
#include "notebook.h"

/* The smallest profile that holds every module the notebook imports, borrowed
 * from `profiles` (the root of profiles.json).  An import that is in no
 * profile and in no embedded file is a warning with its line.
 * TN_ERROR_INVALID when profiles.json is not what it should be. */
int tn_profiles_choose(const struct tn_json_value **out,
                       const struct tn_json_value *profiles,
                       const struct tn_notebook *notebook,
                       struct tn_buffer *notes, struct tn_problem *problem);

#endif /* TN_PROFILES_H */
