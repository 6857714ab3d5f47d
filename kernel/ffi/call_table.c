/* The typed calls: one case for each signature that can be called.
 *
 * Every mixture of the four kinds up to three arguments; four of i32 and f64;
 * five and six when all but the last two are i32; all i32 up to
 * FFI_KIND_LIMIT.  Each with any result.  All mixtures of four would make the
 * table three times as large.
 */
#include "call_table.h"

typedef void (*call_function)(void);

/* The C type of a kind, and its member of union ffi_value. */
#define T0 int32_t
#define T1 int64_t
#define T2 float
#define T3 double
#define V(kind, index) V_(kind, index)
#define V_(kind, index) V##kind(index)
#define V0(index) values[index].i32
#define V1(index) values[index].i64
#define V2(index) values[index].f32
#define V3(index) values[index].f64

/* The preprocessor does not expand a macro inside itself: one for each
 * argument. */
#define EACH1(M, ...)                                                         \
    M(0, __VA_ARGS__) M(1, __VA_ARGS__) M(2, __VA_ARGS__) M(3, __VA_ARGS__)
#define EACH2(M, ...)                                                         \
    M(0, __VA_ARGS__) M(1, __VA_ARGS__) M(2, __VA_ARGS__) M(3, __VA_ARGS__)
#define EACH3(M, ...)                                                         \
    M(0, __VA_ARGS__) M(1, __VA_ARGS__) M(2, __VA_ARGS__) M(3, __VA_ARGS__)
/* i32 and f64 only. */
#define MAIN1(M, ...) M(0, __VA_ARGS__) M(3, __VA_ARGS__)
#define MAIN2(M, ...) M(0, __VA_ARGS__) M(3, __VA_ARGS__)
#define MAIN3(M, ...) M(0, __VA_ARGS__) M(3, __VA_ARGS__)
#define MAIN4(M, ...) M(0, __VA_ARGS__) M(3, __VA_ARGS__)

/* What tells signatures apart: the count and the kinds. */
#define KEY(count, kinds) ((unsigned)(count) << 24 | (unsigned)(kinds))

#define CASE1(a, R, STORE)                                                    \
    case KEY(1, a):                                                           \
        STORE(((R (*)(T##a))function)(V##a(0)));                              \
        return true;
#define CASE2(a, b, R, STORE)                                                 \
    case KEY(2, a | b << 2):                                                  \
        STORE(((R (*)(T##a, T##b))function)(V##a(0), V##b(1)));               \
        return true;
#define CASE3(a, b, c, R, STORE)                                              \
    case KEY(3, a | b << 2 | c << 4):                                         \
        STORE(((R (*)(T##a, T##b, T##c))function)(V##a(0), V##b(1),           \
                                                  V##c(2)));                  \
        return true;
#define CASE4(a, b, c, d, R, STORE)                                           \
    case KEY(4, a | b << 2 | c << 4 | d << 6):                                \
        STORE(((R (*)(T##a, T##b, T##c, T##d))function)(V##a(0), V##b(1),     \
                                                        V##c(2), V##d(3)));   \
        return true;
#define CASE5(a, b, R, STORE)                                                 \
    case KEY(5, a << 6 | b << 8):                                             \
        STORE(((R (*)(T0, T0, T0, T##a, T##b))function)(                      \
            V0(0), V0(1), V0(2), V##a(3), V##b(4)));                          \
        return true;
#define CASE6(a, b, R, STORE)                                                 \
    case KEY(6, a << 8 | b << 10):                                            \
        STORE(((R (*)(T0, T0, T0, T0, T##a, T##b))function)(                  \
            V0(0), V0(1), V0(2), V0(3), V##a(4), V##b(5)));                   \
        return true;

#define CASES2(a, R, STORE) EACH1(CASE2, a, R, STORE)
#define CASES3(b, a, R, STORE) EACH1(CASE3, b, a, R, STORE)
#define CASES3A(a, R, STORE) EACH2(CASES3, a, R, STORE)
#define CASES4(c, b, a, R, STORE) MAIN1(CASE4, c, b, a, R, STORE)
#define CASES4B(b, a, R, STORE) MAIN2(CASES4, b, a, R, STORE)
#define CASES4A(a, R, STORE) MAIN3(CASES4B, a, R, STORE)
#define CASES5(a, R, STORE) EACH1(CASE5, a, R, STORE)
#define CASES6(a, R, STORE) EACH1(CASE6, a, R, STORE)

#define P6 T0, T0, T0, T0, T0, T0
#define A6 V0(0), V0(1), V0(2), V0(3), V0(4), V0(5)
#define CASE_LONG(count, R, STORE, parameters, ...)                           \
    case KEY(count, 0):                                                       \
        STORE(((R (*) parameters)function)(A6, __VA_ARGS__));                 \
        return true;

/* All signatures with one result. */
#define CALL_FUNCTION(name, R, STORE)                                         \
    static bool call_##name(call_function function, unsigned key,             \
                            const union ffi_value *values,                    \
                            union ffi_value *out)                             \
    {                                                                         \
        (void)out;                                                            \
        switch (key) {                                                        \
        case KEY(0, 0):                                                       \
            STORE(((R (*)(void))function)());                                 \
            return true;                                                      \
            EACH3(CASE1, R, STORE)                                            \
            EACH3(CASES2, R, STORE)                                           \
            EACH3(CASES3A, R, STORE)                                          \
            MAIN4(CASES4A, R, STORE)                                          \
            EACH3(CASES5, R, STORE)                                           \
            EACH3(CASES6, R, STORE)                                           \
            CASE_LONG(7, R, STORE, (P6, T0), V0(6))                           \
            CASE_LONG(8, R, STORE, (P6, T0, T0), V0(6), V0(7))                \
            CASE_LONG(9, R, STORE, (P6, T0, T0, T0), V0(6), V0(7), V0(8))     \
            CASE_LONG(10, R, STORE, (P6, T0, T0, T0, T0), V0(6), V0(7),       \
                      V0(8), V0(9))                                           \
            CASE_LONG(11, R, STORE, (P6, T0, T0, T0, T0, T0), V0(6), V0(7),   \
                      V0(8), V0(9), V0(10))                                   \
            CASE_LONG(12, R, STORE, (P6, P6), V0(6), V0(7), V0(8), V0(9),     \
                      V0(10), V0(11))                                         \
        default:                                                              \
            return false;                                                     \
        }                                                                     \
    }

#define STORE_VOID(call) (call)
#define STORE_I32(call) (out->i32 = (call))
#define STORE_I64(call) (out->i64 = (call))
#define STORE_F32(call) (out->f32 = (call))
#define STORE_F64(call) (out->f64 = (call))

CALL_FUNCTION(void, void, STORE_VOID)
CALL_FUNCTION(i32, int32_t, STORE_I32)
CALL_FUNCTION(i64, int64_t, STORE_I64)
CALL_FUNCTION(f32, float, STORE_F32)
CALL_FUNCTION(f64, double, STORE_F64)

bool
ffi_call_table(ffi_signature signature, void (*function)(void),
               const union ffi_value *values, union ffi_value *out)
{
    unsigned key = KEY(ffi_signature_count(signature), signature >> 8);
    switch (ffi_signature_result(signature)) {
    case FFI_KIND_VOID:
        return call_void(function, key, values, out);
    case FFI_KIND_I32:
        return call_i32(function, key, values, out);
    case FFI_KIND_I64:
        return call_i64(function, key, values, out);
    case FFI_KIND_F32:
        return call_f32(function, key, values, out);
    case FFI_KIND_F64:
        return call_f64(function, key, values, out);
    default:
        return false;
    }
}
