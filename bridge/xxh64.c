/* XXH64 with seed 0, from its specification. */
#include "xxh64.h"

#include <string.h>

#define PRIME_1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME_3 UINT64_C(0x165667B19E3779F9)
#define PRIME_4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME_5 UINT64_C(0x27D4EB2F165667C5)

static uint64_t
rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

/* Both targets are little-endian, as the specification's input is. */
static uint64_t
read_64(const unsigned char *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint64_t
read_32(const unsigned char *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint64_t
mix(uint64_t lane, uint64_t input)
{
    return rotate(lane + input * PRIME_2, 31) * PRIME_1;
}

static uint64_t
merge(uint64_t hash, uint64_t lane)
{
    return (hash ^ mix(0, lane)) * PRIME_1 + PRIME_4;
}

uint64_t
tn_xxh64(const void *data, size_t size)
{
    const unsigned char *at = data;
    size_t rest = size;
    uint64_t hash = PRIME_5;
    if (size >= 32) {
        uint64_t lanes[4] = {PRIME_1 + PRIME_2, PRIME_2, 0, 0 - PRIME_1};
        for (; rest >= 32; rest -= 32, at += 32) {
            for (unsigned i = 0; i < 4; i++) {
                lanes[i] = mix(lanes[i], read_64(at + (size_t)i * 8));
            }
        }
        hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) +
               rotate(lanes[2], 12) + rotate(lanes[3], 18);
        for (unsigned i = 0; i < 4; i++) {
            hash = merge(hash, lanes[i]);
        }
    }
    hash += size;
    for (; rest >= 8; rest -= 8, at += 8) {
        hash = rotate(hash ^ mix(0, read_64(at)), 27) * PRIME_1 + PRIME_4;
    }
    for (; rest >= 4; rest -= 4, at += 4) {
        hash = rotate(hash ^ read_32(at) * PRIME_1, 23) * PRIME_2 + PRIME_3;
    }
    for (; rest > 0; rest--, at++) {
        hash = rotate(hash ^ *at * PRIME_5, 11) * PRIME_1;
    }
    hash = (hash ^ hash >> 33) * PRIME_2;
    hash = (hash ^ hash >> 29) * PRIME_3;
    return hash ^ hash >> 32;
}

void
tn_xxh64_text(const void *data, size_t size, char text[TN_XXH64_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t hash = tn_xxh64(data, size);
    for (unsigned i = 0; i < 16; i++) {
        text[i] = digits[hash >> (60 - 4 * i) & 15];
    }
    text[16] = '\0';
}
