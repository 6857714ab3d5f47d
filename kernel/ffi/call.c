/* A call: what the caller says of the function, against what is known of it.
 *
 * The function's own signature decides.  Whole numbers are widened or cut to
 * it and surplus arguments are dropped, as on a machine with registers;
 * everything else has to agree.
 */
#include "call_table.h"
#include "closure.h"
#include "known.h"

#include <stdio.h>
#include <string.h>

/* A struct up to this size is copied for the callee, which owns what it is
 * given; of a larger one ctypes has made a copy. */
#define SMALL_STRUCT_SIZE sizeof(int64_t)

/* Room for what a variadic function gets beside its fixed arguments. */
#define VARIABLE_SIZE 256

struct call {
    const char *name; /* of the function, for people */
    ffi_signature signature;
    unsigned count; /* values so far */
    union ffi_value values[FFI_KIND_LIMIT];
    int64_t small_structs[FFI_KIND_LIMIT];
    size_t variable_size;
    _Alignas(16) char variable[VARIABLE_SIZE];
    char *refusal;
};

/* Of a scalar in memory. */
static int64_t
call_whole(const ffi_type *scalar, const void *from)
{
    union {
        int8_t s8;
        uint8_t u8;
        int16_t s16;
        uint16_t u16;
        int32_t s32;
        uint32_t u32;
        int64_t s64;
    } whole = {.s64 = 0};
    memcpy(&whole, from, scalar->size < 8 ? scalar->size : 8);
    switch (scalar->type) {
    case FFI_TYPE_SINT8:
        return whole.s8;
    case FFI_TYPE_UINT8:
        return whole.u8;
    case FFI_TYPE_SINT16:
        return whole.s16;
    case FFI_TYPE_UINT16:
        return whole.u16;
    case FFI_TYPE_INT:
    case FFI_TYPE_SINT32:
        return whole.s32;
    case FFI_TYPE_UINT32:
        return whole.u32;
    default:
        return scalar->size == 4 ? (int64_t)whole.u32 : whole.s64;
    }
}

static bool
kind_is_whole(enum ffi_kind kind)
{
    return kind == FFI_KIND_I32 || kind == FFI_KIND_I64;
}

static const char *
kind_name(enum ffi_kind kind)
{
    switch (kind) {
    case FFI_KIND_F32:
        return "float";
    case FFI_KIND_F64:
        return "double";
    case FFI_KIND_VOID:
        return "nothing";
    default:
        return "whole number or pointer";
    }
}

static enum ffi_refusal
call_refuse_count(struct call *call, unsigned given)
{
    unsigned wanted = ffi_signature_count(call->signature);
    const char *least = "";
    if (ffi_signature_is_variadic(call->signature)) {
        wanted--;
        least = "at least ";
    }
    snprintf(call->refusal, FFI_REFUSAL_SIZE,
             "%s takes %s%u C argument%s, not %u", call->name, least, wanted,
             wanted == 1 ? "" : "s", given);
    return FFI_MISMATCH;
}

/* The next value; NULL when the function takes no more. */
static union ffi_value *
call_next(struct call *call, enum ffi_kind *out_kind)
{
    if (call->count >= ffi_signature_count(call->signature)) {
        return NULL;
    }
    *out_kind = ffi_signature_kind(call->signature, call->count);
    return &call->values[call->count++];
}

static enum ffi_refusal
call_push_whole(struct call *call, int64_t whole)
{
    enum ffi_kind kind;
    union ffi_value *value = call_next(call, &kind);
    if (value == NULL) {
        return FFI_CALLED;
    }
    if (kind == FFI_KIND_I32) {
        value->i32 = (int32_t)whole;
        return FFI_CALLED;
    }
    if (kind == FFI_KIND_I64) {
        value->i64 = whole;
        return FFI_CALLED;
    }
    snprintf(call->refusal, FFI_REFUSAL_SIZE,
             "C argument %u of %s is a %s, not a whole number or pointer",
             call->count, call->name, kind_name(kind));
    return FFI_MISMATCH;
}

static enum ffi_refusal
call_push_scalar(struct call *call, const ffi_type *scalar, const void *from)
{
    enum ffi_kind given = ffi_signature_scalar(scalar);
    if (kind_is_whole(given)) {
        return call_push_whole(call, call_whole(scalar, from));
    }
    enum ffi_kind kind;
    union ffi_value *value = call_next(call, &kind);
    if (value == NULL) {
        return FFI_CALLED;
    }
    if (kind != given) {
        snprintf(call->refusal, FFI_REFUSAL_SIZE,
                 "C argument %u of %s is a %s, not a %s", call->count,
                 call->name, kind_name(kind), kind_name(given));
        return FFI_MISMATCH;
    }
    memcpy(value, from, scalar->size);
    return FFI_CALLED;
}

static enum ffi_refusal
call_push(struct call *call, const ffi_type *type, void *from)
{
    const ffi_type *scalar;
    switch (ffi_signature_form(type, &scalar)) {
    case FFI_FORM_NOTHING:
        return FFI_CALLED;
    case FFI_FORM_SCALAR:
        return call_push_scalar(call, scalar, from);
    case FFI_FORM_POINTER:
        if (type->size <= SMALL_STRUCT_SIZE
            && call->count < FFI_KIND_LIMIT) {
            void *copy = &call->small_structs[call->count];
            from = memcpy(copy, from, type->size);
        }
        return call_push_whole(call, (int64_t)(uintptr_t)from);
    case FFI_FORM_PAIR:
        break;
    }
    int64_t halves[2];
    memcpy(halves, from, sizeof(halves));
    enum ffi_refusal status = call_push_whole(call, halves[0]);
    return status != FFI_CALLED ? status : call_push_whole(call, halves[1]);
}

/* One of the variable arguments, promoted as C does it. */
static enum ffi_refusal
call_push_variable(struct call *call, const ffi_type *type, void *from)
{
    const ffi_type *scalar;
    union ffi_value value = {.pointer = from};
    const void *bytes = &value;
    size_t size = sizeof(void *);
    switch (ffi_signature_form(type, &scalar)) {
    case FFI_FORM_NOTHING:
        return FFI_CALLED;
    case FFI_FORM_POINTER:
        break;
    case FFI_FORM_PAIR:
        bytes = from;
        size = sizeof(long double);
        break;
    case FFI_FORM_SCALAR:
        if (scalar->type == FFI_TYPE_FLOAT) {
            float narrow;
            memcpy(&narrow, from, sizeof(narrow));
            value.f64 = (double)narrow;
            size = sizeof(double);
        }
        else if (scalar->size == 8) {
            bytes = from;
            size = 8;
        }
        else {
            value.i32 = (int32_t)call_whole(scalar, from);
            size = sizeof(int32_t);
        }
        break;
    }
    size_t start = (call->variable_size + size - 1) / size * size;
    if (start + size > VARIABLE_SIZE) {
        snprintf(call->refusal, FFI_REFUSAL_SIZE,
                 "more than %d bytes of variable arguments for %s",
                 VARIABLE_SIZE, call->name);
        return FFI_UNKNOWN;
    }
    memcpy(call->variable + start, bytes, size);
    call->variable_size = start + size;
    return FFI_CALLED;
}

static enum ffi_refusal
call_push_all(struct call *call, const ffi_cif *cif, void *result,
              void **arguments)
{
    const ffi_type *scalar;
    enum ffi_form form = ffi_signature_form(cif->rtype, &scalar);
    enum ffi_refusal status = FFI_CALLED;
    if (form == FFI_FORM_POINTER || form == FFI_FORM_PAIR) {
        status = call_push_whole(call, (int64_t)(uintptr_t)result);
    }
    unsigned count = ffi_signature_count(call->signature);
    bool is_variadic = ffi_signature_is_variadic(call->signature);
    for (unsigned i = 0; i < cif->nargs && status == FFI_CALLED; i++) {
        if (is_variadic && call->count == count - 1) {
            status = call_push_variable(call, cif->arg_types[i],
                                        arguments[i]);
        }
        else {
            status = call_push(call, cif->arg_types[i], arguments[i]);
        }
    }
    if (status == FFI_CALLED && is_variadic && call->count == count - 1) {
        status = call_push_whole(call, (int64_t)(uintptr_t)call->variable);
    }
    if (status == FFI_CALLED && call->count != count) {
        status = call_refuse_count(call, call->count);
    }
    return status;
}

/* Whether the caller can take what the function returns. */
static enum ffi_refusal
call_check_result(const struct call *call, const ffi_cif *cif)
{
    const ffi_type *scalar;
    if (ffi_signature_form(cif->rtype, &scalar) != FFI_FORM_SCALAR) {
        return FFI_CALLED;
    }
    enum ffi_kind wanted = ffi_signature_scalar(scalar);
    enum ffi_kind kind = ffi_signature_result(call->signature);
    if (kind == wanted
        || (kind_is_whole(wanted)
            && (kind_is_whole(kind) || kind == FFI_KIND_VOID))) {
        return FFI_CALLED;
    }
    snprintf(call->refusal, FFI_REFUSAL_SIZE,
             "%s returns %s%s: set its restype", call->name,
             kind == FFI_KIND_VOID ? "" : "a C ", kind_name(kind));
    return FFI_MISMATCH;
}

static void
call_store(const struct call *call, const ffi_cif *cif,
           const union ffi_value *value, void *result)
{
    const ffi_type *scalar;
    if (ffi_signature_form(cif->rtype, &scalar) != FFI_FORM_SCALAR) {
        return;
    }
    int64_t whole = value->i64;
    switch (ffi_signature_result(call->signature)) {
    case FFI_KIND_VOID:
        whole = 0;
        break;
    case FFI_KIND_I32:
        whole = value->i32;
        break;
    case FFI_KIND_I64:
        break;
    default:
        memcpy(result, value, scalar->size);
        return;
    }
    whole = call_whole(scalar, &whole);
    size_t size = scalar->size;
    if (cif->rtype->type != FFI_TYPE_STRUCT && size < sizeof(ffi_arg)) {
        size = sizeof(ffi_arg);
    }
    memcpy(result, &whole, size);
}

enum ffi_refusal
ffi_call_checked(ffi_cif *cif, void (*function)(void), void *result,
                 void **arguments, const struct ffi_known *own,
                 char refusal[FFI_REFUSAL_SIZE])
{
    struct call call = {.name = "the callback", .refusal = refusal};
    const struct ffi_known *known = ffi_known_function(own, function);
    if (known == NULL) {
        known = ffi_known_function(ffi_known_symbols, function);
    }
    if (known != NULL) {
        call.name = known->name;
        call.signature = known->signature;
    }
    else {
        call.signature = ffi_closure_signature(function);
    }
    if (call.signature == 0) {
        snprintf(refusal, FFI_REFUSAL_SIZE,
                 "there is no function that ctypes knows at address %#lx;"
                 " WebAssembly calls none whose type is unknown",
                 (unsigned long)(uintptr_t)function);
        return FFI_UNKNOWN;
    }
    enum ffi_refusal status = call_check_result(&call, cif);
    if (status == FFI_CALLED) {
        status = call_push_all(&call, cif, result, arguments);
    }
    if (status != FFI_CALLED) {
        return status;
    }
    union ffi_value value = {.i64 = 0};
    if (!ffi_call_table(call.signature, function, call.values, &value)) {
        snprintf(refusal, FFI_REFUSAL_SIZE,
                 "ctypes has no call for the type of %s", call.name);
        return FFI_UNKNOWN;
    }
    call_store(&call, cif, &value, result);
    return FFI_CALLED;
}
