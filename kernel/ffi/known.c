/* Looking for a symbol. */
#include "known.h"

#include <string.h>

const struct ffi_known *
ffi_known_name(const char *name)
{
    const struct ffi_known *known = ffi_known_symbols;
    while (known->name != NULL && strcmp(known->name, name) != 0) {
        known++;
    }
    return known->name != NULL ? known : NULL;
}

const struct ffi_known *
ffi_known_function(const struct ffi_known *table, void (*function)(void))
{
    const struct ffi_known *known = table;
    while (known->name != NULL
           && (known->signature == 0
               || known->address != (void *)function)) {
        known++;
    }
    return known->name != NULL ? known : NULL;
}
