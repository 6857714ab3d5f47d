/* What a package says it needs: "name[extra]>=1.2; marker" (PEP 508).
 *
 * A marker is asked about the Python that a report has, not the one of the
 * machine that packs it.
 */
#ifndef TN_REQUIREMENT_H
#define TN_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/* Pointers are into the text that was parsed. */
struct tn_requirement {
    const char *name;
    size_t name_size;
    const char *clauses; /* for tn_pep440_meets; "" for any version */
    size_t clauses_size;
    bool applies; /* the marker is true, without any extra */
};

/* False when the text is no requirement; a marker that cannot be read makes
 * one that applies, as the safer of the two.  `python` is its version. */
bool tn_requirement_parse(struct tn_requirement *out, const char *text,
                          size_t size, const char *python);

/* Appends the name as indexes write it: lower case, one "-" for each run of
 * ".", "-" and "_". */
int tn_requirement_append_name(struct tn_buffer *out, const char *name,
                               size_t size);

/* True when both are names of the same package. */
bool tn_requirement_is_name(const char *name, size_t size,
                            const char *other);

#endif /* TN_REQUIREMENT_H */
