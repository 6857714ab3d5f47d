/* How the exports of page.wasm answer; shared inside this directory. */
#ifndef TN_PAGE_H
#define TN_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

#ifdef __wasm__
#define PAGE_EXPORT(name) __attribute__((export_name(name)))
#else
#define PAGE_EXPORT(name) /* a test links it */
#endif

/* What the page reads; the layout is part of the interface. */
struct page_record {
    int32_t status;
    char *data;
    size_t size;
};

/* Moves the buffer into a record; `problem` is the message of a failure.
 * NULL when memory is out. */
struct page_record *page_finish(int status, struct tn_buffer *out,
                                const char *problem);

#endif /* TN_PAGE_H */
