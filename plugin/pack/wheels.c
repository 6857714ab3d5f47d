/* Wheels to an image, a list and their licences. */
#include "wheels.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "image_write.h"
#include "json_write.h"
#include "pack_limits.h"
#include "requirement.h"
#include "text.h"

/* Of blocks stored as they are: a report compresses the image as a whole,
 * which makes sympy 4.9 MB, and 7.0 MB if its blocks were LZ4 before. */
#define BLOCK_SIZE 65536

/* The first moment that a ZIP archive can name: wheels that are built to be
 * the same each time carry it, and a report has no use for others. */
#define FILE_TIME_S 315532800

#define FILE_MODE (IMAGE_MODE_FILE | 0644)
#define DIRECTORY_MODE (IMAGE_MODE_DIRECTORY | 0755)

/* Below, at or above zero as the names sort. */
static int
compare_names(const struct tn_wheel *a, const struct tn_wheel *b)
{
    int order = strcasecmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->file, b->file);
}

static int
check_new(const struct tn_wheels *wheels, const struct tn_wheel *wheel,
          bool *is_there, struct tn_problem *problem)
{
    const struct tn_wheel *old =
        tn_wheels_find(wheels, wheel->name, strlen(wheel->name));
    *is_there = old != NULL && strcmp(old->sha256, wheel->sha256) == 0;
    if (old != NULL && !*is_there) {
        return tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                              "%s is another wheel of the same package",
                              old->file);
    }
    if (wheels->count == TN_LIMIT_WHEEL_COUNT) {
        return tn_problem_set(problem, TN_ERROR_LIMIT, wheel->file, 0,
                              "more than the limit of %zu wheels",
                              TN_LIMIT_WHEEL_COUNT);
    }
    return TN_OK;
}

int
tn_wheels_add(struct tn_wheels *wheels, TN_OWN struct tn_wheel *wheel,
              struct tn_problem *problem)
{
    bool is_there;
    int status = check_new(wheels, wheel, &is_there, problem);
    if (status != TN_OK || is_there) {
        tn_wheel_free(wheel);
        return status;
    }
    struct tn_wheel **items = tn_realloc(
        wheels->items, (wheels->count + 1) * sizeof(struct tn_wheel *));
    if (items == NULL) {
        tn_wheel_free(wheel);
        return TN_ERROR_MEMORY;
    }
    size_t at = wheels->count++;
    wheels->items = items;
    while (at > 0 && compare_names(items[at - 1], wheel) > 0) {
        items[at] = items[at - 1];
        at--;
    }
    items[at] = wheel;
    return TN_OK;
}

void
tn_wheels_clear(struct tn_wheels *wheels)
{
    for (size_t i = 0; i < wheels->count; i++) {
        tn_wheel_free(wheels->items[i]);
    }
    tn_free(wheels->items);
    *wheels = (struct tn_wheels){0};
}

const struct tn_wheel *
tn_wheels_find(const struct tn_wheels *wheels, const char *name, size_t size)
{
    for (size_t i = 0; i < wheels->count; i++) {
        if (tn_requirement_is_name(name, size, wheels->items[i]->name)) {
            return wheels->items[i];
        }
    }
    return NULL;
}

/* True when the path is NAME.py or NAME/... */
static bool
is_module(const char *path, const char *name, size_t size)
{
    return path != NULL && strncmp(path, name, size) == 0 &&
           (path[size] == '/' || strcmp(path + size, ".py") == 0);
}

bool
tn_wheels_has_module(const struct tn_wheels *wheels, const char *name,
                     size_t size)
{
    for (size_t i = 0; i < wheels->count; i++) {
        const struct tn_wheel *wheel = wheels->items[i];
        for (size_t k = 0; k < wheel->zip->count; k++) {
            if (is_module(tn_wheel_place(wheel, &wheel->zip->entries[k]),
                          name, size)) {
                return true;
            }
        }
    }
    return false;
}

/* A file of the image, before it is read. */
struct place {
    const char *path; /* borrowed from the entry */
    const struct tn_wheel *wheel;
    const struct tn_zip_entry *entry;
};

/* By path, then in the order of wheels. */
static int
compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    int order = strcmp(a->path, b->path);
    return order != 0 ? order : compare_names(a->wheel, b->wheel);
}

static bool
is_compiled(const char *path)
{
    static const char *const endings[] = {".so", ".pyd", ".dylib"};
    size_t size = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(endings[i]);
        if (size > length && strcmp(path + size - length, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int
list_places(const struct tn_wheels *wheels, struct place **out,
            size_t *out_count, struct tn_buffer *notes)
{
    size_t count = 0;
    for (size_t i = 0; i < wheels->count; i++) {
        count += wheels->items[i]->zip->count;
    }
    struct place *places = tn_alloc_zeroed(count + 1, sizeof *places);
    *out = places;
    *out_count = 0;
    if (places == NULL) {
        return TN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < wheels->count; i++) {
        const struct tn_wheel *wheel = wheels->items[i];
        bool is_warned = false;
        for (size_t k = 0; k < wheel->zip->count; k++) {
            const struct tn_zip_entry *entry = &wheel->zip->entries[k];
            const char *path = tn_wheel_place(wheel, entry);
            if (path == NULL) {
                continue;
            }
            places[(*out_count)++] = (struct place){path, wheel, entry};
            if (!is_warned && is_compiled(path)) {
                is_warned = true;
                tn_problem_warn(notes, wheel->file, 0,
                                "%s in it is compiled for another machine "
                                "and cannot be loaded",
                                path);
            }
        }
    }
    qsort(places, *out_count, sizeof *places, compare_places);
    return TN_OK;
}

/* Adds the directories that `path` needs and `previous` did not; sorted as
 * paths are, what is below a directory stands together. */
static int
add_directories(struct tn_image_writer *writer, const char *path,
                const char *previous)
{
    size_t same = 0;
    struct tn_buffer name = {0};
    int status = TN_OK;
    for (size_t i = 0; path[i] != '\0' && path[i] == previous[i]; i++) {
        same = path[i] == '/' ? i + 1 : same;
    }
    for (size_t i = same; status == TN_OK && path[i] != '\0'; i++) {
        if (path[i] == '/') {
            tn_buffer_reset(&name);
            status = tn_buffer_append(&name, path, i);
            if (status == TN_OK) {
                status = tn_image_writer_add(writer, name.data,
                                             DIRECTORY_MODE, FILE_TIME_S,
                                             NULL, 0);
            }
        }
    }
    tn_buffer_clear(&name);
    return status;
}

static int
add_place(struct tn_image_writer *writer, const struct place *place,
          const char *previous, struct tn_problem *problem)
{
    char *data;
    int status = add_directories(writer, place->path, previous);
    if (status == TN_OK) {
        status = tn_zip_read(place->wheel->zip, place->entry, &data, problem);
    }
    if (status == TN_OK) {
        status = tn_image_writer_add(writer, place->path, FILE_MODE,
                                     FILE_TIME_S, data, place->entry->size);
        tn_free(data);
    }
    return status;
}

/* Of two files of one path the first stands; says so if they differ. */
static void
note_twin(const struct place *first, const struct place *second,
          struct tn_buffer *notes)
{
    if (first->entry->size != second->entry->size ||
        first->entry->checksum != second->entry->checksum) {
        tn_problem_warn(notes, second->wheel->file, 0,
                        "its %s is left out: %s has one too", second->path,
                        first->wheel->file);
    }
}

static int
fill_image(struct tn_image_writer *writer, const struct place *places,
           size_t count, struct tn_buffer *notes, struct tn_problem *problem)
{
    const struct place *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (last != NULL && strcmp(last->path, places[i].path) == 0) {
            note_twin(last, &places[i], notes);
            continue;
        }
        int status = add_place(writer, &places[i],
                               last != NULL ? last->path : "", problem);
        if (status != TN_OK) {
            return status;
        }
        last = &places[i];
    }
    return TN_OK;
}

int
tn_wheels_make_image(const struct tn_wheels *wheels, TN_OWN char **out,
                     size_t *out_size, struct tn_buffer *notes,
                     struct tn_problem *problem)
{
    struct tn_image_writer *writer = NULL;
    struct place *places = NULL;
    size_t count;
    unsigned char *bytes = NULL;
    *out = NULL;
    int status = list_places(wheels, &places, &count, notes);
    if (status == TN_OK) {
        status = tn_image_writer_new(&writer, IMAGE_CODEC_NONE, BLOCK_SIZE,
                                     FILE_TIME_S);
    }
    if (status == TN_OK) {
        status = fill_image(writer, places, count, notes, problem);
    }
    if (status == TN_OK) {
        status = tn_image_writer_finish(writer, &bytes, out_size);
    }
    *out = (char *)bytes;
    if (status == TN_ERROR_INVALID && problem->text[0] == '\0') {
        tn_problem_set(problem, status, TN_WHEELS_PART, 0,
                       "%s is a file of one wheel and a directory of "
                       "another",
                       tn_image_writer_problem(writer));
    }
    tn_image_writer_free(writer);
    tn_free(places);
    return status;
}

int
tn_wheels_append_list(const struct tn_wheels *wheels, struct tn_buffer *out)
{
    struct tn_json_writer w;
    tn_json_writer_init(&w, out);
    tn_json_begin_array(&w);
    for (size_t i = 0; i < wheels->count; i++) {
        const struct tn_wheel *wheel = wheels->items[i];
        tn_json_begin_object(&w);
        tn_json_key(&w, "name");
        tn_json_write_text(&w, wheel->name);
        tn_json_key(&w, "version");
        tn_json_write_text(&w, wheel->version);
        tn_json_key(&w, "file");
        tn_json_write_text(&w, wheel->file);
        tn_json_key(&w, "sha256");
        tn_json_write_text(&w, wheel->sha256);
        tn_json_end_object(&w);
    }
    tn_json_end_array(&w);
    return out->error;
}

static bool
is_text(const char *text, size_t size)
{
    struct tn_problem ignored = {0};
    return tn_text_check(text, size, "", &ignored) == TN_OK;
}

static int
write_licence(struct tn_json_writer *w, const struct tn_wheel *wheel,
              struct tn_problem *problem)
{
    int status = TN_OK;
    const char *licence =
        wheel->licence[0] != '\0' &&
                is_text(wheel->licence, strlen(wheel->licence))
            ? wheel->licence
            : "licence not named";
    tn_json_begin_object(w);
    tn_json_key(w, "name");
    tn_json_write_text(w, wheel->name);
    tn_json_key(w, "version");
    tn_json_write_text(w, wheel->version);
    tn_json_key(w, "licence");
    tn_json_write_text(w, licence);
    tn_json_key(w, "files");
    tn_json_begin_array(w);
    for (size_t i = 0; status == TN_OK && i < wheel->zip->count; i++) {
        const struct tn_zip_entry *entry = &wheel->zip->entries[i];
        char *text = NULL;
        if (!tn_wheel_is_licence(wheel, entry)) {
            continue;
        }
        status = tn_zip_read(wheel->zip, entry, &text, problem);
        if (status == TN_OK && is_text(text, entry->size)) {
            tn_json_begin_object(w);
            tn_json_key(w, "name");
            tn_json_write_text(w, entry->name);
            tn_json_key(w, "text");
            tn_json_write_string(w, text, entry->size);
            tn_json_end_object(w);
        }
        tn_free(text);
    }
    tn_json_end_array(w);
    tn_json_end_object(w);
    return status;
}

int
tn_wheels_append_licences(const struct tn_wheels *wheels,
                          struct tn_buffer *out, struct tn_problem *problem)
{
    struct tn_json_writer w;
    int status = TN_OK;
    tn_json_writer_init(&w, out);
    tn_json_begin_object(&w);
    tn_json_key(&w, "packages");
    tn_json_begin_array(&w);
    for (size_t i = 0; status == TN_OK && i < wheels->count; i++) {
        status = write_licence(&w, wheels->items[i], problem);
    }
    tn_json_end_array(&w);
    tn_json_end_object(&w);
    return status != TN_OK ? status : out->error;
}
