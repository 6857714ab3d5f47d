/* SHA-256 as FIPS 180-4 describes it. */
#include "sha256.h"

#include <string.h>

#define BLOCK_SIZE 64
#define ROUND_COUNT 64

static const uint32_t constants[ROUND_COUNT] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
rotate(uint32_t word, unsigned count)
{
    return word >> count | word << (32 - count);
}

static void
expand(uint32_t words[ROUND_COUNT], const uint8_t *block)
{
    for (size_t i = 0; i < 16; i++) {
        words[i] = (uint32_t)block[4 * i] << 24 |
                   (uint32_t)block[4 * i + 1] << 16 |
                   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    }
    for (size_t i = 16; i < ROUND_COUNT; i++) {
        uint32_t a = words[i - 15];
        uint32_t b = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] +
                   (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

static void
add_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t words[ROUND_COUNT];
    uint32_t s[8];
    expand(words, block);
    memcpy(s, state, sizeof s);
    for (size_t i = 0; i < ROUND_COUNT; i++) {
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        uint32_t first = s[7] + choice + constants[i] + words[i] +
                         (rotate(s[4], 6) ^ rotate(s[4], 11) ^
                          rotate(s[4], 25));
        uint32_t second = majority + (rotate(s[0], 2) ^ rotate(s[0], 13) ^
                                      rotate(s[0], 22));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += first;
        s[0] = first + second;
    }
    for (size_t i = 0; i < 8; i++) {
        state[i] += s[i];
    }
}

void
tn_sha256(const void *data, size_t size, uint8_t out[TN_SHA256_SIZE])
{
    uint32_t state[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    const uint8_t *bytes = data;
    size_t at = 0;
    for (; size - at >= BLOCK_SIZE; at += BLOCK_SIZE) {
        add_block(state, bytes + at);
    }
    /* The rest, one bit, and the length in bits: one block or two. */
    uint8_t tail[2 * BLOCK_SIZE] = {0};
    size_t rest = size - at;
    if (rest != 0) {
        memcpy(tail, bytes + at, rest);
    }
    tail[rest] = 0x80;
    size_t tail_size = rest + 9 <= BLOCK_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;
    uint64_t bit_count = (uint64_t)size * 8;
    for (size_t i = 0; i < 8; i++) {
        tail[tail_size - 1 - i] = (uint8_t)(bit_count >> (8 * i));
    }
    for (size_t i = 0; i < tail_size; i += BLOCK_SIZE) {
        add_block(state, tail + i);
    }
    for (size_t i = 0; i < TN_SHA256_SIZE; i++) {
        out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    }
}

void
tn_sha256_text(const void *data, size_t size, char out[TN_SHA256_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[TN_SHA256_SIZE];
    tn_sha256(data, size, sum);
    for (size_t i = 0; i < TN_SHA256_SIZE; i++) {
        out[2 * i] = digits[sum[i] >> 4];
        out[2 * i + 1] = digits[sum[i] & 15];
    }
    out[TN_SHA256_TEXT_SIZE - 1] = '\0';
}
