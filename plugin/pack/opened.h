/* A notebook file as the page opens it: dropped on it, not packed.
 *
 * The page gets what a packed report has in its script elements, so that it
 * goes on as if it had been packed with this notebook.
 */
#ifndef TN_OPENED_H
#define TN_OPENED_H

#include <stddef.h>

#include "buffer.h"
#include "problem.h"

/* Reads the bytes of a file called `name` and appends JSON:
 *
 *     {"iomd": its text, "notebook": as script#tincture-notebook has it,
 *      "files": [{"name", "mimetype", "base64"}], "notes": [warnings]}
 *
 * `files` are those inside the notebook itself, as Iodide's pages had them.
 * Fails as tn_read_notebook() does, with `problem` set. */
int tn_opened_append(struct tn_buffer *out, const char *name,
                     const char *bytes, size_t size,
                     struct tn_problem *problem);

#endif /* TN_OPENED_H */
