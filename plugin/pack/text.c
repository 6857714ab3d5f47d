/* Checks on text from outside, and small searches in it. */
#include "text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "pack_limits.h"
#include "status.h"
#include "utf8.h"

int
tn_text_check(const char *text, size_t size, const char *file,
              struct tn_problem *problem)
{
    if (size > TN_LIMIT_TEXT_SIZE) {
        return tn_problem_set(problem, TN_ERROR_LIMIT, file, 0,
                              "%zu bytes of text, more than the limit of %zu",
                              size, TN_LIMIT_TEXT_SIZE);
    }
    size_t i = 0;
    while (i < size) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == 0) {
            return tn_problem_set(problem, TN_ERROR_INVALID, file,
                                  tn_text_line_of(text, i),
                                  "a NUL character: not a text file?");
        }
        size_t length = byte < 0x80 ? 1 : tn_utf8_length(text + i, size - i);
        if (length == 0) {
            return tn_problem_set(problem, TN_ERROR_INVALID, file,
                                  tn_text_line_of(text, i),
                                  "not UTF-8 (byte 0x%02x)", byte);
        }
        i += length;
    }
    return TN_OK;
}

int
tn_text_append_lines(struct tn_buffer *out, const char *text, size_t size)
{
    size_t start = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    tn_buffer_reserve(out, size);
    while (start < size) {
        const char *cr = memchr(text + start, '\r', size - start);
        size_t end = cr == NULL ? size : (size_t)(cr - text);
        tn_buffer_append(out, text + start, end - start);
        if (end < size) {
            tn_buffer_append_char(out, '\n');
            end += end + 1 < size && text[end + 1] == '\n' ? 2 : 1;
        }
        start = end;
    }
    return out->error;
}

size_t
tn_text_line_of(const char *text, size_t offset)
{
    size_t line = 1;
    assert(text != NULL || offset == 0);
    for (size_t i = 0; i < offset; i++) {
        line += text[i] == '\n';
    }
    return line;
}

bool
tn_text_is_file_name(const char *name, size_t size)
{
    if (size == 0 || size > TN_LIMIT_NAME_SIZE) {
        return false;
    }
    if ((size == 1 && name[0] == '.') ||
        (size == 2 && memcmp(name, "..", 2) == 0)) {
        return false;
    }
    size_t i = 0;
    while (i < size) {
        unsigned char byte = (unsigned char)name[i];
        if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\') {
            return false;
        }
        size_t length = tn_utf8_length(name + i, size - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

bool
tn_text_is_file_path(const char *path, size_t size)
{
    if (size > TN_LIMIT_PATH_SIZE) {
        return false;
    }
    const char *end = path + size;
    for (;;) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        const char *stop = slash != NULL ? slash : end;
        if (!tn_text_is_file_name(path, (size_t)(stop - path))) {
            return false;
        }
        if (slash == NULL) {
            return true;
        }
        path = slash + 1;
    }
}

const char *
tn_text_mimetype(const char *name)
{
    static const char *const types[][2] = {
        {"csv", "text/csv"},
        {"tsv", "text/tab-separated-values"},
        {"txt", "text/plain"},
        {"md", "text/markdown"},
        {"py", "text/x-python"},
        {"js", "text/javascript"},
        {"css", "text/css"},
        {"html", "text/html"},
        {"json", "application/json"},
        {"geojson", "application/geo+json"},
        {"xml", "application/xml"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"pdf", "application/pdf"},
        {"zip", "application/zip"},
        {"gz", "application/gzip"},
        {"wasm", "application/wasm"},
        {"sqlite", "application/vnd.sqlite3"},
        {"db", "application/vnd.sqlite3"},
        {"parquet", "application/vnd.apache.parquet"},
        {"xlsx", "application/"
                 "vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    };
    const char *dot = strrchr(name, '.');
    if (dot != NULL) {
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
            if (tn_text_equal_nocase(dot + 1, strlen(dot + 1), types[i][0])) {
                return types[i][1];
            }
        }
    }
    return "application/octet-stream";
}

static char
lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character + 32)
                                                : character;
}

bool
tn_text_equal_nocase(const char *text, size_t size, const char *word)
{
    for (size_t i = 0; i < size; i++) {
        if (word[i] == '\0' || lower(text[i]) != lower(word[i])) {
            return false;
        }
    }
    return word[size] == '\0';
}

size_t
tn_text_find(const char *text, size_t size, size_t start, const char *word,
             bool nocase)
{
    size_t length = strlen(word);
    for (size_t i = start; length <= size && i <= size - length; i++) {
        if (!nocase) {
            const char *hit = memchr(text + i, word[0], size - length - i + 1);
            if (hit == NULL) {
                return size;
            }
            i = (size_t)(hit - text);
            if (memcmp(hit, word, length) == 0) {
                return i;
            }
        }
        else if (lower(text[i]) == lower(word[0]) &&
                 tn_text_equal_nocase(text + i, length, word)) {
            return i;
        }
    }
    return size;
}
