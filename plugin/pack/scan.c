/* Finding script elements, as far as reports and Iodide's pages need it. */
#include "scan.h"

#include <string.h>

#include "text.h"

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void
take_attribute(struct tn_script *out, const char *name, size_t name_size,
               const char *value, size_t value_size)
{
    if (tn_text_equal_nocase(name, name_size, "id")) {
        out->id = value;
        out->id_size = value_size;
    }
    else if (tn_text_equal_nocase(name, name_size, "type")) {
        out->type = value;
        out->type_size = value_size;
    }
    else if (tn_text_equal_nocase(name, name_size, "mimetype")) {
        out->mimetype = value;
        out->mimetype_size = value_size;
    }
}

/* Reads attributes up to and with >; returns where the content begins. */
static size_t
read_attributes(const char *html, size_t size, size_t i,
                struct tn_script *out)
{
    while (i < size && html[i] != '>') {
        if (is_space(html[i]) || html[i] == '/') {
            i++;
            continue;
        }
        size_t name = i++;
        while (i < size && !is_space(html[i]) && html[i] != '=' &&
               html[i] != '>') {
            i++;
        }
        size_t name_end = i;
        while (i < size && is_space(html[i])) {
            i++;
        }
        if (i >= size || html[i] != '=') {
            continue;
        }
        i++;
        while (i < size && is_space(html[i])) {
            i++;
        }
        size_t value = i;
        size_t value_end;
        if (i < size && (html[i] == '"' || html[i] == '\'')) {
            const char *quote = memchr(html + i + 1, html[i], size - i - 1);
            value++;
            value_end = quote == NULL ? size : (size_t)(quote - html);
            i = quote == NULL ? size : value_end + 1;
        }
        else {
            while (i < size && !is_space(html[i]) && html[i] != '>') {
                i++;
            }
            value_end = i;
        }
        take_attribute(out, html + name, name_end - name, html + value,
                       value_end - value);
    }
    return i < size ? i + 1 : size;
}

/* Where </script begins, or the end of the document. */
static size_t
find_end(const char *html, size_t size, size_t i)
{
    while (i < size) {
        const char *less = memchr(html + i, '<', size - i);
        if (less == NULL) {
            return size;
        }
        i = (size_t)(less - html);
        if (size - i >= 8 && tn_text_equal_nocase(less, 8, "</script")) {
            return i;
        }
        i++;
    }
    return size;
}

bool
tn_scan_script(const char *html, size_t size, size_t *at,
               struct tn_script *out)
{
    size_t i = *at;
    while (i < size) {
        const char *less = memchr(html + i, '<', size - i);
        if (less == NULL) {
            break;
        }
        i = (size_t)(less - html);
        bool is_script = size - i > 7 &&
                         tn_text_equal_nocase(less, 7, "<script") &&
                         (is_space(less[7]) || less[7] == '>');
        if (!is_script) {
            i++;
            continue;
        }
        *out = (struct tn_script){.id = "", .type = "", .mimetype = ""};
        size_t start = read_attributes(html, size, i + 7, out);
        size_t end = find_end(html, size, start);
        out->content = html + start;
        out->content_size = end - start;
        out->is_closed = end < size;
        const char *close =
            end < size ? memchr(html + end, '>', size - end) : NULL;
        *at = close == NULL ? size : (size_t)(close - html) + 1;
        return true;
    }
    *at = size;
    return false;
}

bool
tn_scan_has_id(const struct tn_script *script, const char *id)
{
    return strlen(id) == script->id_size &&
           memcmp(script->id, id, script->id_size) == 0;
}
