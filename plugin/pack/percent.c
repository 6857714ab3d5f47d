/* Python with cells that begin at `# %%` comments (as VS Code, Spyder and
 * jupytext have them); without any, the file is one cell. */
#include <stdbool.h>
#include <string.h>

#include "json_write.h"
#include "readers.h"
#include "text.h"

/* What a marker line says. */
struct marker {
    const char *type; /* "py", "md", "raw" */
    const char *title;
    size_t title_size;
};

static bool
starts_with(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    return size >= length && memcmp(text, word, length) == 0;
}

static void
trim(const char **text, size_t *size)
{
    while (*size > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*size)--;
    }
    while (*size > 0 &&
           ((*text)[*size - 1] == ' ' || (*text)[*size - 1] == '\t')) {
        (*size)--;
    }
}

/* True for `# %%`, `#%%` and the `# In[1]:` that nbconvert writes. */
static bool
read_marker(const char *line, size_t size, struct marker *out)
{
    *out = (struct marker){.type = "py"};
    if (size == 0 || line[0] != '#') {
        return false;
    }
    line++;
    size--;
    trim(&line, &size);
    if (starts_with(line, size, "In[")) {
        return true;
    }
    if (!starts_with(line, size, "%%")) {
        return false;
    }
    while (size > 0 && *line == '%') {
        line++;
        size--;
    }
    static const struct {
        const char *word, *type;
    } kinds[] = {
        {"[markdown]", "md"}, {"[md]", "md"}, {"[raw]", "raw"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t at = tn_text_find(line, size, 0, kinds[i].word, true);
        if (at == size) {
            continue;
        }
        out->type = kinds[i].type;
        if (at != 0) {
            out->title = line;
            out->title_size = at;
        }
        size_t after = at + strlen(kinds[i].word);
        line += after;
        size -= after;
        break;
    }
    if (out->title == NULL) {
        out->title = line;
        out->title_size = size;
    }
    trim(&out->title, &out->title_size);
    return true;
}

static bool
is_blank(const char *line, size_t size)
{
    trim(&line, &size);
    return size == 0;
}

/* Text whose lines are comments, without the comment signs. */
static void
append_uncommented(struct tn_buffer *out, const char *text, size_t size)
{
    size_t start = 0;
    while (start < size) {
        size_t end = tn_text_find(text, size, start, "\n", false);
        const char *line = text + start;
        size_t length = end - start;
        if (starts_with(line, length, "# ")) {
            line += 2;
            length -= 2;
        }
        else if (starts_with(line, length, "#")) {
            line++;
            length--;
        }
        tn_buffer_append(out, line, length);
        if (end < size) {
            tn_buffer_append_char(out, '\n');
        }
        start = end + 1;
    }
}

/* The text between the quotes where it is one triple-quoted string. */
static bool
find_quoted(const char **text, size_t *size)
{
    const char *start = *text;
    size_t length = *size;
    if (length >= 1 && (*start == 'r' || *start == 'R')) {
        start++;
        length--;
    }
    bool is_quoted =
        length >= 6 &&
        (starts_with(start, length, "\"\"\"") ||
         starts_with(start, length, "'''")) &&
        memcmp(start, start + length - 3, 3) == 0;
    if (is_quoted) {
        *text = start + 3;
        *size = length - 6;
        while (*size > 0 && **text == '\n') {
            (*text)++;
            (*size)--;
        }
        while (*size > 0 && (*text)[*size - 1] == '\n') {
            (*size)--;
        }
    }
    return is_quoted;
}

static int
keep_title(struct tn_chunk *chunk, const struct marker *marker)
{
    if (marker->title_size == 0) {
        return TN_OK;
    }
    struct tn_buffer json = {0};
    struct tn_json_writer w;
    tn_json_writer_init(&w, &json);
    tn_json_begin_object(&w);
    tn_json_key(&w, "title");
    tn_json_write_string(&w, marker->title, marker->title_size);
    tn_json_end_object(&w);
    int status = json.error;
    if (status == TN_OK) {
        status =
            tn_notebook_set_text(&chunk->metadata, json.data, json.size);
    }
    tn_buffer_clear(&json);
    return status;
}

/* Adds the cell whose lines these are, without the blank lines around. */
static int
add_cell(struct tn_notebook *notebook, const struct marker *marker,
         const char *text, size_t size, size_t line)
{
    while (size > 0) {
        size_t end = tn_text_find(text, size, 0, "\n", false);
        if (end == size || !is_blank(text, end)) {
            break;
        }
        text += end + 1;
        size -= end + 1;
        line++;
    }
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' ')) {
        size--;
    }
    struct tn_chunk *chunk;
    struct tn_buffer plain = {0};
    int status = tn_notebook_add_chunk(notebook, marker->type,
                                       strlen(marker->type), &chunk);
    if (status != TN_OK) {
        return status;
    }
    chunk->line = line;
    if (strcmp(marker->type, "py") != 0 && !find_quoted(&text, &size)) {
        append_uncommented(&plain, text, size);
        status = tn_buffer_append(&plain, "", 0);
        text = plain.data;
        size = plain.size;
    }
    if (status == TN_OK) {
        status = tn_notebook_set_escaped(chunk, text, size);
    }
    if (status == TN_OK) {
        status = keep_title(chunk, marker);
    }
    tn_buffer_clear(&plain);
    return status;
}

/* Bytes of jupytext's header, comments between two lines `# ---`. */
static size_t
header_size(const char *text, size_t size)
{
    if (!starts_with(text, size, "# ---\n")) {
        return 0;
    }
    size_t start = strlen("# ---\n");
    while (start < size && text[start] == '#') {
        size_t end = tn_text_find(text, size, start, "\n", false);
        bool is_last = end - start == 5 &&
                       memcmp(text + start, "# ---", 5) == 0;
        start = end < size ? end + 1 : size;
        if (is_last) {
            return start;
        }
    }
    return 0;
}

static int
keep_header(struct tn_notebook *notebook, const char *text, size_t size)
{
    struct tn_buffer json = {0};
    struct tn_json_writer w;
    tn_json_writer_init(&w, &json);
    tn_json_begin_object(&w);
    tn_json_key(&w, "header");
    tn_json_write_string(&w, text, size);
    tn_json_end_object(&w);
    int status = json.error;
    if (status == TN_OK) {
        status =
            tn_notebook_set_text(&notebook->metadata, json.data, json.size);
    }
    tn_buffer_clear(&json);
    return status;
}

int
percent_read(struct tn_notebook *notebook, const char *text, size_t size,
             struct tn_buffer *notes, struct tn_problem *problem)
{
    (void)notes;
    (void)problem;
    struct marker marker = {.type = "py"};
    int status = TN_OK;
    bool has_marker = false;
    size_t body = header_size(text, size);
    size_t start = body;
    size_t line = tn_text_line_of(text, start);
    size_t body_line = line;
    if (body != 0) {
        status = keep_header(notebook, text, body);
    }
    while (status == TN_OK && start <= size) {
        const char *newline =
            start < size ? memchr(text + start, '\n', size - start) : NULL;
        size_t end = newline == NULL ? size : (size_t)(newline - text);
        struct marker next;
        if (read_marker(text + start, end - start, &next)) {
            /* What stands before the first marker is a cell if anything. */
            if (has_marker ||
                strspn(text + body, " \t\n") < start - body) {
                status = add_cell(notebook, &marker, text + body,
                                  start - body, body_line);
            }
            marker = next;
            has_marker = true;
            body = end < size ? end + 1 : size;
            body_line = line + 1;
        }
        start = end + 1;
        line++;
    }
    if (status == TN_OK) {
        status =
            add_cell(notebook, &marker, text + body, size - body, body_line);
    }
    return status;
}
