/* Calls through a pointer, by signature. */
#ifndef TN_FFI_CALL_TABLE_H
#define TN_FFI_CALL_TABLE_H

#include "signature.h"

/* Call `function`, whose type is `signature`; false when there is no case for
 * it, and nothing was called. */
bool ffi_call_table(ffi_signature signature, void (*function)(void),
                    const union ffi_value *values, union ffi_value *out);

#endif
