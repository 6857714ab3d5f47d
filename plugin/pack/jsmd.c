/* JSMD, the notebook text of Iodide in 2018.
 *
 * Chunks begin at lines with %%; the first word, in lower case, is the type,
 * the rest of that line one JSON object of settings.  It is read into today's
 * types: `code` becomes its language, `resource` a fetch chunk, and what has
 * no place there is kept in metadata.
 */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "json.h"
#include "json_write.h"
#include "readers.h"
#include "text.h"

/* One chunk as it stands in the text; everything is borrowed. */
struct raw_chunk {
    char type[32]; /* lower case */
    const char *settings;
    size_t settings_size;
    const char *content;
    size_t content_size;
    size_t line; /* of the delimiter */
    size_t content_line;
};

struct reader {
    struct tn_notebook *notebook;
    struct tn_buffer *notes;
    struct tn_problem *problem;
};

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\v';
}

static void
trim(const char **text, size_t *size)
{
    while (*size > 0 && is_space(**text)) {
        (*text)++;
        (*size)--;
    }
    while (*size > 0 && is_space((*text)[*size - 1])) {
        (*size)--;
    }
}

/* Splits the text after %% into type, settings and content. */
static void
split_chunk(struct raw_chunk *chunk, const char *text, size_t size,
            size_t line)
{
    *chunk = (struct raw_chunk){.line = line};
    const char *start = text;
    while (size > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        size--;
    }
    const char *newline = size > 0 ? memchr(text, '\n', size) : NULL;
    size_t head = newline == NULL ? size : (size_t)(newline - text);
    size_t word = 0;
    while (word < head && !is_space(text[word])) {
        char c = text[word];
        if (word < sizeof chunk->type - 1) {
            chunk->type[word] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        }
        word++;
    }
    chunk->settings = text + word;
    chunk->settings_size = head - word;
    trim(&chunk->settings, &chunk->settings_size);
    chunk->content = text + head;
    chunk->content_size = size - head;
    trim(&chunk->content, &chunk->content_size);
    chunk->content_line =
        line + tn_text_line_of(start, (size_t)(chunk->content - start)) - 1;
}

/* Wraps JSON text as {"jsmd": ...}, so that it cannot be taken for ours. */
static int
keep_json(char **member, const char *json, size_t size)
{
    struct tn_buffer text = {0};
    struct tn_json_writer w;
    tn_json_writer_init(&w, &text);
    tn_json_begin_object(&w);
    tn_json_key(&w, "jsmd");
    tn_json_write_raw(&w, json, size);
    tn_json_end_object(&w);
    int status = text.error;
    if (status == TN_OK) {
        status = tn_notebook_set_text(member, text.data, text.size);
    }
    tn_buffer_clear(&text);
    return status;
}

/* Parses JSON of the notebook; a mistake in it is a warning, and NULL. */
static int
parse_json(const struct reader *r, const char *text, size_t size, size_t line,
           const char *what, struct tn_json **out)
{
    *out = NULL;
    if (size == 0) {
        return TN_OK;
    }
    struct tn_json_error error = {0};
    int status = tn_json_parse(out, text, size, &error);
    if (status == TN_ERROR_MEMORY) {
        return status;
    }
    if (status != TN_OK) {
        size_t offset = error.offset < size ? error.offset : size;
        tn_problem_warn(r->notes, r->notebook->name,
                        line + tn_text_line_of(text, offset) - 1,
                        "%s is not JSON (%s) and is left out", what,
                        error.reason != NULL ? error.reason : "too deep");
    }
    return TN_OK;
}

static int
read_meta(const struct reader *r, const struct raw_chunk *raw)
{
    struct tn_json *json;
    struct tn_notebook *notebook = r->notebook;
    int status = parse_json(r, raw->content, raw->content_size,
                            raw->content_line, "the meta chunk", &json);
    if (status != TN_OK || json == NULL) {
        return status;
    }
    const struct tn_json_value *root = tn_json_root(json);
    const char *title = tn_json_text_of(root, "title");
    const char *mode = tn_json_text_of(root, "viewMode");
    const char *view = strcmp(mode, "presentation") == 0 ? "report"
                       : strcmp(mode, "editor") == 0     ? "explore"
                                                         : NULL;
    status = keep_json(&notebook->metadata, raw->content, raw->content_size);
    if (status == TN_OK && title[0] != '\0') {
        status = tn_notebook_set_text(&notebook->title, title, strlen(title));
    }
    if (status == TN_OK && view != NULL) {
        status = tn_notebook_set_text(&notebook->view, view, strlen(view));
    }
    tn_json_free(json);
    return status;
}

static bool
ends_with(const char *text, size_t size, const char *ending)
{
    size_t length = strlen(ending);
    return size > length &&
           tn_text_equal_nocase(text + size - length, length, ending);
}

/* `resource` lines, one address each, as lines of a fetch chunk. */
static int
append_resources(struct tn_buffer *out, const struct raw_chunk *raw)
{
    size_t start = 0;
    while (start < raw->content_size) {
        size_t end = tn_text_find(raw->content, raw->content_size, start,
                                  "\n", false);
        const char *line = raw->content + start;
        size_t size = end - start;
        trim(&line, &size);
        bool is_done = size == 0 ||
                       (size >= 2 && memcmp(line, "//", 2) == 0) ||
                       (size >= 4 && memcmp(line, "js: ", 4) == 0) ||
                       (size >= 5 && memcmp(line, "css: ", 5) == 0);
        if (out->size != 0) {
            tn_buffer_append_char(out, '\n');
        }
        if (!is_done) {
            size_t colon = tn_text_find(line, size, 0, ":", false);
            bool has_type =
                tn_text_equal_nocase(line, colon < size ? colon : 0, "js") ||
                tn_text_equal_nocase(line, colon < size ? colon : 0, "css");
            if (has_type) {
                /* Today's grammar wants a space after the colon. */
                tn_buffer_append(out, line, colon);
                line += colon + 1;
                size -= colon + 1;
                tn_buffer_append_text(out, ": ");
            }
            else {
                tn_buffer_append_text(
                    out, ends_with(line, size, ".css") ? "css: " : "js: ");
            }
        }
        tn_buffer_append(out, line, size);
        start = end + 1;
    }
    return out->error;
}

/* Today's type for a chunk, NULL for a type that never was one. */
static const char *
type_of(const struct raw_chunk *raw, const struct tn_json_value *settings)
{
    static const char *const types[][2] = {
        {"md", "md"},         {"markdown", "md"}, {"js", "js"},
        {"css", "css"},       {"raw", "raw"},     {"plugin", "plugin"},
        {"resource", "fetch"}, {"external", "fetch"},
    };
    if (strcmp(raw->type, "code") == 0) {
        const char *language = tn_json_text_of(settings, "language");
        bool is_word = language[0] != '\0' &&
                       strcspn(language, " \t\n%") == strlen(language);
        return is_word ? language : "js";
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i][0], raw->type) == 0) {
            return types[i][1];
        }
    }
    return NULL;
}

static int
fill_chunk(struct tn_chunk *chunk, const struct raw_chunk *raw,
           const struct tn_json_value *settings)
{
    struct tn_buffer text = {0};
    int status = TN_OK;
    chunk->line = raw->content_line;
    if (strcmp(chunk->type, "fetch") == 0) {
        status = append_resources(&text, raw);
    }
    else {
        status = tn_buffer_append(&text, raw->content, raw->content_size);
    }
    if (status == TN_OK) {
        status = tn_notebook_set_escaped(chunk, text.data, text.size);
    }
    if (status == TN_OK && settings != NULL) {
        status = keep_json(&chunk->metadata, raw->settings,
                           raw->settings_size);
    }
    bool is_skipped =
        tn_json_is_true(tn_json_get(settings, "skipInRunAll"));
    if (status == TN_OK && is_skipped) {
        status = tn_notebook_set_text(&chunk->flags, "skipRunAll", 10);
    }
    tn_buffer_clear(&text);
    return status;
}

static int
read_chunk(const struct reader *r, const struct raw_chunk *raw)
{
    if (strcmp(raw->type, "meta") == 0) {
        return read_meta(r, raw);
    }
    struct tn_json *json = NULL;
    int status = parse_json(r, raw->settings, raw->settings_size, raw->line,
                            "what stands after the type", &json);
    if (status != TN_OK) {
        return status;
    }
    const struct tn_json_value *settings =
        json != NULL ? tn_json_root(json) : NULL;
    const char *type = type_of(raw, settings);
    if (type == NULL) {
        tn_problem_warn(r->notes, r->notebook->name, raw->line,
                        "no chunk type `%s`; taken for js, as Iodide did",
                        raw->type);
        type = "js";
    }
    struct tn_chunk *chunk;
    status =
        tn_notebook_add_chunk(r->notebook, type, strlen(type), &chunk);
    if (status == TN_OK) {
        status = fill_chunk(chunk, raw, settings);
    }
    tn_json_free(json);
    return status;
}

/* The next line that begins with %%, at or after `start`, or the end. */
static size_t
find_delimiter(const char *text, size_t size, size_t start)
{
    if (start == 0 && size >= 2 && memcmp(text, "%%", 2) == 0) {
        return 0;
    }
    size_t newline =
        tn_text_find(text, size, start > 0 ? start - 1 : 0, "\n%%", false);
    return newline < size ? newline + 1 : size;
}

int
jsmd_read(struct tn_notebook *notebook, const char *text, size_t size,
          size_t first_line, struct tn_buffer *notes,
          struct tn_problem *problem)
{
    struct reader r = {notebook, notes, problem};
    size_t start = find_delimiter(text, size, 0);
    int status = TN_OK;
    if (start > 0) {
        /* Without the newline that ends it; trimming could make a delimiter
         * of it. */
        bool is_line = text[start - 1] == '\n';
        status = tn_notebook_set_text(&notebook->preamble, text,
                                      start - is_line);
    }
    size_t line = first_line + tn_text_line_of(text, start) - 1;
    while (status == TN_OK && start < size) {
        assert(memcmp(text + start, "%%", 2) == 0);
        size_t end = find_delimiter(text, size, start + 2);
        struct raw_chunk raw;
        split_chunk(&raw, text + start + 2, end - start - 2, line);
        if (raw.type[0] != '\0') {
            status = read_chunk(&r, &raw);
        }
        line += tn_text_line_of(text + start, end - start) - 1;
        start = end;
    }
    return status;
}
