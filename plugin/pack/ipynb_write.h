/* A notebook as Jupyter's file, nbformat 4.5. */
#ifndef TN_IPYNB_WRITE_H
#define TN_IPYNB_WRITE_H

#include "buffer.h"
#include "notebook.h"

/* Appends the notebook with its outputs, as Jupyter would lay it out.  What
 * Jupyter has no cells for (css, fetch, ...) stands in raw cells, and js and
 * html behind IPython's magics; their metadata names the type, by which
 * ipynb_read knows them again.  A notebook that came from Jupyter has nothing
 * more in it than it had. */
int tn_ipynb_write(struct tn_notebook *notebook, struct tn_buffer *out);

#endif /* TN_IPYNB_WRITE_H */
