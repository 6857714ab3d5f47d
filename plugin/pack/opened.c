/* From a notebook file to what the page needs of it. */
#include "opened.h"

#include <stdbool.h>
#include <string.h>

#include "base64.h"
#include "document.h"
#include "iomd.h"
#include "json_write.h"
#include "notebook.h"
#include "pack_limits.h"
#include "read.h"
#include "text.h"

/* What only a report has in it. */
static const char report_mark[] = "id=\"tincture-payload\"";

/* A report is a notebook with more than the readers know about. */
static int
refuse_report(const char *name, const char *bytes, size_t size,
              struct tn_problem *problem)
{
    const char *ending = strrchr(name, '.');
    bool is_page = ending != NULL &&
                   (tn_text_equal_nocase(ending, strlen(ending), ".html") ||
                    tn_text_equal_nocase(ending, strlen(ending), ".htm"));
    if (!is_page ||
        tn_text_find(bytes, size, 0, report_mark, false) == size) {
        return TN_OK;
    }
    return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, name, 0,
                          "a report by itself, with its own Python: open it "
                          "as a page");
}

static int
write_file(struct tn_json_writer *w, const struct tn_file *file)
{
    struct tn_buffer base64 = {0};
    int status = tn_base64_append(&base64, file->data, file->size);
    tn_json_begin_object(w);
    tn_json_key(w, "name");
    tn_json_write_text(w, file->name);
    tn_json_key(w, "mimetype");
    tn_json_write_text(w, file->mimetype);
    tn_json_key(w, "base64");
    tn_json_write_string(w, base64.size != 0 ? base64.data : "", base64.size);
    tn_json_end_object(w);
    tn_buffer_clear(&base64);
    return status;
}

/* `notes` are lines of text. */
static void
write_notes(struct tn_json_writer *w, const struct tn_buffer *notes)
{
    size_t start = 0;
    tn_json_begin_array(w);
    while (start < notes->size) {
        const char *line = notes->data + start;
        const char *newline = memchr(line, '\n', notes->size - start);
        size_t length = newline != NULL ? (size_t)(newline - line)
                                        : notes->size - start;
        tn_json_write_string(w, line, length);
        start += length + 1;
    }
    tn_json_end_array(w);
}

static int
write_opened(struct tn_buffer *out, const struct tn_notebook *notebook,
             const struct tn_buffer *notes)
{
    struct tn_json_writer w;
    struct tn_buffer iomd = {0};
    struct tn_buffer json = {0};
    int status = tn_iomd_write(notebook, &iomd);
    if (status == TN_OK) {
        status = tn_document_append_notebook(&json, notebook);
    }
    if (status != TN_OK) {
        goto done;
    }
    tn_json_writer_init(&w, out);
    tn_json_begin_object(&w);
    tn_json_key(&w, "iomd");
    tn_json_write_string(&w, iomd.size != 0 ? iomd.data : "", iomd.size);
    tn_json_key(&w, "notebook");
    tn_json_write_raw(&w, json.data, json.size);
    tn_json_key(&w, "files");
    tn_json_begin_array(&w);
    for (size_t i = 0; status == TN_OK && i < notebook->file_count; i++) {
        status = write_file(&w, &notebook->files[i]);
    }
    tn_json_end_array(&w);
    tn_json_key(&w, "notes");
    write_notes(&w, notes);
    tn_json_end_object(&w);
    status = status != TN_OK ? status : out->error;
done:
    tn_buffer_clear(&iomd);
    tn_buffer_clear(&json);
    return status;
}

int
tn_opened_append(struct tn_buffer *out, const char *name, const char *bytes,
                 size_t size, struct tn_problem *problem)
{
    struct tn_notebook *notebook = NULL;
    struct tn_buffer notes = {0};
    int status = refuse_report(name, bytes, size, problem);
    if (status == TN_OK) {
        status = tn_read_notebook(&notebook, name, bytes, size, &notes,
                                  problem);
    }
    if (status == TN_OK) {
        status = tn_document_find_title(notebook);
    }
    if (status == TN_OK) {
        status = write_opened(out, notebook, &notes);
    }
    if (status == TN_ERROR_LIMIT && problem->text[0] == '\0') {
        tn_problem_set(problem, status, name, 0,
                       "more than the limit of %zu bytes of text",
                       TN_LIMIT_TEXT_SIZE);
    }
    tn_notebook_free(notebook);
    tn_buffer_clear(&notes);
    return status;
}
