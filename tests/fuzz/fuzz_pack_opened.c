/* Fuzzes the opening of a dropped notebook: whatever file it is, what the page
 * gets is JSON, and its text has the cells that the JSON describes. */
#include "json.h"
#include "opened.h"
#include "pack_roundtrip.h"

static void
check_opened(const struct tn_buffer *out)
{
    struct tn_json *json = NULL;
    require(tn_json_parse(&json, out->data, out->size, NULL) == TN_OK);
    const struct tn_json_value *root = tn_json_root(json);
    struct tn_buffer text = {0};
    size_t size;
    const char *iomd = tn_json_string(tn_json_get(root, "iomd"), &size);
    require(iomd != NULL);
    require(tn_buffer_append(&text, iomd, size) == TN_OK);
    struct tn_notebook *notebook = parse_iomd(&text);
    const struct tn_json_value *cells =
        tn_json_get(tn_json_get(root, "notebook"), "cells");
    require(tn_json_count(cells) == notebook->chunk_count);
    tn_notebook_free(notebook);
    tn_buffer_clear(&text);
    tn_json_free(json);
}

/* The first byte chooses the ending, the others are the file. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"x.iomd", "x.jsmd", "x.ipynb",
                                        "x.py",   "x.html", "x.csv"};
    if (size == 0) {
        return 0;
    }
    const char *name = names[data[0] % (sizeof names / sizeof names[0])];
    struct tn_problem problem = {0};
    struct tn_buffer out = {0};
    int status = tn_opened_append(&out, name, (const char *)data + 1,
                                  size - 1, &problem);
    if (status == TN_OK) {
        check_opened(&out);
    }
    else {
        require(problem.text[0] != '\0');
    }
    tn_buffer_clear(&out);
    return 0;
}
