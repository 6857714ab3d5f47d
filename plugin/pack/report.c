/* The reader of reports: nothing in the file is believed before it is checked.
 */
#include "report.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "base64.h"
#include "base91.h"
#include "codec.h"
#include "html.h"
#include "iomd.h"
#include "pack_limits.h"
#include "payload.h"
#include "read.h"
#include "scan.h"
#include "script.h"
#include "text.h"
#include "version.h"

struct tn_report_chunk {
    size_t part;
    size_t index;
    const char *text;
    size_t size;
    bool is_closed;
};

static int
damaged(const struct tn_report *report, struct tn_problem *problem,
        const char *what, const char *why)
{
    return tn_problem_set(problem, TN_ERROR_INVALID, report->name, 0,
                          "%.300s is damaged: %s", what, why);
}

static int
damaged_part(const struct tn_report *report, size_t part,
             struct tn_problem *problem, const char *why)
{
    return tn_problem_set(problem, TN_ERROR_INVALID, report->name, 0,
                          "the part %.300s is damaged: %s",
                          report->parts[part].name, why);
}

/* Reads digits up to `end`, which must be `stop`; false for anything else. */
static bool
read_number(const char **at, const char *end, char stop, size_t *out)
{
    size_t number = 0;
    const char *start = *at;
    while (*at < end && **at >= '0' && **at <= '9' && *at - start < 9) {
        number = number * 10 + (size_t)(**at - '0');
        (*at)++;
    }
    bool is_end = stop == '\0' ? *at == end : *at < end && **at == stop;
    if (*at == start || !is_end) {
        return false;
    }
    *at += stop != '\0';
    *out = number;
    return true;
}

static int
add_chunk(struct tn_report *report, const struct tn_script *script)
{
    const char *at = script->id + strlen("part-");
    const char *end = script->id + script->id_size;
    struct tn_report_chunk chunk = {.text = script->content,
                                    .size = script->content_size,
                                    .is_closed = script->is_closed};
    if (!read_number(&at, end, '-', &chunk.part) ||
        !read_number(&at, end, '\0', &chunk.index)) {
        return TN_OK;
    }
    if (report->chunk_count == report->chunk_capacity) {
        size_t capacity = report->chunk_capacity * 2 + 16;
        struct tn_report_chunk *chunks =
            tn_realloc(report->chunks, capacity * sizeof *chunks);
        if (chunks == NULL) {
            return TN_ERROR_MEMORY;
        }
        report->chunks = chunks;
        report->chunk_capacity = capacity;
    }
    report->chunks[report->chunk_count++] = chunk;
    return TN_OK;
}

static int
read_json(const struct tn_report *report, const struct tn_script *script,
          const char *what, struct tn_json **out, struct tn_problem *problem)
{
    struct tn_json_error error = {0};
    if (*out != NULL) {
        return damaged(report, problem, what, "it is there twice");
    }
    int status = tn_json_parse(out, script->content, script->content_size,
                               &error);
    if (status == TN_ERROR_MEMORY || status == TN_OK) {
        return status;
    }
    return damaged(report, problem, what,
                   error.reason != NULL ? error.reason : "not JSON");
}

static int
take_script(struct tn_report *report, const struct tn_script *script,
            bool *has_iomd, struct tn_problem *problem)
{
    if (tn_scan_has_id(script, "iomd")) {
        if (*has_iomd || !script->is_closed) {
            return damaged(report, problem, "the notebook's text",
                           *has_iomd ? "it is there twice"
                                     : "the file ends in it");
        }
        *has_iomd = true;
        tn_html_unescape(&report->iomd, script->content,
                         script->content_size);
        return report->iomd.error;
    }
    if (tn_scan_has_id(script, "tincture-notebook")) {
        return read_json(report, script, "tincture-notebook",
                         &report->notebook, problem);
    }
    if (tn_scan_has_id(script, "tincture-payload")) {
        report->is_table_whole =
            tn_script_is_whole_json(script->content, script->content_size);
        return read_json(report, script, "tincture-payload",
                         &report->payload, problem);
    }
    if (script->id_size > 5 && memcmp(script->id, "part-", 5) == 0) {
        return add_chunk(report, script);
    }
    return TN_OK;
}

/* Reads a member that must be a whole number up to the limit of a report. */
static bool
read_size(const struct tn_json_value *row, const char *key, size_t *out)
{
    double number = tn_json_number(tn_json_get(row, key), -1);
    if (!(number >= 0 && number <= (double)TN_LIMIT_REPORT_SIZE)) {
        return false;
    }
    *out = (size_t)number;
    return (double)*out == number;
}

static bool
read_row(const struct tn_json_value *row, struct tn_report_part *out)
{
    size_t size;
    out->name = tn_json_string(tn_json_get(row, "name"), &size);
    bool has_nul = out->name != NULL && strlen(out->name) != size;
    out->codec = tn_json_string(tn_json_get(row, "codec"), &size);
    out->checksum = tn_json_string(tn_json_get(row, "checksum"), &size);
    const struct tn_json_value *encoding = tn_json_get(row, "encoding");
    const char *word = tn_json_string(encoding, &size);
    out->is_base91 = word != NULL && strcmp(word, "base91") == 0;
    /* A chunk holds a byte at least; version 1 had smaller ones. */
    return out->name != NULL && !has_nul && out->codec != NULL &&
           out->checksum != NULL && read_size(row, "size", &out->size) &&
           read_size(row, "stored_size", &out->stored_size) &&
           read_size(row, "chunks", &out->chunk_count) &&
           out->chunk_count <= out->stored_size &&
           (encoding == NULL || out->is_base91);
}

static int
read_table(struct tn_report *report, struct tn_problem *problem)
{
    static const char what[] = "tincture-payload";
    const struct tn_json_value *root = tn_json_root(report->payload);
    double version = tn_json_number(tn_json_get(root, "version"), 0);
    if (version > TN_REPORT_VERSION) {
        return tn_problem_set(problem, TN_ERROR_INVALID, report->name, 0,
                              "written by a newer Tincture; this one reads"
                              " version %d",
                              TN_REPORT_VERSION);
    }
    /* Any other number is a newer version, or a damaged one. */
    if (version != 1 && version != 2 && !report->is_table_whole) {
        return damaged(report, problem, what, "its checksum does not match");
    }
    const struct tn_json_value *rows = tn_json_get(root, "parts");
    size_t count = tn_json_count(rows);
    if (count == 0 || count > TN_LIMIT_PART_COUNT) {
        return damaged(report, problem, what, "no list of parts");
    }
    report->parts = tn_alloc_zeroed(count, sizeof *report->parts);
    if (report->parts == NULL) {
        return TN_ERROR_MEMORY;
    }
    const struct tn_json_value *row;
    for (row = tn_json_first(rows); row != NULL; row = tn_json_next(row)) {
        if (!read_row(row, &report->parts[report->part_count])) {
            return damaged(report, problem, what,
                           "a part's description is not whole");
        }
        report->part_count++;
    }
    return TN_OK;
}

static int
compare_chunks(const void *left, const void *right)
{
    const struct tn_report_chunk *a = left;
    const struct tn_report_chunk *b = right;
    if (a->part != b->part) {
        return a->part < b->part ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

static int
read_document(struct tn_report *report, struct tn_problem *problem)
{
    struct tn_script script;
    size_t at = 0;
    bool has_iomd = false;
    int status = TN_OK;
    while (status == TN_OK && tn_scan_script(report->document,
                                             report->document_size, &at,
                                             &script)) {
        status = take_script(report, &script, &has_iomd, problem);
    }
    if (status != TN_OK) {
        return status;
    }
    if (report->chunk_count != 0) {
        qsort(report->chunks, report->chunk_count, sizeof *report->chunks,
              compare_chunks);
    }
    if (!has_iomd && report->notebook == NULL && report->payload == NULL) {
        return tn_problem_set(problem, TN_ERROR_INVALID, report->name, 0,
                              "not a report of Tincture's");
    }
    if (!has_iomd) {
        return damaged(report, problem, "the notebook's text",
                       "it is missing");
    }
    if (report->notebook == NULL || report->payload == NULL) {
        return damaged(report, problem,
                       report->notebook == NULL ? "tincture-notebook"
                                                : "tincture-payload",
                       "it is missing");
    }
    return read_table(report, problem);
}

int
tn_report_open(struct tn_report **out, const char *name, const char *document,
               size_t size, struct tn_problem *problem)
{
    *out = NULL;
    struct tn_report *report = tn_alloc_zeroed(1, sizeof *report);
    if (report == NULL) {
        return TN_ERROR_MEMORY;
    }
    report->name = name;
    report->document = document;
    report->document_size = size;
    int status = read_document(report, problem);
    if (status != TN_OK) {
        tn_report_free(report);
        return status;
    }
    *out = report;
    return TN_OK;
}

void
tn_report_free(struct tn_report *report)
{
    if (report == NULL) {
        return;
    }
    tn_buffer_clear(&report->iomd);
    tn_json_free(report->notebook);
    tn_json_free(report->payload);
    tn_free(report->parts);
    tn_free(report->chunks);
    tn_free(report);
}

static const struct tn_report_chunk *
find_chunk(const struct tn_report *report, size_t part, size_t index)
{
    struct tn_report_chunk key = {.part = part, .index = index};
    return report->chunk_count == 0
               ? NULL
               : bsearch(&key, report->chunks, report->chunk_count,
                         sizeof key, compare_chunks);
}

/* Appends a chunk's bytes, up to a size of `out` that is known. */
static int
append_base91(struct tn_buffer *out, size_t whole,
              const struct tn_report_chunk *chunk)
{
    size_t limit = whole - (out->size < whole ? out->size : whole);
    /* No announced size makes room for more than the text can hold. */
    limit = limit < chunk->size ? limit : chunk->size;
    if (tn_buffer_reserve(out, limit + 1) != TN_OK) {
        return TN_ERROR_MEMORY;
    }
    size_t size;
    int status = tn_base91_decode(out->data + out->size, limit, &size,
                                  chunk->text, chunk->size);
    out->size += size;
    return status;
}

int
tn_report_read_stored(const struct tn_report *report, size_t part,
                      struct tn_buffer *out, struct tn_problem *problem)
{
    assert(part < report->part_count);
    const struct tn_report_part *row = &report->parts[part];
    size_t start = out->size;
    for (size_t i = 0; i < row->chunk_count; i++) {
        const struct tn_report_chunk *chunk = find_chunk(report, part, i);
        if (chunk == NULL || !chunk->is_closed) {
            return damaged_part(report, part, problem,
                                "the file ends too early");
        }
        int status = row->is_base91
                         ? append_base91(out, row->stored_size + start, chunk)
                         : tn_base64_decode(out, chunk->text, chunk->size);
        if (status == TN_ERROR_INVALID) {
            return damaged_part(report, part, problem,
                                row->is_base91 ? "it is not base91"
                                               : "it is not base64");
        }
        if (status != TN_OK) {
            return status;
        }
    }
    size_t seen = out->size - start;
    if (seen != row->stored_size) {
        return damaged_part(report, part, problem,
                            "its length is not what it should be");
    }
    char checksum[TN_XXH64_TEXT_SIZE];
    tn_xxh64_text(out->data != NULL ? out->data + start : "", seen, checksum);
    if (strcmp(checksum, row->checksum) != 0) {
        return damaged_part(report, part, problem,
                            "its checksum does not match");
    }
    return TN_OK;
}

int
tn_report_read_part(const struct tn_report *report, size_t part,
                    TN_OWN char **out, size_t *out_size,
                    struct tn_problem *problem)
{
    assert(part < report->part_count);
    const struct tn_report_part *row = &report->parts[part];
    struct tn_buffer stored = {0};
    *out = NULL;
    *out_size = row->size;
    int status = tn_buffer_reserve(&stored, 1);
    if (status == TN_OK) {
        status = tn_report_read_stored(report, part, &stored, problem);
    }
    if (status != TN_OK) {
        goto done;
    }
    if (strcmp(row->codec, "zstd") == 0) {
        status = tn_codec_decode(out, stored.data, stored.size, row->size);
        if (status == TN_ERROR_INVALID) {
            damaged_part(report, part, problem, "it does not decompress");
        }
    }
    else if (strcmp(row->codec, "none") == 0 && stored.size == row->size) {
        status = tn_buffer_take(&stored, out, out_size);
    }
    else {
        status = damaged_part(report, part, problem,
                              "it has a codec that I do not know");
    }
done:
    tn_buffer_clear(&stored);
    return status;
}

size_t
tn_report_find_part(const struct tn_report *report, const char *prefix)
{
    size_t length = strlen(prefix);
    for (size_t i = 0; i < report->part_count; i++) {
        const char *name = report->parts[i].name;
        if (strncmp(name, prefix, length) == 0 && name[length] == ':') {
            return i;
        }
    }
    return report->part_count;
}

/* Decodes the script element file-NAME. */
static int
read_inline_file(const struct tn_report *report, const char *name,
                 struct tn_buffer *out, struct tn_problem *problem)
{
    struct tn_buffer id = {0};
    struct tn_script script;
    size_t at = 0;
    tn_buffer_append_text(&id, "file-");
    tn_html_escape(&id, name, strlen(name));
    int status = id.error;
    bool is_found = false;
    while (status == TN_OK && !is_found &&
           tn_scan_script(report->document, report->document_size, &at,
                          &script)) {
        is_found = tn_scan_has_id(&script, id.data);
    }
    if (status == TN_OK && !is_found) {
        status = damaged(report, problem, name, "the file is missing");
    }
    else if (status == TN_OK) {
        status =
            tn_base64_decode(out, script.content, script.content_size);
        if (status == TN_ERROR_INVALID) {
            damaged(report, problem, name, "it is not base64");
        }
    }
    tn_buffer_clear(&id);
    return status;
}

int
tn_report_read_file(const struct tn_report *report,
                    const struct tn_json_value *entry, TN_OWN char **out,
                    size_t *out_size, struct tn_problem *problem)
{
    *out = NULL;
    size_t name_size;
    const char *name = tn_json_string(tn_json_get(entry, "name"), &name_size);
    if (name == NULL || !tn_text_is_file_path(name, name_size)) {
        return damaged(report, problem, "the list of files",
                       "a name in it is not that of a file below the home");
    }
    if (tn_json_get(entry, "part") != NULL) {
        size_t part;
        if (!read_size(entry, "part", &part) || part >= report->part_count) {
            return damaged(report, problem, name, "its part is missing");
        }
        return tn_report_read_part(report, part, out, out_size, problem);
    }
    struct tn_buffer data = {0};
    size_t size;
    int status = tn_buffer_reserve(&data, 1);
    if (status == TN_OK) {
        status = read_inline_file(report, name, &data, problem);
    }
    if (status == TN_OK &&
        (!read_size(entry, "size", &size) || size != data.size)) {
        status = damaged(report, problem, name,
                         "its length is not what it should be");
    }
    if (status == TN_OK) {
        status = tn_buffer_take(&data, out, out_size);
    }
    tn_buffer_clear(&data);
    return status;
}

int
tn_report_is_unedited(const struct tn_report *report, const char *name,
                      const char *original, size_t size, bool *out)
{
    struct tn_notebook *notebook = NULL;
    struct tn_problem ignored = {0};
    struct tn_buffer notes = {0};
    struct tn_buffer iomd = {0};
    *out = false;
    int status = tn_read_notebook(&notebook, name, original, size, &notes,
                                  &ignored);
    if (status == TN_OK) {
        status = tn_iomd_write(notebook, &iomd);
    }
    if (status == TN_OK) {
        *out = iomd.size == report->iomd.size &&
               (iomd.size == 0 ||
                memcmp(iomd.data, report->iomd.data, iomd.size) == 0);
    }
    tn_notebook_free(notebook);
    tn_buffer_clear(&notes);
    tn_buffer_clear(&iomd);
    return status == TN_ERROR_MEMORY ? status : TN_OK;
}

const char *
tn_report_version(const struct tn_report *report, size_t *size)
{
    static const char mark[] = "name=\"generator\" content=\"Tincture ";
    size_t limit = report->document_size < 65536 ? report->document_size
                                                 : (size_t)65536;
    size_t at = tn_text_find(report->document, limit, 0, mark, false);
    *size = 0;
    if (at == limit) {
        return "";
    }
    at += strlen(mark);
    *size = tn_text_find(report->document, limit, at, "\"", false) - at;
    return report->document + at;
}
