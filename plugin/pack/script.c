/* The script elements of a report that are no program. */
#include "script.h"

#include <string.h>

#include "base64.h"
#include "html.h"

int
tn_script_append_json(struct tn_buffer *out, const char *id, const char *json,
                      size_t size)
{
    tn_buffer_append_format(
        out, "<script type=\"application/json\" id=\"%s\">", id);
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        /* In JSON < stands in strings only. */
        if (json[i] == '<') {
            tn_buffer_append(out, json + start, i - start);
            tn_buffer_append_text(out, "\\u003c");
            start = i + 1;
        }
    }
    tn_buffer_append(out, json + start, size - start);
    return tn_buffer_append_text(out, "</script>\n");
}

int
tn_script_append_iomd(struct tn_buffer *out, const char *text, size_t size)
{
    tn_buffer_append_text(out, "<script type=\"text/iomd\" id=\"iomd\">");
    tn_html_escape(out, text, size);
    return tn_buffer_append_text(out, "</script>\n");
}

int
tn_script_append_file(struct tn_buffer *out, const char *name,
                      const char *mimetype, const char *data, size_t size)
{
    tn_buffer_append_text(out, "<script type=\"application/base64\" "
                               "id=\"file-");
    tn_html_escape(out, name, strlen(name));
    tn_buffer_append_text(out, "\" mimetype=\"");
    tn_html_escape(out, mimetype, strlen(mimetype));
    tn_buffer_append_text(out, "\">");
    tn_base64_append(out, data, size);
    return tn_buffer_append_text(out, "</script>\n");
}
