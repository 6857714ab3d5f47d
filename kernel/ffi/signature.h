/* What a type of C becomes in a WebAssembly function's type.
 *
 * A whole number or pointer is i32 or i64, by its size.  A struct is a
 * pointer to it, except one that holds a single number, which is that number;
 * a returned one is written where an additional first argument points, with
 * the same exception.  A long double is two i64, or such an argument.  The
 * variable arguments of a variadic function are one pointer to them.
 *
 * On another machine the same rules are used for testing; only numbers and
 * pointers are passed there as the machine passes them.
 */
#ifndef TN_FFI_SIGNATURE_H
#define TN_FFI_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "ffi.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ffi_kind {
    FFI_KIND_I32,
    FFI_KIND_I64,
    FFI_KIND_F32,
    FFI_KIND_F64,
    FFI_KIND_VOID, /* as a result only */
};

#define FFI_KIND_POINTER                                                      \
    (sizeof(void *) == 8 ? FFI_KIND_I64 : FFI_KIND_I32)

/* How many arguments a signature can have. */
#define FFI_KIND_LIMIT 12

/* ffi_signature, a function's type in one number, zero being none: bits 0-2
 * hold the result's kind and one, bit 3 says variadic, bits 4-7 count the
 * arguments, and each has two bits from bit 8 on. */
#define FFI_SIGNATURE(result, count, is_variadic, kinds)                      \
    ((ffi_signature)((unsigned)(result) + 1u)                                 \
     | ((is_variadic) ? 8u : 0u) | ((ffi_signature)(count) << 4)              \
     | ((ffi_signature)(kinds) << 8))

static inline enum ffi_kind
ffi_signature_result(ffi_signature signature)
{
    return (enum ffi_kind)((signature & 7u) - 1u);
}

static inline unsigned
ffi_signature_count(ffi_signature signature)
{
    return signature >> 4 & 15u;
}

static inline bool
ffi_signature_is_variadic(ffi_signature signature)
{
    return (signature & 8u) != 0;
}

static inline enum ffi_kind
ffi_signature_kind(ffi_signature signature, unsigned index)
{
    return (enum ffi_kind)(signature >> (8u + 2u * index) & 3u);
}

/* One argument or result on its way. */
union ffi_value {
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    void *pointer;
};

/* How a value of a C type travels. */
enum ffi_form {
    FFI_FORM_NOTHING, /* an empty struct, or void */
    FFI_FORM_SCALAR,
    FFI_FORM_POINTER, /* to a struct */
    FFI_FORM_PAIR,    /* a long double */
};

/* The form of a type; `out_scalar` becomes the number that it is or holds,
 * for FFI_FORM_SCALAR. */
enum ffi_form ffi_signature_form(const ffi_type *type,
                                 const ffi_type **out_scalar);
enum ffi_kind ffi_signature_scalar(const ffi_type *scalar);

/* The signature of a function of this type without variable arguments;
 * 0 when it has too many arguments. */
ffi_signature ffi_signature_of(const ffi_cif *cif);

#ifdef __cplusplus
}
#endif

#endif
