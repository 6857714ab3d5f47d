/* y += alpha * A * x, or with TRANS y += alpha * A' * x, complex; CONJ takes
 * the conjugate of A, XCONJ that of x.
 *
 * Two columns go together, and rows in blocks that leave y (or x) in the
 * first-level cache.  A block of a vector that has strides is copied into the
 * buffer. */

#include "common.h"
#include "simd128.h"
#include "complex_simd128.h"

#define GROUP 2
#define BLOCK 512
#define STEP (LANES / PARTS)

#ifdef XCONJ
#define X_SIGN -1
#else
#define X_SIGN 1
#endif

INLINE void copy(BLASLONG count, const FLOAT *from, BLASLONG inc_from,
                 FLOAT *to, BLASLONG inc_to)
{
    for (BLASLONG i = 0; i < count; i++) {
        to[2 * i * inc_to] = from[2 * i * inc_from];
        to[2 * i * inc_to + 1] = from[2 * i * inc_from + 1];
    }
}

#ifndef TRANS

/* y += a * factor, as the sum of a and of a with its parts exchanged, each
 * times a vector of its own that holds all the signs */
INLINE v128_t multiplied(v128_t sum, v128_t a, const v128_t factor[2])
{
    return VMADD(EXCHANGED(a), factor[1], VMADD(a, factor[0], sum));
}

INLINE void group(BLASLONG m, const FLOAT *a, BLASLONG lda, const FLOAT *x,
                  FLOAT *y, int columns)
{
    v128_t factor[GROUP][2];
    BLASLONG i = 0;

    for (int j = 0; j < columns; j++) {
        FLOAT r = x[2 * j], s = x[2 * j + 1];
#ifndef CONJ
        factor[j][0] = PAIR(r, r);
        factor[j][1] = PAIR(-s, s);
#else
        factor[j][0] = PAIR(r, -r);
        factor[j][1] = PAIR(s, s);
#endif
    }
    for (; i + 2 * STEP <= m; i += 2 * STEP) {
        v128_t low = VLOAD(y + i * 2), high = VLOAD(y + i * 2 + LANES);

        for (int j = 0; j < columns; j++) {
            const FLOAT *p = a + (j * lda + i) * 2;

            low = multiplied(low, VLOAD(p), factor[j]);
            high = multiplied(high, VLOAD(p + LANES), factor[j]);
        }
        VSTORE(y + i * 2, low);
        VSTORE(y + i * 2 + LANES, high);
    }
    for (; i < m; i++) {
        v128_t sum = load(y + i * 2, STEP > 1);

        for (int j = 0; j < columns; j++) {
            const FLOAT *p = a + (j * lda + i) * 2;

            sum = multiplied(sum, load(p, STEP > 1), factor[j]);
        }
        store(y + i * 2, sum, STEP > 1);
    }
}

static void block(BLASLONG m, BLASLONG n, FLOAT alpha_r, FLOAT alpha_i,
                  const FLOAT *a, BLASLONG lda, const FLOAT *x,
                  BLASLONG inc_x, FLOAT *y)
{
    for (BLASLONG j = 0; j < n; j += GROUP) {
        FLOAT factor[GROUP * 2];
        BLASLONG count = n - j < GROUP ? n - j : GROUP;

        for (BLASLONG k = 0; k < count; k++) {
            FLOAT r = x[(j + k) * inc_x * 2];
            FLOAT s = X_SIGN * x[(j + k) * inc_x * 2 + 1];

            factor[2 * k] = alpha_r * r - alpha_i * s;
            factor[2 * k + 1] = alpha_r * s + alpha_i * r;
        }
        if (count == GROUP)
            group(m, a, lda, factor, y, GROUP);
        else
            group(m, a, lda, factor, y, 1);
        a += GROUP * lda * 2;
    }
}

int CNAME(BLASLONG m, BLASLONG n, BLASLONG unused, FLOAT alpha_r,
          FLOAT alpha_i, FLOAT *a, BLASLONG lda, FLOAT *x, BLASLONG inc_x,
          FLOAT *y, BLASLONG inc_y, FLOAT *buffer)
{
    for (BLASLONG first = 0; first < m; first += BLOCK) {
        BLASLONG count = m - first < BLOCK ? m - first : BLOCK;
        FLOAT *from = y + first * inc_y * 2;
        FLOAT *sum = inc_y == 1 ? from : buffer;

        if (inc_y != 1)
            copy(count, from, inc_y, sum, 1);
        block(count, n, alpha_r, alpha_i, a + first * 2, lda, x, inc_x,
              sum);
        if (inc_y != 1)
            copy(count, sum, 1, from, inc_y);
    }
    return 0;
}

#else

/* The sums over one complex lane: of equal parts and of unlike ones. */
INLINE void finish(v128_t equal, v128_t unlike, FLOAT *result)
{
    FLOAT rr = 0, ii = 0, ri = 0, ir = 0; /* part of a, part of x */
#ifdef DOUBLE
    rr = wasm_f64x2_extract_lane(equal, 0);
    ii = wasm_f64x2_extract_lane(equal, 1);
    ri = wasm_f64x2_extract_lane(unlike, 0);
    ir = wasm_f64x2_extract_lane(unlike, 1);
#else
    rr = wasm_f32x4_extract_lane(equal, 0)
         + wasm_f32x4_extract_lane(equal, 2);
    ii = wasm_f32x4_extract_lane(equal, 1)
         + wasm_f32x4_extract_lane(equal, 3);
    ri = wasm_f32x4_extract_lane(unlike, 0)
         + wasm_f32x4_extract_lane(unlike, 2);
    ir = wasm_f32x4_extract_lane(unlike, 1)
         + wasm_f32x4_extract_lane(unlike, 3);
#endif
#if defined(CONJ) == defined(XCONJ)
    result[0] = rr - ii;
#else
    result[0] = rr + ii;
#endif
#ifdef CONJ
    ir = -ir;
#endif
    result[1] = X_SIGN * ri + ir;
}

/* result[0], result[1], ... = the columns a, a + lda, ... times x */
INLINE void group(BLASLONG m, const FLOAT *a, BLASLONG lda, const FLOAT *x,
                  FLOAT *result, int columns)
{
    v128_t equal[GROUP], unlike[GROUP];
    BLASLONG i = 0;

    for (int j = 0; j < columns; j++)
        equal[j] = unlike[j] = VZERO;
    for (; i + STEP <= m; i += STEP) {
        v128_t straight = VLOAD(x + i * 2);
        v128_t turned = EXCHANGED(straight);

        for (int j = 0; j < columns; j++) {
            v128_t left = VLOAD(a + (j * lda + i) * 2);

            equal[j] = VMADD(left, straight, equal[j]);
            unlike[j] = VMADD(left, turned, unlike[j]);
        }
    }
    for (; i < m; i++) {
        v128_t straight = load(x + i * 2, 1);
        v128_t turned = EXCHANGED(straight);

        for (int j = 0; j < columns; j++) {
            v128_t left = load(a + (j * lda + i) * 2, 1);

            equal[j] = VMADD(left, straight, equal[j]);
            unlike[j] = VMADD(left, turned, unlike[j]);
        }
    }
    for (int j = 0; j < columns; j++)
        finish(equal[j], unlike[j], result + 2 * j);
}

static void block(BLASLONG m, BLASLONG n, FLOAT alpha_r, FLOAT alpha_i,
                  const FLOAT *a, BLASLONG lda, const FLOAT *x, FLOAT *y,
                  BLASLONG inc_y)
{
    for (BLASLONG j = 0; j < n; j += GROUP) {
        FLOAT result[GROUP * 2];
        BLASLONG count = n - j < GROUP ? n - j : GROUP;

        if (count == GROUP)
            group(m, a, lda, x, result, GROUP);
        else
            group(m, a, lda, x, result, 1);
        for (BLASLONG k = 0; k < count; k++) {
            FLOAT *out = y + 2 * (j + k) * inc_y;
            FLOAT r = result[2 * k], s = result[2 * k + 1];

            out[0] += alpha_r * r - alpha_i * s;
            out[1] += alpha_r * s + alpha_i * r;
        }
        a += GROUP * lda * 2;
    }
}

int CNAME(BLASLONG m, BLASLONG n, BLASLONG unused, FLOAT alpha_r,
          FLOAT alpha_i, FLOAT *a, BLASLONG lda, FLOAT *x, BLASLONG inc_x,
          FLOAT *y, BLASLONG inc_y, FLOAT *buffer)
{
    for (BLASLONG first = 0; first < m; first += BLOCK) {
        BLASLONG count = m - first < BLOCK ? m - first : BLOCK;
        const FLOAT *part = x + first * inc_x * 2;

        if (inc_x != 1) {
            copy(count, part, inc_x, buffer, 1);
            part = buffer;
        }
        block(count, n, alpha_r, alpha_i, a + first * 2, lda, part, y,
              inc_y);
    }
    return 0;
}

#endif
