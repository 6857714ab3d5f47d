/* The types of libffi's interface, the layout of structs, and what they
 * become in a signature. */
#include "signature.h"

#define SCALAR_TYPE(name, c_type, number)                                     \
    ffi_type ffi_type_##name = {sizeof(c_type), _Alignof(c_type), number,     \
                                NULL}

ffi_type ffi_type_void = {1, 1, FFI_TYPE_VOID, NULL};
SCALAR_TYPE(uint8, uint8_t, FFI_TYPE_UINT8);
SCALAR_TYPE(sint8, int8_t, FFI_TYPE_SINT8);
SCALAR_TYPE(uint16, uint16_t, FFI_TYPE_UINT16);
SCALAR_TYPE(sint16, int16_t, FFI_TYPE_SINT16);
SCALAR_TYPE(uint32, uint32_t, FFI_TYPE_UINT32);
SCALAR_TYPE(sint32, int32_t, FFI_TYPE_SINT32);
SCALAR_TYPE(uint64, uint64_t, FFI_TYPE_UINT64);
SCALAR_TYPE(sint64, int64_t, FFI_TYPE_SINT64);
SCALAR_TYPE(float, float, FFI_TYPE_FLOAT);
SCALAR_TYPE(double, double, FFI_TYPE_DOUBLE);
SCALAR_TYPE(longdouble, long double, FFI_TYPE_LONGDOUBLE);
SCALAR_TYPE(pointer, void *, FFI_TYPE_POINTER);

/* A struct whose size nobody has worked out yet gets size and alignment. */
static ffi_status
signature_lay_out(ffi_type *type)
{
    if (type->type != FFI_TYPE_STRUCT || type->size != 0
        || type->elements == NULL) {
        return type->type <= FFI_TYPE_POINTER ? FFI_OK : FFI_BAD_TYPEDEF;
    }
    size_t size = 0;
    unsigned short alignment = 1;
    for (ffi_type **element = type->elements; *element != NULL; element++) {
        ffi_status status = signature_lay_out(*element);
        if (status != FFI_OK) {
            return status;
        }
        size_t unit = (*element)->alignment != 0 ? (*element)->alignment : 1;
        size = (size + unit - 1) / unit * unit + (*element)->size;
        if ((*element)->alignment > alignment) {
            alignment = (*element)->alignment;
        }
    }
    type->size = (size + alignment - 1u) / alignment * alignment;
    type->alignment = alignment;
    return FFI_OK;
}

ffi_status
ffi_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned fixed_count,
                 unsigned nargs, ffi_type *rtype, ffi_type **arg_types)
{
    if (abi != FFI_DEFAULT_ABI) {
        return FFI_BAD_ABI;
    }
    if (fixed_count > nargs) {
        return FFI_BAD_ARGTYPE;
    }
    ffi_status status = signature_lay_out(rtype);
    for (unsigned i = 0; i < nargs && status == FFI_OK; i++) {
        status = arg_types[i]->type == FFI_TYPE_VOID
                     ? FFI_BAD_ARGTYPE
                     : signature_lay_out(arg_types[i]);
    }
    *cif = (ffi_cif){
        .abi = abi,
        .nargs = nargs,
        .arg_types = arg_types,
        .rtype = rtype,
        .fixed_count = fixed_count,
    };
    return status;
}

ffi_status
ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned nargs, ffi_type *rtype,
             ffi_type **arg_types)
{
    return ffi_prep_cif_var(cif, abi, nargs, nargs, rtype, arg_types);
}

enum ffi_form
ffi_signature_form(const ffi_type *type, const ffi_type **out_scalar)
{
    if (type->type == FFI_TYPE_VOID) {
        return FFI_FORM_NOTHING;
    }
    if (type->type == FFI_TYPE_LONGDOUBLE
        && sizeof(long double) != sizeof(double)) {
        return FFI_FORM_PAIR;
    }
    if (type->type != FFI_TYPE_STRUCT) {
        *out_scalar = type;
        return FFI_FORM_SCALAR;
    }
    if (type->size == 0) {
        return FFI_FORM_NOTHING;
    }
    const ffi_type *only = NULL;
    for (ffi_type **element = type->elements; *element != NULL; element++) {
        const ffi_type *scalar = NULL;
        enum ffi_form form = ffi_signature_form(*element, &scalar);
        if (form == FFI_FORM_NOTHING) {
            continue;
        }
        if (form != FFI_FORM_SCALAR || only != NULL) {
            return FFI_FORM_POINTER;
        }
        only = scalar;
    }
    if (only == NULL || only->size != type->size) {
        return FFI_FORM_POINTER;
    }
    *out_scalar = only;
    return FFI_FORM_SCALAR;
}

enum ffi_kind
ffi_signature_scalar(const ffi_type *scalar)
{
    switch (scalar->type) {
    case FFI_TYPE_FLOAT:
        return FFI_KIND_F32;
    case FFI_TYPE_DOUBLE:
    case FFI_TYPE_LONGDOUBLE:
        return FFI_KIND_F64;
    default:
        return scalar->size > 4 ? FFI_KIND_I64 : FFI_KIND_I32;
    }
}

ffi_signature
ffi_signature_of(const ffi_cif *cif)
{
    const ffi_type *scalar = NULL;
    enum ffi_kind result = FFI_KIND_VOID;
    unsigned count = 0;
    ffi_signature kinds = 0;
    switch (ffi_signature_form(cif->rtype, &scalar)) {
    case FFI_FORM_SCALAR:
        result = ffi_signature_scalar(scalar);
        break;
    case FFI_FORM_POINTER:
    case FFI_FORM_PAIR:
        kinds = FFI_KIND_POINTER;
        count = 1;
        break;
    case FFI_FORM_NOTHING:
        break;
    }
    for (unsigned i = 0; i < cif->nargs; i++) {
        enum ffi_form form = ffi_signature_form(cif->arg_types[i], &scalar);
        unsigned kind = FFI_KIND_POINTER;
        unsigned wanted = 1;
        if (form == FFI_FORM_SCALAR) {
            kind = ffi_signature_scalar(scalar);
        }
        else if (form == FFI_FORM_PAIR) {
            kind = FFI_KIND_I64 | FFI_KIND_I64 << 2;
            wanted = 2;
        }
        else if (form == FFI_FORM_NOTHING) {
            continue;
        }
        if (count + wanted > FFI_KIND_LIMIT) {
            return 0;
        }
        kinds |= kind << 2 * count;
        count += wanted;
    }
    return FFI_SIGNATURE(result, count, false, kinds);
}
