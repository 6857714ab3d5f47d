/* UTF-8: see utf8.h.  The ranges are those of table 3-7 of the Unicode
 * standard. */
#include "utf8.h"

#include <assert.h>

static bool
is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t
tn_utf8_length(const char *text, size_t size)
{
    assert(size != 0);
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = bytes[0];
    if (first < 0x80) {
        return 1;
    }
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || size < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(bytes[i])) {
            return 0;
        }
    }
    /* The second byte alone tells overlong forms, surrogates and what is
     * beyond the last code point. */
    unsigned char second = bytes[1];
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)
        || (first == 0xf0 && second < 0x90)
        || (first == 0xf4 && second > 0x8f)) {
        return 0;
    }
    return length;
}

bool
tn_utf8_is_surrogate(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    return size >= 3 && bytes[0] == 0xed && bytes[1] >= 0xa0
           && is_continuation(bytes[1]) && is_continuation(bytes[2]);
}

size_t
tn_utf8_encode(unsigned code_point, char bytes[4])
{
    assert(code_point < 0x110000);
    if (code_point < 0x80) {
        bytes[0] = (char)code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    bytes[0] = (char)(marks[length] | code_point);
    return length;
}
