/* libffi's interface, as far as CPython's _ctypes uses it, for WebAssembly.
 *
 * WebAssembly checks the type of every call through a pointer and traps when
 * it is another one, and no code can be made at run time.  So a call goes
 * only to functions whose type is known (known.h, closure.c), and a callback
 * takes one of a fixed number of trampolines.  What cannot be done is refused
 * with words; nothing traps.  README.md says which types there are.
 *
 * Types, statuses and functions keep libffi's names and meaning.  Not in
 * libffi: ffi_call_checked(), which takes the place of ffi_call(), and
 * ffi_closure_code().
 */
#ifndef TN_FFI_H
#define TN_FFI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    FFI_TYPE_VOID,
    FFI_TYPE_INT,
    FFI_TYPE_FLOAT,
    FFI_TYPE_DOUBLE,
    FFI_TYPE_LONGDOUBLE,
    FFI_TYPE_UINT8,
    FFI_TYPE_SINT8,
    FFI_TYPE_UINT16,
    FFI_TYPE_SINT16,
    FFI_TYPE_UINT32,
    FFI_TYPE_SINT32,
    FFI_TYPE_UINT64,
    FFI_TYPE_SINT64,
    FFI_TYPE_STRUCT,
    FFI_TYPE_POINTER,
};

typedef struct _ffi_type {
    size_t size;
    unsigned short alignment;
    unsigned short type;
    struct _ffi_type **elements; /* of a struct, ended by NULL */
} ffi_type;

typedef enum {
    FFI_OK,
    FFI_BAD_TYPEDEF,
    FFI_BAD_ABI,
    FFI_BAD_ARGTYPE,
    FFI_NO_TRAMPOLINE, /* none has this signature */
    FFI_ALL_IN_USE,    /* those with this signature are all taken */
} ffi_status;

typedef enum { FFI_WASM = 1, FFI_DEFAULT_ABI = FFI_WASM } ffi_abi;

/* A whole result narrower than this is widened to it. */
typedef uintptr_t ffi_arg;
typedef intptr_t ffi_sarg;

extern ffi_type ffi_type_void;
extern ffi_type ffi_type_uint8;
extern ffi_type ffi_type_sint8;
extern ffi_type ffi_type_uint16;
extern ffi_type ffi_type_sint16;
extern ffi_type ffi_type_uint32;
extern ffi_type ffi_type_sint32;
extern ffi_type ffi_type_uint64;
extern ffi_type ffi_type_sint64;
extern ffi_type ffi_type_float;
extern ffi_type ffi_type_double;
extern ffi_type ffi_type_longdouble;
extern ffi_type ffi_type_pointer;

#define ffi_type_uchar ffi_type_uint8
#define ffi_type_schar ffi_type_sint8
#define ffi_type_ushort ffi_type_uint16
#define ffi_type_sshort ffi_type_sint16
#define ffi_type_uint ffi_type_uint32
#define ffi_type_sint ffi_type_sint32
#define ffi_type_ulong ffi_type_uint32
#define ffi_type_slong ffi_type_sint32

/* A function's type as the caller sees it.  Borrows its types. */
typedef struct {
    ffi_abi abi;
    unsigned nargs;
    ffi_type **arg_types;
    ffi_type *rtype;
    unsigned fixed_count; /* arguments before the variable ones */
} ffi_cif;

ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned nargs,
                        ffi_type *rtype, ffi_type **arg_types);
ffi_status ffi_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned fixed_count,
                            unsigned nargs, ffi_type *rtype,
                            ffi_type **arg_types);

/* A function's type in one number; signature.h says how.  0 is none. */
typedef uint32_t ffi_signature;

/* A function, or with the signature 0 data, that has a name. */
struct ffi_known {
    const char *name;
    void *address;
    ffi_signature signature;
};

/* Of functions whose arguments and result are all int or, in WebAssembly,
 * pointers. */
#define FFI_SIGNATURE_INTS(count) (1u | (ffi_signature)(count) << 4)

/* Why a call was refused. */
enum ffi_refusal {
    FFI_CALLED = 0,
    FFI_MISMATCH = -1, /* the arguments are not those of the function */
    FFI_UNKNOWN = -2,  /* the function's type is unknown, or too long */
};

#define FFI_REFUSAL_SIZE 200

/* Call `function`, or write into `refusal` why it cannot be called.
 * `result` has room for the result's type and at least for an ffi_arg.
 * `own` are functions that only the caller knows, ended by one without a
 * name. */
enum ffi_refusal ffi_call_checked(ffi_cif *cif, void (*function)(void),
                                  void *result, void **arguments,
                                  const struct ffi_known *own,
                                  char refusal[FFI_REFUSAL_SIZE]);

typedef void (*ffi_closure_function)(ffi_cif *cif, void *result,
                                     void **arguments, void *user_data);

typedef struct {
    ffi_cif *cif;
    ffi_closure_function function;
    void *user_data;
    int slot; /* the trampoline that it has taken; negative: none */
} ffi_closure;

/* `size` is that of a struct which begins with the closure. */
void *ffi_closure_alloc(size_t size, void **code);
void ffi_closure_free(void *closure);

/* Take a trampoline.  `code` is what ffi_closure_alloc() gave and is not
 * used: the trampoline's address is ffi_closure_code()'s. */
ffi_status ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif,
                                ffi_closure_function function,
                                void *user_data, void *code);
void *ffi_closure_code(const ffi_closure *closure);

#ifdef __cplusplus
}
#endif

#endif
