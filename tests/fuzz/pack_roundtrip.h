/* What the fuzz targets of the notebook readers share: a notebook that was
 * read must come through IOMD unchanged, and render without complaint. */
#ifndef TN_PACK_ROUNDTRIP_H
#define TN_PACK_ROUNDTRIP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "iomd.h"
#include "notebook.h"
#include "read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

/* The chunks of IOMD text, which must be readable. */
static inline struct tn_notebook *
parse_iomd(const struct tn_buffer *text)
{
    struct tn_notebook *notebook;
    struct tn_problem problem = {0};
    require(tn_notebook_new(&notebook, "x.iomd", TN_FORMAT_IOMD) == TN_OK);
    require(tn_iomd_parse(notebook, text->size != 0 ? text->data : "",
                          text->size, &problem) == TN_OK);
    return notebook;
}

static inline void
require_same(const struct tn_notebook *a, const struct tn_notebook *b)
{
    require(a->chunk_count == b->chunk_count);
    for (size_t i = 0; i < a->chunk_count; i++) {
        const struct tn_chunk *x = &a->chunks[i];
        const struct tn_chunk *y = &b->chunks[i];
        require(strcmp(x->type, y->type) == 0);
        require(strcmp(x->flags, y->flags) == 0);
        require(x->source_size == y->source_size);
        require(memcmp(x->source, y->source, x->source_size) == 0);
    }
}

static inline void
check_rendering(const struct tn_notebook *notebook)
{
    struct tn_buffer html = {0};
    struct tn_document document = {
        .notebook = notebook, .iomd = "", .style = ""};
    require(tn_document_append(&html, &document) == TN_OK);
    require(strstr(html.data, "<main id=\"tn-notebook\">") != NULL);
    require(strstr(html.data, "<footer id=\"tn-colophon\">") != NULL);
    tn_buffer_clear(&html);
}

/* Reads the bytes as a file of this name and checks what came of it. */
static inline void
check_notebook(const char *name, const uint8_t *data, size_t size)
{
    struct tn_notebook *notebook;
    struct tn_problem problem = {0};
    struct tn_buffer notes = {0};
    int status = tn_read_notebook(&notebook, name, (const char *)data, size,
                                  &notes, &problem);
    if (status != TN_OK) {
        require(notebook == NULL && status != TN_ERROR_MEMORY);
        require(strncmp(problem.text, name, strlen(name)) == 0);
        tn_buffer_clear(&notes);
        return;
    }
    struct tn_buffer text = {0};
    require(tn_notebook_set_text(&notebook->text, NULL, 0) == TN_OK);
    require(tn_iomd_write(notebook, &text) == TN_OK);
    struct tn_notebook *again = parse_iomd(&text);
    require_same(notebook, again);
    require(tn_document_find_title(notebook) == TN_OK);
    check_rendering(notebook);
    tn_notebook_free(again);
    tn_notebook_free(notebook);
    tn_buffer_clear(&text);
    tn_buffer_clear(&notes);
}

#endif /* TN_PACK_ROUNDTRIP_H */
