/* --run: what is said to run.mjs and what it says back.
 *
 * The notebook goes out as one JSON object, the outputs of its cells come
 * back as another; Node and the kernel are run.mjs's business.
 */
#ifndef TN_RUN_H
#define TN_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "extras.h"
#include "json.h"
#include "notebook.h"
#include "pack.h"

/* Appends {"profile","wasm","snapshot","images","files","cells","connect",
 * "allow_errors"}; `start` says what Python starts from (dist_find_start);
 * `extras` are more images, and `wheels` is one, or NULL.  `connect` is what
 * cells may contact (connect.h), NULL for everything. */
int tn_run_append_request(struct tn_buffer *out,
                          const struct tn_notebook *notebook,
                          const struct tn_json_value *start,
                          const struct tn_extras *extras,
                          const struct tn_asset *wheels, const char *connect,
                          bool allow_errors);

/* Gives the outputs of the reply to the notebook's chunks.  Cells behind one
 * that failed lose the outputs they had: they no longer belong together; those
 * that were skipped, because they need a page, keep theirs.
 * *has_failed_cell says that one ended in an error; it is warned about.
 * TN_ERROR_IO when run.mjs itself failed. */
int tn_run_take_reply(struct tn_notebook *notebook, const char *reply,
                      size_t size, int exit_code, bool *has_failed_cell,
                      struct tn_buffer *notes, struct tn_problem *problem);

/* Warns about what fetch cells name and the report will not have: files that
 * are not embedded, and addresses of servers that `connect` (connect.h) does
 * not let it contact; NULL lets it contact all. */
int tn_run_check_files(const struct tn_notebook *notebook, const char *connect,
                       struct tn_buffer *notes);

#endif /* TN_RUN_H */
