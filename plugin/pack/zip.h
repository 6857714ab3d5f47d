/* Reading ZIP archives from memory, as far as wheels use the format: stored
 * and deflated entries, one disk, no encryption, less than 4 GB.
 *
 * Nothing in an archive is trusted.  Every entry's name is a relative path
 * that stays below the directory it is unpacked into; its place, size and
 * checksum are compared when it is read.
 */
#ifndef TN_ZIP_H
#define TN_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "problem.h"
#include "status.h"

struct tn_zip_entry {
    char *name; /* UTF-8, slashes between the parts, none at the end */
    size_t size;
    size_t packed_size;
    size_t header; /* of the entry itself, in the archive */
    uint32_t checksum;
    uint16_t method;
};

/* Files only: directories need no entry.  Sorted by the bytes of names. */
struct tn_zip {
    const char *file; /* for messages, borrowed */
    const uint8_t *data; /* borrowed */
    size_t size;
    struct tn_zip_entry *entries;
    size_t count;
};

/* TN_ERROR_INVALID or TN_ERROR_UNSUPPORTED with a problem that says what is
 * wrong, TN_ERROR_LIMIT, TN_ERROR_MEMORY. */
int tn_zip_open(struct tn_zip **out, const char *file, const void *data,
                size_t size, struct tn_problem *problem);
void tn_zip_free(struct tn_zip *zip);

/* The content of an entry, a new block with a NUL behind it. */
int tn_zip_read(const struct tn_zip *zip, const struct tn_zip_entry *entry,
                TN_OWN char **out, struct tn_problem *problem);

/* The entry with this name, or NULL. */
const struct tn_zip_entry *tn_zip_find(const struct tn_zip *zip,
                                       const char *name);

#endif /* TN_ZIP_H */
