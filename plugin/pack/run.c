/* The two JSON texts of --run, and a look at what fetch cells will miss. */
#include "run.h"

#include <string.h>

#include "connect.h"
#include "base64.h"
#include "json_write.h"
#include "pack_limits.h"
#include "text.h"

static void
copy_member(struct tn_json_writer *w, const struct tn_json_value *object,
            const char *key)
{
    const struct tn_json_value *member = tn_json_get(object, key);
    if (member == NULL) {
        return;
    }
    struct tn_buffer text = {0};
    if (tn_json_print(member, &text) != TN_OK) {
        w->out->error = TN_ERROR_MEMORY;
    }
    else {
        tn_json_key(w, key);
        tn_json_write_raw(w, text.data, text.size);
    }
    tn_buffer_clear(&text);
}

static void
write_base64(struct tn_json_writer *w, const char *data, size_t size)
{
    struct tn_buffer base64 = {0};
    tn_json_key(w, "base64");
    if (tn_base64_append(&base64, data, size) != TN_OK) {
        w->out->error = TN_ERROR_MEMORY;
    }
    tn_json_write_string(w, base64.size != 0 ? base64.data : "", base64.size);
    tn_buffer_clear(&base64);
}

static void
write_file(struct tn_json_writer *w, const struct tn_file *file)
{
    tn_json_begin_object(w);
    tn_json_key(w, "name");
    tn_json_write_text(w, file->name);
    write_base64(w, file->data, file->size);
    tn_json_end_object(w);
}

static void
write_image(struct tn_json_writer *w, const struct tn_json_value *image)
{
    tn_json_begin_object(w);
    copy_member(w, image, "file");
    copy_member(w, image, "path");
    tn_json_end_object(w);
}

/* The profile's images and others by their files, that of wheels by its
 * bytes. */
static void
write_images(struct tn_json_writer *w, const struct tn_json_value *start,
             const struct tn_extras *extras, const struct tn_asset *wheels)
{
    const struct tn_json_value *image =
        tn_json_first(tn_json_get(start, "images"));
    tn_json_key(w, "images");
    tn_json_begin_array(w);
    for (; image != NULL; image = tn_json_next(image)) {
        write_image(w, image);
    }
    for (size_t i = 0; i < extras->count; i++) {
        write_image(w, extras->images[i]);
    }
    if (wheels != NULL) {
        tn_json_begin_object(w);
        tn_json_key(w, "path");
        tn_json_write_text(w, wheels->path);
        write_base64(w, wheels->data, wheels->size);
        tn_json_end_object(w);
    }
    tn_json_end_array(w);
}

static void
write_cell(struct tn_json_writer *w, const struct tn_chunk *chunk)
{
    struct tn_buffer source = {0};
    if (tn_notebook_append_unescaped(chunk, &source) != TN_OK) {
        w->out->error = TN_ERROR_MEMORY;
    }
    tn_json_begin_object(w);
    tn_json_key(w, "type");
    tn_json_write_text(w, chunk->type);
    tn_json_key(w, "flags");
    tn_json_write_text(w, chunk->flags);
    tn_json_key(w, "source");
    tn_json_write_string(w, source.size != 0 ? source.data : "", source.size);
    tn_json_end_object(w);
    tn_buffer_clear(&source);
}

int
tn_run_append_request(struct tn_buffer *out,
                      const struct tn_notebook *notebook,
                      const struct tn_json_value *start,
                      const struct tn_extras *extras,
                      const struct tn_asset *wheels, const char *connect,
                      bool allow_errors)
{
    struct tn_json_writer w;
    tn_json_writer_init(&w, out);
    tn_json_begin_object(&w);
    tn_json_key(&w, "profile");
    tn_json_write_text(&w, notebook->profile);
    copy_member(&w, start, "wasm");
    copy_member(&w, start, "snapshot");
    write_images(&w, start, extras, wheels);
    tn_json_key(&w, "files");
    tn_json_begin_array(&w);
    for (size_t i = 0; i < notebook->file_count; i++) {
        write_file(&w, &notebook->files[i]);
    }
    tn_json_end_array(&w);
    tn_json_key(&w, "cells");
    tn_json_begin_array(&w);
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        write_cell(&w, &notebook->chunks[i]);
    }
    tn_json_end_array(&w);
    if (connect != NULL) {
        tn_json_key(&w, "connect");
        tn_json_write_text(&w, connect);
    }
    tn_json_key(&w, "allow_errors");
    tn_json_write_bool(&w, allow_errors);
    tn_json_end_object(&w);
    return out->error;
}

static int
take_cell(struct tn_notebook *notebook, size_t index,
          const struct tn_json_value *cell, bool *has_failed_cell,
          struct tn_buffer *notes)
{
    struct tn_chunk *chunk = &notebook->chunks[index];
    if (strcmp(tn_json_text_of(cell, "status"), "skipped") == 0) {
        return TN_OK;
    }
    struct tn_buffer outputs = {0};
    const struct tn_json_value *array = tn_json_get(cell, "outputs");
    int status = tn_notebook_set_text(&chunk->outputs, NULL, 0);
    if (status == TN_OK && tn_json_count(array) != 0) {
        status = tn_json_print(array, &outputs);
    }
    if (status == TN_OK && outputs.size != 0) {
        status = tn_notebook_set_text(&chunk->outputs, outputs.data,
                                      outputs.size);
    }
    double count =
        tn_json_number(tn_json_get(cell, "execution_count"), TN_NEVER_RUN);
    chunk->execution_count = count >= 0 && count < 1e15 ? (long long)count
                                                        : TN_NEVER_RUN;
    if (strcmp(tn_json_text_of(cell, "status"), "ok") == 0) {
        chunk->state = "ok";
    }
    if (strcmp(tn_json_text_of(cell, "status"), "error") == 0) {
        chunk->state = "error";
        *has_failed_cell = true;
        const struct tn_json_value *output = tn_json_first(array);
        while (output != NULL &&
               strcmp(tn_json_text_of(output, "output_type"), "error") != 0) {
            output = tn_json_next(output);
        }
        tn_problem_warn(notes, notebook->name, chunk->line,
                        "this cell failed: %s: %.300s",
                        tn_json_text_of(output, "ename"),
                        tn_json_text_of(output, "evalue"));
    }
    tn_buffer_clear(&outputs);
    return status;
}

static int
take_cells(struct tn_notebook *notebook, const struct tn_json_value *root,
           bool *has_failed_cell, struct tn_buffer *notes)
{
    int status = TN_OK;
    const struct tn_json_value *cell =
        tn_json_first(tn_json_get(root, "cells"));
    for (size_t i = 0; status == TN_OK && i < notebook->chunk_count; i++) {
        status = take_cell(notebook, i, cell, has_failed_cell, notes);
        cell = tn_json_next(cell);
    }
    return status;
}

int
tn_run_take_reply(struct tn_notebook *notebook, const char *reply,
                  size_t size, int exit_code, bool *has_failed_cell,
                  struct tn_buffer *notes, struct tn_problem *problem)
{
    struct tn_json *json = NULL;
    *has_failed_cell = false;
    int status = tn_json_parse(&json, reply != NULL ? reply : "", size, NULL);
    if (status == TN_ERROR_INVALID || status == TN_ERROR_LIMIT) {
        return tn_problem_set(problem, TN_ERROR_IO, notebook->name, 0,
                              "Node ended with code %d and without outputs",
                              exit_code);
    }
    if (status != TN_OK) {
        return status;
    }
    const struct tn_json_value *root = tn_json_root(json);
    const struct tn_json_value *error = tn_json_get(root, "error");
    bool has_cells = tn_json_get(root, "cells") != NULL;
    if (error != NULL && tn_json_kind_of(error) != TN_JSON_NULL &&
        !has_cells) {
        status = tn_problem_set(problem, TN_ERROR_IO, notebook->name, 0,
                                "cannot run it: %s: %.600s",
                                tn_json_text_of(error, "ename"),
                                tn_json_text_of(error, "evalue"));
    }
    else {
        status = take_cells(notebook, root, has_failed_cell, notes);
    }
    tn_json_free(json);
    return status;
}

/* The path or address of a fetch line; false for a line that has none. */
static bool
find_path(const char *line, size_t size, const char **out, size_t *out_size)
{
    size_t start = 0;
    while (start < size && (line[start] == ' ' || line[start] == '\t')) {
        start++;
    }
    size_t colon = tn_text_find(line, size, start, ": ", false);
    if (colon == size || size - start < 2 ||
        memcmp(line + start, "//", 2) == 0) {
        return false;
    }
    size_t end = tn_text_find(line, size, colon, " //", false);
    size_t equals = tn_text_find(line, end, colon, "=", false);
    bool has_name =
        !tn_text_equal_nocase(line + start, colon - start, "js") &&
        !tn_text_equal_nocase(line + start, colon - start, "css") &&
        !tn_text_equal_nocase(line + start, colon - start, "plugin");
    start = has_name && equals < end ? equals + 1 : colon + 2;
    while (start < end && (line[start] == ' ' || line[start] == '\t')) {
        start++;
    }
    while (end > start && (line[end - 1] == ' ' || line[end - 1] == '\t')) {
        end--;
    }
    *out = line + start;
    *out_size = end - start;
    return end > start;
}

static bool
starts_with(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    return size >= length && memcmp(text, word, length) == 0;
}

static void
check_path(const struct tn_notebook *notebook, size_t line, const char *path,
           size_t size, const char *connect, struct tn_buffer *notes)
{
    size_t scheme = tn_text_find(path, size, 0, "://", false);
    if (scheme < size) {
        size_t origin = tn_text_find(path, size, scheme + 3, "/", false);
        if (connect != NULL && !tn_connect_allows(connect, path, origin)) {
            tn_problem_warn(notes, notebook->name, line,
                            "%.*s is fetched, but the report may not contact "
                            "that server; --connect %.*s lets it",
                            (int)size, path, (int)origin, path);
        }
        return;
    }
    /* What Iodide leaves out too. */
    static const char *const prefixes[] = {"./", "files/"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (starts_with(path, size, prefixes[i])) {
            path += strlen(prefixes[i]);
            size -= strlen(prefixes[i]);
        }
    }
    if (!starts_with(path, size, "data:") &&
        tn_notebook_find_file(notebook, path, size) == NULL) {
        tn_problem_warn(notes, notebook->name, line,
                        "%.*s is fetched but not embedded; add --file %.*s",
                        (int)size, path, (int)size, path);
    }
}

static void
check_chunk(const struct tn_notebook *notebook, const struct tn_chunk *chunk,
            const char *connect, struct tn_buffer *notes)
{
    size_t line = chunk->line;
    size_t start = 0;
    while (start < chunk->source_size) {
        size_t end = tn_text_find(chunk->source, chunk->source_size, start,
                                  "\n", false);
        const char *path;
        size_t size;
        if (find_path(chunk->source + start, end - start, &path, &size)) {
            check_path(notebook, line, path, size, connect, notes);
        }
        start = end + 1;
        line++;
    }
}

int
tn_run_check_files(const struct tn_notebook *notebook, const char *connect,
                   struct tn_buffer *notes)
{
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        if (strcmp(notebook->chunks[i].type, "fetch") == 0) {
            check_chunk(notebook, &notebook->chunks[i], connect, notes);
        }
    }
    return notes->error;
}
