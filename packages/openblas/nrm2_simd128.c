/* The Euclidean norm.
 *
 * The plain sum of squares, in double precision, is right unless it overflows
 * or loses small squares; only then are the numbers scaled, at a division
 * each.  Single precision cannot leave the range of a double. */

#include "common.h"
#include <float.h>
#include <math.h>

/* Below this the squares of some numbers may have lost digits. */
#define SMALLEST_SAFE_SUM (DBL_MIN / DBL_EPSILON / DBL_EPSILON)

static double scaled_norm(BLASLONG n, const FLOAT *x, BLASLONG inc_x)
{
    double scale = 0, sum = 1;

    for (BLASLONG i = 0; i < n; i++) {
        double size = fabs((double)x[i * inc_x]);

        if (size == 0)
            continue;
        if (isinf(size))
            return size;
        if (scale < size) {
            sum = 1 + sum * (scale / size) * (scale / size);
            scale = size;
        } else {
            sum += (size / scale) * (size / scale);
        }
    }
    return scale * sqrt(sum);
}

static double squares(BLASLONG n, const FLOAT *x, BLASLONG inc_x)
{
    double sums[4] = {0, 0, 0, 0};
    BLASLONG i = 0;

    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++) {
            double value = x[(i + k) * inc_x];

            sums[k] += value * value;
        }
    for (; i < n; i++)
        sums[0] += (double)x[i * inc_x] * x[i * inc_x];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

FLOAT CNAME(BLASLONG n, FLOAT *x, BLASLONG inc_x)
{
    double sum, size;

    if (n <= 0 || inc_x == 0)
        return 0;
#ifndef COMPLEX
    if (n == 1)
        return (FLOAT)fabs((double)x[0]);
    sum = squares(n, x, inc_x);
#else
    sum = squares(n, x, 2 * inc_x) + squares(n, x + 1, 2 * inc_x);
#endif
    if (sum >= SMALLEST_SAFE_SUM && sum <= DBL_MAX)
        return (FLOAT)sqrt(sum);
#ifndef COMPLEX
    size = scaled_norm(n, x, inc_x);
#else
    size = hypot(scaled_norm(n, x, 2 * inc_x),
                 scaled_norm(n, x + 1, 2 * inc_x));
#endif
    return (FLOAT)size;
}
