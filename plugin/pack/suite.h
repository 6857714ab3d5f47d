/* The notebook of `tincture pack --tests`: a suite, and where to press Run. */
#ifndef TN_SUITE_H
#define TN_SUITE_H

#include <stdbool.h>

#include "buffer.h"
#include "extras.h"
#include "json.h"
#include "notebook.h"
#include "pack.h"
#include "problem.h"

/* CPython's own suite, by the name that people give it. */
#define TN_SUITE_PYTHON "python"

/* What is tested; all borrowed. */
struct tn_suite {
    const char *name;    /* a module, TN_SUITE_PYTHON, or a directory's name */
    const char *version; /* NULL where it is not known */
    const char *python;  /* the version of the Python in the report */
    bool is_directory;   /* of tests that come along as files */
};

/* TN_ERROR_INVALID for what can be no module, or no directory in a text of
 * Python's. */
int tn_suite_check(const struct tn_suite *suite, struct tn_problem *problem);

/* Appends the notebook, as IOMD. */
int tn_suite_append_text(struct tn_buffer *out, const struct tn_suite *suite);

/* Gives the cell that runs the suite the view as its output, as it is before
 * anything was run; view.css and view.js of packages/tincture-tests make it of
 * the element before them. */
int tn_suite_add_view(struct tn_notebook *notebook,
                      const struct tn_suite *suite,
                      const struct tn_asset *style,
                      const struct tn_asset *script);

/* The image of this package's tests, or NULL. */
const struct tn_json_value *
tn_suite_find_image(const struct tn_catalogue *catalogue, const char *name);

/* The name of the profile that the image asks for, or that is made for it,
 * with compiled parts that only tests need; NULL where the smallest does. */
const char *tn_suite_find_profile(const struct tn_catalogue *catalogue,
                                  const struct tn_json_value *image);

#endif /* TN_SUITE_H */
