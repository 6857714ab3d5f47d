/* What the packer knows by name: packages that it cannot bring, and packages
 * whose modules have other names. */
#ifndef TN_KNOWN_H
#define TN_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

enum tn_known {
    TN_KNOWN_NOT,      /* nothing is known of it */
    TN_KNOWN_COMPILED, /* the package has compiled parts */
    TN_KNOWN_LIBRARY,  /* of the standard library, and left out */
    TN_KNOWN_PAGE,     /* stands for the page's JavaScript */
};

/* What is known of a module; *package is then, and also for TN_KNOWN_NOT
 * where it is, the name of the package that has it, else NULL. */
enum tn_known tn_known_module(const char *name, size_t size,
                              const char **package);

/* The module that a use of `attribute` imports by itself when `module` is
 * imported: .plot of pandas imports matplotlib.  NULL for most. */
const char *tn_known_attribute(const char *attribute, size_t size,
                               const char **module);

/* The module that the magic needs, or NULL. */
const char *tn_known_magic(const char *magic, size_t size);

#endif /* TN_KNOWN_H */
