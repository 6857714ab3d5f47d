/* A notebook as an HTML document: everything but the payload. */
#ifndef TN_DOCUMENT_H
#define TN_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "json.h"
#include "notebook.h"

/* The page's own program and looks; all borrowed. */
struct tn_document {
    const struct tn_notebook *notebook;
    const char *iomd; /* the notebook's text */
    size_t iomd_size;
    const char *style; /* player.css */
    size_t style_size;
    const struct tn_json_value *licences; /* root of licences.json, or NULL */
    const struct tn_json_value *test_licences; /* array, of test suites */
    const struct tn_json_value *wheel_licences; /* the same, of wheels */
    bool allow_network;
    const char *connect; /* words of connect.h; NULL or "": none */
};

/* The document from <!DOCTYPE> to the inline files: head, cells with their
 * outputs, colophon, script#iomd, script#tincture-notebook, script#file-*.
 * Payload, player and the end are the caller's. */
int tn_document_append(struct tn_buffer *out,
                       const struct tn_document *document);

/* Appends the program as a script element. */
int tn_document_append_program(struct tn_buffer *out, const char *text,
                               size_t size);

int tn_document_append_end(struct tn_buffer *out);

/* Appends script#tincture-notebook's JSON. */
int tn_document_append_notebook(struct tn_buffer *out,
                                const struct tn_notebook *notebook);

/* Gives the notebook a title where it has none: its first heading, or its
 * file name without the ending. */
int tn_document_find_title(struct tn_notebook *notebook);

/* Whether an entry of licences.json is about something that this profile, or
 * for NULL any, carries, or one of the images in this JSON array or NULL. */
bool tn_document_carries(const struct tn_json_value *package,
                         const char *profile, const char *images);

#endif /* TN_DOCUMENT_H */
