/* The script elements of a report that are no program. */
#include "script.h"

#include <assert.h>
#include <string.h>

#include "base64.h"
#include "html.h"
#include "status.h"
#include "xxh64.h"

/* How the last member of a checked object begins. */
static const char checksum_key[] = ",\"checksum\":\"";

static void
begin_json(struct tn_buffer *out, const char *id)
{
    tn_buffer_append_format(
        out, "<script type=\"application/json\" id=\"%s\">", id);
}

static int
append_escaped(struct tn_buffer *out, const char *json, size_t size)
{
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        /* In JSON < stands in strings only. */
        if (json[i] == '<') {
            tn_buffer_append(out, json + start, i - start);
            tn_buffer_append_text(out, "\\u003c");
            start = i + 1;
        }
    }
    return tn_buffer_append(out, json + start, size - start);
}

int
tn_script_append_json(struct tn_buffer *out, const char *id, const char *json,
                      size_t size)
{
    begin_json(out, id);
    append_escaped(out, json, size);
    return tn_buffer_append_text(out, "</script>\n");
}

int
tn_script_append_checked(struct tn_buffer *out, const char *json, size_t size)
{
    char checksum[TN_XXH64_TEXT_SIZE];
    assert(size > 2 && json[size - 1] == '}');
    size_t start = out->size;
    if (append_escaped(out, json, size - 1) != TN_OK) {
        return out->error;
    }
    tn_xxh64_text(out->data + start, out->size - start, checksum);
    return tn_buffer_append_format(out, "%s%s\"}", checksum_key, checksum);
}

int
tn_script_append_checked_json(struct tn_buffer *out, const char *id,
                              const char *json, size_t size)
{
    begin_json(out, id);
    tn_script_append_checked(out, json, size);
    return tn_buffer_append_text(out, "</script>\n");
}

bool
tn_script_is_whole_json(const char *text, size_t size)
{
    static const char end[] = "\"}";
    char checksum[TN_XXH64_TEXT_SIZE];
    const size_t key_size = strlen(checksum_key);
    const size_t digits = TN_XXH64_TEXT_SIZE - 1;
    const size_t tail = key_size + digits + strlen(end);
    if (size < tail) {
        return false;
    }
    const char *key = text + size - tail;
    tn_xxh64_text(text, size - tail, checksum);
    return memcmp(key, checksum_key, key_size) == 0 &&
           memcmp(key + key_size, checksum, digits) == 0 &&
           memcmp(key + key_size + digits, end, strlen(end)) == 0;
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
