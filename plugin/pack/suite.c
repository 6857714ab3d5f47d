/* A notebook around a test suite. */
#include "suite.h"

#include <stdbool.h>
#include <string.h>

#include "json_write.h"
#include "text.h"

/* What the image of CPython's suite is called; the others are NAME-tests. */
#define PYTHON_IMAGE "cpython-tests"

/* Whether it can be the name of a module. */
static bool
is_module(const char *name)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t size = strspn(name, letters);
    return size > 0 && name[size] == '\0' && strspn(name, "0123456789") == 0;
}

int
tn_suite_check(const struct tn_suite *suite, struct tn_problem *problem)
{
    const char *name = suite->name;
    if (suite->is_directory) {
        return tn_text_is_file_name(name, strlen(name)) &&
                       strchr(name, '"') == NULL
                   ? TN_OK
                   : tn_problem_set(problem, TN_ERROR_INVALID, NULL, 0,
                                    "--tests: no report can have a directory "
                                    "called %s",
                                    name);
    }
    return is_module(name)
               ? TN_OK
               : tn_problem_set(problem, TN_ERROR_INVALID, NULL, 0,
                                "--tests: %s is neither a directory nor the "
                                "name of a package",
                                name);
}

int
tn_suite_append_text(struct tn_buffer *out, const struct tn_suite *suite)
{
    bool is_python =
        !suite->is_directory && strcmp(suite->name, TN_SUITE_PYTHON) == 0;
    bool is_package = !suite->is_directory && !is_python;
    const char *name = is_python ? "CPython" : suite->name;
    const char *version = is_python ? suite->python : suite->version;
    tn_buffer_append_format(out, "%%%% md\n# Tests of %s%s%s\n\n", name,
                            version != NULL ? " " : "",
                            version != NULL ? version : "");
    tn_buffer_append_format(
        out,
        "%s, run by %s in Python %s in this page, without a network. *Run* "
        "starts them; what they give stays in the file when it is saved.\n\n",
        suite->is_directory ? "The tests of a directory"
                            : "The package's own tests",
        is_python ? "regrtest" : "pytest", suite->python);
    tn_buffer_append_text(out, "%% py\nimport tincture_tests\n");
    if (is_package) {
        tn_buffer_append_format(out, "import %s\n", suite->name);
    }
    return tn_buffer_append_format(out, "\ntincture_tests.show(\"%s\")\n",
                                   suite->name);
}

/* The view's markup around what it shows: {"suite": NAME}. */
static int
append_markup(struct tn_buffer *out, const struct tn_suite *suite,
              const struct tn_asset *style, const struct tn_asset *script)
{
    struct tn_json_writer w;
    tn_buffer_append_text(
        out, "<div class=\"tn-suite\"><script type=\"application/json\">");
    tn_json_writer_init(&w, out);
    tn_json_begin_object(&w);
    tn_json_key(&w, "suite");
    tn_json_write_text(&w, suite->name);
    tn_json_end_object(&w);
    tn_buffer_append_text(out, "</script></div><style>");
    tn_buffer_append(out, style->data, style->size);
    tn_buffer_append_text(out, "</style><script>");
    tn_buffer_append(out, script->data, script->size);
    return tn_buffer_append_text(out, "</script>");
}

static int
append_outputs(struct tn_buffer *out, const struct tn_suite *suite,
               const struct tn_asset *style, const struct tn_asset *script)
{
    struct tn_buffer markup = {0};
    struct tn_json_writer w;
    int status = append_markup(&markup, suite, style, script);
    if (status == TN_OK) {
        tn_json_writer_init(&w, out);
        tn_json_begin_array(&w);
        tn_json_begin_object(&w);
        tn_json_key(&w, "output_type");
        tn_json_write_text(&w, "display_data");
        tn_json_key(&w, "data");
        tn_json_begin_object(&w);
        tn_json_key(&w, "text/html");
        tn_json_write_string(&w, markup.data, markup.size);
        tn_json_key(&w, "text/plain");
        tn_json_write_text(&w, "The suite was not run yet.");
        tn_json_end_object(&w);
        tn_json_key(&w, "metadata");
        tn_json_begin_object(&w);
        tn_json_end_object(&w);
        tn_json_end_object(&w);
        tn_json_end_array(&w);
        status = out->error;
    }
    tn_buffer_clear(&markup);
    return status;
}

int
tn_suite_add_view(struct tn_notebook *notebook, const struct tn_suite *suite,
                  const struct tn_asset *style,
                  const struct tn_asset *script)
{
    struct tn_buffer outputs = {0};
    struct tn_chunk *chunk = &notebook->chunks[notebook->chunk_count - 1];
    int status = append_outputs(&outputs, suite, style, script);
    if (status == TN_OK) {
        status = tn_notebook_set_text(&chunk->outputs, outputs.data,
                                      outputs.size);
    }
    tn_buffer_clear(&outputs);
    return status;
}

const struct tn_json_value *
tn_suite_find_image(const struct tn_catalogue *catalogue, const char *name)
{
    struct tn_buffer image = {0};
    const struct tn_json_value *found = NULL;
    if (strcmp(name, TN_SUITE_PYTHON) == 0) {
        return tn_extras_find(catalogue, PYTHON_IMAGE);
    }
    if (tn_buffer_append_format(&image, "%s-tests", name) == TN_OK) {
        found = tn_extras_find(catalogue, image.data);
    }
    tn_buffer_clear(&image);
    return found;
}

const char *
tn_suite_find_profile(const struct tn_catalogue *catalogue,
                      const struct tn_json_value *image)
{
    const char *chosen = tn_json_text_of(image, "profile");
    if (chosen[0] != '\0') {
        return chosen;
    }
    const char *file = tn_json_text_of(image, "file");
    const struct tn_json_value *profile =
        tn_json_first(tn_json_get(catalogue->tests, "profiles"));
    for (; profile != NULL; profile = tn_json_next(profile)) {
        const struct tn_json_value *own =
            tn_json_first(tn_json_get(profile, "images"));
        for (; own != NULL; own = tn_json_next(own)) {
            if (strcmp(tn_json_text_of(own, "file"), file) == 0) {
                return tn_json_text_of(profile, "name");
            }
        }
    }
    return NULL;
}
