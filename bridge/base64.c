/* Base64, three bytes and four characters at a time. */
#include "base64.h"

#include <stdint.h>

#include "status.h"

int
tn_base64_append(struct tn_buffer *out, const void *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    if (size > SIZE_MAX / 2) {
        return out->error = TN_ERROR_MEMORY;
    }
    if (tn_buffer_reserve(out, (size + 2) / 3 * 4) != TN_OK) {
        return out->error;
    }
    for (size_t i = 0; i < size; i += 3) {
        size_t count = size - i < 3 ? size - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16;
        group |= count > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= count > 2 ? bytes[i + 2] : 0;
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        count > 1 ? digits[group >> 6 & 63] : '=',
                        count > 2 ? digits[group & 63] : '='};
        tn_buffer_append(out, four, sizeof four);
    }
    return out->error;
}

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
tn_base64_decode(struct tn_buffer *out, const char *text, size_t size)
{
    uint32_t group = 0;
    unsigned count = 0;
    unsigned padding = 0;
    tn_buffer_reserve(out, size / 4 * 3);
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            continue;
        }
        int value = value_of(c);
        if (c == '=' && count + padding < 4 && count >= 2) {
            padding++;
            continue;
        }
        if (value < 0 || padding != 0) {
            return TN_ERROR_INVALID;
        }
        group = group << 6 | (uint32_t)value;
        if (++count == 4) {
            char three[3] = {(char)(group >> 16), (char)(group >> 8),
                             (char)group};
            tn_buffer_append(out, three, sizeof three);
            count = 0;
        }
    }
    if (count == 1 || (padding != 0 && count + padding != 4)) {
        return TN_ERROR_INVALID;
    }
    if (count != 0) {
        group <<= 6 * (4 - count);
        char rest[2] = {(char)(group >> 16), (char)(group >> 8)};
        tn_buffer_append(out, rest, count - 1);
    }
    return out->error;
}
