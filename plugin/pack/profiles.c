/* The choice of a profile by what a notebook's Python imports. */
#include "profiles.h"

#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "imports.h"
#include "known.h"
#include "requirement.h"
#include "text.h"

/* Of profiles.json that does not say it. */
#define PYTHON_VERSION "3.13.5"

/* A module that is imported, where it is first. */
struct need {
    char *name;
    bool is_optional; /* its absence is no surprise */
    const char *with; /* the module that makes it needed, or NULL */
    const char *place;
    size_t line; /* 0 where the place has no lines: see cell */
    size_t cell;
    size_t cell_line;
};

struct choice {
    const struct tn_catalogue *catalogue;
    const struct tn_json_value *profiles; /* the array's first */
    const struct tn_notebook *notebook;
    const struct tn_profile_wish *wish;
    struct tn_buffer *notes;
    struct need *needs;
    size_t count;
    const char *place; /* the file that is being scanned */
    size_t first_line; /* of the source in that file; 0: see cell */
    size_t cell;       /* 1-based, where the file has no lines */
};

static const struct tn_json_value *
find_package(const struct tn_json_value *profile, const char *name,
             size_t size)
{
    const struct tn_json_value *package =
        tn_json_first(tn_json_get(profile, "packages"));
    while (package != NULL &&
           !tn_requirement_is_name(name, size,
                                   tn_json_text_of(package, "name"))) {
        package = tn_json_next(package);
    }
    return package;
}

const char *
tn_profiles_package_version(const struct tn_json_value *profile,
                            const char *name, size_t size)
{
    const struct tn_json_value *package = find_package(profile, name, size);
    return package != NULL ? tn_json_text_of(package, "version") : NULL;
}

bool
tn_profiles_has_package(const struct tn_json_value *profile, const char *name,
                        size_t size)
{
    return find_package(profile, name, size) != NULL;
}

const char *
tn_profiles_find_package(const struct tn_json_value *profiles,
                         const char *name, size_t size)
{
    const struct tn_json_value *profile =
        tn_json_first(tn_json_get(profiles, "profiles"));
    for (; profile != NULL; profile = tn_json_next(profile)) {
        const struct tn_json_value *package =
            find_package(profile, name, size);
        if (package != NULL) {
            return tn_json_text_of(package, "version");
        }
    }
    return NULL;
}

const char *
tn_profiles_python(const struct tn_json_value *profiles)
{
    const char *version = tn_json_text_of(profiles, "python");
    return version[0] != '\0' ? version : PYTHON_VERSION;
}

int
tn_profiles_append_site(const struct tn_json_value *profiles,
                        struct tn_buffer *out)
{
    const char *version = tn_profiles_python(profiles);
    const char *dot = strchr(version, '.');
    size_t size = dot == NULL ? strlen(version)
                              : (size_t)(dot - version) + 1 +
                                    strcspn(dot + 1, ".");
    return tn_buffer_append_format(out, "/usr/lib/python%.*s/site-packages",
                                   (int)size, version);
}

/* The smallest profile with this module, or NULL. */
static const struct tn_json_value *
find_module(const struct choice *choice, const char *name, size_t size)
{
    const struct tn_json_value *profile = choice->profiles;
    while (profile != NULL && !tn_extras_has_module(profile, name, size)) {
        profile = tn_json_next(profile);
    }
    return profile;
}

/* name.py among the embedded files, or a module of a wheel. */
static bool
is_brought(const struct choice *choice, const char *name, size_t size)
{
    const struct tn_notebook *notebook = choice->notebook;
    for (size_t i = 0; i < notebook->file_count; i++) {
        const char *file = notebook->files[i].name;
        if (strlen(file) == size + 3 && memcmp(file, name, size) == 0 &&
            strcmp(file + size, ".py") == 0) {
            return true;
        }
    }
    return choice->wish->wheels != NULL &&
           tn_wheels_has_module(choice->wish->wheels, name, size);
}

static struct need *
find_need(const struct choice *choice, const char *name, size_t size)
{
    for (size_t i = 0; i < choice->count; i++) {
        struct need *need = &choice->needs[i];
        if (strlen(need->name) == size &&
            memcmp(need->name, name, size) == 0) {
            return need;
        }
    }
    return NULL;
}

/* Notes the module; the first place that needs it in earnest is kept. */
static int
add_need(struct choice *choice, const struct tn_import *import,
         const char *name, size_t size, const char *with)
{
    struct need *need = find_need(choice, name, size);
    bool is_weaker = with != NULL || import->is_optional ||
                     (need != NULL && !need->is_optional);
    if (need != NULL && is_weaker && (with != NULL || need->with == NULL)) {
        return TN_OK;
    }
    if (need == NULL) {
        struct need *needs = tn_realloc(
            choice->needs, (choice->count + 1) * sizeof *needs);
        if (needs == NULL) {
            return TN_ERROR_MEMORY;
        }
        choice->needs = needs;
        need = &needs[choice->count];
        *need = (struct need){.name = tn_copy_text(name, size)};
        if (need->name == NULL) {
            return TN_ERROR_MEMORY;
        }
        choice->count++;
    }
    need->is_optional = import->is_optional || with != NULL;
    need->with = with;
    need->place = choice->place;
    need->line =
        choice->first_line != 0 ? choice->first_line + import->line - 1 : 0;
    need->cell = choice->cell;
    need->cell_line = import->line;
    return TN_OK;
}

static void
warn(const struct choice *choice, const struct need *need, const char *text,
     const char *package)
{
    struct tn_buffer where = {0};
    if (need->line == 0) {
        tn_buffer_append_format(&where, "cell %zu, line %zu: ", need->cell,
                                need->cell_line);
    }
    tn_problem_warn(choice->notes, need->place, need->line,
                    "%smodule %s %s%s", where.size != 0 ? where.data : "",
                    need->name, text, package);
    tn_buffer_clear(&where);
}

/* pip is asked at run time for what only packing can bring. */
static void
warn_of_pip(const struct choice *choice, const struct tn_import *import)
{
    struct need need = {
        .place = choice->place,
        .line = choice->first_line != 0
                    ? choice->first_line + import->line - 1
                    : 0,
    };
    struct tn_buffer where = {0};
    if (need.line == 0) {
        tn_buffer_append_format(&where, "cell %zu, line %zu: ", choice->cell,
                                import->line);
    }
    tn_problem_warn(choice->notes, need.place, need.line,
                    "%sa report has no pip; pack %.*s with `--requirements "
                    "%.*s`",
                    where.size != 0 ? where.data : "",
                    (int)import->name_size, import->name,
                    (int)import->name_size, import->name);
    tn_buffer_clear(&where);
}

static bool
is_packed(const struct choice *choice, const struct tn_import *import)
{
    const struct tn_json_value *profile = choice->profiles;
    for (; profile != NULL; profile = tn_json_next(profile)) {
        if (tn_profiles_has_package(profile, import->name,
                                    import->name_size)) {
            return true;
        }
    }
    const struct tn_json_value *image =
        tn_json_first(tn_json_get(choice->catalogue->profiles, "images"));
    for (; image != NULL; image = tn_json_next(image)) {
        if (tn_profiles_has_package(image, import->name,
                                    import->name_size)) {
            return true;
        }
    }
    return choice->wish->wheels != NULL &&
           tn_wheels_find(choice->wish->wheels, import->name,
                          import->name_size) != NULL;
}

static int
take_import(void *context, const struct tn_import *import)
{
    struct choice *choice = context;
    struct tn_import optional = *import;
    const char *with = NULL;
    const char *name = NULL;
    optional.is_optional = true;
    switch (import->kind) {
    case TN_IMPORT_MODULE:
        return add_need(choice, import, import->name, import->name_size,
                        NULL);
    case TN_IMPORT_ATTRIBUTE:
        name = tn_known_attribute(import->name, import->name_size, &with);
        break;
    case TN_IMPORT_MAGIC:
        name = tn_known_magic(import->name, import->name_size);
        break;
    case TN_IMPORT_PIP:
        if (!is_packed(choice, import)) {
            warn_of_pip(choice, import);
        }
        return TN_OK;
    }
    return name == NULL ? TN_OK
                        : add_need(choice, &optional, name, strlen(name),
                                   with);
}

static int
scan_chunks(struct choice *choice)
{
    int status = TN_OK;
    choice->place = choice->notebook->name;
    for (size_t i = 0; i < choice->notebook->chunk_count; i++) {
        const struct tn_chunk *chunk = &choice->notebook->chunks[i];
        if (strcmp(chunk->type, "py") != 0) {
            continue;
        }
        choice->first_line = chunk->line;
        choice->cell = i + 1;
        status = tn_imports_scan(chunk->source, chunk->source_size,
                                 take_import, choice);
        if (status != TN_OK) {
            break;
        }
    }
    return status;
}

static int
scan_files(struct choice *choice)
{
    int status = TN_OK;
    choice->first_line = 1;
    for (size_t i = 0; i < choice->notebook->file_count; i++) {
        const struct tn_file *file = &choice->notebook->files[i];
        if (strcmp(file->mimetype, tn_text_mimetype("x.py")) != 0) {
            continue;
        }
        choice->place = file->name;
        status =
            tn_imports_scan(file->data, file->size, take_import, choice);
        if (status != TN_OK) {
            break;
        }
    }
    return status;
}

/* True for "\nNAME\n" in the wish's packages. */
static bool
wants_package(const struct choice *choice, const char *name)
{
    const char *at = choice->wish->packages;
    size_t size = strlen(name);
    while (at != NULL && (at = strstr(at, name)) != NULL) {
        if (at > choice->wish->packages && at[-1] == '\n' &&
            at[size] == '\n') {
            return true;
        }
        at += size;
    }
    return false;
}

/* A need that depends on another module counts when that one is there. */
static bool
counts(const struct choice *choice, const struct need *need)
{
    if (need->with == NULL) {
        return true;
    }
    const struct need *other =
        find_need(choice, need->with, strlen(need->with));
    return (other != NULL && other->with == NULL) ||
           wants_package(choice, need->with);
}

/* True when the profile has all that some profile has. */
static bool
holds_modules(const struct choice *choice,
              const struct tn_json_value *profile)
{
    for (size_t i = 0; i < choice->count; i++) {
        const struct need *need = &choice->needs[i];
        size_t size = strlen(need->name);
        if (counts(choice, need) &&
            !tn_extras_has_module(profile, need->name, size) &&
            !is_brought(choice, need->name, size) &&
            find_module(choice, need->name, size) != NULL) {
            return false;
        }
    }
    return true;
}

static bool
holds_packages(const struct choice *choice,
               const struct tn_json_value *profile)
{
    const char *at = choice->wish->packages;
    while (at != NULL && *at != '\0') {
        size_t size = strcspn(at, "\n");
        if (size != 0 && !tn_profiles_has_package(profile, at, size)) {
            return false;
        }
        at += size + (at[size] == '\n');
    }
    return true;
}

/* Adds the images with modules that are nowhere else. */
static int
take_extras(const struct choice *choice, const struct tn_json_value *profile,
            struct tn_problem *problem)
{
    int status = TN_OK;
    for (size_t i = 0; status == TN_OK && i < choice->count; i++) {
        const struct need *need = &choice->needs[i];
        size_t size = strlen(need->name);
        const struct tn_json_value *image = tn_extras_find_module(
            choice->catalogue->profiles, need->name, size);
        if (image != NULL && counts(choice, need) &&
            !tn_extras_has_module(profile, need->name, size) &&
            !is_brought(choice, need->name, size)) {
            status = tn_extras_add(choice->wish->extras, choice->catalogue,
                                   tn_json_text_of(image, "name"), problem);
        }
    }
    return status;
}

static bool
is_in_extras(const struct choice *choice, const char *name, size_t size)
{
    return tn_extras_find_module(choice->catalogue->profiles, name, size) !=
           NULL;
}

/* Says of each import that will fail why, and what to do. */
static void
warn_of_missing(const struct choice *choice,
                const struct tn_json_value *profile)
{
    for (size_t i = 0; i < choice->count; i++) {
        const struct need *need = &choice->needs[i];
        size_t size = strlen(need->name);
        if (!counts(choice, need) ||
            tn_extras_has_module(profile, need->name, size) ||
            is_brought(choice, need->name, size) ||
            is_in_extras(choice, need->name, size)) {
            continue;
        }
        const struct tn_json_value *other =
            find_module(choice, need->name, size);
        if (other != NULL) {
            warn(choice, need, "is not in the profile that is packed, but in ",
                 tn_json_text_of(other, "name"));
            continue;
        }
        if (need->is_optional) {
            continue;
        }
        const char *package;
        switch (tn_known_module(need->name, size, &package)) {
        case TN_KNOWN_COMPILED:
            warn(choice, need,
                 "is not in this Tincture, and cannot be packed, because it "
                 "has compiled parts: ",
                 package);
            break;
        case TN_KNOWN_LIBRARY:
            warn(choice, need,
                 "of the standard library is left out of Tincture, where "
                 "nothing is that it could work on",
                 "");
            break;
        case TN_KNOWN_PAGE:
            warn(choice, need,
                 "is not in this Tincture: Python does not reach the page's "
                 "JavaScript; js cells do",
                 "");
            break;
        case TN_KNOWN_NOT:
            warn(choice, need,
                 "is not in this Tincture; a package of pure Python is packed "
                 "with --requirements ",
                 package != NULL ? package : need->name);
            break;
        }
    }
}

static int
take_named(const struct choice *choice, const struct tn_json_value **out,
           struct tn_problem *problem)
{
    struct tn_buffer names = {0};
    const struct tn_json_value *profile =
        tn_json_first(tn_json_get(choice->catalogue->tests, "profiles"));
    for (; profile != NULL; profile = tn_json_next(profile)) {
        if (strcmp(tn_json_text_of(profile, "name"), choice->wish->name) ==
            0) {
            *out = profile;
            return TN_OK;
        }
    }
    profile = choice->profiles;
    for (; profile != NULL; profile = tn_json_next(profile)) {
        const char *name = tn_json_text_of(profile, "name");
        if (strcmp(name, choice->wish->name) == 0) {
            *out = profile;
            tn_buffer_clear(&names);
            return TN_OK;
        }
        tn_buffer_append_format(&names, "%s%s", names.size != 0 ? ", " : "",
                                name);
    }
    int status = names.error;
    if (status == TN_OK) {
        status = tn_problem_set(problem, TN_ERROR_INVALID, NULL, 0,
                                "no profile is called %s; there are: %s",
                                choice->wish->name,
                                names.size != 0 ? names.data : "none");
    }
    tn_buffer_clear(&names);
    return status;
}

/* The first that holds all; profiles stand in the order of size, and the last
 * one is to be asked where none does. */
static const struct tn_json_value *
take_smallest(const struct choice *choice)
{
    const struct tn_json_value *last = choice->profiles;
    const struct tn_json_value *profile = last;
    for (; profile != NULL; profile = tn_json_next(profile)) {
        if (holds_modules(choice, profile) &&
            holds_packages(choice, profile)) {
            return profile;
        }
        last = profile;
    }
    return last;
}

int
tn_profiles_choose(const struct tn_json_value **out,
                   const struct tn_catalogue *catalogue,
                   const struct tn_notebook *notebook,
                   const struct tn_profile_wish *wish,
                   struct tn_buffer *notes, struct tn_problem *problem)
{
    struct choice choice = {
        .catalogue = catalogue,
        .profiles =
            tn_json_first(tn_json_get(catalogue->profiles, "profiles")),
        .notebook = notebook,
        .wish = wish,
        .notes = notes,
    };
    if (choice.profiles == NULL) {
        return tn_problem_set(problem, TN_ERROR_INVALID, "profiles.json", 0,
                              "no profiles in it");
    }
    int status = scan_chunks(&choice);
    if (status == TN_OK) {
        status = scan_files(&choice);
    }
    if (status == TN_OK && wish->name != NULL) {
        status = take_named(&choice, out, problem);
    }
    else if (status == TN_OK) {
        *out = take_smallest(&choice);
    }
    if (status == TN_OK) {
        status = take_extras(&choice, *out, problem);
    }
    if (status == TN_OK) {
        warn_of_missing(&choice, *out);
        status = notes->error;
    }
    for (size_t i = 0; i < choice.count; i++) {
        tn_free(choice.needs[i].name);
    }
    tn_free(choice.needs);
    return status;
}
