/* What stands behind the text of a report: parts in script elements.
 *
 * A part is written in base91, which page.wasm reads; page.wasm itself, the
 * one part that is compressed by gzip, in base64, which the browser reads.
 */
#ifndef TN_PAYLOAD_H
#define TN_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "status.h"
#include "xxh64.h"

struct tn_part {
    char *name;
    char *path;        /* where an image is mounted, NULL for other parts */
    const char *codec; /* "none", "zstd", "gzip" */
    size_t size;       /* of what it stands for */
    char *stored;      /* what is written as text */
    size_t stored_size;
    char checksum[TN_XXH64_TEXT_SIZE]; /* of the stored bytes */
};

/* Zero-initialise. */
struct tn_payload {
    struct tn_part *parts;
    size_t count;
};

/* Adds a part; `stored` is taken, also on failure. */
int tn_payload_add(struct tn_payload *payload, const char *name,
                   const char *codec, size_t size, TN_OWN char *stored,
                   size_t stored_size);

/* Adds a part of these bytes, compressed when that makes it smaller. */
int tn_payload_add_packed(struct tn_payload *payload, const char *name,
                          const char *data, size_t size);

/* Says where the part that was added last is mounted; NULL: nowhere. */
int tn_payload_set_path(struct tn_payload *payload, const char *path);
void tn_payload_clear(struct tn_payload *payload);

/* Appends script#tincture-payload. */
int tn_payload_append_table(struct tn_buffer *out,
                            const struct tn_payload *payload);

/* Appends the chunk elements of every part. */
int tn_payload_append_chunks(struct tn_buffer *out,
                             const struct tn_payload *payload);

/* Appends a JSON object of all of these: the texts of the table's element and
 * of the chunks', by their ids. */
int tn_payload_append_object(struct tn_buffer *out,
                             const struct tn_payload *payload);

/* Whether a part with this codec is written in base91. */
bool tn_payload_is_base91(const char *codec);

/* How many chunk elements a part of this size has. */
size_t tn_payload_chunk_count(size_t stored_size);

#endif /* TN_PAYLOAD_H */
