/* C += alpha * A * B for packed panels, real; with TRMMKERNEL, the same for a
 * triangular A or B, whose zeros are skipped, and C = instead of C +=.
 *
 * A tile of GEMM_UNROLL_M by GEMM_UNROLL_N sums is kept in registers: eight
 * vectors, which with two of A and one of B fit the sixteen of x86-64 and
 * give enough independent sums to hide the latency of an addition. */

#include "common.h"
#include "simd128.h"

#define ROWS GEMM_DEFAULT_UNROLL_M
#define COLUMNS GEMM_DEFAULT_UNROLL_N
#define PARTS 1

typedef struct {
    FLOAT *c;
    BLASLONG ldc;
    FLOAT alpha;
} target;

INLINE void put(FLOAT *c, FLOAT value)
{
#ifdef TRMMKERNEL
    *c = value;
#else
    *c += value;
#endif
}

/* vectors and columns are constants wherever this is called. */
INLINE void vector_tile(const FLOAT *a, const FLOAT *b, BLASLONG depth,
                        const target *out, int vectors, int columns)
{
    v128_t sum[COLUMNS][ROWS / LANES];
    v128_t alpha = VSPLAT(out->alpha);

    for (int j = 0; j < columns; j++)
        for (int i = 0; i < vectors; i++)
            sum[j][i] = VZERO;
    for (BLASLONG k = 0; k < depth; k++) {
        v128_t left[ROWS / LANES];

        for (int i = 0; i < vectors; i++)
            left[i] = VLOAD(a + i * LANES);
        for (int j = 0; j < columns; j++) {
            v128_t right = VSPLAT_AT(b + j);

            for (int i = 0; i < vectors; i++)
                sum[j][i] = VMADD(left[i], right, sum[j][i]);
        }
        a += vectors * LANES;
        b += columns;
    }
    for (int j = 0; j < columns; j++) {
        FLOAT *c = out->c + j * out->ldc;

        for (int i = 0; i < vectors; i++) {
#ifdef TRMMKERNEL
            VSTORE(c + i * LANES, VMUL(alpha, sum[j][i]));
#else
            VSTORE(c + i * LANES,
                   VMADD(alpha, sum[j][i], VLOAD(c + i * LANES)));
#endif
        }
    }
}

/* The last rows, fewer than a vector has lanes. */
INLINE void scalar_tile(const FLOAT *a, const FLOAT *b, BLASLONG depth,
                        const target *out, int rows, int columns)
{
    FLOAT sum[COLUMNS][LANES];

    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++)
            sum[j][i] = 0;
    for (BLASLONG k = 0; k < depth; k++) {
        for (int j = 0; j < columns; j++)
            for (int i = 0; i < rows; i++)
                sum[j][i] += a[i] * b[j];
        a += rows;
        b += columns;
    }
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++)
            put(out->c + j * out->ldc + i, out->alpha * sum[j][i]);
}

INLINE void tile(const FLOAT *a, const FLOAT *b, BLASLONG depth,
                 const target *out, BLASLONG rows, int columns)
{
    switch (rows) {
#ifndef DOUBLE
    case 8:
        vector_tile(a, b, depth, out, 2, columns);
        break;
    case 4:
        vector_tile(a, b, depth, out, 1, columns);
        break;
    case 2:
        scalar_tile(a, b, depth, out, 2, columns);
        break;
#else
    case 4:
        vector_tile(a, b, depth, out, 2, columns);
        break;
    case 2:
        vector_tile(a, b, depth, out, 1, columns);
        break;
#endif
    default:
        scalar_tile(a, b, depth, out, 1, columns);
        break;
    }
}

#include "panels_simd128.h"
