/* The way through two packed panels, common to the real and complex kernels.
 *
 * A panel lies in blocks of ROWS rows (COLUMNS columns), then what remains in
 * blocks of half as many, and so on.  PARTS is how many numbers an element
 * has.  Needs tile(), which handles one pair of blocks. */

/* Columns that stay in the first-level cache while all rows pass by. */
#define STRIP 8

/* Which part of the depth of a triangular operand is not zero. */
INLINE BLASLONG first_term(BLASLONG offset)
{
    (void)offset;
#if !defined(TRMMKERNEL)
    return 0;
#elif defined(LEFT) == defined(TRANSA)
    return 0;
#else
    return offset;
#endif
}

INLINE BLASLONG end_of_terms(BLASLONG depth, BLASLONG offset, BLASLONG rows,
                             BLASLONG columns)
{
    (void)offset, (void)rows, (void)columns;
#if !defined(TRMMKERNEL)
    return depth;
#elif defined(LEFT) != defined(TRANSA)
    return depth;
#elif defined(LEFT)
    return offset + rows;
#else
    return offset + columns;
#endif
}

/* One block of rows against some columns, which lie in blocks of their own. */
static void row_block(BLASLONG depth, const FLOAT *a, const FLOAT *b,
                      target out, BLASLONG offset, BLASLONG rows, BLASLONG n)
{
    BLASLONG columns = COLUMNS;

    while (n > 0) {
        while (columns > n)
            columns /= 2;
        BLASLONG first = first_term(offset);
        BLASLONG end = end_of_terms(depth, offset, rows, columns);
        const FLOAT *left = a + first * rows * PARTS;
        const FLOAT *right = b + first * columns * PARTS;

        switch (columns) {
#if COLUMNS > 2
        case 4:
            tile(left, right, end - first, &out, rows, 4);
            break;
#endif
        case 2:
            tile(left, right, end - first, &out, rows, 2);
            break;
        default:
            tile(left, right, end - first, &out, rows, 1);
            break;
        }
        b += depth * columns * PARTS;
        out.c += out.ldc * columns * PARTS;
        n -= columns;
#if defined(TRMMKERNEL) && !defined(LEFT)
        offset += columns;
#endif
    }
}

/* All rows against the columns of a strip, which begin with a whole block. */
static void strip(BLASLONG m, BLASLONG depth, const FLOAT *a, const FLOAT *b,
                  target out, BLASLONG offset, BLASLONG n)
{
    BLASLONG rows = ROWS;

    while (m > 0) {
        while (rows > m)
            rows /= 2;
        row_block(depth, a, b, out, offset, rows, n);
        a += depth * rows * PARTS;
        out.c += rows * PARTS;
        m -= rows;
#ifdef LEFT
        offset += rows;
#endif
    }
}

#ifndef COMPLEX
#define ALPHA_PARAMETERS FLOAT alpha
#define ALPHA_VALUES alpha
#else
#define ALPHA_PARAMETERS FLOAT alpha_r, FLOAT alpha_i
#define ALPHA_VALUES alpha_r, alpha_i
#endif

int CNAME(BLASLONG m, BLASLONG n, BLASLONG depth, ALPHA_PARAMETERS, FLOAT *a,
          FLOAT *b, FLOAT *c, BLASLONG ldc
#ifdef TRMMKERNEL
          ,
          BLASLONG offset
#endif
)
{
#ifndef TRMMKERNEL
    BLASLONG offset = 0;
#elif !defined(LEFT)
    offset = -offset;
#endif
    for (BLASLONG j = 0; j < n; j += STRIP) {
        BLASLONG columns = n - j < STRIP ? n - j : STRIP;
        target out = {c + j * ldc * PARTS, ldc, ALPHA_VALUES};

        strip(m, depth, a, b + j * depth * PARTS, out, offset, columns);
#if defined(TRMMKERNEL) && !defined(LEFT)
        offset += columns;
#endif
    }
    return 0;
}
