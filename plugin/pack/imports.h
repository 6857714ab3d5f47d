/* Which modules Python source imports, read lexically.
 *
 * Imports in functions and branches count; those in strings and comments do
 * not.  __import__("x") and import_module("x") count when "x" stands there.
 */
#ifndef TN_IMPORTS_H
#define TN_IMPORTS_H

#include <stddef.h>

/* One import: the first component of the module's name (borrowed from the
 * source), and the 1-based line in the source. */
struct tn_import {
    const char *name;
    size_t name_size;
    size_t line;
};

/* Calls `found` for each import in order; a negative status of it ends the
 * scan and is returned.  Relative imports are left out. */
int tn_imports_scan(const char *source, size_t size,
                    int (*found)(void *context,
                                 const struct tn_import *import),
                    void *context);

#endif /* TN_IMPORTS_H */
