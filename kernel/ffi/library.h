/* dlopen() and its kin, over the table in known.h. */
#ifndef TN_FFI_LIBRARY_H
#define TN_FFI_LIBRARY_H

/* The program itself for NULL; there is no other library. */
void *ffi_library_open(const char *name, int mode);
void *ffi_library_symbol(void *library, const char *name);
int ffi_library_close(void *library);

#endif
