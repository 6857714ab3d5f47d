/* Writing nbformat 4.5.
 *
 * Everything is first written as JSON on one line, then laid out with one
 * space a level and lines of text as lists, which is what Jupyter writes and
 * what differences between two versions can be read in.
 */
#include "ipynb_write.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "document.h"
#include "json.h"
#include "json_write.h"
#include "readers.h"

/* What nbformat allows in an id, and how long it may be. */
#define ID_BYTES                                                              \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define ID_SIZE_LIMIT 64

/* What a cell is in Jupyter. */
struct form {
    const char *cell_type;
    const char *magic; /* a first line before the source, or NULL */
    bool is_plain;     /* Jupyter's own: the type needs no word */
};

static struct form
form_of(const struct tn_chunk *chunk, const char *code)
{
    if (strcmp(chunk->type, code) == 0) {
        return (struct form){"code", NULL, true};
    }
    if (strcmp(chunk->type, "md") == 0) {
        return (struct form){"markdown", NULL, true};
    }
    if (strcmp(chunk->type, "raw") == 0) {
        return (struct form){"raw", NULL, true};
    }
    if (strcmp(chunk->type, "js") == 0) {
        return (struct form){"code", TN_IPYNB_JS_MAGIC, false};
    }
    if (strcmp(chunk->type, "html") == 0) {
        return (struct form){"code", TN_IPYNB_HTML_MAGIC, false};
    }
    return (struct form){"raw", NULL, false};
}

/* Writes the lines of a text, each with its newline. */
static void
write_lines(struct tn_json_writer *w, const char *text, size_t size)
{
    size_t at = 0;
    tn_json_begin_array(w);
    while (at < size) {
        const char *newline = memchr(text + at, '\n', size - at);
        size_t end = newline != NULL ? (size_t)(newline - text) + 1 : size;
        tn_json_write_string(w, text + at, end - at);
        at = end;
    }
    tn_json_end_array(w);
}

static void
write_source(struct tn_json_writer *w, const struct tn_chunk *chunk,
             const char *magic)
{
    struct tn_buffer source = {0};
    if (magic != NULL) {
        tn_buffer_append_text(&source, magic);
        tn_buffer_append_char(&source, '\n');
    }
    int status = tn_notebook_append_unescaped(chunk, &source);
    tn_json_key(w, "source");
    write_lines(w, source.data, source.size);
    if (status != TN_OK) {
        w->out->error = status;
    }
    tn_buffer_clear(&source);
}

static void
write_member(struct tn_json_writer *w, const struct tn_json_value *member)
{
    struct tn_buffer text = {0};
    if (tn_json_print(member, &text) != TN_OK) {
        w->out->error = TN_ERROR_MEMORY;
    }
    else {
        const char *key = tn_json_key_of(member);
        tn_json_key(w, key);
        tn_json_write_raw(w, text.data, text.size);
    }
    tn_buffer_clear(&text);
}

/* Parses the JSON of a member; NULL where there is none. */
static struct tn_json *
parse(struct tn_json_writer *w, const char *text)
{
    struct tn_json *json = NULL;
    if (text != NULL
        && tn_json_parse(&json, text, strlen(text), NULL)
               == TN_ERROR_MEMORY) {
        w->out->error = TN_ERROR_MEMORY;
    }
    return json;
}

/* The members of a JSON object but one. */
static void
write_members(struct tn_json_writer *w, const char *text, const char *without)
{
    struct tn_json *json = parse(w, text);
    const struct tn_json_value *member =
        json != NULL ? tn_json_first(tn_json_root(json)) : NULL;
    for (; member != NULL; member = tn_json_next(member)) {
        if (without == NULL || strcmp(tn_json_key_of(member), without) != 0) {
            write_member(w, member);
        }
    }
    tn_json_free(json);
}

/* Type, flags and what a raw cell cannot show, for ipynb_read. */
static void
write_own(struct tn_json_writer *w, const struct tn_chunk *chunk,
          const struct form *form)
{
    bool keeps_outputs =
        chunk->outputs != NULL && strcmp(form->cell_type, "code") != 0;
    if (form->is_plain && chunk->flags[0] == '\0' && !keeps_outputs) {
        return;
    }
    tn_json_key(w, TN_IPYNB_OWN);
    tn_json_begin_object(w);
    tn_json_key(w, "type");
    tn_json_write_text(w, chunk->type);
    if (chunk->flags[0] != '\0') {
        tn_json_key(w, "flags");
        tn_json_write_text(w, chunk->flags);
    }
    if (keeps_outputs) {
        tn_json_key(w, "outputs");
        tn_json_write_raw(w, chunk->outputs, strlen(chunk->outputs));
    }
    tn_json_end_object(w);
}

static bool
is_id(const char *id)
{
    size_t size = id != NULL ? strlen(id) : 0;
    return size != 0 && size <= ID_SIZE_LIMIT && strspn(id, ID_BYTES) == size;
}

/* Whether a chunk before this one, or one behind it where `all`, has it. */
static bool
has_id(const struct tn_notebook *notebook, size_t index, const char *id,
       bool all)
{
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        const char *other = notebook->chunks[i].id;
        if (i != index && (all || i < index) && other != NULL
            && strcmp(other, id) == 0) {
            return true;
        }
    }
    return false;
}

/* The cell's own id, or one by its place that no other has. */
static void
write_id(struct tn_json_writer *w, const struct tn_notebook *notebook,
         size_t index)
{
    const char *own = notebook->chunks[index].id;
    char made[ID_SIZE_LIMIT];
    bool is_good = is_id(own) && !has_id(notebook, index, own, false);
    for (size_t turn = 0; !is_good; turn++) {
        snprintf(made, sizeof made, turn == 0 ? "cell-%zu" : "cell-%zu-%zu",
                 index + 1, turn);
        own = made;
        is_good = !has_id(notebook, index, made, true);
    }
    tn_json_key(w, "id");
    tn_json_write_text(w, own);
}

static void
write_outputs(struct tn_json_writer *w, const struct tn_chunk *chunk)
{
    const char *outputs = chunk->outputs != NULL ? chunk->outputs : "[]";
    tn_json_key(w, "outputs");
    tn_json_write_raw(w, outputs, strlen(outputs));
}

static void
write_count(struct tn_json_writer *w, const struct tn_chunk *chunk)
{
    tn_json_key(w, "execution_count");
    if (chunk->execution_count == TN_NEVER_RUN) {
        tn_json_write_null(w);
    }
    else {
        tn_json_write_int(w, chunk->execution_count);
    }
}

static void
write_cell(struct tn_json_writer *w, const struct tn_notebook *notebook,
           size_t index, const char *code)
{
    const struct tn_chunk *chunk = &notebook->chunks[index];
    const struct form form = form_of(chunk, code);
    bool is_code = strcmp(form.cell_type, "code") == 0;
    tn_json_begin_object(w);
    if (!is_code && chunk->attachments != NULL) {
        tn_json_key(w, "attachments");
        tn_json_write_raw(w, chunk->attachments, strlen(chunk->attachments));
    }
    tn_json_key(w, "cell_type");
    tn_json_write_text(w, form.cell_type);
    if (is_code) {
        write_count(w, chunk);
    }
    write_id(w, notebook, index);
    tn_json_key(w, "metadata");
    tn_json_begin_object(w);
    write_members(w, chunk->metadata, TN_IPYNB_OWN);
    write_own(w, chunk, &form);
    tn_json_end_object(w);
    if (is_code) {
        write_outputs(w, chunk);
    }
    write_source(w, chunk, form.magic);
    tn_json_end_object(w);
}

/* IOMD's text before its first delimiter. */
static void
write_preamble(struct tn_json_writer *w, const struct tn_notebook *notebook)
{
    if (notebook->preamble == NULL || notebook->preamble[0] == '\0') {
        return;
    }
    tn_json_begin_object(w);
    tn_json_key(w, "cell_type");
    tn_json_write_text(w, "raw");
    tn_json_key(w, "id");
    tn_json_write_text(w, "preamble");
    tn_json_key(w, "metadata");
    tn_json_begin_object(w);
    tn_json_key(w, TN_IPYNB_OWN);
    tn_json_begin_object(w);
    tn_json_key(w, "type");
    tn_json_write_text(w, TN_IPYNB_PREAMBLE);
    tn_json_end_object(w);
    tn_json_end_object(w);
    tn_json_key(w, "source");
    write_lines(w, notebook->preamble, strlen(notebook->preamble));
    tn_json_end_object(w);
}

/* Whether the title is more than what the text says by itself. */
static int
has_own_title(struct tn_notebook *notebook, bool *out)
{
    char *title = notebook->title;
    notebook->title = NULL;
    int status = tn_document_find_title(notebook);
    *out = title != NULL
           && (notebook->title == NULL
               || strcmp(title, notebook->title) != 0);
    tn_free(notebook->title);
    notebook->title = title;
    return status;
}

static void
write_kernelspec(struct tn_json_writer *w)
{
    tn_json_key(w, "kernelspec");
    tn_json_begin_object(w);
    tn_json_key(w, "display_name");
    tn_json_write_text(w, "Python 3");
    tn_json_key(w, "language");
    tn_json_write_text(w, "python");
    tn_json_key(w, "name");
    tn_json_write_text(w, "python3");
    tn_json_end_object(w);
    tn_json_key(w, "language_info");
    tn_json_begin_object(w);
    tn_json_key(w, "name");
    tn_json_write_text(w, "python");
    tn_json_end_object(w);
}

static void
write_metadata(struct tn_json_writer *w, struct tn_notebook *notebook,
               const struct tn_json_value *metadata)
{
    bool has_title = false;
    int status = has_own_title(notebook, &has_title);
    if (status != TN_OK) {
        w->out->error = status;
    }
    tn_json_key(w, "metadata");
    tn_json_begin_object(w);
    if (notebook->format != TN_FORMAT_IPYNB
        && tn_json_get(metadata, "kernelspec") == NULL) {
        write_kernelspec(w);
    }
    write_members(w, notebook->metadata, has_title ? "title" : NULL);
    if (has_title) {
        tn_json_key(w, "title");
        tn_json_write_text(w, notebook->title);
    }
    tn_json_end_object(w);
}

static void
write_notebook(struct tn_json_writer *w, struct tn_notebook *notebook)
{
    struct tn_json *json = parse(w, notebook->metadata);
    const struct tn_json_value *metadata =
        json != NULL ? tn_json_root(json) : NULL;
    const char *code = ipynb_code_type(metadata);
    tn_json_begin_object(w);
    tn_json_key(w, "cells");
    tn_json_begin_array(w);
    write_preamble(w, notebook);
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        write_cell(w, notebook, i, code);
    }
    tn_json_end_array(w);
    write_metadata(w, notebook, metadata);
    tn_json_key(w, "nbformat");
    tn_json_write_int(w, 4);
    tn_json_key(w, "nbformat_minor");
    tn_json_write_int(w, 5);
    tn_json_end_object(w);
    tn_json_free(json);
}

static void
break_line(struct tn_buffer *out, size_t depth)
{
    tn_buffer_append_char(out, '\n');
    for (size_t i = 0; i < depth; i++) {
        tn_buffer_append_char(out, ' ');
    }
}

/* The end of a string that begins at `at`. */
static size_t
skip_string(const char *json, size_t at)
{
    at++;
    while (json[at] != '"') {
        at += json[at] == '\\' ? 2 : 1;
    }
    return at + 1;
}

/* Lays out JSON without white space; what is empty stays on its line. */
static int
lay_out(struct tn_buffer *out, const char *json, size_t size)
{
    size_t depth = 0;
    for (size_t i = 0; i < size; i++) {
        char c = json[i];
        if (c == '"') {
            size_t end = skip_string(json, i);
            tn_buffer_append(out, json + i, end - i);
            i = end - 1;
        }
        else if ((c == '{' || c == '[')
                 && json[i + 1] == (c == '{' ? '}' : ']')) {
            tn_buffer_append(out, json + i, 2);
            i++;
        }
        else if (c == '{' || c == '[' || c == ',') {
            depth += c != ',';
            tn_buffer_append_char(out, c);
            break_line(out, depth);
        }
        else if (c == '}' || c == ']') {
            depth--;
            break_line(out, depth);
            tn_buffer_append_char(out, c);
        }
        else {
            tn_buffer_append_text(out, c == ':' ? ": " : (char[]){c, '\0'});
        }
    }
    return tn_buffer_append_char(out, '\n');
}

int
tn_ipynb_write(struct tn_notebook *notebook, struct tn_buffer *out)
{
    struct tn_buffer json = {0};
    struct tn_json_writer w;
    tn_json_writer_init(&w, &json);
    write_notebook(&w, notebook);
    int status = json.error;
    if (status == TN_OK) {
        status = lay_out(out, json.data, json.size);
    }
    tn_buffer_clear(&json);
    return status;
}
