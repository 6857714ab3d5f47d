/* What changed in memory: a hash of one page of it, for the checkpoints that
 * plugin/src/checkpoint.ts takes.
 *
 * The hashes themselves are kept outside of linear memory, where writing them
 * down changes nothing that is hashed.  A function without state can also be
 * called while Python is suspended, and on memory whose kernel trapped.
 */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#include "web.h"

/* Not WebAssembly's 64 KiB: a small one, so that little is copied. */
#define PAGE_SIZE ((size_t)4096)

/* Sums that are kept side by side, of two 64-bit lanes each: enough to hide
 * how long a multiplication takes. */
#define SUM_COUNT 8

#define STRIPE_SIZE (SUM_COUNT * sizeof(v128_t))

/* Odd 64-bit constants without a pattern: digits of the golden ratio, of e
 * and of pi. */
static const uint64_t GOLDEN = 0x9e3779b97f4a7c15;
static const uint64_t EULER = 0xb7e151628aed2a6b;
static const uint64_t CIRCLE = 0x243f6a8885a308d3;

/* Adds a block to its sum: both halves of each lane multiplied, which no
 * small change survives unseen, and the lane itself in the other one, so that
 * a half of zero hides nothing. */
static inline v128_t
add_block(v128_t sum, v128_t block, v128_t key)
{
    v128_t mixed = wasm_v128_xor(block, key);
    v128_t low = wasm_i32x4_shuffle(mixed, mixed, 0, 2, 0, 2);
    v128_t high = wasm_i32x4_shuffle(mixed, mixed, 1, 3, 1, 3);
    v128_t crossed = wasm_i64x2_shuffle(block, block, 1, 0);

    sum = wasm_i64x2_add(sum, wasm_u64x2_extmul_low_u32x4(low, high));
    return wasm_i64x2_add(sum, crossed);
}

static inline uint64_t
fold(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * GOLDEN;
    return hash ^ (hash >> 32);
}

double
tn_web_hash_page(uint32_t page)
{
    const unsigned char *bytes = (const unsigned char *)(page * PAGE_SIZE);
    v128_t sums[SUM_COUNT];
    v128_t keys[SUM_COUNT];
    v128_t step = wasm_i64x2_splat((int64_t)GOLDEN);
    uint64_t hash = CIRCLE;

    for (size_t i = 0; i < SUM_COUNT; i++) {
        sums[i] = wasm_i64x2_splat(0);
        keys[i] = wasm_i64x2_make((int64_t)((2 * i + 1) * EULER),
                                  (int64_t)((2 * i + 2) * EULER));
    }
    for (size_t at = 0; at < PAGE_SIZE; at += STRIPE_SIZE) {
        const v128_t *blocks = (const v128_t *)(const void *)(bytes + at);

        for (size_t i = 0; i < SUM_COUNT; i++) {
            sums[i] = add_block(sums[i], wasm_v128_load(blocks + i), keys[i]);
            /* Another key at each place: the order counts. */
            keys[i] = wasm_i64x2_add(keys[i], step);
        }
    }
    for (size_t i = 0; i < SUM_COUNT; i++) {
        hash = fold(hash, (uint64_t)wasm_i64x2_extract_lane(sums[i], 0));
        hash = fold(hash, (uint64_t)wasm_i64x2_extract_lane(sums[i], 1));
    }
    /* What a double holds exactly. */
    return (double)(fold(hash, CIRCLE) >> 11);
}
