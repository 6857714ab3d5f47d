/* One chunk of a notebook as the section of a page. */
#ifndef TN_CELL_H
#define TN_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "json.h"

/* Everything is borrowed; NULL where there is none. */
struct tn_cell {
    size_t index;
    const char *type;
    const char *flags;
    const char *source;
    size_t source_size;
    const struct tn_json_value *outputs;
    const struct tn_json_value *attachments;
    const char *state; /* "ok" or "error" of a run; NULL: idle */
    bool is_open; /* code unfolded: the explore view */
};

int tn_cell_append(struct tn_buffer *out, const struct tn_cell *cell);

#endif /* TN_CELL_H */
