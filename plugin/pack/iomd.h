/* IOMD: Iodide's notebook text.
 *
 * Lines that begin with %% are delimiters; further % are dropped; the first
 * word names the chunk's type, the others are its flags; without a word the
 * type is the previous chunk's.  Text before the first delimiter belongs to
 * no chunk.
 */
#ifndef TN_IOMD_H
#define TN_IOMD_H

#include "buffer.h"
#include "notebook.h"

/* Adds the chunks of checked text, whose newlines are \n, to `notebook`. */
int tn_iomd_parse(struct tn_notebook *notebook, const char *text, size_t size,
                  struct tn_problem *problem);

/* The same, and keeps the text, so that tn_iomd_write gives it back with every
 * blank line where it was. */
int tn_iomd_read(struct tn_notebook *notebook, const char *text, size_t size,
                 struct tn_problem *problem);

/* Appends IOMD text from which tn_iomd_parse makes the same chunks. */
int tn_iomd_write(const struct tn_notebook *notebook, struct tn_buffer *out);

#endif /* TN_IOMD_H */
