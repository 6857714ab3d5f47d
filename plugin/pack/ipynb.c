/* Jupyter's notebooks, nbformat 4.
 *
 * Nothing is lost on the way: ids, metadata, outputs, attachments go along
 * as the JSON they are.
 */
#include <stdbool.h>
#include <string.h>

#include "json.h"
#include "pack_limits.h"
#include "output.h"
#include "readers.h"
#include "text.h"

/* Sets a member to the JSON of a value; NULL leaves it. */
static int
set_json(char **member, const struct tn_json_value *value)
{
    if (value == NULL || tn_json_count(value) == 0) {
        return TN_OK;
    }
    struct tn_buffer text = {0};
    int status = tn_json_print(value, &text);
    if (status == TN_OK) {
        status = tn_notebook_set_text(member, text.data, text.size);
    }
    tn_buffer_clear(&text);
    return status;
}

static int
check_version(const struct tn_notebook *notebook,
              const struct tn_json_value *root, struct tn_problem *problem)
{
    const char *name = notebook->name;
    double version = tn_json_number(tn_json_get(root, "nbformat"), 0);
    if (tn_json_get(root, "worksheets") != NULL ||
        (version >= 1 && version < 4)) {
        return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, name, 0,
                              "a notebook of nbformat %d; open and save it "
                              "in Jupyter, or use `jupyter nbconvert --to "
                              "notebook`, to make it nbformat 4",
                              (int)version);
    }
    if (version >= 5) {
        return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, name, 0,
                              "a notebook of nbformat %d; I know 4",
                              (int)(version < 1000 ? version : 1000));
    }
    const struct tn_json_value *cells = tn_json_get(root, "cells");
    if (cells == NULL || tn_json_kind_of(cells) != TN_JSON_ARRAY) {
        return tn_problem_set(problem, TN_ERROR_INVALID, name, 0,
                              "not a Jupyter notebook: no cells");
    }
    return TN_OK;
}

/* "python" where nothing else is named. */
static const char *
language_of(const struct tn_json_value *metadata)
{
    const char *language =
        tn_json_text_of(tn_json_get(metadata, "kernelspec"), "language");
    if (language[0] == '\0') {
        const struct tn_json_value *info =
            tn_json_get(metadata, "language_info");
        language = tn_json_text_of(info, "name");
    }
    return language[0] != '\0' ? language : "python";
}

/* The chunk type for code of this language; one that is not Python keeps its
 * own name, so that it is shown and not run as something else. */
const char *
ipynb_code_type(const struct tn_json_value *metadata)
{
    const char *language = language_of(metadata);
    size_t size = strlen(language);
    if (tn_text_equal_nocase(language, size, "python") ||
        tn_text_equal_nocase(language, size, "python3") ||
        tn_text_equal_nocase(language, size, "ipython")) {
        return "py";
    }
    bool is_word = size == strcspn(language, " \t\n%");
    return is_word && strcmp(language, "js") != 0 ? language : "code";
}

static int
fill_chunk(struct tn_chunk *chunk, const struct tn_json_value *cell)
{
    size_t size;
    const struct tn_json_value *id = tn_json_get(cell, "id");
    const char *id_text = tn_json_string(id, &size);
    int status = tn_notebook_set_text(&chunk->id, id_text, size);
    if (status == TN_OK) {
        status = set_json(&chunk->metadata, tn_json_get(cell, "metadata"));
    }
    if (status == TN_OK) {
        status = set_json(&chunk->outputs, tn_json_get(cell, "outputs"));
    }
    if (status == TN_OK) {
        status =
            set_json(&chunk->attachments, tn_json_get(cell, "attachments"));
    }
    double count =
        tn_json_number(tn_json_get(cell, "execution_count"), TN_NEVER_RUN);
    chunk->execution_count = count >= 0 && count < 1e15 ? (long long)count
                                                        : TN_NEVER_RUN;
    return status;
}

static int
check_source(const struct tn_buffer *source, const char *name, size_t number,
             struct tn_problem *problem)
{
    if (source->size != 0 && memchr(source->data, 0, source->size) != NULL) {
        return tn_problem_set(problem, TN_ERROR_INVALID, name, 0,
                              "cell %zu: a NUL character", number);
    }
    struct tn_problem ignored;
    if (source->size != 0 &&
        tn_text_check(source->data, source->size, name, &ignored) != TN_OK) {
        return tn_problem_set(problem, TN_ERROR_INVALID, name, 0,
                              "cell %zu: a lone surrogate, which no text "
                              "file can hold",
                              number);
    }
    return TN_OK;
}

/* What a cell says of itself that was written here; NULL without it. */
static const struct tn_json_value *
own_of(const struct tn_json_value *cell)
{
    return tn_json_get(tn_json_get(cell, "metadata"), TN_IPYNB_OWN);
}

/* The type that it names, or `fallback`. */
static const char *
own_type(const struct tn_json_value *own, const char *fallback)
{
    const char *type = tn_json_text_of(own, "type");
    bool is_word =
        type[0] != '\0' && strlen(type) == strcspn(type, " \t\n%");
    return is_word ? type : fallback;
}

/* Without the magic that stands before the source of these types. */
static size_t
magic_size(const char *type, const struct tn_buffer *lines)
{
    const char *magic = strcmp(type, "js") == 0     ? TN_IPYNB_JS_MAGIC "\n"
                        : strcmp(type, "html") == 0 ? TN_IPYNB_HTML_MAGIC "\n"
                                                    : "";
    size_t size = strlen(magic);
    bool is_there =
        lines->size >= size && memcmp(lines->data, magic, size) == 0;
    return size != 0 && is_there ? size : 0;
}

static int
add_cell(struct tn_notebook *notebook, const struct tn_json_value *cell,
         const char *type, const struct tn_buffer *lines)
{
    const struct tn_json_value *own = own_of(cell);
    const char *flags = tn_json_text_of(own, "flags");
    const char *text = lines->size != 0 ? lines->data : "";
    size_t skipped = own != NULL ? magic_size(type, lines) : 0;
    struct tn_chunk *chunk;
    if (own != NULL && strcmp(type, TN_IPYNB_PREAMBLE) == 0) {
        return tn_notebook_set_text(&notebook->preamble, text, lines->size);
    }
    int status = tn_notebook_add_chunk(notebook, type, strlen(type), &chunk);
    if (status == TN_OK) {
        status = tn_notebook_set_escaped(chunk, text + skipped,
                                         lines->size - skipped);
    }
    if (status == TN_OK && strcspn(flags, "\n%") == strlen(flags)) {
        status = tn_notebook_set_text(&chunk->flags, flags, strlen(flags));
    }
    if (status == TN_OK) {
        status = fill_chunk(chunk, cell);
    }
    if (status == TN_OK) {
        status = set_json(&chunk->outputs, tn_json_get(own, "outputs"));
    }
    return status;
}

static int
read_cell(struct tn_notebook *notebook, const struct tn_json_value *cell,
          const char *code, size_t number, struct tn_problem *problem)
{
    const char *kind = tn_json_text_of(cell, "cell_type");
    bool is_markdown = strcmp(kind, "markdown") == 0 ||
                       strcmp(kind, "heading") == 0;
    const char *type = strcmp(kind, "code") == 0  ? code
                       : is_markdown              ? "md"
                       : strcmp(kind, "raw") == 0 ? "raw"
                                                  : NULL;
    if (type == NULL) {
        return tn_problem_set(problem, TN_ERROR_INVALID, notebook->name, 0,
                              "cell %zu: cell_type is not code, markdown or "
                              "raw",
                              number);
    }
    struct tn_buffer source = {0};
    struct tn_buffer lines = {0};
    int status = tn_output_append_lines(&source, tn_json_get(cell, "source"));
    if (status == TN_OK) {
        status = check_source(&source, notebook->name, number, problem);
    }
    if (status == TN_OK && source.size != 0) {
        status = tn_text_append_lines(&lines, source.data, source.size);
    }
    if (status == TN_OK) {
        status =
            add_cell(notebook, cell, own_type(own_of(cell), type), &lines);
    }
    tn_buffer_clear(&source);
    tn_buffer_clear(&lines);
    return status;
}

static int
read_root(struct tn_notebook *notebook, const struct tn_json_value *root,
          struct tn_buffer *notes, struct tn_problem *problem)
{
    int status = check_version(notebook, root, problem);
    if (status != TN_OK) {
        return status;
    }
    const struct tn_json_value *metadata = tn_json_get(root, "metadata");
    const char *language = language_of(metadata);
    const char *code = ipynb_code_type(metadata);
    if (strcmp(code, "py") != 0) {
        tn_problem_warn(notes, notebook->name, 0,
                        "its code is %.60s, not Python: it is shown, but "
                        "cannot run",
                        language);
    }
    status = set_json(&notebook->metadata, metadata);
    const char *title = tn_json_text_of(metadata, "title");
    if (status == TN_OK && title[0] != '\0') {
        status =
            tn_notebook_set_text(&notebook->title, title, strlen(title));
    }
    /* Not language_info, which is of the code. */
    const char *prose = tn_json_text_of(metadata, "lang");
    if (prose[0] == '\0') {
        prose = tn_json_text_of(metadata, "language");
    }
    if (status == TN_OK && tn_notebook_is_language(prose)) {
        status =
            tn_notebook_set_text(&notebook->language, prose, strlen(prose));
    }
    size_t number = 1;
    const struct tn_json_value *cell =
        tn_json_first(tn_json_get(root, "cells"));
    for (; status == TN_OK && cell != NULL; cell = tn_json_next(cell)) {
        status = read_cell(notebook, cell, code, number, problem);
        number++;
    }
    return status;
}

int
ipynb_read(struct tn_notebook *notebook, const char *text, size_t size,
           struct tn_buffer *notes, struct tn_problem *problem)
{
    struct tn_json *json = NULL;
    struct tn_json_error error = {0};
    int status = tn_json_parse(&json, text, size, &error);
    if (status == TN_ERROR_MEMORY) {
        return status;
    }
    if (status != TN_OK) {
        return tn_problem_set(problem, status, notebook->name,
                              tn_text_line_of(text, error.offset), "%s",
                              error.reason != NULL ? error.reason
                                                   : "not JSON");
    }
    status = read_root(notebook, tn_json_root(json), notes, problem);
    tn_json_free(json);
    return status;
}
