/* The notebook's own HTML, contained: tn_html_fragment.
 *
 * A report is one document, and everything behind an unclosed comment, tag
 * or element of a notebook would be lost in it: the rest of the text, and
 * Python itself.  So a tokenizer goes over the notebook's HTML, writes each
 * tag anew with quoted attributes, keeps a stack of open elements, drops what
 * closes an element that is not its own, and closes what is left.  Where
 * browsers' rules differ by context (SVG, scripting on or off) it writes what
 * means the same in both.
 */
#include "html.h"

#include <assert.h>
#include <string.h>

#include "pack_limits.h"
#include "status.h"
#include "text.h"

#define NAME_SIZE 32

struct element {
    char name[NAME_SIZE]; /* lower case */
};

struct fragment {
    struct tn_buffer *out;
    const char *text;
    size_t size;
    size_t at;
    struct element open[TN_LIMIT_HTML_DEPTH];
    size_t open_count;
    size_t dropped_count; /* elements open above those, not written */
    size_t foreign_count; /* svg and math elements that are open */
};

/* A start or end tag; name and attributes are places in the text. */
struct tag {
    char name[NAME_SIZE]; /* lower case */
    const char *spelling;
    size_t spelling_size;
    size_t attributes; /* where they begin */
    size_t end;        /* after the closing > */
    bool is_self_closing;
    bool is_complete;
};

static bool
is_one_of(const char *name, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(name, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_void(const char *name)
{
    static const char *const words[] = {
        "area",  "br",    "col",   "embed", "hr",     "img",   "input",
        "link",  "param", "track", "wbr",   "source", "image", "keygen",
        "bgsound", NULL};
    return is_one_of(name, words);
}

/* What belongs to a document, or would change the page around it. */
static bool
is_unwanted(const char *name)
{
    static const char *const words[] = {"html",     "head", "body", "frame",
                                        "frameset", "base", "meta", NULL};
    return is_one_of(name, words);
}

/* Elements whose content is text up to their end tag. */
static bool
is_raw(const char *name)
{
    static const char *const words[] = {
        "script", "style",  "textarea", "title",    "iframe",
        "xmp",    "noembed", "noframes", "noscript", "plaintext", NULL};
    return is_one_of(name, words);
}

/* Elements that the end of their parent closes. */
static bool
has_optional_end(const char *name)
{
    static const char *const words[] = {
        "p",     "li",    "dt",    "dd", "tr", "td", "th", "thead",
        "tbody", "tfoot", "option", "optgroup", "rt", "rp", "colgroup", NULL};
    return is_one_of(name, words);
}

/* Elements that an end tag inside them cannot reach beyond. */
static bool
is_scope(const char *name)
{
    static const char *const words[] = {
        "table",    "td",     "th",            "caption", "template",
        "object",   "applet", "marquee",       "svg",     "math",
        "foreignobject", "button", NULL};
    return is_one_of(name, words);
}

static bool
is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\n' ||
           character == '\f' || character == '\r';
}

static bool
is_letter(char character)
{
    return (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z');
}

/* Where the value that begins at `i` ends, quotes included. */
static size_t
skip_value(const char *text, size_t size, size_t i)
{
    if (i < size && (text[i] == '"' || text[i] == '\'')) {
        const char *quote = memchr(text + i + 1, text[i], size - i - 1);
        return quote == NULL ? size : (size_t)(quote - text) + 1;
    }
    while (i < size && !is_space(text[i]) && text[i] != '>') {
        i++;
    }
    return i;
}

/* One attribute at `i`, and where the next begins. */
struct attribute {
    size_t name, name_end, value, value_end;
};

static size_t
read_attribute(const char *text, size_t size, size_t i, struct attribute *out)
{
    out->name = i;
    /* A = at the very start belongs to the name. */
    i += i < size && text[i] == '=';
    while (i < size && !is_space(text[i]) && text[i] != '/' &&
           text[i] != '>' && text[i] != '=') {
        i++;
    }
    out->name_end = i;
    while (i < size && is_space(text[i])) {
        i++;
    }
    out->value = out->value_end = i;
    if (i >= size || text[i] != '=') {
        return i;
    }
    i++;
    while (i < size && is_space(text[i])) {
        i++;
    }
    out->value = i;
    out->value_end = i = skip_value(text, size, i);
    if (out->value < size &&
        (text[out->value] == '"' || text[out->value] == '\'')) {
        out->value++;
        out->value_end -= out->value_end > out->value;
    }
    return i;
}

/* Reads the tag whose name begins at `i`. */
static struct tag
read_tag(const char *text, size_t size, size_t i)
{
    struct tag tag = {.spelling = text + i};
    size_t start = i;
    while (i < size && !is_space(text[i]) && text[i] != '/' &&
           text[i] != '>') {
        char c = text[i];
        if (i - start < NAME_SIZE - 1) {
            tag.name[i - start] =
                c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        }
        i++;
    }
    tag.spelling_size = i - start;
    tag.attributes = i;
    while (i < size && text[i] != '>') {
        tag.is_self_closing = text[i] == '/';
        if (is_space(text[i]) || text[i] == '/') {
            i++;
            continue;
        }
        struct attribute ignored;
        i = read_attribute(text, size, i, &ignored);
    }
    tag.is_complete = i < size;
    tag.end = i < size ? i + 1 : size;
    return tag;
}

/* A name that every HTML parser reads back as itself. */
static bool
is_plain_name(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' ||
            c == '=' || c == '/' || c == '`') {
            return false;
        }
    }
    return size != 0;
}

/* True for an id that the page itself looks for, or that may be one behind
 * its entities (a quote is written as one) and NULs (which are left out). */
static bool
is_reserved(const struct fragment *f, const struct attribute *a)
{
    const char *value = f->text + a->value;
    size_t size = a->value_end - a->value;
    return tn_text_equal_nocase(f->text + a->name, a->name_end - a->name,
                                "id") &&
           (tn_html_is_reserved_id(value, size) ||
            memchr(value, '&', size) != NULL ||
            memchr(value, '"', size) != NULL ||
            memchr(value, '\0', size) != NULL);
}

static void
write_attributes(struct fragment *f, const struct tag *tag)
{
    size_t i = tag->attributes;
    size_t end = tag->end - 1;
    while (i < end) {
        if (is_space(f->text[i]) || f->text[i] == '/') {
            i++;
            continue;
        }
        struct attribute a;
        i = read_attribute(f->text, end, i, &a);
        if (!is_plain_name(f->text + a.name, a.name_end - a.name) ||
            is_reserved(f, &a)) {
            continue;
        }
        tn_buffer_append_char(f->out, ' ');
        tn_buffer_append(f->out, f->text + a.name, a.name_end - a.name);
        size_t nul_count = 0;
        for (size_t k = a.value; k < a.value_end; k++) {
            nul_count += f->text[k] == '\0';
        }
        if (a.value_end - a.value == nul_count) {
            continue; /* no value and an empty one are the same */
        }
        tn_buffer_append_text(f->out, "=\"");
        for (size_t k = a.value; k < a.value_end; k++) {
            if (f->text[k] == '"') {
                tn_buffer_append_text(f->out, "&quot;");
            }
            else if (f->text[k] != '\0') {
                tn_buffer_append_char(f->out, f->text[k]);
            }
        }
        tn_buffer_append_char(f->out, '"');
    }
}

static void
write_start(struct fragment *f, const struct tag *tag)
{
    tn_buffer_append_char(f->out, '<');
    tn_buffer_append(f->out, tag->spelling, tag->spelling_size);
    write_attributes(f, tag);
    tn_buffer_append_char(f->out, '>');
}

static void
write_end(struct fragment *f, const char *name)
{
    tn_buffer_append_text(f->out, "</");
    tn_buffer_append_text(f->out, name);
    tn_buffer_append_char(f->out, '>');
}

static bool
is_foreign_root(const char *name)
{
    return strcmp(name, "svg") == 0 || strcmp(name, "math") == 0;
}

static void
push(struct fragment *f, const char *name)
{
    assert(f->open_count < TN_LIMIT_HTML_DEPTH);
    memcpy(f->open[f->open_count++].name, name, NAME_SIZE);
    f->foreign_count += is_foreign_root(name);
}

/* Closes the innermost element; its end tag is written where it is needed: an
 * open <p> keeps </foreignObject> from counting, so inside SVG always. */
static void
pop(struct fragment *f, bool is_asked_for)
{
    assert(f->open_count > 0);
    const struct element *element = &f->open[--f->open_count];
    assert(!is_foreign_root(element->name) || f->foreign_count > 0);
    bool is_needed = is_asked_for || f->foreign_count != 0 ||
                     !has_optional_end(element->name);
    f->foreign_count -= is_foreign_root(element->name);
    if (is_needed) {
        write_end(f, element->name);
    }
}

static void
end_element(struct fragment *f, const char *name)
{
    size_t i = f->open_count;
    if (f->dropped_count > 0) {
        f->dropped_count--;
        return;
    }
    while (i > 0 && strcmp(f->open[i - 1].name, name) != 0) {
        i--;
        bool is_table_part = strcmp(f->open[i].name, "td") == 0 ||
                             strcmp(f->open[i].name, "th") == 0 ||
                             strcmp(f->open[i].name, "caption") == 0;
        bool ends_table = strcmp(name, "tr") == 0 ||
                          strcmp(name, "table") == 0 ||
                          strcmp(name, "tbody") == 0 ||
                          strcmp(name, "thead") == 0 ||
                          strcmp(name, "tfoot") == 0;
        if (is_scope(f->open[i].name) && !(is_table_part && ends_table)) {
            return;
        }
    }
    while (i > 0 && f->open_count >= i) {
        pop(f, f->open_count == i);
    }
}

/* Where the end tag of the raw element that begins before `i` begins. */
static size_t
find_raw_end(const struct fragment *f, const char *name, size_t i)
{
    size_t length = strlen(name);
    for (; i < f->size; i++) {
        i = tn_text_find(f->text, f->size, i, "</", false);
        size_t after = i + 2 + length;
        bool is_name = after < f->size &&
                       tn_text_equal_nocase(f->text + i + 2, length, name);
        if (is_name && (is_space(f->text[after]) || f->text[after] == '/' ||
                        f->text[after] == '>')) {
            return i;
        }
    }
    return f->size;
}

static bool
has_reserved_id(const struct fragment *f, const struct tag *tag)
{
    size_t i = tag->attributes;
    size_t end = tag->end - 1;
    while (i < end) {
        if (is_space(f->text[i]) || f->text[i] == '/') {
            i++;
            continue;
        }
        struct attribute a;
        i = read_attribute(f->text, end, i, &a);
        if (is_reserved(f, &a)) {
            return true;
        }
    }
    return false;
}

static void
write_raw_content(struct fragment *f, const char *name, size_t start,
                  size_t end)
{
    const char *text = f->text + start;
    size_t size = end - start;
    bool is_code = strcmp(name, "script") == 0 || strcmp(name, "style") == 0;
    if (is_code && f->foreign_count == 0) {
        tn_html_raw(f->out, name, text, size);
        return;
    }
    /* Inside SVG a style is ordinary markup; &lt; is right there, and cannot
     * do harm where it is not. */
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '<') {
            tn_buffer_append_text(f->out, "&lt;");
        }
        else if (text[i] != '\0') {
            tn_buffer_append_char(f->out, text[i]);
        }
    }
}

static bool
is_kept_raw(const struct fragment *f, const char *name)
{
    static const char *const words[] = {"script", "style", "textarea",
                                        "iframe", NULL};
    return is_one_of(name, words) ||
           (strcmp(name, "title") == 0 && f->foreign_count != 0);
}

/* An element whose content is text: written whole, or left out. */
static void
raw_element(struct fragment *f, const struct tag *tag)
{
    const char *name = tag->name;
    if (f->foreign_count != 0 && tag->is_self_closing) {
        /* In a foreignObject it is HTML's own after all, and nothing would
         * close a <plaintext>. */
        if (is_kept_raw(f, name)) {
            write_start(f, tag);
            write_end(f, name);
        }
        f->at = tag->end;
        return;
    }
    size_t content_end = find_raw_end(f, name, tag->end);
    struct tag end = {.end = f->size};
    if (content_end < f->size) {
        end = read_tag(f->text, f->size, content_end + 2);
    }
    f->at = end.end;
    if (!is_kept_raw(f, name) || has_reserved_id(f, tag)) {
        return;
    }
    write_start(f, tag);
    if (strcmp(name, "iframe") != 0) {
        write_raw_content(f, name, tag->end, content_end);
    }
    write_end(f, name);
}

static void
start_element(struct fragment *f, const struct tag *tag)
{
    f->at = tag->end;
    if (!tag->is_complete || is_unwanted(tag->name) ||
        !is_plain_name(tag->spelling, tag->spelling_size) ||
        tag->spelling_size >= NAME_SIZE) {
        return;
    }
    if (is_raw(tag->name)) {
        raw_element(f, tag);
        return;
    }
    if (is_void(tag->name)) {
        write_start(f, tag);
        return;
    }
    if (f->open_count == TN_LIMIT_HTML_DEPTH) {
        f->dropped_count++;
        return;
    }
    write_start(f, tag);
    push(f, tag->name);
    if (tag->is_self_closing && f->foreign_count != 0) {
        /* <x/> and <x></x> are the same in SVG only, so the second. */
        pop(f, true);
    }
}

/* After "<!", "<?" and "</" that begin no tag: comments of some kind. */
static void
skip_comment(struct fragment *f)
{
    const char *text = f->text;
    size_t end;
    if (f->size - f->at >= 4 && memcmp(text + f->at, "<!--", 4) == 0) {
        /* <!--> and <!---> are whole comments. */
        size_t i = tn_text_find(text, f->size, f->at + 2, "-->", false);
        end = i < f->size ? i + 3 : f->size;
    }
    else if (f->size - f->at >= 9 &&
             memcmp(text + f->at, "<![CDATA[", 9) == 0) {
        size_t i = tn_text_find(text, f->size, f->at, "]]>", false);
        tn_html_escape(f->out, text + f->at + 9, i - f->at - 9);
        end = i < f->size ? i + 3 : f->size;
    }
    else {
        const char *close = memchr(text + f->at, '>', f->size - f->at);
        end = close == NULL ? f->size : (size_t)(close - text) + 1;
    }
    f->at = end;
}

static void
step(struct fragment *f)
{
    const char *text = f->text;
    const char *open = memchr(text + f->at, '<', f->size - f->at);
    size_t end = open == NULL ? f->size : (size_t)(open - text);
    for (size_t i = f->at; i < end; i++) {
        if (text[i] != '\0') {
            tn_buffer_append_char(f->out, text[i]);
        }
    }
    f->at = end;
    if (open == NULL) {
        return;
    }
    char next = end + 1 < f->size ? text[end + 1] : '\0';
    if (is_letter(next)) {
        struct tag tag = read_tag(text, f->size, end + 1);
        start_element(f, &tag);
    }
    else if (next == '/' && end + 2 < f->size && is_letter(text[end + 2])) {
        struct tag tag = read_tag(text, f->size, end + 2);
        f->at = tag.end;
        if (tag.is_complete && tag.spelling_size < NAME_SIZE) {
            end_element(f, tag.name);
        }
    }
    else if (next == '/' || next == '!' || next == '?') {
        skip_comment(f);
    }
    else {
        tn_buffer_append_text(f->out, "&lt;");
        f->at = end + 1;
    }
}

void
tn_html_fragment(struct tn_buffer *out, const char *html, size_t size)
{
    struct fragment f = {.out = out, .text = html, .size = size};
    while (f.at < size && out->error == TN_OK) {
        step(&f);
    }
    while (f.open_count > 0) {
        pop(&f, false);
    }
}
