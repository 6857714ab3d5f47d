/* Base64, three bytes and four characters at a time. */
#include "base64.h"

#include <stdint.h>

#include "status.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                             "wxyz0123456789+/";

int
base64_encode(const void *data, size_t size, struct tn_buffer *out)
{
    const unsigned char *bytes = data;
    (void)tn_buffer_reserve(out, size / 3 * 4 + 4);
    for (size_t i = 0; i < size; i += 3) {
        size_t count = size - i < 3 ? size - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (count > 1) {
            group |= (uint32_t)bytes[i + 1] << 8;
        }
        if (count > 2) {
            group |= bytes[i + 2];
        }
        char text[4] = {
            digits[group >> 18],
            digits[group >> 12 & 63],
            count > 1 ? digits[group >> 6 & 63] : '=',
            count > 2 ? digits[group & 63] : '=',
        };
        (void)tn_buffer_append(out, text, sizeof(text));
    }
    return out->error;
}

/* -1: not a digit. */
static int
value_of(char digit)
{
    if (digit >= 'A' && digit <= 'Z') {
        return digit - 'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - 'a' + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - '0' + 52;
    }
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

int
base64_decode(const char *text, size_t size, struct tn_buffer *out)
{
    for (int padding = 0; padding < 2 && size != 0; padding++) {
        size -= text[size - 1] == '=';
    }
    if (size % 4 == 1) {
        return TN_ERROR_INVALID;
    }
    (void)tn_buffer_reserve(out, size / 4 * 3 + 3);
    for (size_t i = 0; i < size; i += 4) {
        size_t count = size - i < 4 ? size - i : 4;
        uint32_t group = 0;
        for (size_t j = 0; j < count; j++) {
            int value = value_of(text[i + j]);
            if (value < 0) {
                return TN_ERROR_INVALID;
            }
            group |= (uint32_t)value << (18 - 6 * j);
        }
        unsigned char bytes[3] = {
            (unsigned char)(group >> 16),
            (unsigned char)(group >> 8 & 255),
            (unsigned char)(group & 255),
        };
        (void)tn_buffer_append(out, bytes, count - 1);
    }
    return out->error;
}
