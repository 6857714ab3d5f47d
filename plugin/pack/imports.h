/* What Python source needs, read lexically: imports, the attributes and the
 * IPython magics that import something themselves, and what pip is asked for.
 *
 * Imports in functions and branches count; those in strings and comments and
 * under `if TYPE_CHECKING:` do not.  __import__("x") and import_module("x")
 * count when "x" stands there.  A cell of another language (%%bash) has none.
 */
#ifndef TN_IMPORTS_H
#define TN_IMPORTS_H

#include <stdbool.h>
#include <stddef.h>

enum tn_import_kind {
    TN_IMPORT_MODULE,    /* the first component of a module's name */
    TN_IMPORT_ATTRIBUTE, /* x in a.x: few matter, the caller knows which */
    TN_IMPORT_MAGIC,     /* x in %x */
    TN_IMPORT_PIP,       /* x in %pip install x, !pip install x */
};

/* A thing that was found: its name (borrowed from the source), and the
 * 1-based line in the source. */
struct tn_import {
    enum tn_import_kind kind;
    bool is_optional; /* stands under `try:` or its `except` */
    const char *name;
    size_t name_size;
    size_t line;
};

/* Calls `found` for each in order; a negative status of it ends the scan and
 * is returned.  Relative imports are left out. */
int tn_imports_scan(const char *source, size_t size,
                    int (*found)(void *context,
                                 const struct tn_import *import),
                    void *context);

#endif /* TN_IMPORTS_H */
