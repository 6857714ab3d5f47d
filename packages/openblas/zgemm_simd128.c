/* C += alpha * A * B for packed panels, complex; NN, CN, NC, CC say which of
 * A and B is conjugated.  With TRMMKERNEL, the same for a triangular A or B,
 * whose zeros are skipped, and C = instead of C +=.
 *
 * A vector holds one double or two single complex numbers.  For each the sums
 * of a * real(b) and of a * imag(b) are kept apart; signs and exchanged parts,
 * also those of the conjugates, come once, at the end. */

#include "common.h"
#include "simd128.h"
#include "complex_simd128.h"

#define ROWS GEMM_DEFAULT_UNROLL_M
#define COLUMNS GEMM_DEFAULT_UNROLL_N
#define VECTORS (ROWS * PARTS / LANES)

typedef struct {
    FLOAT *c;
    BLASLONG ldc;
    FLOAT alpha_r, alpha_i;
} target;

/* The signs of the two sums' parts. */
#if defined(CN) || defined(CC)
#define STRAIGHT SIGNS(1, -1)
#else
#define STRAIGHT SIGNS(1, 1)
#endif
#if defined(NN)
#define CROSSED SIGNS(-1, 1)
#elif defined(NC)
#define CROSSED SIGNS(1, -1)
#elif defined(CN)
#define CROSSED SIGNS(1, 1)
#else
#define CROSSED SIGNS(-1, -1)
#endif

/* alpha times the product that the two sums stand for. */
INLINE v128_t scaled(v128_t by_real, v128_t by_imag, const target *out)
{
    v128_t product = VMADD(EXCHANGED(by_imag), CROSSED,
                           VMUL(by_real, STRAIGHT));
    v128_t turned = VMUL(EXCHANGED(product), SIGNS(-1, 1));

    return VMADD(turned, VSPLAT(out->alpha_i),
                 VMUL(product, VSPLAT(out->alpha_r)));
}

INLINE void put(FLOAT *c, v128_t value, int half)
{
#ifndef TRMMKERNEL
    value = VADD(load(c, half), value);
#endif
    store(c, value, half);
}

/* vectors, columns and half are constants wherever this is called. */
INLINE void vector_tile(const FLOAT *a, const FLOAT *b, BLASLONG depth,
                        const target *out, int vectors, int columns, int half)
{
    v128_t by_real[COLUMNS][VECTORS], by_imag[COLUMNS][VECTORS];

    for (int j = 0; j < columns; j++)
        for (int i = 0; i < vectors; i++)
            by_real[j][i] = by_imag[j][i] = VZERO;
    for (BLASLONG k = 0; k < depth; k++) {
        v128_t left[VECTORS];

        for (int i = 0; i < vectors; i++)
            left[i] = load(a + i * LANES, half);
        for (int j = 0; j < columns; j++) {
            v128_t real = VSPLAT_AT(b + j * PARTS);
            v128_t imag = VSPLAT_AT(b + j * PARTS + 1);

            for (int i = 0; i < vectors; i++) {
                by_real[j][i] = VMADD(left[i], real, by_real[j][i]);
                by_imag[j][i] = VMADD(left[i], imag, by_imag[j][i]);
            }
        }
        a += half ? PARTS : vectors * LANES;
        b += columns * PARTS;
    }
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < vectors; i++)
            put(out->c + j * out->ldc * PARTS + i * LANES,
                scaled(by_real[j][i], by_imag[j][i], out), half);
}

INLINE void tile(const FLOAT *a, const FLOAT *b, BLASLONG depth,
                 const target *out, BLASLONG rows, int columns)
{
    switch (rows) {
    case ROWS:
        vector_tile(a, b, depth, out, VECTORS, columns, 0);
        break;
#ifndef DOUBLE
    case 2:
        vector_tile(a, b, depth, out, 1, columns, 0);
        break;
#endif
    default:
        vector_tile(a, b, depth, out, 1, columns, LANES > PARTS);
        break;
    }
}

#include "panels_simd128.h"
