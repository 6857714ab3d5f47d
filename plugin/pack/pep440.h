/* Versions of Python packages and what is said about them (PEP 440). */
#ifndef TN_PEP440_H
#define TN_PEP440_H

#include <stdbool.h>
#include <stddef.h>

/* True for text that PEP 440 knows as a version. */
bool tn_pep440_is_version(const char *text, size_t size);

/* Below zero, zero or above as the first is older, equal or newer.  Both must
 * be versions. */
int tn_pep440_compare(const char *left, size_t left_size, const char *right,
                      size_t right_size);

/* True when the version meets every clause of ">=1.2, !=1.3.*"; an empty list
 * is met by all.  A clause that cannot be read is not met. */
bool tn_pep440_meets(const char *version, const char *clauses, size_t size);

#endif /* TN_PEP440_H */
