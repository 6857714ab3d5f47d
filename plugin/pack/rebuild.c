/* Taking a report apart, so that it can be packed again. */
#include "rebuild.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "connect.h"
#include "html.h"
#include "iomd.h"
#include "json_write.h"
#include "text.h"
#include "wheels.h"

/* Where the element `html` begins at the latest. */
#define HEAD_SIZE ((size_t)1024)

/* Longest text of an attribute that is looked at here. */
#define WORD_SIZE 64

static const struct tn_json_value *
root_of(const struct tn_report *report)
{
    return tn_json_root(report->notebook);
}

/* Copies what stands between `before` and a quote, in `size` bytes of the
 * document from `start` on; "" where there is no such thing. */
static void
read_word(const struct tn_report *report, size_t start, size_t size,
          const char *before, char out[WORD_SIZE])
{
    const char *text = report->document;
    size_t end = start + size;
    end = end < report->document_size ? end : report->document_size;
    size_t at = tn_text_find(text, end, start, before, false);
    out[0] = '\0';
    if (at == end) {
        return;
    }
    at += strlen(before);
    size_t length = tn_text_find(text, end, at, "\"", false) - at;
    if (length < WORD_SIZE) {
        memcpy(out, text + at, length);
        out[length] = '\0';
    }
}

/* Where the tag of chunk `i` begins, and its size; 0 when it is not there. */
static size_t
find_section(const struct tn_report *report, size_t i, size_t *at)
{
    char mark[WORD_SIZE];
    snprintf(mark, sizeof mark, "id=\"cell-%zu\" data-cell=\"%zu\"", i, i);
    *at = tn_text_find(report->document, report->document_size, *at, mark,
                       false);
    if (*at == report->document_size) {
        return 0;
    }
    return tn_text_find(report->document, report->document_size, *at, ">",
                        false) -
           *at;
}

/* What a run made of the chunks, which only the markup knows. */
static void
read_states(struct tn_notebook *notebook, const struct tn_report *report)
{
    size_t at = 0;
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        char word[WORD_SIZE];
        size_t size = find_section(report, i, &at);
        if (size == 0) {
            return;
        }
        read_word(report, at, size, "data-cell-state=\"", word);
        if (strcmp(word, "ok") == 0) {
            notebook->chunks[i].state = "ok";
        }
        else if (strcmp(word, "error") == 0) {
            notebook->chunks[i].state = "error";
        }
    }
}

static int
damaged(const struct tn_report *report, struct tn_problem *problem,
        const char *why)
{
    return tn_problem_set(problem, TN_ERROR_INVALID, report->name, 0,
                          "tincture-notebook is damaged: %s", why);
}

/* A member that is an object or array and not empty, as text. */
static int
take_json(char **out, const struct tn_json_value *object, const char *key)
{
    struct tn_buffer text = {0};
    const struct tn_json_value *member = tn_json_get(object, key);
    if (tn_json_count(member) == 0) {
        return TN_OK;
    }
    int status = tn_json_print(member, &text);
    if (status == TN_OK) {
        status = tn_notebook_set_text(out, text.data, text.size);
    }
    tn_buffer_clear(&text);
    return status;
}

static int
take_text(char **out, const struct tn_json_value *object, const char *key)
{
    size_t size;
    const char *text = tn_json_string(tn_json_get(object, key), &size);
    return text == NULL ? TN_OK : tn_notebook_set_text(out, text, size);
}

/* The lines that were written with a space before %%. */
static int
take_escaped(struct tn_chunk *chunk, const struct tn_json_value *lines)
{
    size_t count = tn_json_count(lines);
    if (count == 0) {
        return TN_OK;
    }
    chunk->escaped = tn_alloc_zeroed(count, sizeof *chunk->escaped);
    if (chunk->escaped == NULL) {
        return TN_ERROR_MEMORY;
    }
    const struct tn_json_value *line = tn_json_first(lines);
    for (; line != NULL; line = tn_json_next(line)) {
        double number = tn_json_number(line, -1);
        if (!(number >= 0 && number <= (double)chunk->source_size)) {
            return TN_ERROR_INVALID;
        }
        chunk->escaped[chunk->escaped_count++] = (size_t)number;
    }
    return TN_OK;
}

static int
take_cell(struct tn_chunk *chunk, const struct tn_json_value *cell)
{
    double count =
        tn_json_number(tn_json_get(cell, "execution_count"), TN_NEVER_RUN);
    chunk->execution_count =
        count >= 0 && count < 1e15 ? (long long)count : TN_NEVER_RUN;
    int status = take_text(&chunk->id, cell, "id");
    if (status == TN_OK) {
        status = take_json(&chunk->metadata, cell, "metadata");
    }
    if (status == TN_OK) {
        status = take_json(&chunk->outputs, cell, "outputs");
    }
    if (status == TN_OK) {
        status = take_json(&chunk->attachments, cell, "attachments");
    }
    return status != TN_OK
               ? status
               : take_escaped(chunk, tn_json_get(cell, "escaped"));
}

static int
take_cells(struct tn_notebook *notebook, const struct tn_report *report,
           struct tn_problem *problem)
{
    const struct tn_json_value *cells = tn_json_get(root_of(report), "cells");
    if (tn_json_count(cells) != notebook->chunk_count) {
        return damaged(report, problem, "it has other cells than the text");
    }
    const struct tn_json_value *cell = tn_json_first(cells);
    int status = TN_OK;
    for (size_t i = 0; status == TN_OK && i < notebook->chunk_count; i++) {
        status = take_cell(&notebook->chunks[i], cell);
        cell = tn_json_next(cell);
    }
    return status == TN_ERROR_INVALID
               ? damaged(report, problem, "a line number that cannot be")
               : status;
}

static int
take_files(struct tn_notebook *notebook, const struct tn_report *report,
           struct tn_problem *problem)
{
    const struct tn_json_value *entry =
        tn_json_first(tn_json_get(root_of(report), "files"));
    int status = TN_OK;
    for (; status == TN_OK && entry != NULL; entry = tn_json_next(entry)) {
        char *data;
        size_t size;
        status = tn_report_read_file(report, entry, &data, &size, problem);
        if (status != TN_OK) {
            break;
        }
        const char *name = tn_json_text_of(entry, "name");
        status = tn_notebook_add_file(notebook, name, strlen(name), data,
                                      size, problem);
        if (status != TN_OK) {
            tn_free(data);
            break;
        }
        struct tn_file *file = &notebook->files[notebook->file_count - 1];
        status = take_text(&file->mimetype, entry, "mimetype");
    }
    return status;
}

static enum tn_format
find_format(const char *name)
{
    for (int i = 0; i < TN_FORMAT_COUNT; i++) {
        if (strcmp(tn_notebook_format_name((enum tn_format)i), name) == 0) {
            return (enum tn_format)i;
        }
    }
    return TN_FORMAT_IOMD;
}

/* Title, view, language, profile and the like. */
static int
take_settings(struct tn_notebook *notebook, const struct tn_report *report)
{
    const struct tn_json_value *root = root_of(report);
    const struct tn_json_value *own = tn_json_get(root, "report");
    char language[WORD_SIZE];
    int status = take_text(&notebook->title, root, "title");
    if (status == TN_OK) {
        status = take_text(&notebook->profile, root, "profile");
    }
    if (status == TN_OK) {
        status = take_json(&notebook->metadata, root, "metadata");
    }
    if (status == TN_OK) {
        status = take_json(&notebook->packages, root, "packages");
    }
    if (status == TN_OK) {
        status = take_json(&notebook->images, root, "images");
    }
    if (status == TN_OK) {
        status = take_text(&notebook->report_id, own, "id");
    }
    notebook->in_worker = tn_json_is_true(tn_json_get(root, "worker"));
    double revision = tn_json_number(tn_json_get(own, "revision"), 0);
    notebook->revision =
        revision >= 0 && revision < 1e15 ? (long long)revision + 1 : 1;
    bool is_explored =
        strcmp(tn_json_text_of(root, "view"), "explore") == 0;
    const char *view = is_explored ? "explore" : "report";
    if (status == TN_OK) {
        status = tn_notebook_set_text(&notebook->view, view, strlen(view));
    }
    read_word(report, 0, HEAD_SIZE, "<html lang=\"", language);
    if (status == TN_OK && tn_notebook_is_language(language)) {
        status = tn_notebook_set_text(&notebook->language, language,
                                      strlen(language));
    }
    return status;
}

static int
make_notebook(struct tn_rebuilt *out, const struct tn_report *report,
              struct tn_problem *problem)
{
    const struct tn_json_value *source =
        tn_json_get(root_of(report), "source");
    const char *name = tn_json_text_of(source, "name");
    bool has_name = tn_text_is_file_name(name, strlen(name));
    int status = tn_notebook_new(
        &out->notebook, has_name ? name : report->name,
        find_format(tn_json_text_of(source, "format")));
    const char *text = report->iomd.size != 0 ? report->iomd.data : "";
    if (status == TN_OK) {
        status = tn_text_check(text, report->iomd.size, report->name, problem);
    }
    if (status == TN_OK) {
        status = tn_iomd_parse(out->notebook, text, report->iomd.size,
                               problem);
    }
    if (status == TN_OK) {
        status = take_settings(out->notebook, report);
    }
    if (status == TN_OK) {
        status = take_cells(out->notebook, report, problem);
    }
    if (status == TN_OK) {
        read_states(out->notebook, report);
        status = take_files(out->notebook, report, problem);
    }
    return status;
}

/* The index of the part with this name, or part_count. */
static size_t
find_named(const struct tn_report *report, const char *name)
{
    size_t i = 0;
    while (i < report->part_count &&
           strcmp(report->parts[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* Appends a licence text of the colophon, or says that none follows. */
static bool
write_licence_file(struct tn_json_writer *w, const char *text, size_t end,
                   size_t *at)
{
    static const char opening[] = "<pre>";
    size_t length = sizeof opening - 1;
    if (end - *at < length || memcmp(text + *at, opening, length) != 0) {
        return false;
    }
    size_t start = *at + length;
    size_t stop = tn_text_find(text, end, start, "</pre>", false);
    struct tn_buffer plain = {0};
    tn_html_unescape(&plain, text + start, stop - start);
    if (plain.error != TN_OK) {
        w->out->error = plain.error;
    }
    tn_json_begin_object(w);
    tn_json_key(w, "text");
    tn_json_write_string(w, plain.size != 0 ? plain.data : "", plain.size);
    tn_json_end_object(w);
    tn_buffer_clear(&plain);
    *at = tn_text_find(text, end, stop, "\n", false) + 1;
    return *at < end;
}

/* The colophon's entry of one package, as licences.json has it.  `text` ends
 * with the colophon. */
static void
write_licence(struct tn_json_writer *w, const char *text, size_t end,
              const struct tn_json_value *package)
{
    const char *name = tn_json_text_of(package, "name");
    const char *version = tn_json_text_of(package, "version");
    struct tn_buffer mark = {0};
    tn_buffer_append_text(&mark, "<details><summary>");
    tn_html_escape(&mark, name, strlen(name));
    tn_buffer_append_char(&mark, ' ');
    tn_html_escape(&mark, version, strlen(version));
    int status = tn_buffer_append_text(&mark, " (");
    size_t at = status == TN_OK
                    ? tn_text_find(text, end, 0, mark.data, false)
                    : end;
    size_t start = at + mark.size;
    tn_buffer_clear(&mark);
    if (status != TN_OK || at == end) {
        w->out->error = status != TN_OK ? status : w->out->error;
        return;
    }
    size_t stop = tn_text_find(text, end, start, ")</summary>", false);
    tn_json_begin_object(w);
    tn_json_key(w, "name");
    tn_json_write_text(w, name);
    tn_json_key(w, "version");
    tn_json_write_text(w, version);
    struct tn_buffer licence = {0};
    tn_html_unescape(&licence, text + start, stop - start);
    tn_json_key(w, "licence");
    tn_json_write_string(w, licence.size != 0 ? licence.data : "",
                         licence.size);
    tn_buffer_clear(&licence);
    tn_json_key(w, "files");
    tn_json_begin_array(w);
    at = tn_text_find(text, end, stop, "\n", false) + 1;
    while (at < end && write_licence_file(w, text, end, &at)) {
    }
    tn_json_end_array(w);
    tn_json_end_object(w);
}

/* The wheels' licences stand in the colophon and nowhere else. */
static int
take_licences(struct tn_rebuilt *out, const struct tn_report *report)
{
    const char *text = report->document;
    size_t size = report->document_size;
    size_t start =
        tn_text_find(text, size, 0, "<details id=\"tn-licences\">", false);
    size_t end = tn_text_find(text, size, start, "</footer>", false);
    struct tn_buffer json = {0};
    struct tn_json_writer w;
    tn_json_writer_init(&w, &json);
    tn_json_begin_object(&w);
    tn_json_key(&w, "packages");
    tn_json_begin_array(&w);
    const struct tn_json_value *package =
        tn_json_first(tn_json_get(root_of(report), "packages"));
    for (; package != NULL; package = tn_json_next(package)) {
        write_licence(&w, text + start, end - start, package);
    }
    tn_json_end_array(&w);
    tn_json_end_object(&w);
    int status = json.error;
    if (status == TN_OK) {
        status = tn_json_parse(&out->wheel_licences, json.data, json.size,
                               NULL);
    }
    tn_buffer_clear(&json);
    return status;
}

static int
take_parts(struct tn_rebuilt *out, const struct tn_report *report,
           struct tn_problem *problem)
{
    size_t source = tn_report_find_part(report, "source");
    size_t wheels = find_named(report, TN_WHEELS_PART);
    size_t count = report->part_count;
    int status = TN_OK;
    out->has_state = find_named(report, TN_STATE_PART) < count;
    if (source < count) {
        status = tn_report_read_part(report, source, &out->original,
                                     &out->original_size, problem);
    }
    if (status == TN_OK && wheels < count) {
        status = tn_report_read_part(report, wheels, &out->wheels,
                                     &out->wheels_size, problem);
    }
    if (status == TN_OK && wheels < count) {
        status = take_licences(out, report);
    }
    return status;
}

static int
take_policy(struct tn_rebuilt *out, const struct tn_report *report)
{
    /* The policy stands before any text of the notebook's. */
    size_t head = tn_text_find(report->document, report->document_size, 0,
                               "<title>", false);
    size_t size;
    struct tn_buffer words = {0};
    out->allows_network = tn_text_find(report->document, head, 0,
                                       "font-src data: https:", false)
                          < head;
    int status = tn_connect_read(&words, report->document,
                                 report->document_size);
    if (status == TN_OK) {
        status = tn_buffer_append_char(&words, '\0');
    }
    if (status == TN_OK) {
        status = tn_buffer_take(&words, &out->connect, &size);
    }
    tn_buffer_clear(&words);
    return status;
}

int
tn_rebuild(struct tn_rebuilt *out, const struct tn_report *report,
           struct tn_problem *problem)
{
    int status = take_policy(out, report);
    if (status == TN_OK) {
        status = make_notebook(out, report, problem);
    }
    return status != TN_OK ? status : take_parts(out, report, problem);
}

void
tn_rebuilt_clear(struct tn_rebuilt *rebuilt)
{
    tn_notebook_free(rebuilt->notebook);
    tn_free(rebuilt->original);
    tn_free(rebuilt->wheels);
    tn_free(rebuilt->connect);
    tn_json_free(rebuilt->wheel_licences);
    *rebuilt = (struct tn_rebuilt){0};
}
