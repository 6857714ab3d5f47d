/* The pass over a JSON text that comes before cJSON.
 *
 * cJSON takes more than JSON (numbers like 1., control characters in strings,
 * broken UTF-8), says little about where it stopped, and cannot hold a NUL or
 * a lone surrogate.  So the grammar is checked here, strictly, and three
 * things are rewritten on the way, each to what cJSON passes through as it
 * is: \u0000 to JSON_CHECK_NUL, the escape of a lone surrogate to its
 * three-byte form, and a number that is longer than its buffer (63 bytes
 * before 1.7.19) to one that is not.
 */
#include "json_check.h"

#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json_write.h"
#include "status.h"
#include "utf8.h"

#define LONGEST_NUMBER ((size_t)60)

/* Where the reading of a text stands. */
struct scanner {
    const char *text;
    size_t size;
    size_t offset;               /* of the next byte to read */
    size_t copied;               /* text before it is in `rewritten` */
    unsigned depth;              /* arrays and objects around */
    struct tn_buffer *rewritten; /* empty until something is put differently */
    const char *reason;          /* set with every failure but memory */
};

static int scan_value(struct scanner *scanner);

static int
refuse(struct scanner *scanner, size_t offset, const char *reason)
{
    scanner->offset = offset;
    scanner->reason = reason;
    return TN_ERROR_INVALID;
}

/* The next byte, 0 at the end; a NUL byte in the text fits no rule either. */
static char
peek(const struct scanner *scanner)
{
    return scanner->offset < scanner->size ? scanner->text[scanner->offset]
                                           : '\0';
}

static bool
take(struct scanner *scanner, char expected)
{
    if (scanner->offset == scanner->size
        || scanner->text[scanner->offset] != expected) {
        return false;
    }
    scanner->offset++;
    return true;
}

static void
skip_space(struct scanner *scanner)
{
    char next = peek(scanner);
    while (next == ' ' || next == '\n' || next == '\r' || next == '\t') {
        scanner->offset++;
        next = peek(scanner);
    }
}

/* Puts `size` bytes in place of the text from `start` to the offset. */
static int
replace(struct scanner *scanner, size_t start, const char *bytes, size_t size)
{
    (void)tn_buffer_append(scanner->rewritten,
                           scanner->text + scanner->copied,
                           start - scanner->copied);
    scanner->copied = scanner->offset;
    return tn_buffer_append(scanner->rewritten, bytes, size);
}

/* Reads four hexadecimal digits; -1 when they are not. */
static int
scan_hex4(struct scanner *scanner)
{
    int code = 0;
    for (int i = 0; i < 4; i++) {
        char digit = peek(scanner);
        if (digit >= '0' && digit <= '9') {
            code = code * 16 + (digit - '0');
        }
        else if (digit >= 'a' && digit <= 'f') {
            code = code * 16 + (digit - 'a' + 10);
        }
        else if (digit >= 'A' && digit <= 'F') {
            code = code * 16 + (digit - 'A' + 10);
        }
        else {
            return -1;
        }
        scanner->offset++;
    }
    return code;
}

static bool
is_surrogate(int code, int first)
{
    return code >= first && code < first + 0x400;
}

/* After "\u", which stands at `start`. */
static int
scan_unicode_escape(struct scanner *scanner, size_t start)
{
    int code = scan_hex4(scanner);
    if (code < 0) {
        return refuse(scanner, start, "\\u needs four hexadecimal digits");
    }
    if (code == 0) {
        return replace(scanner, start, JSON_CHECK_NUL,
                       sizeof(JSON_CHECK_NUL) - 1);
    }
    if (is_surrogate(code, 0xd800)) {
        size_t after = scanner->offset;
        if (take(scanner, '\\') && take(scanner, 'u')
            && is_surrogate(scan_hex4(scanner), 0xdc00)) {
            return TN_OK;
        }
        /* A lone one; what comes behind it is read in its turn. */
        scanner->offset = after;
    }
    else if (!is_surrogate(code, 0xdc00)) {
        return TN_OK;
    }
    char bytes[4];
    size_t size = tn_utf8_encode((unsigned)code, bytes);
    return replace(scanner, start, bytes, size);
}

static int
scan_escape(struct scanner *scanner)
{
    size_t start = scanner->offset;
    scanner->offset++;
    char kind = peek(scanner);
    if (kind == '\0' || strchr("\"\\/bfnrtu", kind) == NULL) {
        return refuse(scanner, start, "no such escape in a string");
    }
    scanner->offset++;
    return kind == 'u' ? scan_unicode_escape(scanner, start) : TN_OK;
}

static int
scan_string(struct scanner *scanner)
{
    size_t start = scanner->offset;
    scanner->offset++;
    while (scanner->offset < scanner->size) {
        char next = scanner->text[scanner->offset];
        int status = TN_OK;
        if (next == '"') {
            scanner->offset++;
            return TN_OK;
        }
        if (next == '\\') {
            status = scan_escape(scanner);
        }
        else if ((unsigned char)next < 0x20) {
            return refuse(scanner, scanner->offset,
                          "a control character in a string");
        }
        else if ((unsigned char)next < 0x80) {
            scanner->offset++;
        }
        else {
            size_t length =
                tn_utf8_length(scanner->text + scanner->offset,
                               scanner->size - scanner->offset);
            if (length == 0) {
                return refuse(scanner, scanner->offset, "not valid UTF-8");
            }
            scanner->offset += length;
        }
        if (status != TN_OK) {
            return status;
        }
    }
    return refuse(scanner, start, "a string without an end");
}

/* Reads digits; false when there is none. */
static bool
scan_digits(struct scanner *scanner)
{
    size_t start = scanner->offset;
    while (peek(scanner) >= '0' && peek(scanner) <= '9') {
        scanner->offset++;
    }
    return scanner->offset != start;
}

static int
shorten_number(struct scanner *scanner, size_t start)
{
    struct tn_buffer digits = {0};
    struct tn_buffer number = {0};
    struct tn_json_writer writer;
    int status = tn_buffer_append(&digits, scanner->text + start,
                                  scanner->offset - start);
    if (status != TN_OK) {
        goto done;
    }
    /* In a C locale of its own, which Python code can set, strtod wants
     * another decimal point. */
    char *point = strchr(digits.data, '.');
    if (point != NULL) {
        *point = localeconv()->decimal_point[0];
    }
    double value = strtod(digits.data, NULL);
    if (isinf(value)) {
        status =
            tn_buffer_append_text(&number, value < 0 ? "-1e999" : "1e999");
    }
    else {
        tn_json_writer_init(&writer, &number);
        tn_json_write_double(&writer, value);
        status = number.error;
    }
    if (status == TN_OK) {
        status = replace(scanner, start, number.data, number.size);
    }
done:
    tn_buffer_clear(&digits);
    tn_buffer_clear(&number);
    return status;
}

static int
scan_number(struct scanner *scanner)
{
    size_t start = scanner->offset;
    (void)take(scanner, '-');
    if (!take(scanner, '0') && !scan_digits(scanner)) {
        return refuse(scanner, start, "a number without digits");
    }
    if (take(scanner, '.') && !scan_digits(scanner)) {
        return refuse(scanner, start, "a number without digits after its dot");
    }
    if (take(scanner, 'e') || take(scanner, 'E')) {
        if (!take(scanner, '+')) {
            (void)take(scanner, '-');
        }
        if (!scan_digits(scanner)) {
            return refuse(scanner, start, "a number without its exponent");
        }
    }
    return scanner->offset - start > LONGEST_NUMBER
               ? shorten_number(scanner, start)
               : TN_OK;
}

static int
scan_word(struct scanner *scanner, const char *word)
{
    size_t size = strlen(word);
    if (scanner->size - scanner->offset < size
        || memcmp(scanner->text + scanner->offset, word, size) != 0) {
        return refuse(scanner, scanner->offset, "a value was expected");
    }
    scanner->offset += size;
    return TN_OK;
}

static int
scan_member_key(struct scanner *scanner)
{
    skip_space(scanner);
    if (peek(scanner) != '"') {
        return refuse(scanner, scanner->offset, "a key was expected");
    }
    int status = scan_string(scanner);
    if (status != TN_OK) {
        return status;
    }
    skip_space(scanner);
    if (!take(scanner, ':')) {
        return refuse(scanner, scanner->offset,
                      "a colon was expected after the key");
    }
    return TN_OK;
}

/* An array or object, whose `close` is ']' or '}'. */
static int
scan_items(struct scanner *scanner, char close)
{
    scanner->offset++;
    skip_space(scanner);
    if (take(scanner, close)) {
        return TN_OK;
    }
    do {
        int status = close == '}' ? scan_member_key(scanner) : TN_OK;
        if (status == TN_OK) {
            status = scan_value(scanner);
        }
        if (status != TN_OK) {
            return status;
        }
        skip_space(scanner);
    } while (take(scanner, ','));
    if (!take(scanner, close)) {
        return refuse(scanner, scanner->offset,
                      close == '}' ? "a comma or } was expected"
                                   : "a comma or ] was expected");
    }
    return TN_OK;
}

static int
scan_nested(struct scanner *scanner, char close)
{
    if (scanner->depth == TN_JSON_DEPTH_LIMIT) {
        scanner->reason = "nested too deeply";
        return TN_ERROR_LIMIT;
    }
    scanner->depth++;
    int status = scan_items(scanner, close);
    scanner->depth--;
    return status;
}

static int
scan_value(struct scanner *scanner)
{
    skip_space(scanner);
    switch (peek(scanner)) {
    case '{':
        return scan_nested(scanner, '}');
    case '[':
        return scan_nested(scanner, ']');
    case '"':
        return scan_string(scanner);
    case 't':
        return scan_word(scanner, "true");
    case 'f':
        return scan_word(scanner, "false");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return scan_number(scanner);
    default:
        return scan_word(scanner, "null");
    }
}

int
json_check(const char *text, size_t size, struct tn_buffer *rewritten,
           struct tn_json_error *error)
{
    assert(rewritten->size == 0);
    struct scanner scanner = {
        .text = text, .size = size, .rewritten = rewritten};
    int status = scan_value(&scanner);
    if (status == TN_OK) {
        skip_space(&scanner);
        if (scanner.offset != size) {
            status = refuse(&scanner, scanner.offset,
                            "more text after the value");
        }
    }
    if (status == TN_OK && scanner.copied != 0) {
        status = tn_buffer_append(rewritten, text + scanner.copied,
                                  size - scanner.copied);
    }
    if (status != TN_OK) {
        error->offset = scanner.offset;
        error->reason =
            scanner.reason != NULL ? scanner.reason : "out of memory";
    }
    return status;
}
