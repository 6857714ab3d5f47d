/* y += alpha * A * x, or with TRANS y += alpha * A' * x, real.
 *
 * Four columns go together, so that y (or x) is read once for all of them, and
 * rows go in blocks that leave y (or x) in the first-level cache.  A block of
 * a vector that has strides is copied into the buffer. */

#include "common.h"
#include "simd128.h"

#define GROUP 4
#define BLOCK 1024

#ifndef TRANS

/* y += the columns a, a + lda, ... times x[0], x[1], ... */
INLINE void group(BLASLONG m, const FLOAT *a, BLASLONG lda, const FLOAT *x,
                  FLOAT *y, int columns)
{
    v128_t factor[GROUP];
    BLASLONG i = 0;

    for (int j = 0; j < columns; j++)
        factor[j] = VSPLAT(x[j]);
    for (; i + 2 * LANES <= m; i += 2 * LANES) {
        v128_t low = VLOAD(y + i), high = VLOAD(y + i + LANES);

        for (int j = 0; j < columns; j++) {
            const FLOAT *p = a + j * lda + i;

            low = VMADD(VLOAD(p), factor[j], low);
            high = VMADD(VLOAD(p + LANES), factor[j], high);
        }
        VSTORE(y + i, low);
        VSTORE(y + i + LANES, high);
    }
    for (; i < m; i++)
        for (int j = 0; j < columns; j++)
            y[i] += a[j * lda + i] * x[j];
}

static void block(BLASLONG m, BLASLONG n, FLOAT alpha, const FLOAT *a,
                  BLASLONG lda, const FLOAT *x, BLASLONG inc_x, FLOAT *y)
{
    for (BLASLONG j = 0; j < n; j += GROUP) {
        FLOAT factor[GROUP];
        BLASLONG count = n - j < GROUP ? n - j : GROUP;

        for (BLASLONG k = 0; k < count; k++)
            factor[k] = alpha * x[(j + k) * inc_x];
        if (count == GROUP)
            group(m, a, lda, factor, y, GROUP);
        else
            for (BLASLONG k = 0; k < count; k++)
                group(m, a + k * lda, lda, factor + k, y, 1);
        a += GROUP * lda;
    }
}

int CNAME(BLASLONG m, BLASLONG n, BLASLONG unused, FLOAT alpha, FLOAT *a,
          BLASLONG lda, FLOAT *x, BLASLONG inc_x, FLOAT *y, BLASLONG inc_y,
          FLOAT *buffer)
{
    for (BLASLONG first = 0; first < m; first += BLOCK) {
        BLASLONG count = m - first < BLOCK ? m - first : BLOCK;
        FLOAT *from = y + first * inc_y;
        FLOAT *sum = inc_y == 1 ? from : buffer;

        if (inc_y != 1)
            for (BLASLONG i = 0; i < count; i++)
                sum[i] = from[i * inc_y];
        block(count, n, alpha, a + first, lda, x, inc_x, sum);
        if (inc_y != 1)
            for (BLASLONG i = 0; i < count; i++)
                from[i * inc_y] = sum[i];
    }
    return 0;
}

#else

/* result[0], result[1], ... = the columns a, a + lda, ... times x */
INLINE void group(BLASLONG m, const FLOAT *a, BLASLONG lda, const FLOAT *x,
                  FLOAT *result, int columns)
{
    v128_t low[GROUP], high[GROUP];
    BLASLONG i = 0;

    for (int j = 0; j < columns; j++)
        low[j] = high[j] = VZERO;
    for (; i + 2 * LANES <= m; i += 2 * LANES) {
        v128_t x_low = VLOAD(x + i), x_high = VLOAD(x + i + LANES);

        for (int j = 0; j < columns; j++) {
            const FLOAT *p = a + j * lda + i;

            low[j] = VMADD(VLOAD(p), x_low, low[j]);
            high[j] = VMADD(VLOAD(p + LANES), x_high, high[j]);
        }
    }
    for (int j = 0; j < columns; j++) {
        v128_t sum = VADD(low[j], high[j]);

        result[j] = VSUM(sum);
    }
    for (; i < m; i++)
        for (int j = 0; j < columns; j++)
            result[j] += a[j * lda + i] * x[i];
}

static void block(BLASLONG m, BLASLONG n, FLOAT alpha, const FLOAT *a,
                  BLASLONG lda, const FLOAT *x, FLOAT *y, BLASLONG inc_y)
{
    for (BLASLONG j = 0; j < n; j += GROUP) {
        FLOAT result[GROUP];
        BLASLONG count = n - j < GROUP ? n - j : GROUP;

        if (count == GROUP)
            group(m, a, lda, x, result, GROUP);
        else
            for (BLASLONG k = 0; k < count; k++)
                group(m, a + k * lda, lda, x, result + k, 1);
        for (BLASLONG k = 0; k < count; k++)
            y[(j + k) * inc_y] += alpha * result[k];
        a += GROUP * lda;
    }
}

int CNAME(BLASLONG m, BLASLONG n, BLASLONG unused, FLOAT alpha, FLOAT *a,
          BLASLONG lda, FLOAT *x, BLASLONG inc_x, FLOAT *y, BLASLONG inc_y,
          FLOAT *buffer)
{
    for (BLASLONG first = 0; first < m; first += BLOCK) {
        BLASLONG count = m - first < BLOCK ? m - first : BLOCK;
        FLOAT *part = x + first * inc_x;

        if (inc_x != 1) {
            for (BLASLONG i = 0; i < count; i++)
                buffer[i] = part[i * inc_x];
            part = buffer;
        }
        block(count, n, alpha, a + first, lda, part, y, inc_y);
    }
    return 0;
}

#endif
