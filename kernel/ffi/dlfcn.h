/* Takes the place of the system's header where _ctypes includes it. */
#ifndef TN_FFI_DLFCN_H
#define TN_FFI_DLFCN_H

#include_next <dlfcn.h>

#include "library.h"

#define dlopen ffi_library_open
#define dlsym ffi_library_symbol
#define dlclose ffi_library_close
/* _ctypes has words of its own for what is not found. */
#define dlerror() NULL

#endif
