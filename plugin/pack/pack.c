/* A report from its pieces. */
#include "pack.h"

#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "codec.h"
#include "document.h"
#include "iomd.h"
#include "pack_limits.h"
#include "payload.h"
#include "text.h"
#include "version.h"

static int
add_copy(struct tn_payload *payload, const char *name, const char *codec,
         size_t size, const char *stored, size_t stored_size)
{
    char *copy = tn_copy_text(stored, stored_size);
    if (copy == NULL) {
        return TN_ERROR_MEMORY;
    }
    return tn_payload_add(payload, name, codec, size, copy, stored_size);
}

/* The decoder itself: the browser unpacks it, so it is gzip. */
static int
add_page_wasm(struct tn_payload *payload, const struct tn_asset *asset)
{
    bool is_packed = asset->packed != NULL &&
                     tn_codec_is_gzip_of(asset->packed, asset->packed_size,
                                         asset->data, asset->size);
    if (is_packed) {
        return add_copy(payload, asset->name, "gzip", asset->size,
                        asset->packed, asset->packed_size);
    }
    char *gzip;
    size_t gzip_size;
    int status =
        tn_codec_wrap_gzip(&gzip, &gzip_size, asset->data, asset->size);
    return status != TN_OK ? status
                           : tn_payload_add(payload, asset->name, "gzip",
                                            asset->size, gzip, gzip_size);
}

static int
add_bytes(struct tn_payload *payload, const struct tn_asset *asset)
{
    bool is_packed = asset->packed != NULL &&
                     tn_codec_is_frame_of(asset->packed, asset->packed_size,
                                          asset->data, asset->size);
    if (is_packed) {
        return add_copy(payload, asset->name, "zstd", asset->size,
                        asset->packed, asset->packed_size);
    }
    return tn_payload_add_packed(payload, asset->name, asset->data,
                                 asset->size);
}

static int
add_asset(struct tn_payload *payload, const struct tn_asset *asset)
{
    int status = add_bytes(payload, asset);
    return status != TN_OK ? status
                           : tn_payload_set_path(payload, asset->path);
}

/* Adds a part called "PREFIX:NAME". */
static int
add_named(struct tn_payload *payload, const char *prefix, const char *name,
          const char *data, size_t size)
{
    struct tn_buffer full = {0};
    int status = tn_buffer_append_format(&full, "%s:%s", prefix, name);
    if (status == TN_OK) {
        status = tn_payload_add_packed(payload, full.data, data, size);
    }
    tn_buffer_clear(&full);
    return status;
}

/* The page's own decoder and what Python starts from. */
static int
add_kernel(struct tn_payload *payload, const struct tn_pack_input *input)
{
    int status = add_page_wasm(payload, &input->page_wasm);
    for (size_t i = 0; status == TN_OK && i < input->part_count; i++) {
        status = add_asset(payload, &input->parts[i]);
    }
    return status;
}

static int
add_parts(struct tn_payload *payload, const struct tn_pack_input *input)
{
    int status = add_kernel(payload, input);
    if (status == TN_OK && input->wheels != NULL) {
        status = add_asset(payload, input->wheels);
    }
    struct tn_notebook *notebook = input->notebook;
    for (size_t i = 0; status == TN_OK && i < notebook->file_count; i++) {
        struct tn_file *file = &notebook->files[i];
        if (file->size > TN_INLINE_FILE_SIZE) {
            file->part = payload->count;
            status = add_named(payload, "file", file->name, file->data,
                               file->size);
        }
    }
    if (status == TN_OK && input->original != NULL) {
        status = add_named(payload, "source", notebook->name, input->original,
                           input->original_size);
    }
    return status;
}

static void
append_hash(struct tn_buffer *out, const char *data, size_t size)
{
    char text[TN_XXH64_TEXT_SIZE];
    tn_xxh64_text(data, size, text);
    tn_buffer_append_text(out, text);
}

/* Gives the report a name of its own: the same input has the same one, and
 * what is saved later keeps it. */
static int
set_report_id(const struct tn_pack_input *input, const struct tn_buffer *iomd)
{
    struct tn_notebook *notebook = input->notebook;
    if (notebook->report_id != NULL) {
        return TN_OK;
    }
    struct tn_buffer hashes = {0};
    append_hash(&hashes, notebook->title, strlen(notebook->title));
    append_hash(&hashes, iomd->size != 0 ? iomd->data : "", iomd->size);
    append_hash(&hashes, input->original != NULL ? input->original : "",
                input->original_size);
    for (size_t i = 0; i < notebook->file_count; i++) {
        const struct tn_file *file = &notebook->files[i];
        append_hash(&hashes, file->name, strlen(file->name));
        append_hash(&hashes, file->data, file->size);
    }
    int status = hashes.error;
    if (status == TN_OK) {
        char id[TN_XXH64_TEXT_SIZE];
        tn_xxh64_text(hashes.data, hashes.size, id);
        status = tn_notebook_set_text(&notebook->report_id, id, strlen(id));
    }
    tn_buffer_clear(&hashes);
    return status;
}

static bool
contains(const char *text, size_t size, const char *word)
{
    return tn_text_find(text, size, 0, word, false) < size;
}

/* True when formulas are in the document, or cells may show some. */
static bool
has_formulas(const struct tn_buffer *document,
             const struct tn_notebook *notebook)
{
    static const char *const makers[] = {"Latex", "latex", "Math(", "sympy"};
    /* In an empty notebook anything may be written. */
    if (notebook->chunk_count == 0 ||
        contains(document->data, document->size, "class=\"tn-math\"")) {
        return true;
    }
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        const struct tn_chunk *chunk = &notebook->chunks[i];
        for (size_t k = 0; k < sizeof makers / sizeof makers[0]; k++) {
            if (strcmp(chunk->type, "py") == 0 &&
                contains(chunk->source, chunk->source_size, makers[k])) {
                return true;
            }
        }
    }
    return false;
}

static int
write_report(struct tn_buffer *out, const struct tn_pack_input *input,
             struct tn_payload *payload)
{
    struct tn_buffer iomd = {0};
    int status = tn_iomd_write(input->notebook, &iomd);
    if (status == TN_OK) {
        status = set_report_id(input, &iomd);
    }
    if (status != TN_OK) {
        goto done;
    }
    struct tn_document document = {
        .notebook = input->notebook,
        .iomd = iomd.size != 0 ? iomd.data : "",
        .iomd_size = iomd.size,
        .style = input->style.data,
        .style_size = input->style.size,
        .licences = input->licences,
        .test_licences = input->test_licences,
        .wheel_licences = input->wheel_licences,
        .allow_network = input->allow_network,
        .connect = input->connect,
    };
    status = tn_document_append(out, &document);
    if (status == TN_OK && has_formulas(out, input->notebook)) {
        status = add_asset(payload, &input->math);
    }
    if (status != TN_OK) {
        goto done;
    }
    tn_payload_append_table(out, payload);
    tn_document_append_program(out, input->program.data, input->program.size);
    tn_payload_append_chunks(out, payload);
    status = tn_document_append_end(out);
done:
    tn_buffer_clear(&iomd);
    return status;
}

int
tn_pack_report(struct tn_buffer *out, const struct tn_pack_input *input,
               struct tn_problem *problem)
{
    struct tn_payload payload = {0};
    int status = tn_document_find_title(input->notebook);
    if (status == TN_OK) {
        status = add_parts(&payload, input);
    }
    if (status == TN_OK) {
        status = write_report(out, input, &payload);
    }
    if (status == TN_ERROR_LIMIT && problem->text[0] == '\0') {
        tn_problem_set(problem, status, input->notebook->name, 0,
                       "a cell is longer than the limit of %zu bytes",
                       TN_LIMIT_TEXT_SIZE);
    }
    tn_payload_clear(&payload);
    return status;
}

/* Appends text into a comment, which it must not end. */
static void
append_comment(struct tn_buffer *out, const char *text, size_t size)
{
    size_t start = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] == '*' && text[i + 1] == '/') {
            tn_buffer_append(out, text + start, i + 1 - start);
            tn_buffer_append_char(out, ' ');
            start = i + 1;
        }
    }
    tn_buffer_append(out, text + start, size - start);
}

static void
append_member(struct tn_buffer *out, const struct tn_json_value *object,
              const char *key)
{
    const char *text = tn_json_text_of(object, key);
    append_comment(out, text, strlen(text));
}

/* What a script that people pass on has to say: whose work is in it. */
static void
append_licences(struct tn_buffer *out, const struct tn_json_value *licences,
                const char *profile)
{
    const struct tn_json_value *package =
        tn_json_first(tn_json_get(licences, "packages"));
    for (; package != NULL; package = tn_json_next(package)) {
        if (!tn_document_carries(package, profile, NULL)) {
            continue;
        }
        tn_buffer_append_text(out, "\n---- ");
        append_member(out, package, "name");
        tn_buffer_append_char(out, ' ');
        append_member(out, package, "version");
        tn_buffer_append_text(out, " (");
        append_member(out, package, "licence");
        tn_buffer_append_text(out, ")\n");
        const struct tn_json_value *file =
            tn_json_first(tn_json_get(package, "files"));
        for (; file != NULL; file = tn_json_next(file)) {
            tn_buffer_append_char(out, '\n');
            append_member(out, file, "text");
            tn_buffer_append_char(out, '\n');
        }
    }
}

int
tn_pack_plugin(struct tn_buffer *out, const struct tn_pack_input *input,
               const char *profile)
{
    struct tn_payload payload = {0};
    const struct tn_asset *program = &input->program;
    int status = add_kernel(&payload, input);
    if (status == TN_OK) {
        tn_buffer_append_text(out, "/*! Tincture " TN_VERSION
                                   ", the language plugin with everything "
                                   "in it: profile ");
        append_comment(out, profile, strlen(profile));
        tn_buffer_append_text(out, ".  What is in it, and on what terms:\n");
        append_licences(out, input->licences, profile);
        /* An expression, so that its value is the script's. */
        tn_buffer_append_text(out,
                              "*/\n(function(tincturePayload){return ");
        tn_buffer_append(out, program->data, program->size);
        tn_buffer_append_text(out, "})(");
        status = tn_payload_append_object(out, &payload);
    }
    if (status == TN_OK) {
        status = tn_buffer_append_text(out, ")\n");
    }
    tn_payload_clear(&payload);
    return status;
}
