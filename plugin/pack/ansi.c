/* Select Graphic Rendition and the few control characters that programs use
 * to draw progress. */
#include "ansi.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "html.h"

enum attribute {
    BOLD = 1,
    FAINT = 2,
    ITALIC = 4,
    UNDERLINE = 8,
    INVERSE = 16,
    STRIKE = 32,
};

/* A colour: none, one of the 16 named ones, or red, green and blue. */
struct colour {
    enum { COLOUR_NONE, COLOUR_NAMED, COLOUR_EXACT } kind;
    unsigned value; /* 0-15, or 0xrrggbb */
};

struct style {
    unsigned attributes;
    struct colour foreground;
    struct colour background;
};

static bool
is_plain(const struct style *style)
{
    return style->attributes == 0 && style->foreground.kind == COLOUR_NONE &&
           style->background.kind == COLOUR_NONE;
}

/* xterm's colours 16-255: a 6x6x6 cube, then greys. */
static struct colour
colour_of_256(unsigned index)
{
    assert(index < 256);
    if (index < 16) {
        return (struct colour){COLOUR_NAMED, index};
    }
    if (index >= 232) {
        unsigned grey = 8 + (index - 232) * 10;
        return (struct colour){COLOUR_EXACT,
                               grey << 16 | grey << 8 | grey};
    }
    unsigned value = 0;
    unsigned rest = index - 16;
    for (unsigned divisor = 36; divisor > 0; divisor /= 6) {
        unsigned level = rest / divisor % 6;
        value = value << 8 | (level == 0 ? 0 : 55 + level * 40);
    }
    return (struct colour){COLOUR_EXACT, value};
}

#define PARAMETER_COUNT 32

/* Reads 5;N or 2;R;G;B after 38 or 48; returns how many were used. */
static size_t
read_colour(const unsigned *parameters, size_t count, struct colour *out)
{
    if (count >= 2 && parameters[0] == 5 && parameters[1] < 256) {
        *out = colour_of_256(parameters[1]);
        return 2;
    }
    if (count >= 4 && parameters[0] == 2) {
        *out = (struct colour){
            COLOUR_EXACT, (parameters[1] & 255) << 16 |
                              (parameters[2] & 255) << 8 |
                              (parameters[3] & 255)};
        return 4;
    }
    return count;
}

static void
set_attribute(struct style *style, unsigned parameter)
{
    static const struct {
        unsigned parameter, on, off;
    } table[] = {
        {1, BOLD, 0},      {2, FAINT, 0},       {3, ITALIC, 0},
        {4, UNDERLINE, 0}, {7, INVERSE, 0},     {9, STRIKE, 0},
        {22, 0, BOLD | FAINT}, {23, 0, ITALIC}, {24, 0, UNDERLINE},
        {27, 0, INVERSE},  {29, 0, STRIKE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].parameter == parameter) {
            style->attributes |= table[i].on;
            style->attributes &= ~table[i].off;
        }
    }
}

static void
apply(struct style *style, const unsigned *parameters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned p = parameters[i];
        struct colour *colour = NULL;
        if (p == 0) {
            *style = (struct style){0};
        }
        else if (p == 38 || p == 48) {
            colour = p == 38 ? &style->foreground : &style->background;
            i += read_colour(parameters + i + 1, count - i - 1, colour);
        }
        else if (p == 39 || p == 49) {
            colour = p == 39 ? &style->foreground : &style->background;
            *colour = (struct colour){0};
        }
        else if (p >= 30 && p <= 37) {
            style->foreground = (struct colour){COLOUR_NAMED, p - 30};
        }
        else if (p >= 40 && p <= 47) {
            style->background = (struct colour){COLOUR_NAMED, p - 40};
        }
        else if (p >= 90 && p <= 97) {
            style->foreground = (struct colour){COLOUR_NAMED, p - 82};
        }
        else if (p >= 100 && p <= 107) {
            style->background = (struct colour){COLOUR_NAMED, p - 92};
        }
        else {
            set_attribute(style, p);
        }
    }
}

/* Bytes of the escape sequence that `text` begins with; where it is SGR its
 * parameters are applied to `style`, which may be NULL. */
static size_t
skip_sequence(const char *text, size_t size, struct style *style)
{
    if (size < 2) {
        return size;
    }
    if (text[1] == ']') {
        /* An operating system command, up to BEL or ESC \. */
        for (size_t i = 2; i < size; i++) {
            if (text[i] == '\a') {
                return i + 1;
            }
            if (text[i] == '\x1b') {
                return i + 1 < size && text[i + 1] == '\\' ? i + 2 : i;
            }
        }
        return size;
    }
    if (text[1] != '[') {
        /* Two characters, but never half of a UTF-8 one. */
        return (unsigned char)text[1] < 0x80 ? 2 : 1;
    }
    unsigned parameters[PARAMETER_COUNT] = {0};
    size_t count = 1;
    size_t i = 2;
    while (i < size && text[i] >= 0x20 && text[i] <= 0x3f) {
        if (text[i] >= '0' && text[i] <= '9') {
            unsigned *p = &parameters[count - 1];
            *p = *p > 9999 ? *p : *p * 10 + (unsigned)(text[i] - '0');
        }
        else if (count < PARAMETER_COUNT) {
            count++;
        }
        i++;
    }
    if (i < size && text[i] == 'm' && style != NULL) {
        apply(style, parameters, count);
    }
    return i < size && text[i] >= 0x40 && text[i] <= 0x7e ? i + 1 : i;
}

static void
put_class(struct tn_buffer *out, const char *kind, struct colour colour)
{
    static const char *const names[] = {"black", "red",     "green", "yellow",
                                        "blue",  "magenta", "cyan",  "white"};
    if (colour.kind == COLOUR_NAMED) {
        tn_buffer_append_format(out, " tn-ansi-%s%s%s", kind,
                                colour.value >= 8 ? "bright-" : "",
                                names[colour.value % 8]);
    }
}

static void
open_span(struct tn_buffer *out, const struct style *style)
{
    static const char *const names[] = {"bold",      "faint",   "italic",
                                        "underline", "inverse", "strike"};
    tn_buffer_append_text(out, "<span class=\"tn-ansi");
    for (size_t i = 0; i < 6; i++) {
        if (style->attributes & 1U << i) {
            tn_buffer_append_format(out, " tn-ansi-%s", names[i]);
        }
    }
    put_class(out, "", style->foreground);
    put_class(out, "bg-", style->background);
    tn_buffer_append_text(out, "\"");
    bool has_exact = style->foreground.kind == COLOUR_EXACT ||
                     style->background.kind == COLOUR_EXACT;
    if (has_exact) {
        tn_buffer_append_text(out, " style=\"");
        if (style->foreground.kind == COLOUR_EXACT) {
            tn_buffer_append_format(out, "color:#%06x;",
                                    style->foreground.value);
        }
        if (style->background.kind == COLOUR_EXACT) {
            tn_buffer_append_format(out, "background-color:#%06x;",
                                    style->background.value);
        }
        tn_buffer_append_text(out, "\"");
    }
    tn_buffer_append_text(out, ">");
}

/* Where the visible text of the line that begins at `start` begins: after
 * the last \r that is followed by something other than a newline. */
static size_t
after_returns(const char *text, size_t size, size_t start)
{
    const char *newline = memchr(text + start, '\n', size - start);
    size_t end = newline == NULL ? size : (size_t)(newline - text);
    while (end > start && text[end - 1] == '\r') {
        end--;
    }
    for (size_t i = end; i > start; i--) {
        if (text[i - 1] == '\r') {
            return i;
        }
    }
    return start;
}

static void
append(struct tn_buffer *out, const char *text, size_t size,
       bool is_plain_text)
{
    struct style style = {0};
    bool is_line_start = true;
    size_t i = 0;
    while (i < size) {
        if (is_line_start) {
            /* What was overwritten is not shown, but its colours hold. */
            size_t shown = after_returns(text, size, i);
            while (i < shown) {
                i += text[i] == '\x1b'
                         ? skip_sequence(text + i, shown - i, &style)
                         : 1;
            }
            is_line_start = false;
            continue;
        }
        if (text[i] == '\x1b') {
            i += skip_sequence(text + i, size - i, &style);
            continue;
        }
        size_t end = i;
        while (end < size && text[end] != '\x1b' && text[end] != '\n' &&
               text[end] != '\r' && text[end] != '\a' && text[end] != '\b') {
            end++;
        }
        bool has_newline = end < size && text[end] == '\n';
        size_t next = end < size && text[end] != '\x1b' ? end + 1 : end;
        end += has_newline;
        if (is_plain_text) {
            tn_buffer_append(out, text + i, end - i);
        }
        else if (end > i) {
            bool is_open = !is_plain(&style);
            if (is_open) {
                open_span(out, &style);
            }
            tn_html_escape(out, text + i, end - i);
            if (is_open) {
                tn_buffer_append_text(out, "</span>");
            }
        }
        is_line_start = has_newline;
        i = next;
    }
}

void
tn_ansi_append(struct tn_buffer *out, const char *text, size_t size)
{
    append(out, text, size, false);
}

void
tn_ansi_append_plain(struct tn_buffer *out, const char *text, size_t size)
{
    append(out, text, size, true);
}
