/* The readers of each format, shared inside this directory.
 *
 * Each fills an empty notebook from checked text whose newlines are \n.
 */
#ifndef TN_READERS_H
#define TN_READERS_H

#include <stddef.h>

#include "buffer.h"
#include "json.h"
#include "notebook.h"

/* Text of 2018's JSMD; `first_line` is where it begins in its file. */
int jsmd_read(struct tn_notebook *notebook, const char *text, size_t size,
              size_t first_line, struct tn_buffer *notes,
              struct tn_problem *problem);

/* A page of Iodide's: script#jsmd raw, or script#iomd html-escaped, and its
 * file-NAME scripts. */
int iodide_read(struct tn_notebook *notebook, const char *text, size_t size,
                struct tn_buffer *notes, struct tn_problem *problem);

/* The member of a cell's metadata that says what it is here, where Jupyter has
 * no such cell: `type`, `flags`, and `outputs` of a raw cell.  Before the
 * source of js and html stands a magic of IPython's. */
#define TN_IPYNB_OWN "tincture"
#define TN_IPYNB_PREAMBLE "preamble"
#define TN_IPYNB_JS_MAGIC "%%javascript"
#define TN_IPYNB_HTML_MAGIC "%%html"

/* The chunk type of code cells, by the notebook's metadata (NULL for none). */
const char *ipynb_code_type(const struct tn_json_value *metadata);

/* Jupyter's notebook, nbformat 4. */
int ipynb_read(struct tn_notebook *notebook, const char *text, size_t size,
               struct tn_buffer *notes, struct tn_problem *problem);

/* Python with `# %%` cells, or without any. */
int percent_read(struct tn_notebook *notebook, const char *text, size_t size,
                 struct tn_buffer *notes, struct tn_problem *problem);

#endif /* TN_READERS_H */
