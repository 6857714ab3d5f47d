/* Wheels against one another and against profiles.json. */
#include "needs.h"

#include <stdbool.h>
#include <string.h>

#include "pep440.h"
#include "profiles.h"
#include "requirement.h"

int
tn_needs_add(struct tn_buffer *packages, const char *name, size_t size)
{
    struct tn_buffer entry = {0};
    tn_buffer_append_char(&entry, '\n');
    tn_requirement_append_name(&entry, name, size);
    int status = tn_buffer_append_char(&entry, '\n');
    bool is_there = status == TN_OK && packages->size != 0 &&
                    strstr(packages->data, entry.data) != NULL;
    if (status == TN_OK && !is_there) {
        status = tn_buffer_append(packages, entry.data, entry.size);
    }
    tn_buffer_clear(&entry);
    return status;
}

static int
check_version(const struct tn_wheel *wheel,
              const struct tn_requirement *wanted, const char *version,
              const char *where, struct tn_problem *problem)
{
    if (tn_pep440_meets(version, wanted->clauses, wanted->clauses_size)) {
        return TN_OK;
    }
    return tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                          "it needs %.*s %.*s, but %s is %s",
                          (int)wanted->name_size, wanted->name,
                          (int)wanted->clauses_size, wanted->clauses, where,
                          version);
}

static int
find_requirement(const struct tn_wheels *wheels, const struct tn_wheel *wheel,
                 const struct tn_requirement *wanted,
                 const struct tn_json_value *profiles,
                 struct tn_buffer *packages, struct tn_buffer *notes,
                 struct tn_problem *problem)
{
    const struct tn_wheel *other =
        tn_wheels_find(wheels, wanted->name, wanted->name_size);
    if (other != NULL) {
        return check_version(wheel, wanted, other->version,
                             "the wheel beside it", problem);
    }
    const char *version = tn_profiles_find_package(profiles, wanted->name,
                                                   wanted->name_size);
    if (version != NULL) {
        int status = check_version(wheel, wanted, version,
                                   "the one that is built in", problem);
        return status != TN_OK
                   ? status
                   : tn_needs_add(packages, wanted->name, wanted->name_size);
    }
    tn_problem_warn(notes, wheel->file, 0,
                    "it needs %.*s, which is not in the report; add "
                    "--requirements %.*s",
                    (int)wanted->name_size, wanted->name,
                    (int)wanted->name_size, wanted->name);
    return notes->error;
}

static int
check_wheel(const struct tn_wheels *wheels, const struct tn_wheel *wheel,
            const struct tn_json_value *profiles, struct tn_buffer *packages,
            struct tn_buffer *notes, struct tn_problem *problem)
{
    const char *python = tn_profiles_python(profiles);
    int status = TN_OK;
    for (size_t i = 0; status == TN_OK && i < wheel->requirement_count;
         i++) {
        struct tn_requirement wanted;
        const char *text = wheel->requirements[i];
        if (tn_requirement_parse(&wanted, text, strlen(text), python) &&
            wanted.applies) {
            status = find_requirement(wheels, wheel, &wanted, profiles,
                                      packages, notes, problem);
        }
    }
    return status;
}

int
tn_needs_find(const struct tn_wheels *wheels,
              const struct tn_json_value *profiles,
              struct tn_buffer *packages, struct tn_buffer *notes,
              struct tn_problem *problem)
{
    int status = TN_OK;
    for (size_t i = 0; status == TN_OK && i < wheels->count; i++) {
        status = check_wheel(wheels, wheels->items[i], profiles, packages,
                             notes, problem);
    }
    return status;
}

int
tn_needs_drop(struct tn_wheels *wheels, const struct tn_json_value *profile,
              struct tn_problem *problem)
{
    size_t kept = 0;
    int status = TN_OK;
    for (size_t i = 0; i < wheels->count; i++) {
        struct tn_wheel *wheel = wheels->items[i];
        const char *version = tn_profiles_package_version(
            profile, wheel->name, strlen(wheel->name));
        if (version == NULL) {
            wheels->items[kept++] = wheel;
            continue;
        }
        if (status == TN_OK &&
            tn_pep440_compare(version, strlen(version), wheel->version,
                              strlen(wheel->version)) != 0) {
            status = tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                                    "%s %s is built in; leave the wheel out",
                                    wheel->name, version);
        }
        tn_wheel_free(wheel);
    }
    wheels->count = kept;
    return status;
}
