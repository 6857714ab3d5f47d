/* The markup of a cell, the same for a saved page and a live one. */
#include "cell.h"

#include <assert.h>
#include <string.h>

#include "html.h"
#include "markdown.h"
#include "output.h"
#include "status.h"

/* Longest gist of a folded cell, in bytes. */
#define GIST_SIZE ((size_t)72)

static bool
is_type(const struct tn_cell *cell, const char *type)
{
    return strcmp(cell->type, type) == 0;
}

/* The name a reader knows the type by. */
static const char *
label_of(const char *type)
{
    static const char *const labels[][2] = {
        {"py", "Python"}, {"js", "JavaScript"}, {"fetch", "Fetch"},
        {"plugin", "Plugin"}, {"code", "Code"}, {"resource", "Resource"},
    };
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i][0], type) == 0) {
            return labels[i][1];
        }
    }
    return type;
}

/* The first line that says something, cut at a character's end. */
static void
put_gist(struct tn_buffer *out, const char *text, size_t size)
{
    size_t start = 0;
    while (start < size && (text[start] == '\n' || text[start] == ' ')) {
        start++;
    }
    const char *newline =
        start < size ? memchr(text + start, '\n', size - start) : NULL;
    size_t end = newline == NULL ? size : (size_t)(newline - text);
    bool is_cut = end - start > GIST_SIZE;
    if (is_cut) {
        end = start + GIST_SIZE;
        while (end > start && ((unsigned char)text[end] & 0xc0) == 0x80) {
            end--;
        }
    }
    tn_html_escape(out, text + start, end - start);
    if (is_cut) {
        tn_buffer_append_text(out, "\xe2\x80\xa6");
    }
}

static void
put_source(struct tn_buffer *out, const struct tn_cell *cell)
{
    const char *label = label_of(cell->type);
    tn_buffer_append_text(out, "<details class=\"tn-source\"");
    tn_buffer_append_text(out, cell->is_open ? " open" : "");
    tn_buffer_append_text(out, "><summary><span class=\"tn-label\">");
    tn_html_escape(out, label, strlen(label));
    tn_buffer_append_text(out, "</span> <span class=\"tn-gist\">");
    put_gist(out, cell->source, cell->source_size);
    tn_buffer_append_text(out, "</span></summary><pre class=\"tn-code\">"
                               "<code data-language=\"");
    tn_html_escape(out, cell->type, strlen(cell->type));
    tn_buffer_append_text(out, "\">");
    tn_html_escape(out, cell->source, cell->source_size);
    tn_buffer_append_text(out, "</code></pre></details>\n");
}

static void
put_body(struct tn_buffer *out, const struct tn_cell *cell)
{
    if (is_type(cell, "md") || is_type(cell, "html")) {
        /* The second name is Iodide's, which notebooks' own styles use. */
        tn_buffer_append_text(
            out, "<div class=\"tn-markdown user-markdown\">");
        tn_markdown_append(out, cell->source, cell->source_size,
                           cell->attachments);
        tn_buffer_append_text(out, "</div>\n");
    }
    else if (is_type(cell, "css")) {
        tn_buffer_append_text(out, "<style>");
        tn_html_raw(out, "style", cell->source, cell->source_size);
        tn_buffer_append_text(out, "</style>\n");
    }
    else if (!is_type(cell, "raw")) {
        put_source(out, cell);
        tn_buffer_append_text(out, "<div class=\"tn-outputs\">");
        tn_output_append_all(out, cell->outputs);
        tn_buffer_append_text(out, "</div>\n");
    }
}

int
tn_cell_append(struct tn_buffer *out, const struct tn_cell *cell)
{
    assert(cell->type != NULL && cell->source != NULL);
    tn_buffer_append_format(out,
                            "<section class=\"tn-cell\" id=\"cell-%zu\" "
                            "data-cell=\"%zu\" data-cell-type=\"",
                            cell->index, cell->index);
    tn_html_escape(out, cell->type, strlen(cell->type));
    tn_buffer_append_format(out, "\" data-cell-state=\"%s\"",
                            cell->state != NULL ? cell->state : "idle");
    if (cell->flags != NULL && cell->flags[0] != '\0') {
        tn_buffer_append_text(out, " data-flags=\"");
        tn_html_escape(out, cell->flags, strlen(cell->flags));
        tn_buffer_append_text(out, "\"");
    }
    tn_buffer_append_text(out, ">\n");
    put_body(out, cell);
    return tn_buffer_append_text(out, "</section>\n");
}
