/* Outputs to HTML, choosing the richest form that a saved page can show. */
#include "output.h"

#include <stdbool.h>
#include <string.h>

#include "ansi.h"
#include "html.h"
#include "json_write.h"
#include "markdown.h"
#include "status.h"
#include "utf8.h"

int
tn_output_append_lines(struct tn_buffer *out,
                       const struct tn_json_value *value)
{
    size_t size;
    const char *text = tn_json_string(value, &size);
    if (text != NULL) {
        return tn_buffer_append(out, text, size);
    }
    if (value == NULL || tn_json_kind_of(value) != TN_JSON_ARRAY) {
        return out->error;
    }
    const struct tn_json_value *line;
    for (line = tn_json_first(value); line != NULL;
         line = tn_json_next(line)) {
        text = tn_json_string(line, &size);
        if (text != NULL) {
            tn_buffer_append(out, text, size);
        }
    }
    return out->error;
}

/* The same for text that is shown: a lone surrogate, which a document cannot
 * hold, becomes U+FFFD; both take three bytes. */
static void
collect(struct tn_buffer *out, const struct tn_json_value *value)
{
    size_t start = out->size;
    if (tn_output_append_lines(out, value) != TN_OK) {
        return;
    }
    for (size_t i = start; i < out->size; i++) {
        if (tn_utf8_is_surrogate(out->data + i, out->size - i)) {
            memcpy(out->data + i, "\xef\xbf\xbd", 3);
        }
    }
}

static void
put_html(struct tn_buffer *out, const char *text, size_t size,
         const struct tn_json_value *metadata)
{
    (void)metadata;
    tn_html_fragment(out, text, size);
}

static void
put_markdown(struct tn_buffer *out, const char *text, size_t size,
             const struct tn_json_value *metadata)
{
    (void)metadata;
    tn_buffer_append_text(out, "<div class=\"tn-markdown\">");
    tn_markdown_append(out, text, size, NULL);
    tn_buffer_append_text(out, "</div>");
}

static void
put_latex(struct tn_buffer *out, const char *text, size_t size,
          const struct tn_json_value *metadata)
{
    (void)metadata;
    tn_buffer_append_text(out, "<div class=\"tn-math\" data-display>");
    tn_html_escape(out, text, size);
    tn_buffer_append_text(out, "</div>");
}

static void
put_text(struct tn_buffer *out, const char *text, size_t size,
         const struct tn_json_value *metadata)
{
    (void)metadata;
    tn_buffer_append_text(out, "<pre>");
    /* A newline directly after <pre> is not shown, so one more is needed. */
    if (size != 0 && text[0] == '\n') {
        tn_buffer_append_char(out, '\n');
    }
    tn_ansi_append(out, text, size);
    tn_buffer_append_text(out, "</pre>");
}

static void
put_size(struct tn_buffer *out, const struct tn_json_value *metadata,
         const char *key)
{
    double pixels = tn_json_number(tn_json_get(metadata, key), 0);
    if (pixels >= 1 && pixels <= 100000) {
        tn_buffer_append_format(out, " %s=\"%d\"", key, (int)pixels);
    }
}

/* An image in base64; `text` may be broken into lines. */
static void
put_image(struct tn_buffer *out, const char *mime, const char *text,
          size_t size, const struct tn_json_value *metadata)
{
    tn_buffer_append_text(out, "<img alt=\"\" src=\"data:");
    tn_buffer_append_text(out, mime);
    tn_buffer_append_text(out, ";base64,");
    for (size_t i = 0; i < size; i++) {
        bool is_base64 = (text[i] >= '0' && text[i] <= '9') ||
                         (text[i] >= 'A' && text[i] <= 'Z') ||
                         (text[i] >= 'a' && text[i] <= 'z') ||
                         text[i] == '+' || text[i] == '/' || text[i] == '=';
        if (is_base64) {
            tn_buffer_append_char(out, text[i]);
        }
    }
    tn_buffer_append_char(out, '"');
    put_size(out, metadata, "width");
    put_size(out, metadata, "height");
    tn_buffer_append_text(out, ">");
}

static void
indent(struct tn_buffer *out, unsigned depth)
{
    tn_buffer_append_char(out, '\n');
    for (unsigned i = 0; i < depth; i++) {
        tn_buffer_append_text(out, "  ");
    }
}

/* Two spaces a level; the depth is bounded by the reader. */
static void
print_pretty(struct tn_buffer *out, const struct tn_json_value *value,
             unsigned depth)
{
    enum tn_json_kind kind = tn_json_kind_of(value);
    bool is_object = kind == TN_JSON_OBJECT;
    if ((!is_object && kind != TN_JSON_ARRAY) || tn_json_count(value) == 0) {
        tn_json_print(value, out);
        return;
    }
    tn_buffer_append_char(out, is_object ? '{' : '[');
    const struct tn_json_value *first = tn_json_first(value);
    const struct tn_json_value *item;
    for (item = first; item != NULL; item = tn_json_next(item)) {
        if (item != first) {
            tn_buffer_append_char(out, ',');
        }
        indent(out, depth + 1);
        if (is_object) {
            struct tn_json_writer writer;
            tn_json_writer_init(&writer, out);
            tn_json_write_text(&writer, tn_json_key_of(item));
            tn_buffer_append_text(out, ": ");
        }
        print_pretty(out, item, depth + 1);
    }
    indent(out, depth);
    tn_buffer_append_char(out, is_object ? '}' : ']');
}

static void
put_json(struct tn_buffer *out, const struct tn_json_value *value)
{
    struct tn_buffer pretty = {0};
    print_pretty(&pretty, value, 0);
    if (pretty.error != TN_OK) {
        out->error = pretty.error;
    }
    tn_buffer_append_text(out, "<pre>");
    if (pretty.size != 0) {
        tn_html_escape(out, pretty.data, pretty.size);
    }
    tn_buffer_append_text(out, "</pre>");
    tn_buffer_clear(&pretty);
}

/* From the richest to the plainest. */
static const struct {
    const char *mime;
    void (*put)(struct tn_buffer *out, const char *text, size_t size,
                const struct tn_json_value *metadata); /* NULL: an image */
} forms[] = {
    {"text/html", put_html},     {"image/svg+xml", put_html},
    {"image/png", NULL},         {"image/jpeg", NULL},
    {"image/gif", NULL},         {"image/webp", NULL},
    {"text/markdown", put_markdown}, {"text/latex", put_latex},
};

static void
begin_output(struct tn_buffer *out, const char *attribute, const char *value)
{
    tn_buffer_append_text(out, "<div class=\"tn-output\" ");
    tn_buffer_append_text(out, attribute);
    tn_buffer_append_text(out, "=\"");
    tn_html_escape(out, value, strlen(value));
    tn_buffer_append_text(out, "\">");
}

static void
end_output(struct tn_buffer *out)
{
    tn_buffer_append_text(out, "</div>\n");
}

/* True when this form was there and written. */
static bool
put_form(struct tn_buffer *out, size_t form,
         const struct tn_json_value *bundle,
         const struct tn_json_value *metadata)
{
    const char *mime = forms[form].mime;
    const struct tn_json_value *data = tn_json_get(bundle, mime);
    if (data == NULL) {
        return false;
    }
    struct tn_buffer text = {0};
    collect(&text, data);
    if (text.error != TN_OK) {
        out->error = text.error;
    }
    bool is_there = text.size != 0;
    if (is_there) {
        begin_output(out, "data-mime", mime);
        const struct tn_json_value *own = tn_json_get(metadata, mime);
        if (forms[form].put != NULL) {
            forms[form].put(out, text.data, text.size, own);
        }
        else {
            put_image(out, mime, text.data, text.size, own);
        }
        end_output(out);
    }
    tn_buffer_clear(&text);
    return is_there;
}

static bool
is_json_mime(const char *mime)
{
    size_t length = strlen(mime);
    return strcmp(mime, "application/json") == 0 ||
           (length > 5 && strcmp(mime + length - 5, "+json") == 0);
}

static int
put_bundle(struct tn_buffer *out, const struct tn_json_value *bundle,
           const struct tn_json_value *metadata)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (put_form(out, i, bundle, metadata)) {
            return out->error;
        }
    }
    const struct tn_json_value *plain = tn_json_get(bundle, "text/plain");
    const struct tn_json_value *json = tn_json_get(bundle, "application/json");
    if (json == NULL && plain == NULL) {
        for (json = tn_json_first(bundle);
             json != NULL && !is_json_mime(tn_json_key_of(json));) {
            json = tn_json_next(json);
        }
    }
    if (json != NULL) {
        begin_output(out, "data-mime", tn_json_key_of(json));
        put_json(out, json);
        end_output(out);
    }
    else if (plain != NULL) {
        struct tn_buffer text = {0};
        collect(&text, plain);
        begin_output(out, "data-mime", "text/plain");
        put_text(out, text.size != 0 ? text.data : "", text.size, NULL);
        end_output(out);
        if (text.error != TN_OK) {
            out->error = text.error;
        }
        tn_buffer_clear(&text);
    }
    return out->error;
}

static void
put_error(struct tn_buffer *out, const struct tn_json_value *output)
{
    size_t size;
    const char *name = tn_json_string(tn_json_get(output, "ename"), &size);
    const char *value = tn_json_string(tn_json_get(output, "evalue"), &size);
    struct tn_buffer text = {0};
    const struct tn_json_value *line =
        tn_json_first(tn_json_get(output, "traceback"));
    for (; line != NULL; line = tn_json_next(line)) {
        const char *line_text = tn_json_string(line, &size);
        if (line_text == NULL) {
            continue;
        }
        if (text.size != 0 && text.data[text.size - 1] != '\n') {
            tn_buffer_append_char(&text, '\n');
        }
        tn_buffer_append(&text, line_text, size);
    }
    if (text.size == 0) {
        tn_buffer_append_format(&text, "%s: %s", name != NULL ? name : "",
                                value != NULL ? value : "");
    }
    begin_output(out, "data-error",
                 name != NULL && name[0] != '\0' ? name : "Error");
    put_text(out, text.size != 0 ? text.data : "", text.size, NULL);
    end_output(out);
    if (text.error != TN_OK) {
        out->error = text.error;
    }
    tn_buffer_clear(&text);
}

static bool
is_type(const struct tn_json_value *output, const char *type)
{
    size_t size;
    const char *text =
        tn_json_string(tn_json_get(output, "output_type"), &size);
    return text != NULL && strcmp(text, type) == 0;
}

/* "stdout" unless it says "stderr". */
static const char *
stream_name(const struct tn_json_value *output)
{
    size_t size;
    const char *name = tn_json_string(tn_json_get(output, "name"), &size);
    return name != NULL && strcmp(name, "stderr") == 0 ? name : "stdout";
}

/* Writes the stream output and the ones that continue it; returns the last
 * of them. */
static const struct tn_json_value *
put_stream(struct tn_buffer *out, const struct tn_json_value *output)
{
    const char *name = stream_name(output);
    struct tn_buffer text = {0};
    collect(&text, tn_json_get(output, "text"));
    const struct tn_json_value *next = tn_json_next(output);
    while (is_type(next, "stream") && strcmp(stream_name(next), name) == 0) {
        collect(&text, tn_json_get(next, "text"));
        output = next;
        next = tn_json_next(output);
    }
    if (text.size != 0) {
        begin_output(out, "data-stream", name);
        put_text(out, text.data, text.size, NULL);
        end_output(out);
    }
    if (text.error != TN_OK) {
        out->error = text.error;
    }
    tn_buffer_clear(&text);
    return output;
}

static void
put_other(struct tn_buffer *out, const struct tn_json_value *output)
{
    if (is_type(output, "error")) {
        put_error(out, output);
    }
    else {
        put_bundle(out, tn_json_get(output, "data"),
                   tn_json_get(output, "metadata"));
    }
}

int
tn_output_append(struct tn_buffer *out, const struct tn_json_value *output)
{
    if (is_type(output, "stream")) {
        put_stream(out, output);
    }
    else {
        put_other(out, output);
    }
    return out->error;
}

int
tn_output_append_all(struct tn_buffer *out,
                     const struct tn_json_value *outputs)
{
    const struct tn_json_value *output;
    for (output = tn_json_first(outputs); output != NULL;
         output = tn_json_next(output)) {
        if (is_type(output, "stream")) {
            output = put_stream(out, output);
        }
        else {
            put_other(out, output);
        }
    }
    return out->error;
}
