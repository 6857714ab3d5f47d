/* Pages that Iodide wrote: its 2018 single files, and its server's pages. */
#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "base64.h"
#include "html.h"
#include "iomd.h"
#include "readers.h"
#include "scan.h"
#include "text.h"

/* Embeds a file-NAME script of base64. */
static int
embed_file(struct tn_notebook *notebook, const struct tn_script *script,
           struct tn_problem *problem)
{
    struct tn_buffer name = {0};
    struct tn_buffer bytes = {0};
    char *data = NULL;
    size_t size;
    tn_html_unescape(&name, script->id + 5, script->id_size - 5);
    int status = name.error;
    if (status == TN_OK) {
        status =
            tn_base64_decode(&bytes, script->content, script->content_size);
    }
    if (status == TN_ERROR_INVALID) {
        tn_problem_set(problem, status, notebook->name, 0,
                       "the embedded file %.200s is not base64",
                       name.size != 0 ? name.data : "");
    }
    if (status == TN_OK) {
        tn_buffer_reserve(&bytes, 1);
        status = tn_buffer_take(&bytes, &data, &size);
    }
    if (status == TN_OK) {
        status = tn_notebook_add_file(
            notebook, name.size != 0 ? name.data : "", name.size, data, size,
            problem);
        if (status != TN_OK) {
            tn_free(data);
        }
    }
    if (status == TN_OK && script->mimetype_size != 0) {
        struct tn_file *file = &notebook->files[notebook->file_count - 1];
        status = tn_notebook_set_text(&file->mimetype, script->mimetype,
                                      script->mimetype_size);
    }
    tn_buffer_clear(&name);
    tn_buffer_clear(&bytes);
    return status;
}

static int
read_iomd(struct tn_notebook *notebook, const struct tn_script *script,
          size_t first_line, struct tn_problem *problem)
{
    struct tn_buffer text = {0};
    tn_html_unescape(&text, script->content, script->content_size);
    int status = text.error;
    if (status == TN_OK) {
        status = tn_iomd_read(notebook, text.size != 0 ? text.data : "",
                              text.size, problem);
    }
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        notebook->chunks[i].line += first_line - 1;
    }
    tn_buffer_clear(&text);
    return status;
}

/* The page's own title, for a notebook that has none: "TITLE - iodide". */
static int
read_title(struct tn_notebook *notebook, const char *text, size_t size)
{
    static const char suffix[] = " - iodide";
    size_t start = tn_text_find(text, size, 0, "<title>", true);
    if (notebook->title != NULL || start >= size) {
        return TN_OK;
    }
    start += strlen("<title>");
    size_t end = tn_text_find(text, size, start, "</title", true);
    struct tn_buffer title = {0};
    tn_html_unescape(&title, text + start, end - start);
    size_t length = strlen(suffix);
    int status = title.error;
    if (title.size > length &&
        memcmp(title.data + title.size - length, suffix, length) == 0) {
        title.size -= length;
    }
    if (status == TN_OK && title.size != 0) {
        status = tn_notebook_set_text(&notebook->title, title.data,
                                      title.size);
    }
    tn_buffer_clear(&title);
    return status;
}

static size_t
line_of(const char *text, const struct tn_script *script)
{
    return tn_text_line_of(text, (size_t)(script->content - text));
}

int
iodide_read(struct tn_notebook *notebook, const char *text, size_t size,
            struct tn_buffer *notes, struct tn_problem *problem)
{
    struct tn_script script;
    size_t at = 0;
    int status = TN_OK;
    bool is_found = false;
    while (status == TN_OK && tn_scan_script(text, size, &at, &script)) {
        if (tn_scan_has_id(&script, "tincture-notebook")) {
            return tn_problem_set(problem, TN_ERROR_UNSUPPORTED,
                                  notebook->name, 0,
                                  "this is a packed report already; "
                                  "`tincture unpack` takes it apart");
        }
        if (!is_found && tn_scan_has_id(&script, "jsmd")) {
            is_found = true;
            status = jsmd_read(notebook, script.content, script.content_size,
                               line_of(text, &script), notes, problem);
        }
        else if (!is_found && tn_scan_has_id(&script, "iomd")) {
            is_found = true;
            status = read_iomd(notebook, &script, line_of(text, &script),
                               problem);
        }
        else if (script.id_size > 5 && memcmp(script.id, "file-", 5) == 0) {
            status = embed_file(notebook, &script, problem);
        }
    }
    if (status == TN_OK && !is_found) {
        return tn_problem_set(problem, TN_ERROR_INVALID, notebook->name, 0,
                              "not an Iodide notebook: no script element "
                              "with the id jsmd or iomd");
    }
    return status == TN_OK ? read_title(notebook, text, size) : status;
}
