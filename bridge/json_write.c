/* Writing JSON: json_write.h over buffer.h. */
#include "json_write.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"
#include "utf8.h"

/* Enough for any double in 17 digits: -1.2345678901234567e-308. */
#define NUMBER_CAPACITY 32

/* The digits of any int64_t and its sign. */
#define INT_CAPACITY 20

void
tn_json_writer_init(struct tn_json_writer *writer, struct tn_buffer *out)
{
    *writer = (struct tn_json_writer){.out = out};
}

/* Before every value and key. */
static void
separate(struct tn_json_writer *writer)
{
    if (writer->need_comma) {
        (void)tn_buffer_append_char(writer->out, ',');
    }
    writer->need_comma = true;
}

static void
open_nested(struct tn_json_writer *writer, char bracket)
{
    separate(writer);
    (void)tn_buffer_append_char(writer->out, bracket);
    writer->depth++;
    writer->need_comma = false;
}

static void
close_nested(struct tn_json_writer *writer, char bracket)
{
    assert(writer->depth != 0);
    (void)tn_buffer_append_char(writer->out, bracket);
    writer->depth--;
    writer->need_comma = true;
}

void
tn_json_begin_object(struct tn_json_writer *writer)
{
    open_nested(writer, '{');
}

void
tn_json_end_object(struct tn_json_writer *writer)
{
    close_nested(writer, '}');
}

void
tn_json_begin_array(struct tn_json_writer *writer)
{
    open_nested(writer, '[');
}

void
tn_json_end_array(struct tn_json_writer *writer)
{
    close_nested(writer, ']');
}

/* Appends what cannot stand for itself in a string and returns how many bytes
 * of `text` it stands for. */
static size_t
append_escaped(struct tn_buffer *out, const char *text, size_t size)
{
    static const char specials[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    unsigned char first = (unsigned char)text[0];
    if (first >= 0x80) {
        if (tn_utf8_is_surrogate(text, size)) {
            unsigned code = 0xd000u
                            | ((unsigned)((unsigned char)text[1] & 0x3f) << 6)
                            | ((unsigned char)text[2] & 0x3fu);
            (void)tn_buffer_append_format(out, "\\u%04x", code);
            return 3;
        }
        (void)tn_buffer_append_text(out, "\xef\xbf\xbd"); /* U+FFFD */
        return 1;
    }
    const char *special = first != 0 ? strchr(specials, first) : NULL;
    if (special != NULL) {
        (void)tn_buffer_append_char(out, '\\');
        (void)tn_buffer_append_char(out, letters[special - specials]);
    }
    else {
        (void)tn_buffer_append_format(out, "\\u%04x", (unsigned)first);
    }
    return 1;
}

/* Bytes that stand for themselves at the start of `text`. */
static size_t
plain_length(const char *text, size_t size)
{
    size_t length = 0;
    while (length < size) {
        unsigned char next = (unsigned char)text[length];
        if (next < 0x20 || next == '"' || next == '\\') {
            break;
        }
        size_t step =
            next < 0x80 ? 1 : tn_utf8_length(text + length, size - length);
        if (step == 0) {
            break;
        }
        length += step;
    }
    return length;
}

void
tn_json_write_string(struct tn_json_writer *writer, const char *text,
                     size_t size)
{
    separate(writer);
    (void)tn_buffer_append_char(writer->out, '"');
    while (size != 0 && writer->out->error == TN_OK) {
        size_t length = plain_length(text, size);
        (void)tn_buffer_append(writer->out, text, length);
        if (length < size) {
            length +=
                append_escaped(writer->out, text + length, size - length);
        }
        text += length;
        size -= length;
    }
    (void)tn_buffer_append_char(writer->out, '"');
}

void
tn_json_write_text(struct tn_json_writer *writer, const char *text)
{
    tn_json_write_string(writer, text, strlen(text));
}

void
tn_json_key_sized(struct tn_json_writer *writer, const char *key, size_t size)
{
    assert(writer->depth != 0);
    tn_json_write_string(writer, key, size);
    (void)tn_buffer_append_char(writer->out, ':');
    writer->need_comma = false;
}

void
tn_json_key(struct tn_json_writer *writer, const char *key)
{
    tn_json_key_sized(writer, key, strlen(key));
}

void
tn_json_write_int(struct tn_json_writer *writer, int64_t number)
{
    char text[INT_CAPACITY];
    size_t start = sizeof(text);
    /* The least number has no negative of its own type. */
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        text[--start] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (number < 0) {
        text[--start] = '-';
    }
    separate(writer);
    (void)tn_buffer_append(writer->out, text + start, sizeof(text) - start);
}

void
tn_json_write_double(struct tn_json_writer *writer, double number)
{
    if (!isfinite(number)) {
        tn_json_write_null(writer);
        return;
    }
    /* A normal double that has a form of 15 digits or fewer gets it by %.15g;
     * a subnormal one has fewer digits than that to begin with. */
    char text[NUMBER_CAPACITY];
    int precision = fpclassify(number) == FP_SUBNORMAL ? 1 : 15;
    do {
        (void)snprintf(text, sizeof(text), "%.*g", precision, number);
        precision++;
    } while (precision <= 17 && strtod(text, NULL) != number);

    /* A C locale other than "C", which Python code can set, may have put
     * another decimal point. */
    for (char *next = text; *next != '\0'; next++) {
        if (strchr("0123456789+-e", *next) == NULL) {
            *next = '.';
        }
    }
    separate(writer);
    (void)tn_buffer_append_text(writer->out, text);
}

void
tn_json_write_bool(struct tn_json_writer *writer, bool truth)
{
    separate(writer);
    (void)tn_buffer_append_text(writer->out, truth ? "true" : "false");
}

void
tn_json_write_null(struct tn_json_writer *writer)
{
    separate(writer);
    (void)tn_buffer_append_text(writer->out, "null");
}

void
tn_json_write_raw(struct tn_json_writer *writer, const char *json, size_t size)
{
    separate(writer);
    (void)tn_buffer_append(writer->out, json, size);
}
