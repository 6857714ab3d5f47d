/* The functions and data that can be found by name: a table in place of the
 * shared libraries that WebAssembly does not have. */
#ifndef TN_FFI_KNOWN_H
#define TN_FFI_KNOWN_H

#include "signature.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ends with an entry that has no name. */
extern const struct ffi_known ffi_known_symbols[];

/* The entry with this name, or NULL. */
const struct ffi_known *ffi_known_name(const char *name);
/* The entry of a table that is this function, or NULL. */
const struct ffi_known *ffi_known_function(const struct ffi_known *table,
                                           void (*function)(void));

#ifdef __cplusplus
}
#endif

#endif
