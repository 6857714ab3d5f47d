/* Escaping for HTML. */
#include "html.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

static const struct {
    char character;
    const char *entity;
} entities[] = {
    {'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
    {'"', "&quot;"}, {'\'', "&#x27;"},
};

#define ENTITY_COUNT (sizeof entities / sizeof entities[0])

static const char *
entity_of(char character)
{
    for (size_t i = 0; i < ENTITY_COUNT; i++) {
        if (entities[i].character == character) {
            return entities[i].entity;
        }
    }
    return NULL;
}

void
tn_html_escape(struct tn_buffer *out, const char *text, size_t size)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        /* What JSON can say and a document cannot hold. */
        bool is_surrogate = tn_utf8_is_surrogate(text + i, size - i);
        const char *entity = text[i] == '\0' || is_surrogate
                                 ? replacement
                                 : entity_of(text[i]);
        if (entity != NULL) {
            tn_buffer_append(out, text + start, i - start);
            tn_buffer_append_text(out, entity);
            i += is_surrogate ? 2 : 0;
            start = i + 1;
        }
    }
    tn_buffer_append(out, text + start, size - start);
}

void
tn_html_unescape(struct tn_buffer *out, const char *text, size_t size)
{
    size_t start = 0;
    size_t i = 0;
    while (i < size) {
        size_t length = 0;
        for (size_t k = 0; text[i] == '&' && k < ENTITY_COUNT; k++) {
            size_t entity_size = strlen(entities[k].entity);
            if (size - i >= entity_size &&
                memcmp(text + i, entities[k].entity, entity_size) == 0) {
                tn_buffer_append(out, text + start, i - start);
                tn_buffer_append_char(out, entities[k].character);
                length = entity_size;
            }
        }
        i += length != 0 ? length : 1;
        if (length != 0) {
            start = i;
        }
    }
    tn_buffer_append(out, text + start, size - start);
}

void
tn_html_raw(struct tn_buffer *out, const char *element, const char *text,
            size_t size)
{
    size_t length = strlen(element);
    bool is_script = strcmp(element, "script") == 0;
    bool has_comment = false; /* a <!-- was seen */
    for (size_t i = 0; i < size; i++) {
        bool has_slash = i + 1 < size && text[i + 1] == '/';
        size_t name = i + 1 + has_slash;
        bool is_tag = text[i] == '<' && size - i > length + has_slash &&
                      tn_text_equal_nocase(text + name, length, element);
        has_comment = has_comment ||
                      (size - i >= 4 && memcmp(text + i, "<!--", 4) == 0);
        if (is_tag && has_slash) {
            /* In strings of JavaScript and of CSS, \/ is /. */
            tn_buffer_append_text(out, "<\\/");
            i++;
        }
        else if (is_tag && is_script && has_comment) {
            /* After <!-- a <script makes the next end tag not count. */
            tn_buffer_append_text(out, "\\x3C");
        }
        else if (text[i] == '\0') {
            tn_buffer_append_text(out, "\xef\xbf\xbd");
        }
        else {
            tn_buffer_append_char(out, text[i]);
        }
    }
}

/* True for PREFIX and then digits, with `dashes` dashes between them. */
static bool
is_numbered(const char *id, size_t size, const char *prefix, size_t dashes)
{
    size_t length = strlen(prefix);
    if (size <= length || memcmp(id, prefix, length) != 0) {
        return false;
    }
    size_t seen = 0;
    for (size_t i = length; i < size; i++) {
        seen += id[i] == '-';
        if (id[i] != '-' && (id[i] < '0' || id[i] > '9')) {
            return false;
        }
    }
    return seen == dashes;
}

bool
tn_html_is_reserved_id(const char *id, size_t size)
{
    static const char *const exact[] = {"iomd", "jsmd"};
    static const char *const prefixes[] = {"tincture-", "tn-", "file-"};
    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        if (tn_text_equal_nocase(id, size, exact[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t length = strlen(prefixes[i]);
        if (size >= length && memcmp(id, prefixes[i], length) == 0) {
            return true;
        }
    }
    return is_numbered(id, size, "cell-", 0) ||
           is_numbered(id, size, "part-", 1);
}
