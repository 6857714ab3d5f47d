/* page.wasm: opening a notebook file that was dropped on the page. */
#include <string.h>

#include "alloc.h"
#include "opened.h"
#include "page.h"
#include "status.h"

struct page_record *tn_page_import(const char *name, size_t name_size,
                                   const char *bytes, size_t size);

/* A file to the JSON of tn_opened_append(). */
PAGE_EXPORT("tn_page_import")
struct page_record *
tn_page_import(const char *name, size_t name_size, const char *bytes,
               size_t size)
{
    struct tn_buffer out = {0};
    struct tn_problem problem = {0};
    char *text = tn_copy_text(name, name_size);
    int status = text == NULL ? TN_ERROR_MEMORY
                              : tn_opened_append(&out, text, bytes, size,
                                                 &problem);
    tn_free(text);
    return page_finish(status, &out,
                       problem.text[0] != '\0' ? problem.text : NULL);
}
