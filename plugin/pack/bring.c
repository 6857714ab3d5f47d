/* Bringing wheels: from files, and by resolve.py from wherever pip finds
 * them. */
#include "bring.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "command.h"
#include "needs.h"
#include "os.h"
#include "pack_limits.h"
#include "profiles.h"
#include "resolve.h"

static const struct tn_json_value *
profiles_of(const struct dist *dist)
{
    return tn_json_root(dist->profiles);
}

/* Compiled parts of something that is built in are no use. */
static int
check_built_in(const struct dist *dist, const char *file,
               struct tn_problem *problem)
{
    static const char pure[] = "-none-any";
    size_t length = sizeof pure - 1;
    struct tn_wheel_name name;
    if (!tn_wheel_parse_name(&name, file) ||
        (name.tags_size > length &&
         memcmp(name.tags + name.tags_size - length, pure, length) == 0)) {
        return TN_OK;
    }
    const char *version = tn_profiles_find_package(
        profiles_of(dist), name.name, name.name_size);
    return version == NULL
               ? TN_OK
               : tn_problem_set(problem, TN_ERROR_INVALID, file, 0,
                                "%.*s %s is built in; leave the wheel out",
                                (int)name.name_size, name.name, version);
}

static int
read_wheel(struct bring *bring, const struct dist *dist, const char *path,
           struct tn_problem *problem)
{
    struct tn_buffer bytes = {0};
    struct tn_wheel *wheel = NULL;
    char *data = NULL;
    size_t size;
    const char *file = command_base_name(path);
    int status = check_built_in(dist, file, problem);
    if (status == TN_OK) {
        status = os_read_file(&bytes, path, TN_LIMIT_FILE_SIZE, problem);
    }
    if (status == TN_OK) {
        tn_buffer_reserve(&bytes, 1);
        status = tn_buffer_take(&bytes, &data, &size);
    }
    if (status == TN_OK) {
        status = tn_wheel_open(&wheel, file, data, size,
                               tn_profiles_python(profiles_of(dist)),
                               problem);
    }
    if (status == TN_OK) {
        status = tn_wheels_add(&bring->wheels, wheel, problem);
    }
    tn_buffer_clear(&bytes);
    return status;
}

/* Asks resolve.py, which stands in dist/. */
static int
ask_pip(struct bring *bring, const struct dist *dist,
        const struct tn_json_value *profile, const struct bring_wish *wish,
        struct tn_problem *problem)
{
    struct tn_buffer request = {0};
    struct tn_buffer reply = {0};
    struct tn_buffer script = {0};
    int exit_code = 0;
    int status = tn_resolve_append_request(
        &request, profiles_of(dist), profile, wish->requirements,
        wish->requirement_count, wish->wheels, wish->wheel_count);
    if (status == TN_OK) {
        status = dist_append_path(dist, "resolve.py", &script);
    }
    if (status == TN_OK && !os_exists(script.data)) {
        status = tn_problem_set(problem, TN_ERROR_IO, script.data, 0,
                                "this file of Tincture's is missing");
    }
    if (status == TN_OK) {
        const char *const arguments[] = {"python3", script.data, NULL};
        status = os_run("python3", arguments, request.data, request.size,
                        &reply, &exit_code, problem);
    }
    if (status == TN_ERROR_MISSING) {
        tn_problem_set(problem, status, NULL, 0,
                       "--requirements needs Python and its pip: no "
                       "`python3` on PATH; --wheel does without");
    }
    if (status == TN_OK) {
        status = tn_resolve_take_reply(
            &bring->wheels, reply.data, reply.size, exit_code,
            tn_profiles_python(profiles_of(dist)), &bring->packages, problem);
    }
    tn_buffer_clear(&request);
    tn_buffer_clear(&reply);
    tn_buffer_clear(&script);
    return status;
}

static int
list_licences(struct bring *bring, struct tn_problem *problem)
{
    struct tn_buffer text = {0};
    int status =
        tn_wheels_append_licences(&bring->wheels, &text, problem);
    if (status == TN_OK) {
        status = tn_json_parse(&bring->licences, text.data, text.size, NULL);
    }
    tn_buffer_clear(&text);
    return status;
}

static int
make_image(struct bring *bring, const struct dist *dist,
           struct tn_buffer *notes, struct tn_problem *problem)
{
    char *data;
    int status = tn_profiles_append_site(profiles_of(dist), &bring->path);
    if (status == TN_OK) {
        status = tn_wheels_make_image(&bring->wheels, &data,
                                      &bring->image.size, notes, problem);
    }
    if (status == TN_OK) {
        bring->image.name = TN_WHEELS_PART;
        bring->image.path = bring->path.data;
        bring->image.data = data;
    }
    return status;
}

int
bring_wheels(struct bring *bring, const struct dist *dist,
             const struct tn_json_value *profile,
             const struct bring_wish *wish, struct tn_buffer *notes,
             struct tn_problem *problem)
{
    int status = TN_OK;
    for (size_t i = 0; status == TN_OK && i < wish->wheel_count; i++) {
        status = read_wheel(bring, dist, wish->wheels[i], problem);
    }
    if (status == TN_OK && wish->requirement_count != 0) {
        status = ask_pip(bring, dist, profile, wish, problem);
    }
    return status != TN_OK
               ? status
               : tn_needs_find(&bring->wheels, profiles_of(dist),
                               &bring->packages, notes, problem);
}

int
bring_image(struct bring *bring, const struct dist *dist,
            const struct tn_json_value *profile, struct tn_buffer *notes,
            struct tn_problem *problem)
{
    int status = tn_needs_drop(&bring->wheels, profile, problem);
    if (status != TN_OK || bring->wheels.count == 0) {
        return status;
    }
    status = tn_wheels_append_list(&bring->wheels, &bring->list);
    if (status == TN_OK) {
        status = list_licences(bring, problem);
    }
    return status != TN_OK ? status
                           : make_image(bring, dist, notes, problem);
}

void
bring_clear(struct bring *bring)
{
    /* It was allocated here; assets borrow by their type only. */
    tn_free((void *)(uintptr_t)bring->image.data);
    tn_json_free(bring->licences);
    tn_buffer_clear(&bring->packages);
    tn_buffer_clear(&bring->list);
    tn_buffer_clear(&bring->path);
    tn_wheels_clear(&bring->wheels);
    *bring = (struct bring){0};
}
