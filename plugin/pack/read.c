/* Which reader a file gets. */
#include "read.h"

#include <stdbool.h>
#include <string.h>

#include "iomd.h"
#include "pack_limits.h"
#include "readers.h"
#include "text.h"

static bool
has_ending(const char *name, const char *ending)
{
    size_t size = strlen(name);
    size_t length = strlen(ending);
    return size > length &&
           tn_text_equal_nocase(name + size - length, length, ending);
}

static bool
find_format(const char *name, enum tn_format *out)
{
    static const struct {
        const char *ending;
        enum tn_format format;
    } endings[] = {
        {".iomd", TN_FORMAT_IOMD},        {".jsmd", TN_FORMAT_JSMD},
        {".ipynb", TN_FORMAT_IPYNB},      {".py", TN_FORMAT_PY},
        {".html", TN_FORMAT_IODIDE_HTML}, {".htm", TN_FORMAT_IODIDE_HTML},
    };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (has_ending(name, endings[i].ending)) {
            *out = endings[i].format;
            return true;
        }
    }
    return false;
}

static int
read_lines(struct tn_notebook *notebook, const struct tn_buffer *lines,
           struct tn_buffer *notes, struct tn_problem *problem)
{
    const char *text = lines->data != NULL ? lines->data : "";
    size_t size = lines->size;
    switch (notebook->format) {
    case TN_FORMAT_IOMD:
        return tn_iomd_read(notebook, text, size, problem);
    case TN_FORMAT_JSMD:
        return jsmd_read(notebook, text, size, 1, notes, problem);
    case TN_FORMAT_IODIDE_HTML:
        return iodide_read(notebook, text, size, notes, problem);
    case TN_FORMAT_IPYNB:
        return ipynb_read(notebook, text, size, notes, problem);
    case TN_FORMAT_PY:
        return percent_read(notebook, text, size, notes, problem);
    case TN_FORMAT_COUNT:
        break;
    }
    return TN_ERROR_UNSUPPORTED;
}

/* Fills in what a failure of memory or of a limit could not say itself. */
static int
explain(int status, const char *name, struct tn_problem *problem)
{
    if (status == TN_ERROR_LIMIT && problem->text[0] == '\0') {
        return tn_problem_set(problem, status, name, 0,
                              "more than %zu cells", TN_LIMIT_CHUNK_COUNT);
    }
    return status;
}

int
tn_read_notebook(struct tn_notebook **out, const char *name,
                 const char *bytes, size_t size, struct tn_buffer *notes,
                 struct tn_problem *problem)
{
    *out = NULL;
    enum tn_format format;
    if (!tn_text_is_file_name(name, strlen(name))) {
        return tn_problem_set(problem, TN_ERROR_INVALID, name, 0,
                              "a notebook's name must be plain text, without "
                              "control characters or \\");
    }
    if (!find_format(name, &format)) {
        return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, name, 0,
                              "not a notebook that I know: .iomd, .jsmd, "
                              ".html, .ipynb and .py are");
    }
    int status = tn_text_check(bytes, size, name, problem);
    if (status != TN_OK) {
        return status;
    }
    struct tn_notebook *notebook = NULL;
    struct tn_buffer lines = {0};
    status = tn_text_append_lines(&lines, bytes, size);
    if (status == TN_OK) {
        status = tn_notebook_new(&notebook, name, format);
    }
    if (status == TN_OK) {
        status = read_lines(notebook, &lines, notes, problem);
    }
    if (status == TN_OK) {
        status = notes->error;
    }
    /* A Jupyter notebook says itself that it is one. */
    if (status == TN_OK && notebook->chunk_count == 0 &&
        format != TN_FORMAT_IPYNB) {
        status = tn_problem_set(problem, TN_ERROR_INVALID, name, 0,
                                "no cells in it");
    }
    if (status == TN_OK) {
        *out = notebook;
        notebook = NULL;
    }
    tn_notebook_free(notebook);
    tn_buffer_clear(&lines);
    return explain(status, name, problem);
}
