/* Reading Tincture's own files. */
#include "dist.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "pack_limits.h"
#include "os.h"
#include "status.h"

int
dist_append_path(const struct dist *dist, const char *name,
                 struct tn_buffer *out)
{
    tn_buffer_append(out, dist->directory.data, dist->directory.size);
    tn_buffer_append_char(out, '/');
    return tn_buffer_append_text(out, name);
}

/* Reads NAME with an ending into a new block; where the file may be missing,
 * *out is NULL then. */
static int
read_file(const struct dist *dist, const char *name, const char *ending,
          bool may_be_missing, char **out, size_t *out_size,
          struct tn_problem *problem)
{
    *out = NULL;
    *out_size = 0;
    struct tn_buffer path = {0};
    struct tn_buffer data = {0};
    dist_append_path(dist, name, &path);
    int status = tn_buffer_append_text(&path, ending);
    if (status != TN_OK) {
        goto done;
    }
    status = os_read_file(&data, path.data, TN_LIMIT_FILE_SIZE, problem);
    if (status == TN_OK) {
        status = tn_buffer_take(&data, out, out_size);
    }
    if (status == TN_ERROR_MISSING && may_be_missing) {
        problem->text[0] = '\0';
        status = TN_OK;
    }
    else if (status == TN_ERROR_MISSING) {
        tn_problem_set(problem, status, path.data, 0,
                       "this file of Tincture's is missing");
    }
done:
    tn_buffer_clear(&path);
    tn_buffer_clear(&data);
    return status;
}

static int
read_json(const struct dist *dist, const char *name, bool may_be_missing,
          struct tn_json **out, struct tn_problem *problem)
{
    char *text;
    size_t size;
    int status =
        read_file(dist, name, "", may_be_missing, &text, &size, problem);
    if (status == TN_OK && text != NULL) {
        struct tn_json_error error = {0};
        status = tn_json_parse(out, text, size, &error);
        if (status != TN_OK) {
            tn_problem_set(problem, status, name, 0, "at byte %zu: %s",
                           error.offset,
                           error.reason != NULL ? error.reason : "no JSON");
        }
    }
    tn_free(text);
    return status;
}

/* Reads a file and, with `packed` not NULL, its compressed form. */
static int
read_asset(const struct dist *dist, const char *name, const char *packed,
           struct tn_asset *out, struct tn_problem *problem)
{
    char *data = NULL;
    *out = (struct tn_asset){.name = name};
    int status = read_file(dist, name, "", false, &data, &out->size, problem);
    out->data = data;
    if (status == TN_OK && packed != NULL) {
        status = read_file(dist, name, packed, true, &data,
                           &out->packed_size, problem);
        out->packed = data;
    }
    return status;
}

int
dist_open(struct dist *dist, struct tn_problem *problem)
{
    int status = os_append_dist(&dist->directory, problem);
    if (status == TN_OK) {
        status =
            read_json(dist, "profiles.json", false, &dist->profiles, problem);
    }
    if (status == TN_OK) {
        status =
            read_json(dist, "licences.json", true, &dist->licences, problem);
    }
    if (status == TN_OK) {
        status = read_json(dist, "tests.json", true, &dist->tests, problem);
    }
    return status;
}

struct tn_catalogue
dist_catalogue(const struct dist *dist)
{
    return (struct tn_catalogue){
        .profiles = tn_json_root(dist->profiles),
        .tests = dist->tests != NULL ? tn_json_root(dist->tests) : NULL,
    };
}

/* `path` is where an image is mounted, NULL for other parts. */
static int
load_part(struct dist *dist, const char *name, const char *path,
          struct tn_problem *problem)
{
    if (name == NULL || dist->part_count == DIST_PART_LIMIT) {
        return tn_problem_set(problem, TN_ERROR_INVALID, "profiles.json", 0,
                              "a profile needs a wasm, and %d images at most",
                              DIST_PART_LIMIT - 3);
    }
    struct tn_asset *part = &dist->parts[dist->part_count++];
    int status = read_asset(dist, name, ".zst", part, problem);
    part->path = path;
    return status;
}

int
dist_find_start(const struct tn_json_value **out,
                const struct tn_json_value *profile, bool is_cold,
                struct tn_problem *problem)
{
    *out = is_cold ? profile : tn_json_get(profile, "warm");
    return *out != NULL
               ? TN_OK
               : tn_problem_set(problem, TN_ERROR_INVALID, "profiles.json", 0,
                                "this profile has no snapshot; --cold does "
                                "without");
}

static int
load_page_wasm(struct dist *dist, struct tn_problem *problem)
{
    return read_asset(dist, "page.wasm", ".gz", &dist->page_wasm, problem);
}

/* What every report has of the page. */
static int
load_page(struct dist *dist, struct tn_problem *problem)
{
    int status =
        read_asset(dist, "player.css", NULL, &dist->style, problem);
    if (status == TN_OK) {
        status = read_asset(dist, "player.js", NULL, &dist->program, problem);
    }
    if (status == TN_OK) {
        status = load_page_wasm(dist, problem);
    }
    if (status == TN_OK) {
        status = read_asset(dist, "math.js", NULL, &dist->math, problem);
    }
    return status;
}

static int
load_image(struct dist *dist, const struct tn_json_value *image,
           struct tn_problem *problem)
{
    const char *file = tn_json_string(tn_json_get(image, "file"), NULL);
    const char *path = tn_json_string(tn_json_get(image, "path"), NULL);
    return load_part(dist, file, path, problem);
}

/* What Python starts from. */
static int
load_kernel(struct dist *dist, const struct tn_json_value *start,
            struct tn_problem *problem)
{
    size_t size;
    static const char *const parts[] = {"snapshot", "rest"};
    const struct tn_json_value *wasm = tn_json_get(start, "first");
    wasm = wasm != NULL ? wasm : tn_json_get(start, "wasm");
    int status = load_part(dist, tn_json_string(wasm, &size), NULL, problem);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const struct tn_json_value *part = tn_json_get(start, parts[i]);
        if (status == TN_OK && part != NULL) {
            status =
                load_part(dist, tn_json_string(part, &size), NULL, problem);
        }
    }
    const struct tn_json_value *image =
        tn_json_first(tn_json_get(start, "images"));
    for (; status == TN_OK && image != NULL; image = tn_json_next(image)) {
        status = load_image(dist, image, problem);
    }
    return status;
}

int
dist_load(struct dist *dist, const struct tn_json_value *start,
          const struct tn_extras *extras, struct tn_problem *problem)
{
    int status = load_page(dist, problem);
    if (status == TN_OK) {
        status = load_kernel(dist, start, problem);
    }
    for (size_t i = 0; status == TN_OK && i < extras->count; i++) {
        status = load_image(dist, extras->images[i], problem);
    }
    if (status == TN_OK) {
        status = load_part(dist, "editor.js", NULL, problem);
    }
    return status;
}

int
dist_load_suite_view(struct dist *dist, struct tn_problem *problem)
{
    int status =
        read_asset(dist, "tests.css", NULL, &dist->suite_style, problem);
    return status != TN_OK ? status
                           : read_asset(dist, "tests.js", NULL,
                                        &dist->suite_script, problem);
}

int
dist_load_plugin(struct dist *dist, const struct tn_json_value *start,
                 struct tn_problem *problem)
{
    int status =
        read_asset(dist, "tincture.js", NULL, &dist->program, problem);
    if (status == TN_OK) {
        status = load_page_wasm(dist, problem);
    }
    return status == TN_OK ? load_kernel(dist, start, problem) : status;
}

void
dist_lend(const struct dist *dist, struct tn_pack_input *input)
{
    input->style = dist->style;
    input->program = dist->program;
    input->page_wasm = dist->page_wasm;
    input->math = dist->math;
    input->parts = dist->parts;
    input->part_count = dist->part_count;
    input->licences =
        dist->licences != NULL ? tn_json_root(dist->licences) : NULL;
    input->test_licences =
        dist->tests != NULL ? tn_json_get(tn_json_root(dist->tests),
                                          "licences")
                            : NULL;
}

static void
free_asset(struct tn_asset *asset)
{
    /* The blocks were allocated here; assets borrow by their type only. */
    tn_free((void *)(uintptr_t)asset->data);
    tn_free((void *)(uintptr_t)asset->packed);
}

void
dist_close(struct dist *dist)
{
    free_asset(&dist->style);
    free_asset(&dist->program);
    free_asset(&dist->suite_style);
    free_asset(&dist->suite_script);
    free_asset(&dist->page_wasm);
    free_asset(&dist->math);
    for (size_t i = 0; i < dist->part_count; i++) {
        free_asset(&dist->parts[i]);
    }
    tn_json_free(dist->profiles);
    tn_json_free(dist->licences);
    tn_json_free(dist->tests);
    tn_buffer_clear(&dist->directory);
    *dist = (struct dist){0};
}
