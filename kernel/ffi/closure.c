/* Callbacks: C functions that call Python.
 *
 * WebAssembly makes no code at run time, so the functions are made here, a
 * number of each signature that callbacks have in practice, and a closure
 * takes one of them for its life.  A trampoline knows nothing but its number;
 * the closures are therefore in a static table, the only one of its kind.
 */
#include "closure.h"

#include <stdlib.h>

static void closure_enter(int slot, union ffi_value *values,
                          union ffi_value *out);

#define NO_VALUES {.i64 = 0}
#define I32(name) {.i32 = name}
#define I64(name) {.i64 = name}
#define F32(name) {.f32 = name}
#define F64(name) {.f64 = name}

/* How many trampolines there are of each signature. */
#define FAMILY_SIZE 8

/* Every family: its name, its result, the count and kinds of its arguments as
 * in a signature, its parameters and how each becomes a value.  Two families
 * may have the same signature: there are twice as many of those. */
#define FAMILIES(M)                                                           \
    M(v_, VOID, 0, 0, (void), NO_VALUES)                                      \
    M(v_i, VOID, 1, 0, (int32_t a), I32(a))                                   \
    M(v_ii, VOID, 2, 0, (int32_t a, int32_t b), I32(a), I32(b))               \
    M(v_iii, VOID, 3, 0, (int32_t a, int32_t b, int32_t c), I32(a), I32(b),   \
      I32(c))                                                                 \
    M(v_iiii, VOID, 4, 0, (int32_t a, int32_t b, int32_t c, int32_t d),       \
      I32(a), I32(b), I32(c), I32(d))                                         \
    M(v_f, VOID, 1, 2, (float a), F32(a))                                     \
    M(v_d, VOID, 1, 3, (double a), F64(a))                                    \
    M(i_, I32, 0, 0, (void), NO_VALUES)                                       \
    M(i_i, I32, 1, 0, (int32_t a), I32(a))                                    \
    M(i_i2, I32, 1, 0, (int32_t a), I32(a))                                   \
    M(i_ii, I32, 2, 0, (int32_t a, int32_t b), I32(a), I32(b))                \
    M(i_ii2, I32, 2, 0, (int32_t a, int32_t b), I32(a), I32(b))               \
    M(i_iii, I32, 3, 0, (int32_t a, int32_t b, int32_t c), I32(a), I32(b),    \
      I32(c))                                                                 \
    M(i_iiii, I32, 4, 0, (int32_t a, int32_t b, int32_t c, int32_t d),        \
      I32(a), I32(b), I32(c), I32(d))                                         \
    M(i_5i, I32, 5, 0,                                                        \
      (int32_t a, int32_t b, int32_t c, int32_t d, int32_t e), I32(a),        \
      I32(b), I32(c), I32(d), I32(e))                                         \
    M(i_l, I32, 1, 1, (int64_t a), I64(a))                                    \
    M(i_f, I32, 1, 2, (float a), F32(a))                                      \
    M(i_d, I32, 1, 3, (double a), F64(a))                                     \
    M(i_il, I32, 2, 4, (int32_t a, int64_t b), I32(a), I64(b))                \
    M(i_if, I32, 2, 8, (int32_t a, float b), I32(a), F32(b))                  \
    M(i_id, I32, 2, 12, (int32_t a, double b), I32(a), F64(b))                \
    M(l_, I64, 0, 0, (void), NO_VALUES)                                       \
    M(l_i, I64, 1, 0, (int32_t a), I32(a))                                    \
    M(l_l, I64, 1, 1, (int64_t a), I64(a))                                    \
    M(l_il, I64, 2, 4, (int32_t a, int64_t b), I32(a), I64(b))                \
    M(l_ll, I64, 2, 5, (int64_t a, int64_t b), I64(a), I64(b))                \
    M(f_f, F32, 1, 2, (float a), F32(a))                                      \
    M(f_if, F32, 2, 8, (int32_t a, float b), I32(a), F32(b))                  \
    M(f_ff, F32, 2, 10, (float a, float b), F32(a), F32(b))                   \
    M(d_, F64, 0, 0, (void), NO_VALUES)                                       \
    M(d_i, F64, 1, 0, (int32_t a), I32(a))                                    \
    M(d_d, F64, 1, 3, (double a), F64(a))                                     \
    M(d_dd, F64, 2, 15, (double a, double b), F64(a), F64(b))                 \
    M(d_di, F64, 2, 3, (double a, int32_t b), F64(a), I32(b))                 \
    M(d_id, F64, 2, 12, (int32_t a, double b), I32(a), F64(b))                \
    M(d_ii, F64, 2, 0, (int32_t a, int32_t b), I32(a), I32(b))                \
    M(d_ddd, F64, 3, 63, (double a, double b, double c), F64(a), F64(b),      \
      F64(c))                                                                 \
    M(d_ddi, F64, 3, 15, (double a, double b, int32_t c), F64(a), F64(b),     \
      I32(c))

#define NUMBER(family, ...) NUMBER_##family,
enum closure_family { FAMILIES(NUMBER) FAMILY_COUNT };
enum { SLOT_COUNT = FAMILY_COUNT * FAMILY_SIZE };

#define TYPE_VOID void
#define TYPE_I32 int32_t
#define TYPE_I64 int64_t
#define TYPE_F32 float
#define TYPE_F64 double
#define RETURN_VOID return
#define RETURN_I32 return out.i32
#define RETURN_I64 return out.i64
#define RETURN_F32 return out.f32
#define RETURN_F64 return out.f64

#define EIGHT(M, ...)                                                         \
    M(0, __VA_ARGS__) M(1, __VA_ARGS__) M(2, __VA_ARGS__) M(3, __VA_ARGS__)   \
    M(4, __VA_ARGS__) M(5, __VA_ARGS__) M(6, __VA_ARGS__) M(7, __VA_ARGS__)

#define TRAMPOLINE(index, family, result, parameters, ...)                    \
    static TYPE_##result trampoline_##family##_##index parameters             \
    {                                                                         \
        union ffi_value values[] = {__VA_ARGS__};                             \
        union ffi_value out = {.i64 = 0};                                     \
        closure_enter(NUMBER_##family * FAMILY_SIZE + index, values, &out);   \
        RETURN_##result;                                                      \
    }
#define TRAMPOLINES(family, result, count, kinds, parameters, ...)            \
    EIGHT(TRAMPOLINE, family, result, parameters, __VA_ARGS__)
FAMILIES(TRAMPOLINES)

typedef void (*closure_code)(void);

#define CODE(index, family) (closure_code)trampoline_##family##_##index,
#define CODES(family, ...) EIGHT(CODE, family)
static const closure_code codes[SLOT_COUNT] = {FAMILIES(CODES)};

#define FAMILY_SIGNATURE(family, result, count, kinds, ...)                   \
    FFI_SIGNATURE(FFI_KIND_##result, count, false, kinds),
static const ffi_signature signatures[] = {FAMILIES(FAMILY_SIGNATURE)};

/* Who has taken which trampoline.  It belongs to the code above, of which
 * there is one in a program. */
static ffi_closure *closures[SLOT_COUNT];

ffi_signature
ffi_closure_signature(void (*code)(void))
{
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        if (codes[slot] == code) {
            return signatures[slot / FAMILY_SIZE];
        }
    }
    return 0;
}

/* The addresses of the arguments, as a closure's function wants them. */
static void
closure_point(const ffi_cif *cif, union ffi_value *values, void **arguments)
{
    for (unsigned i = 0; i < cif->nargs; i++) {
        const ffi_type *scalar;
        switch (ffi_signature_form(cif->arg_types[i], &scalar)) {
        case FFI_FORM_SCALAR:
            arguments[i] = values++;
            break;
        case FFI_FORM_PAIR:
            arguments[i] = values;
            values += 2;
            break;
        case FFI_FORM_POINTER:
            arguments[i] = values++->pointer;
            break;
        case FFI_FORM_NOTHING:
            arguments[i] = values;
            break;
        }
    }
}

static void
closure_enter(int slot, union ffi_value *values, union ffi_value *out)
{
    ffi_closure *closure = closures[slot];
    if (closure == NULL) {
        /* C kept the address of a callback that is gone; it gets a zero. */
        return;
    }
    const ffi_type *scalar;
    void *result = out;
    switch (ffi_signature_form(closure->cif->rtype, &scalar)) {
    case FFI_FORM_POINTER:
    case FFI_FORM_PAIR:
        result = values++->pointer;
        break;
    default:
        break;
    }
    void *arguments[FFI_KIND_LIMIT];
    if (closure->cif->nargs <= FFI_KIND_LIMIT) {
        closure_point(closure->cif, values, arguments);
        closure->function(closure->cif, result, arguments,
                          closure->user_data);
    }
}

void *
ffi_closure_alloc(size_t size, void **code)
{
    ffi_closure *closure = calloc(1, size);
    *code = NULL;
    if (closure != NULL) {
        closure->slot = -1;
    }
    return closure;
}

void
ffi_closure_free(void *memory)
{
    ffi_closure *closure = memory;
    if (closure->slot >= 0) {
        closures[closure->slot] = NULL;
    }
    free(closure);
}

ffi_status
ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif,
                     ffi_closure_function function, void *user_data,
                     void *code)
{
    (void)code;
    ffi_signature wanted = ffi_signature_of(cif);
    ffi_status status = FFI_NO_TRAMPOLINE;
    if (wanted == 0 || cif->nargs > FFI_KIND_LIMIT) {
        return status;
    }
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        if (signatures[slot / FAMILY_SIZE] != wanted) {
            continue;
        }
        status = FFI_ALL_IN_USE;
        if (closures[slot] == NULL) {
            closure->cif = cif;
            closure->function = function;
            closure->user_data = user_data;
            closure->slot = slot;
            closures[slot] = closure;
            return FFI_OK;
        }
    }
    return status;
}

void *
ffi_closure_code(const ffi_closure *closure)
{
    return closure->slot < 0 ? NULL : (void *)codes[closure->slot];
}
