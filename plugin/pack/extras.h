/* Images of packages that no profile has: what a notebook imports, or a test
 * suite needs, beside its profile.
 *
 * profiles.json lists those of every build, tests.json those of test suites,
 * which not every build has. */
#ifndef TN_EXTRAS_H
#define TN_EXTRAS_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "json.h"
#include "notebook.h"
#include "problem.h"

/* Of one report. */
#define TN_EXTRA_LIMIT 16

/* The two files' roots; `tests` is NULL where there is no tests.json. */
struct tn_catalogue {
    const struct tn_json_value *profiles;
    const struct tn_json_value *tests;
};

/* Chosen images, borrowed from the catalogue.  Zero-initialise. */
struct tn_extras {
    const struct tn_json_value *images[TN_EXTRA_LIMIT];
    size_t count;
};

/* The image with this name, or NULL. */
const struct tn_json_value *
tn_extras_find(const struct tn_catalogue *catalogue, const char *name);

/* Whether a profile or an image brings this module. */
bool tn_extras_has_module(const struct tn_json_value *part, const char *name,
                          size_t size);

/* The image of profiles.json that brings this module, or NULL. */
const struct tn_json_value *
tn_extras_find_module(const struct tn_json_value *profiles, const char *name,
                      size_t size);

/* Adds the image with this name and those that it needs, each once.
 * TN_ERROR_INVALID when there is none, TN_ERROR_LIMIT. */
int tn_extras_add(struct tn_extras *extras,
                  const struct tn_catalogue *catalogue, const char *name,
                  struct tn_problem *problem);

/* Takes out those that the profile has itself. */
void tn_extras_drop_own(struct tn_extras *extras,
                        const struct tn_json_value *profile);

/* Lets the notebook keep their names, as a JSON array. */
int tn_extras_keep(const struct tn_extras *extras,
                   struct tn_notebook *notebook);

/* Adds what such an array names; NULL is an empty one. */
int tn_extras_add_listed(struct tn_extras *extras,
                         const struct tn_catalogue *catalogue,
                         const char *list, struct tn_problem *problem);

#endif /* TN_EXTRAS_H */
