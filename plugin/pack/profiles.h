/* profiles.json: which kernels there are, what they hold, and which one a
 * notebook needs. */
#ifndef TN_PROFILES_H
#define TN_PROFILES_H

#include "buffer.h"
#include "extras.h"
#include "json.h"
#include "notebook.h"
#include "wheels.h"

/* What the choice depends on beside the notebook. */
struct tn_profile_wish {
    const char *name; /* the profile to take, NULL: the smallest that does */
    const struct tn_wheels *wheels; /* packed beside it, or NULL */
    const char *packages; /* built-in ones that those need, each between
                             newlines: "\nnumpy\n\npandas\n"; or NULL */
    struct tn_extras *extras; /* gets the images that are needed beside the
                                 profile */
};

/* The smallest profile that holds every module that the notebook imports and
 * some profile has, borrowed from the catalogue; what an image has that no
 * profile has is added to wish->extras.  A profile of tests.json is only found
 * by its name.  An import that will fail is a warning with its line and with
 * what to do.  TN_ERROR_INVALID when profiles.json is not what it should be,
 * or no profile has the name wished for. */
int tn_profiles_choose(const struct tn_json_value **out,
                       const struct tn_catalogue *catalogue,
                       const struct tn_notebook *notebook,
                       const struct tn_profile_wish *wish,
                       struct tn_buffer *notes, struct tn_problem *problem);

/* The version of a package that is built into some profile, or NULL. */
const char *tn_profiles_find_package(const struct tn_json_value *profiles,
                                     const char *name, size_t size);

/* The version of a package that this one profile has, or NULL. */
const char *tn_profiles_package_version(const struct tn_json_value *profile,
                                        const char *name, size_t size);

/* True when this one profile has the package. */
bool tn_profiles_has_package(const struct tn_json_value *profile,
                             const char *name, size_t size);

/* The version of the Python in them. */
const char *tn_profiles_python(const struct tn_json_value *profiles);

/* Appends where that Python looks for packages. */
int tn_profiles_append_site(const struct tn_json_value *profiles,
                            struct tn_buffer *out);

#endif /* TN_PROFILES_H */
