/* The lanes of one precision, for the kernels written for SIMD128. */

#ifndef OPENBLAS_WASM_SIMD128_H
#define OPENBLAS_WASM_SIMD128_H

#include <wasm_simd128.h>

#ifdef DOUBLE
#define LANES 2
#define VZERO wasm_f64x2_const_splat(0.0)
#define VSPLAT(x) wasm_f64x2_splat(x)
#define VSPLAT_AT(p) wasm_v128_load64_splat(p)
#define VADD(a, b) wasm_f64x2_add(a, b)
#define VMUL(a, b) wasm_f64x2_mul(a, b)
#define VSUM(a) (wasm_f64x2_extract_lane(a, 0) + wasm_f64x2_extract_lane(a, 1))
#else
#define LANES 4
#define VZERO wasm_f32x4_const_splat(0.0f)
#define VSPLAT(x) wasm_f32x4_splat(x)
#define VSPLAT_AT(p) wasm_v128_load32_splat(p)
#define VADD(a, b) wasm_f32x4_add(a, b)
#define VMUL(a, b) wasm_f32x4_mul(a, b)
#define VSUM(a)                                                         \
    ((wasm_f32x4_extract_lane(a, 0) + wasm_f32x4_extract_lane(a, 1)) \
     + (wasm_f32x4_extract_lane(a, 2) + wasm_f32x4_extract_lane(a, 3)))
#endif

/* a * b + c.  With relaxed SIMD the host may round once instead of twice. */
#ifndef __wasm_relaxed_simd__
#define VMADD(a, b, c) VADD(c, VMUL(a, b))
#elif defined(DOUBLE)
#define VMADD(a, b, c) wasm_f64x2_relaxed_madd(a, b, c)
#else
#define VMADD(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#endif

#define VLOAD(p) wasm_v128_load(p)
#define VSTORE(p, v) wasm_v128_store(p, v)

#define INLINE static inline __attribute__((always_inline))

#endif
