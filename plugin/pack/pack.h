/* Putting a report together: notebook and Tincture's own files in, HTML out.
 *
 * The same input gives the same bytes: nothing here knows the time, the
 * machine or the order of a directory.
 */
#ifndef TN_PACK_H
#define TN_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "json.h"
#include "notebook.h"

/* One of Tincture's files, borrowed.  `packed` is the same, compressed when
 * Tincture was built, or NULL; it is not trusted but compared. */
struct tn_asset {
    const char *name;
    const char *path; /* where an image is mounted, NULL for others */
    const char *data;
    size_t size;
    const char *packed;
    size_t packed_size;
};

struct tn_pack_input {
    /* Gets a title where it has none, and a report id. */
    struct tn_notebook *notebook;
    const char *original; /* the notebook's file as it was, or NULL */
    size_t original_size;
    struct tn_asset style;      /* player.css */
    struct tn_asset program;    /* player.js */
    struct tn_asset page_wasm;  /* its packed form is gzip */
    struct tn_asset math;       /* math.js, for notebooks with formulas */
    const struct tn_asset *parts; /* kernel, snapshot, images, editor */
    size_t part_count;
    const struct tn_asset *wheels; /* image of what is brought, or NULL */
    const struct tn_json_value *licences; /* root of licences.json, or NULL */
    const struct tn_json_value *test_licences; /* array, of test suites */
    const struct tn_json_value *wheel_licences; /* the same, of wheels */
    bool allow_network;
    const char *connect; /* words of connect.h; NULL or "": none */
};

int tn_pack_report(struct tn_buffer *out, const struct tn_pack_input *input,
                   struct tn_problem *problem);

/* The language plugin as one script that loads nothing: `program` is the
 * plugin, an expression; of the rest `page_wasm`, `parts` and `licences`
 * count. */
int tn_pack_plugin(struct tn_buffer *out, const struct tn_pack_input *input,
                   const char *profile);

#endif /* TN_PACK_H */
