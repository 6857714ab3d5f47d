/* Any notebook to the one model; the formats are told apart here. */
#ifndef TN_READ_H
#define TN_READ_H

#include <stddef.h>

#include "buffer.h"
#include "notebook.h"

/* Reads a notebook from the bytes of a file called `name` (without
 * directories).  The format follows from the name's ending, for .html from
 * what is inside.  Warnings are appended to `notes`.
 * TN_ERROR_INVALID, TN_ERROR_LIMIT, TN_ERROR_UNSUPPORTED, each with
 * `problem` set; TN_ERROR_MEMORY. */
int tn_read_notebook(struct tn_notebook **out, const char *name,
                     const char *bytes, size_t size, struct tn_buffer *notes,
                     struct tn_problem *problem);

#endif /* TN_READ_H */
