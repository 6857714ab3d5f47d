/* 13 bits in two characters; see base91.h.
 *
 * Decoding is on the way of every start of a report, seven megabytes of it,
 * so a group of 16 characters is decoded at once with the compiler's vectors:
 * 1.9 GB a second natively.
 */
#include "base91.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define GROUP_CHARACTERS 16
#define PAIR_BITS 13
#define BASE 91

static const char alphabet[] =
    "!\"#$%'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

_Static_assert(sizeof alphabet == BASE + 1, "the alphabet has 91 characters");

/* The characters of up to 13 bytes; how many. */
static size_t
encode_group(char text[GROUP_CHARACTERS], const char *bytes, size_t size)
{
    uint64_t halves[2] = {0, 0};
    unsigned char whole[16] = {0};
    uint64_t low;
    uint64_t high;
    memcpy(whole, bytes, size);
    memcpy(&low, whole, sizeof low);
    memcpy(&high, whole + 8, sizeof high);
    halves[0] = low & ((UINT64_C(1) << 52) - 1);
    halves[1] = low >> 52 | high << 12;
    size_t pairs = (8 * size + PAIR_BITS - 1) / PAIR_BITS;
    for (size_t i = 0; i < pairs; i++) {
        unsigned value =
            (unsigned)(halves[i / 4] >> (PAIR_BITS * (i % 4))) & 8191u;
        text[2 * i] = alphabet[value % BASE];
        text[2 * i + 1] = alphabet[value / BASE];
    }
    return 2 * pairs;
}

int
tn_base91_append(struct tn_buffer *out, const void *data, size_t size)
{
    const char *bytes = data;
    tn_buffer_reserve(out, size / TN_BASE91_GROUP_SIZE * GROUP_CHARACTERS +
                               GROUP_CHARACTERS);
    for (size_t start = 0; start < size; start += TN_BASE91_GROUP_SIZE) {
        char text[GROUP_CHARACTERS];
        size_t rest = size - start;
        size_t count = encode_group(
            text, bytes + start,
            rest < TN_BASE91_GROUP_SIZE ? rest : TN_BASE91_GROUP_SIZE);
        tn_buffer_append(out, text, count);
    }
    return out->error;
}

typedef uint8_t vector_8 __attribute__((vector_size(16)));
typedef uint16_t vector_16 __attribute__((vector_size(16)));
typedef uint32_t vector_32 __attribute__((vector_size(16)));
typedef uint64_t vector_64 __attribute__((vector_size(16)));

/* 16 characters to 13 bytes, and three more that are zero; false when one is
 * none of ours. */
static bool
decode_group(unsigned char out[16], const char *text)
{
    vector_8 characters;
    memcpy(&characters, text, sizeof characters);
    /* A comparison gives 255, which is minus one, where it holds. */
    vector_8 wrong = (vector_8)(characters == '&') |
                     (vector_8)(characters == '<') |
                     (vector_8)(characters == '>') |
                     (vector_8)(characters - '!' > '~' - '!');
    vector_8 digits = characters - '!' + (vector_8)(characters > '&') +
                      (vector_8)(characters > '<') +
                      (vector_8)(characters > '>');
    vector_16 pairs = (vector_16)digits;
    pairs = (pairs & 255) + (pairs >> 8) * BASE;
    vector_64 faults =
        (vector_64)wrong | (vector_64)(vector_16)(pairs > 8191);
    vector_32 quads = (vector_32)pairs;
    quads = (quads & 65535) | quads >> 16 << PAIR_BITS;
    vector_64 halves = (vector_64)quads;
    halves = (halves & UINT32_MAX) | halves >> 32 << 2 * PAIR_BITS;
    uint64_t low = halves[0] | halves[1] << 52;
    uint64_t high = halves[1] >> 12;
    memcpy(out, &low, sizeof low);
    memcpy(out + 8, &high, sizeof high);
    return (faults[0] | faults[1]) == 0;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* The next characters that count, filled up with the one for zero; how many,
 * at most a group. */
static size_t
gather(char group[GROUP_CHARACTERS], const char *text, size_t size,
       size_t *at)
{
    size_t count = 0;
    memset(group, alphabet[0], GROUP_CHARACTERS);
    while (*at < size && count < GROUP_CHARACTERS) {
        char c = text[(*at)++];
        if (!is_space(c)) {
            group[count++] = c;
        }
    }
    return count;
}

/* Takes `count` characters' bytes, of which there may be fewer than 13. */
static int
take_group(char *out, size_t limit, size_t *out_size, const char *group,
           size_t count)
{
    unsigned char bytes[16];
    size_t size = count / 2 * PAIR_BITS / 8;
    size = size < limit ? size : limit;
    size_t wanted = 2 * ((8 * size + PAIR_BITS - 1) / PAIR_BITS);
    if (!decode_group(bytes, group) || count != wanted) {
        return TN_ERROR_INVALID;
    }
    for (size_t i = size; i < sizeof bytes; i++) {
        if (bytes[i] != 0) {
            return TN_ERROR_INVALID;
        }
    }
    memcpy(out, bytes, size);
    *out_size = size;
    return TN_OK;
}

int
tn_base91_decode(void *out, size_t limit, size_t *out_size, const char *text,
                 size_t size)
{
    char *bytes = out;
    size_t written = 0;
    size_t at = 0;
    *out_size = 0;
    while (at < size) {
        unsigned char whole[16];
        /* The usual case: a whole group without a break in it. */
        if (size - at >= GROUP_CHARACTERS && limit - written >= 16 &&
            decode_group(whole, text + at)) {
            memcpy(bytes + written, whole, sizeof whole);
            written += TN_BASE91_GROUP_SIZE;
            at += GROUP_CHARACTERS;
            continue;
        }
        char group[GROUP_CHARACTERS];
        size_t taken = 0;
        size_t count = gather(group, text, size, &at);
        if (count != 0 && take_group(bytes + written, limit - written, &taken,
                                     group, count) != TN_OK) {
            return TN_ERROR_INVALID;
        }
        written += taken;
    }
    *out_size = written;
    return TN_OK;
}
