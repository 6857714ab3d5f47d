/* Tincture's own files as the command finds them: build/dist. */
#ifndef TN_DIST_H
#define TN_DIST_H

#include <stdbool.h>

#include "buffer.h"
#include "extras.h"
#include "json.h"
#include "pack.h"
#include "problem.h"

#define DIST_PART_LIMIT 64

/* Zero-initialise; everything that assets borrow is in here. */
struct dist {
    struct tn_buffer directory;
    struct tn_json *profiles; /* profiles.json */
    struct tn_json *licences; /* licences.json, NULL where there is none */
    struct tn_json *tests;    /* tests.json, NULL where there is none */
    struct tn_asset style;
    struct tn_asset program;
    struct tn_asset page_wasm;
    struct tn_asset math; /* math.js */
    struct tn_asset suite_style;  /* tests.css */
    struct tn_asset suite_script; /* tests.js */
    struct tn_asset parts[DIST_PART_LIMIT];
    size_t part_count;
};

/* Finds the directory and reads profiles.json. */
int dist_open(struct dist *dist, struct tn_problem *problem);

/* What there is to choose from. */
struct tn_catalogue dist_catalogue(const struct dist *dist);

/* What Python starts from: an object with `wasm`, `images` and, unless it is
 * a cold start, `snapshot`; borrowed from the profile.  TN_ERROR_INVALID when
 * profiles.json has none. */
int dist_find_start(const struct tn_json_value **out,
                    const struct tn_json_value *profile, bool is_cold,
                    struct tn_problem *problem);

/* Reads what a report with this start and these images needs. */
int dist_load(struct dist *dist, const struct tn_json_value *start,
              const struct tn_extras *extras, struct tn_problem *problem);

/* Reads what a page of tests shows its results with. */
int dist_load_suite_view(struct dist *dist, struct tn_problem *problem);

/* Reads what the plugin as one script needs; its program is `program`. */
int dist_load_plugin(struct dist *dist, const struct tn_json_value *start,
                     struct tn_problem *problem);

/* Lends what was loaded to a report. */
void dist_lend(const struct dist *dist, struct tn_pack_input *input);

/* Appends the path of one of its files. */
int dist_append_path(const struct dist *dist, const char *name,
                     struct tn_buffer *out);
void dist_close(struct dist *dist);

#endif /* TN_DIST_H */
