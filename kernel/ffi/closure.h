/* The trampolines, as others need to know them. */
#ifndef TN_FFI_CLOSURE_H
#define TN_FFI_CLOSURE_H

#include "signature.h"

/* The signature of a trampoline; 0 when `code` is none. */
ffi_signature ffi_closure_signature(void (*code)(void));

#endif
