/* Tincture's own files as the command finds them: build/dist. */
#ifndef TN_DIST_H
#define TN_DIST_H

#include "buffer.h"
#include "json.h"
#include "pack.h"
#include "problem.h"

#define DIST_PART_LIMIT 64

/* Zero-initialise; everything that assets borrow is in here. */
struct dist {
    struct tn_buffer directory;
    struct tn_json *profiles; /* profiles.json */
    struct tn_json *licences; /* licences.json, NULL where there is none */
    struct tn_asset style;
    struct tn_asset program;
    struct tn_asset page_wasm;
    struct tn_asset math; /* math.js */
    struct tn_asset parts[DIST_PART_LIMIT];
    size_t part_count;
};

/* Finds the directory and reads profiles.json. */
int dist_open(struct dist *dist, struct tn_problem *problem);

/* Reads what a report with this profile needs. */
int dist_load(struct dist *dist, const struct tn_json_value *profile,
              struct tn_problem *problem);

/* Appends the path of one of its files. */
int dist_append_path(const struct dist *dist, const char *name,
                     struct tn_buffer *out);
void dist_close(struct dist *dist);

#endif /* TN_DIST_H */
