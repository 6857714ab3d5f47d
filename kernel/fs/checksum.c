/* XXH64 with seed 0, written after its published specification.
 *
 * It is fast without special instructions (wasm has 64-bit multiplication),
 * so checking a block costs a fraction of decoding it.
 */
#include "checksum.h"

#include "image_format.h"

#define PRIME_1 0x9E3779B185EBCA87u
#define PRIME_2 0xC2B2AE3D27D4EB4Fu
#define PRIME_3 0x165667B19E3779F9u
#define PRIME_4 0x85EBCA77C2B2AE63u
#define PRIME_5 0x27D4EB2F165667C5u

static uint64_t
rotate(uint64_t value, unsigned count)
{
    return value << count | value >> (64 - count);
}

static uint64_t
mix_lane(uint64_t lane, uint64_t input)
{
    return rotate(lane + input * PRIME_2, 31) * PRIME_1;
}

static uint64_t
merge_lane(uint64_t hash, uint64_t lane)
{
    return (hash ^ mix_lane(0, lane)) * PRIME_1 + PRIME_4;
}

/* Takes whole stripes of 32 bytes in four independent lanes, which is what
 * lets a processor work on all of them at once. */
static uint64_t
hash_stripes(const unsigned char **bytes, const unsigned char *end)
{
    const unsigned char *at = *bytes;
    uint64_t a = PRIME_1 + PRIME_2;
    uint64_t b = PRIME_2;
    uint64_t c = 0;
    uint64_t d = 0u - PRIME_1;

    for (; end - at >= 32; at += 32) {
        a = mix_lane(a, image_u64(at));
        b = mix_lane(b, image_u64(at + 8));
        c = mix_lane(c, image_u64(at + 16));
        d = mix_lane(d, image_u64(at + 24));
    }
    *bytes = at;
    uint64_t hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12)
        + rotate(d, 18);
    hash = merge_lane(hash, a);
    hash = merge_lane(hash, b);
    hash = merge_lane(hash, c);
    return merge_lane(hash, d);
}

static uint64_t
hash_rest(uint64_t hash, const unsigned char *at, const unsigned char *end)
{
    for (; end - at >= 8; at += 8) {
        hash ^= mix_lane(0, image_u64(at));
        hash = rotate(hash, 27) * PRIME_1 + PRIME_4;
    }
    if (end - at >= 4) {
        hash ^= image_u32(at) * PRIME_1;
        hash = rotate(hash, 23) * PRIME_2 + PRIME_3;
        at += 4;
    }
    for (; at < end; at++) {
        hash ^= *at * PRIME_5;
        hash = rotate(hash, 11) * PRIME_1;
    }
    return hash;
}

uint64_t
tn_checksum(const void *bytes, size_t size)
{
    static const unsigned char nothing[1];
    const unsigned char *at = size > 0 ? bytes : nothing;
    const unsigned char *end = at + size;
    uint64_t hash = size >= 32 ? hash_stripes(&at, end) : PRIME_5;

    hash = hash_rest(hash + size, at, end);
    hash = (hash ^ hash >> 33) * PRIME_2;
    hash = (hash ^ hash >> 29) * PRIME_3;
    return hash ^ hash >> 32;
}
