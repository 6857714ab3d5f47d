/* The script elements of an HTML document, one after the other. */
#ifndef TN_SCAN_H
#define TN_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Borrowed from the document. */
struct tn_script {
    const char *id;
    size_t id_size;
    const char *type;
    size_t type_size;
    const char *mimetype;
    size_t mimetype_size;
    const char *content;
    size_t content_size;
    bool is_closed; /* false when the document ends inside */
};

/* Finds the next script element at or after *at and moves *at behind it. */
bool tn_scan_script(const char *html, size_t size, size_t *at,
                    struct tn_script *out);

/* True when its id is this one. */
bool tn_scan_has_id(const struct tn_script *script, const char *id);

#endif /* TN_SCAN_H */
