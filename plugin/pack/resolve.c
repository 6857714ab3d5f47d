/* The two JSON texts of --requirements. */
#include "resolve.h"

#include <string.h>

#include "alloc.h"
#include "base64.h"
#include "json_write.h"
#include "needs.h"
#include "profiles.h"

static void
write_texts(struct tn_json_writer *w, const char *key,
            const char *const *texts, size_t count)
{
    tn_json_key(w, key);
    tn_json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        tn_json_write_text(w, texts[i]);
    }
    tn_json_end_array(w);
}

static void
write_package(struct tn_json_writer *w, const struct tn_json_value *package,
              const struct tn_json_value *profile)
{
    size_t size;
    const char *name = tn_json_string(tn_json_get(package, "name"), &size);
    if (name == NULL) {
        return;
    }
    tn_json_begin_object(w);
    tn_json_key(w, "name");
    tn_json_write_text(w, name);
    tn_json_key(w, "version");
    tn_json_write_text(w, tn_json_text_of(package, "version"));
    tn_json_key(w, "present");
    tn_json_write_bool(w, tn_profiles_has_package(profile, name, size));
    tn_json_end_object(w);
}

/* Every package that some profile has; where two have it, twice: resolve.py
 * looks at names. */
static void
write_packages(struct tn_json_writer *w, const struct tn_json_value *profiles,
               const struct tn_json_value *profile)
{
    const struct tn_json_value *other =
        tn_json_first(tn_json_get(profiles, "profiles"));
    tn_json_key(w, "packages");
    tn_json_begin_array(w);
    for (; other != NULL; other = tn_json_next(other)) {
        const struct tn_json_value *package =
            tn_json_first(tn_json_get(other, "packages"));
        for (; package != NULL; package = tn_json_next(package)) {
            write_package(w, package, profile);
        }
    }
    tn_json_end_array(w);
}

int
tn_resolve_append_request(struct tn_buffer *out,
                          const struct tn_json_value *profiles,
                          const struct tn_json_value *profile,
                          const char *const *requirements,
                          size_t requirement_count,
                          const char *const *wheels, size_t wheel_count)
{
    struct tn_json_writer w;
    tn_json_writer_init(&w, out);
    tn_json_begin_object(&w);
    tn_json_key(&w, "python");
    tn_json_write_text(&w, tn_profiles_python(profiles));
    write_texts(&w, "requirements", requirements, requirement_count);
    write_texts(&w, "wheels", wheels, wheel_count);
    write_packages(&w, profiles, profile);
    tn_json_end_object(&w);
    return out->error;
}

static int
take_wheel(struct tn_wheels *wheels, const struct tn_json_value *value,
           const char *python, struct tn_problem *problem)
{
    struct tn_buffer bytes = {0};
    struct tn_wheel *wheel;
    char *data = NULL;
    size_t size;
    const char *text = tn_json_string(tn_json_get(value, "base64"), &size);
    int status = tn_base64_decode(&bytes, text != NULL ? text : "", size);
    if (status == TN_OK) {
        tn_buffer_reserve(&bytes, 1);
        status = tn_buffer_take(&bytes, &data, &size);
    }
    if (status == TN_OK) {
        status = tn_wheel_open(&wheel, tn_json_text_of(value, "file"), data,
                               size, python, problem);
    }
    if (status == TN_OK) {
        status = tn_wheels_add(wheels, wheel, problem);
    }
    tn_buffer_clear(&bytes);
    return status;
}

static int
take_reply(struct tn_wheels *wheels, const struct tn_json_value *root,
           const char *python, struct tn_buffer *packages,
           struct tn_problem *problem)
{
    int status = TN_OK;
    const char *error = tn_json_text_of(root, "error");
    if (error[0] != '\0') {
        return tn_problem_set(problem, TN_ERROR_INVALID, NULL, 0, "%s",
                              error);
    }
    const struct tn_json_value *wheel =
        tn_json_first(tn_json_get(root, "wheels"));
    for (; status == TN_OK && wheel != NULL; wheel = tn_json_next(wheel)) {
        status = take_wheel(wheels, wheel, python, problem);
    }
    const struct tn_json_value *name =
        tn_json_first(tn_json_get(root, "built_in"));
    for (; status == TN_OK && name != NULL; name = tn_json_next(name)) {
        size_t size;
        const char *text = tn_json_string(name, &size);
        if (text != NULL) {
            status = tn_needs_add(packages, text, size);
        }
    }
    return status;
}

int
tn_resolve_take_reply(struct tn_wheels *wheels, const char *reply,
                      size_t size, int exit_code, const char *python,
                      struct tn_buffer *packages, struct tn_problem *problem)
{
    struct tn_json *json = NULL;
    int status = tn_json_parse(&json, reply != NULL ? reply : "", size, NULL);
    if (status == TN_ERROR_INVALID || status == TN_ERROR_LIMIT) {
        return tn_problem_set(problem, TN_ERROR_IO, NULL, 0,
                              "python3 ended with code %d and without wheels",
                              exit_code);
    }
    if (status == TN_OK) {
        status = take_reply(wheels, tn_json_root(json), python, packages,
                            problem);
    }
    tn_json_free(json);
    return status;
}
