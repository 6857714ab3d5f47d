/* kernel/ffi: what types become, calls of known functions, refusals, and
 * callbacks.  Pointers and structs travel as in WebAssembly, so functions
 * that take a struct are written here with the pointer that they get. */
#include "ffi.h"

#include <math.h>

#include "check.h"
#include "known.h"
#include "library.h"

#define KINDS2(a, b) ((a) | (b) << 2)
#define ANY ((void (*)(void))0)

static int64_t
add_wide(int32_t a, int64_t b)
{
    return a + b;
}

static double
scale(double value, int32_t exponent)
{
    return ldexp(value, exponent);
}

static float
half(float value)
{
    return value / 2;
}

static int32_t set_value;

static void
set(int32_t value)
{
    set_value = value;
}

static int32_t
sum_twelve(int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f,
           int32_t g, int32_t h, int32_t i, int32_t j, int32_t k, int32_t l)
{
    return a + 2 * b + 3 * c + d + e + f + g + h + i + j + k + 12 * l;
}

static double
mixed(int32_t a, int32_t b, int32_t c, int32_t d, float e, double f)
{
    return a + b + c + d + (double)e + f;
}

static int32_t
unlisted(float a, float b, float c, float d)
{
    return (int32_t)(a + b + c + d);
}

static int32_t data = 7;

#define POINTER_KIND ((unsigned)FFI_KIND_POINTER)

/* The program's table, in place of known_symbols.cpp. */
const struct ffi_known ffi_known_symbols[] = {
    {"add_wide", (void *)add_wide,
     FFI_SIGNATURE(FFI_KIND_I64, 2, false,
                   KINDS2(FFI_KIND_I32, FFI_KIND_I64))},
    {"scale", (void *)scale,
     FFI_SIGNATURE(FFI_KIND_F64, 2, false,
                   KINDS2(FFI_KIND_F64, FFI_KIND_I32))},
    {"half", (void *)half,
     FFI_SIGNATURE(FFI_KIND_F32, 1, false, FFI_KIND_F32)},
    {"set", (void *)set,
     FFI_SIGNATURE(FFI_KIND_VOID, 1, false, FFI_KIND_I32)},
    {"sum_twelve", (void *)sum_twelve,
     FFI_SIGNATURE(FFI_KIND_I32, 12, false, 0)},
    {"mixed", (void *)mixed,
     FFI_SIGNATURE(FFI_KIND_F64, 6, false,
                   FFI_KIND_F32 << 8 | FFI_KIND_F64 << 10)},
    {"unlisted", (void *)unlisted,
     FFI_SIGNATURE(FFI_KIND_I32, 4, false,
                   FFI_KIND_F32 | FFI_KIND_F32 << 2 | FFI_KIND_F32 << 4
                       | FFI_KIND_F32 << 6)},
    {"data", &data, 0},
    {NULL, NULL, 0},
};

static const struct ffi_known no_more[] = {{NULL, NULL, 0}};

/* Everything about one call. */
struct attempt {
    ffi_cif cif;
    ffi_type *types[16];
    void *arguments[16];
    unsigned count;
    union {
        ffi_arg whole;
        int64_t i64;
        float f32;
        double f64;
    } result;
    char refusal[FFI_REFUSAL_SIZE];
};

static void
give(struct attempt *attempt, ffi_type *type, void *value)
{
    attempt->types[attempt->count] = type;
    attempt->arguments[attempt->count++] = value;
}

static enum ffi_refusal
call(struct attempt *attempt, const char *name, ffi_type *result)
{
    void *address = ffi_library_symbol(NULL, name);
    check(address != NULL);
    check_int(ffi_prep_cif(&attempt->cif, FFI_DEFAULT_ABI, attempt->count,
                           result, attempt->types),
              FFI_OK);
    void (*function)(void) = NULL;
    memcpy(&function, &address, sizeof(function));
    return ffi_call_checked(&attempt->cif, function, &attempt->result,
                            attempt->arguments, no_more, attempt->refusal);
}

static void
calls_reach_functions(void)
{
    int32_t three = 3;
    int64_t wide = 1LL << 40;
    struct attempt add = {.count = 0};
    give(&add, &ffi_type_sint32, &three);
    give(&add, &ffi_type_sint64, &wide);
    check_int(call(&add, "add_wide", &ffi_type_sint64), FFI_CALLED);
    check_int(add.result.i64, wide + 3);

    double one = 1.5;
    struct attempt scaled = {.count = 0};
    give(&scaled, &ffi_type_double, &one);
    give(&scaled, &ffi_type_sint32, &three);
    check_int(call(&scaled, "scale", &ffi_type_double), FFI_CALLED);
    check(scaled.result.f64 == 12.0);

    float seven = 7.0F;
    struct attempt halved = {.count = 0};
    give(&halved, &ffi_type_float, &seven);
    check_int(call(&halved, "half", &ffi_type_float), FFI_CALLED);
    check(halved.result.f32 == 3.5F);

    int32_t numbers[12];
    struct attempt many = {.count = 0};
    for (int i = 0; i < 12; i++) {
        numbers[i] = i + 1;
        give(&many, &ffi_type_sint32, &numbers[i]);
    }
    check_int(call(&many, "sum_twelve", &ffi_type_sint32), FFI_CALLED);
    check_int((int32_t)many.result.whole,
              1 + 4 + 9 + (4 + 5 + 6 + 7 + 8 + 9 + 10 + 11) + 144);

    struct attempt mixture = {.count = 0};
    for (int i = 0; i < 4; i++) {
        give(&mixture, &ffi_type_sint32, &numbers[i]);
    }
    give(&mixture, &ffi_type_float, &seven);
    give(&mixture, &ffi_type_double, &one);
    check_int(call(&mixture, "mixed", &ffi_type_double), FFI_CALLED);
    check(mixture.result.f64 == 18.5);
}

static void
whole_numbers_fit(void)
{
    /* Narrow ones are widened by their sign, a long one is cut. */
    int8_t minus = -1;
    int64_t long_number = (1LL << 32) + 5;
    struct attempt add = {.count = 0};
    give(&add, &ffi_type_sint64, &long_number);
    give(&add, &ffi_type_sint8, &minus);
    check_int(call(&add, "add_wide", &ffi_type_sint64), FFI_CALLED);
    check_int(add.result.i64, 4);

    uint8_t plus = 255;
    struct attempt other = {.count = 0};
    give(&other, &ffi_type_sint8, &minus);
    give(&other, &ffi_type_uint8, &plus);
    check_int(call(&other, "add_wide", &ffi_type_sint16), FFI_CALLED);
    check_int((ffi_sarg)other.result.whole, 254);

    /* No result is taken as a 0, and a result may be left alone. */
    int32_t nine = 9;
    struct attempt setting = {.count = 0};
    give(&setting, &ffi_type_sint32, &nine);
    setting.result.whole = 1;
    check_int(call(&setting, "set", &ffi_type_sint32), FFI_CALLED);
    check_int(set_value, 9);
    check_int((int32_t)setting.result.whole, 0);
    check_int(call(&add, "add_wide", &ffi_type_void), FFI_CALLED);
}

static void
refusals_say_why(void)
{
    double one = 1;
    float four = 4;
    int32_t number = 1;
    struct attempt attempt = {.count = 0};
    check_int(call(&attempt, "set", &ffi_type_void), FFI_MISMATCH);
    check_text(attempt.refusal, "set takes 1 C argument, not 0");
    give(&attempt, &ffi_type_double, &one);
    check_int(call(&attempt, "set", &ffi_type_void), FFI_MISMATCH);
    check_text(attempt.refusal, "C argument 1 of set is a whole number or"
                                " pointer, not a double");
    give(&attempt, &ffi_type_sint32, &number);
    check_int(call(&attempt, "scale", &ffi_type_sint32), FFI_MISMATCH);
    check_text(attempt.refusal, "scale returns a C double: set its restype");
    /* What the function does not take is dropped. */
    give(&attempt, &ffi_type_sint32, &number);
    check_int(call(&attempt, "scale", &ffi_type_double), FFI_CALLED);
    check(attempt.result.f64 == 2.0);

    struct attempt floats = {.count = 0};
    for (int i = 0; i < 4; i++) {
        give(&floats, &ffi_type_float, &four);
    }
    check_int(call(&floats, "unlisted", &ffi_type_sint32), FFI_UNKNOWN);
    check_text(floats.refusal, "ctypes has no call for the type of unlisted");

    check_int(ffi_call_checked(&floats.cif, ANY, &floats.result,
                               floats.arguments, no_more, floats.refusal),
              FFI_UNKNOWN);
    check(strstr(floats.refusal, "no function that ctypes knows") != NULL);
    check(ffi_library_open(NULL, 0) != NULL);
    check(ffi_library_open("libc.so.6", 0) == NULL);
    check(ffi_library_symbol(NULL, "data") == &data);
    check(ffi_library_symbol(NULL, "dat") == NULL);
}

static void
structs_have_a_layout(void)
{
    ffi_type *pair_elements[] = {&ffi_type_sint8, &ffi_type_double, NULL};
    ffi_type pair = {0, 0, FFI_TYPE_STRUCT, pair_elements};
    ffi_type *single_elements[] = {&ffi_type_double, NULL};
    ffi_type single = {0, 0, FFI_TYPE_STRUCT, single_elements};
    ffi_type *nested_elements[] = {&single, NULL};
    ffi_type nested = {0, 0, FFI_TYPE_STRUCT, nested_elements};
    ffi_type *types[] = {&pair, &nested};
    ffi_cif cif;
    check_int(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &pair, types), FFI_OK);
    check_int((int)pair.size, 16);
    check_int(pair.alignment, 8);
    check_int((int)nested.size, 8);
    check_int(ffi_signature_of(&cif),
              FFI_SIGNATURE(FFI_KIND_VOID, 3, false,
                            POINTER_KIND | POINTER_KIND << 2
                                | (unsigned)FFI_KIND_F64 << 4));
    check_int(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &nested, types), FFI_OK);
    check_int(ffi_signature_of(&cif),
              FFI_SIGNATURE(FFI_KIND_F64, 1, false, POINTER_KIND));

    ffi_type *nothing[] = {&ffi_type_void};
    check_int(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &pair, nothing),
              FFI_BAD_ARGTYPE);
    check_int(ffi_prep_cif(&cif, (ffi_abi)9, 0, &pair, types), FFI_BAD_ABI);
}

static void
multiply(ffi_cif *cif, void *result, void **arguments, void *user_data)
{
    (void)cif;
    int32_t product = *(int32_t *)arguments[0] * *(int32_t *)arguments[1];
    *(ffi_sarg *)result = product * *(int *)user_data;
}

static void
callbacks_take_trampolines(void)
{
    ffi_type *types[16];
    for (int i = 0; i < 16; i++) {
        types[i] = &ffi_type_sint32;
    }
    int factor = 10;
    ffi_cif cif;
    check_int(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint32, types),
              FFI_OK);
    ffi_closure *closures[17];
    ffi_status status = FFI_OK;
    int count = 0;
    while (count < 17 && status == FFI_OK) {
        void *code;
        closures[count] = ffi_closure_alloc(sizeof(ffi_closure), &code);
        status = ffi_prep_closure_loc(closures[count], &cif, multiply,
                                      &factor, code);
        count++;
    }
    check_int(count, 17);
    check_int(status, FFI_ALL_IN_USE);
    void *address = ffi_closure_code(closures[15]);
    int32_t (*function)(int32_t, int32_t) = NULL;
    memcpy(&function, &address, sizeof(function));
    check_int(function(6, 7), 420);
    check(ffi_closure_code(closures[16]) == NULL);
    for (int i = 0; i < count; i++) {
        ffi_closure_free(closures[i]);
    }
    check_int(function(6, 7), 0);

    void *code;
    ffi_closure *closure = ffi_closure_alloc(sizeof(*closure), &code);
    check_int(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 9, &ffi_type_sint32, types),
              FFI_OK);
    check_int(ffi_prep_closure_loc(closure, &cif, multiply, &factor, code),
              FFI_NO_TRAMPOLINE);
    check_int(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 16, &ffi_type_sint32, types),
              FFI_OK);
    check_int(ffi_prep_closure_loc(closure, &cif, multiply, &factor, code),
              FFI_NO_TRAMPOLINE);
    ffi_closure_free(closure);
}

int
main(void)
{
    run_test(calls_reach_functions);
    run_test(whole_numbers_fit);
    run_test(refusals_say_why);
    run_test(structs_have_a_layout);
    run_test(callbacks_take_trampolines);
    return check_report();
}
