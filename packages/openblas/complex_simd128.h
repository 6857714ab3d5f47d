/* Complex numbers in vectors: one double or two single ones in each. */

#ifdef DOUBLE
#define EXCHANGED(v) wasm_i64x2_shuffle(v, v, 1, 0)
#define SIGNS(r, i) wasm_f64x2_const(r, i)
#define PAIR(r, i) wasm_f64x2_make(r, i)
#else
#define EXCHANGED(v) wasm_i32x4_shuffle(v, v, 1, 0, 3, 2)
#define SIGNS(r, i) wasm_f32x4_const(r, i, r, i)
#define PAIR(r, i) wasm_f32x4_make(r, i, r, i)
#endif

#define PARTS 2

/* A full vector, or with half its lower half: one single complex number. */
INLINE v128_t load(const FLOAT *p, int half)
{
    return half ? wasm_v128_load64_zero(p) : VLOAD(p);
}

INLINE void store(FLOAT *p, v128_t value, int half)
{
    if (half)
        wasm_v128_store64_lane(p, value, 0);
    else
        VSTORE(p, value);
}
