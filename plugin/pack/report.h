/* Reading a packed report back: its text, its cells, its files, its parts. */
#ifndef TN_REPORT_H
#define TN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "json.h"
#include "notebook.h"
#include "xxh64.h"

/* A row of the payload's table. */
struct tn_report_part {
    const char *name; /* borrowed from the table's JSON */
    const char *codec;
    bool is_base91; /* how it is written; base64 otherwise */
    size_t size;
    size_t stored_size;
    const char *checksum;
    size_t chunk_count;
};

struct tn_report_chunk; /* a chunk element; report.c */

/* Everything here is read-only; it borrows from the document. */
struct tn_report {
    const char *name; /* of the report, for messages */
    struct tn_buffer iomd;
    struct tn_json *notebook; /* script#tincture-notebook */
    struct tn_json *payload;  /* script#tincture-payload */
    bool is_table_whole;      /* its checksum is there and matches */
    struct tn_report_part *parts;
    size_t part_count;
    struct tn_report_chunk *chunks;
    size_t chunk_count;
    size_t chunk_capacity;
    const char *document;
    size_t document_size;
};

/* Finds everything; the parts themselves are not looked into.  `document`
 * and `name` are borrowed as long as the report lives.
 * TN_ERROR_INVALID with a problem that names what is damaged. */
int tn_report_open(struct tn_report **out, const char *name,
                   const char *document, size_t size,
                   struct tn_problem *problem);
void tn_report_free(struct tn_report *report);

/* The stored bytes of a part, checked against length and checksum. */
int tn_report_read_stored(const struct tn_report *report, size_t part,
                          struct tn_buffer *out, struct tn_problem *problem);

/* The bytes a part stands for, a new block; not for gzip. */
int tn_report_read_part(const struct tn_report *report, size_t part,
                        TN_OWN char **out, size_t *out_size,
                        struct tn_problem *problem);

/* The index of the part called "PREFIX:...", or part_count. */
size_t tn_report_find_part(const struct tn_report *report,
                           const char *prefix);

/* The bytes of an embedded file, from its entry in the notebook's JSON. */
int tn_report_read_file(const struct tn_report *report,
                        const struct tn_json_value *entry, TN_OWN char **out,
                        size_t *out_size, struct tn_problem *problem);

/* True when the text in the report is still what packing `original` gives. */
int tn_report_is_unedited(const struct tn_report *report, const char *name,
                          const char *original, size_t size, bool *out);

/* The text of the generator's meta element without "Tincture ", "" if none;
 * borrowed, `*size` long. */
const char *tn_report_version(const struct tn_report *report, size_t *size);

#endif /* TN_REPORT_H */
