/* The choice of a profile by the imports of a notebook's Python. */
#include "profiles.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "imports.h"
#include "text.h"

struct choice {
    const struct tn_notebook *notebook;
    const struct tn_json_value *first; /* the smallest profile */
    const struct tn_json_value *best;
    struct tn_buffer *notes;
    struct tn_buffer warned; /* "\nname\n" of each module warned about */
    const char *place;       /* the file that is being scanned */
    size_t first_line;       /* of the source in that file; 0: see cell */
    size_t cell;             /* 1-based, where the file has no lines */
};

static bool
has_module(const struct tn_json_value *profile, const char *name, size_t size)
{
    const struct tn_json_value *module =
        tn_json_first(tn_json_get(profile, "modules"));
    for (; module != NULL; module = tn_json_next(module)) {
        size_t module_size;
        const char *text = tn_json_string(module, &module_size);
        if (text != NULL && module_size == size &&
            memcmp(text, name, size) == 0) {
            return true;
        }
    }
    return false;
}

/* name.py among the embedded files. */
static bool
is_embedded(const struct tn_notebook *notebook, const char *name, size_t size)
{
    for (size_t i = 0; i < notebook->file_count; i++) {
        const char *file = notebook->files[i].name;
        if (strlen(file) == size + 3 && memcmp(file, name, size) == 0 &&
            strcmp(file + size, ".py") == 0) {
            return true;
        }
    }
    return false;
}

static void
warn(const struct choice *choice, const struct tn_import *import)
{
    static const char why[] = "is not in this Tincture; importing it will "
                              "fail";
    if (choice->first_line != 0) {
        tn_problem_warn(choice->notes, choice->place,
                        choice->first_line + import->line - 1,
                        "module %.*s %s", (int)import->name_size,
                        import->name, why);
    }
    else {
        tn_problem_warn(choice->notes, choice->place, 0,
                        "cell %zu, line %zu: module %.*s %s", choice->cell,
                        import->line, (int)import->name_size, import->name,
                        why);
    }
}

static int
warn_once(struct choice *choice, const struct tn_import *import)
{
    struct tn_buffer key = {0};
    tn_buffer_append_char(&key, '\n');
    tn_buffer_append(&key, import->name, import->name_size);
    int status = tn_buffer_append_char(&key, '\n');
    if (status == TN_OK &&
        (choice->warned.size == 0 ||
         strstr(choice->warned.data, key.data) == NULL)) {
        status = tn_buffer_append(&choice->warned, key.data, key.size);
        warn(choice, import);
    }
    tn_buffer_clear(&key);
    return status;
}

static int
take_import(void *context, const struct tn_import *import)
{
    struct choice *choice = context;
    const struct tn_json_value *profile = choice->first;
    while (profile != NULL &&
           !has_module(profile, import->name, import->name_size)) {
        profile = tn_json_next(profile);
    }
    if (profile == NULL) {
        if (is_embedded(choice->notebook, import->name, import->name_size)) {
            return TN_OK;
        }
        return warn_once(choice, import);
    }
    /* Profiles stand in the order of size: the later of the two. */
    const struct tn_json_value *later = choice->best;
    while (later != NULL && later != profile) {
        later = tn_json_next(later);
    }
    if (later == profile) {
        choice->best = profile;
    }
    return TN_OK;
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

int
tn_profiles_choose(const struct tn_json_value **out,
                   const struct tn_json_value *profiles,
                   const struct tn_notebook *notebook,
                   struct tn_buffer *notes, struct tn_problem *problem)
{
    struct choice choice = {.notebook = notebook, .notes = notes};
    choice.first = tn_json_first(tn_json_get(profiles, "profiles"));
    if (choice.first == NULL) {
        return tn_problem_set(problem, TN_ERROR_INVALID, "profiles.json", 0,
                              "no profiles in it");
    }
    choice.best = choice.first;
    int status = scan_chunks(&choice);
    if (status == TN_OK) {
        status = scan_files(&choice);
    }
    if (status == TN_OK) {
        status = notes->error;
    }
    tn_buffer_clear(&choice.warned);
    assert(choice.best != NULL);
    *out = choice.best;
    return status;
}
