/* Allocation failures in the readers of notebooks and in what renders. */
#include "document.h"
#include "imports.h"
#include "iomd.h"
#include "oom.h"
#include "opened.h"
#include "read.h"

struct input {
    const char *name;
    const char *text;
};

/* Reads, renders and writes one notebook, as the page and as the packer. */
static int
read_and_write(void *context)
{
    const struct input *input = context;
    struct tn_notebook *notebook = NULL;
    struct tn_problem problem = {0};
    struct tn_buffer notes = {0};
    struct tn_buffer out = {0};
    int status = tn_read_notebook(&notebook, input->name, input->text,
                                  strlen(input->text), &notes, &problem);
    check((notebook != NULL) == (status == TN_OK));
    if (status == TN_OK) {
        status = tn_document_find_title(notebook);
    }
    if (status == TN_OK) {
        status = tn_iomd_write(notebook, &out);
    }
    if (status == TN_OK) {
        struct tn_document document = {
            .notebook = notebook, .iomd = "", .style = ""};
        status = tn_document_append(&out, &document);
    }
    tn_buffer_clear(&out);
    if (status == TN_OK) {
        status = tn_opened_append(&out, input->name, input->text,
                                  strlen(input->text), &problem);
    }
    tn_notebook_free(notebook);
    tn_buffer_clear(&notes);
    tn_buffer_clear(&out);
    return status;
}

static void
test_iomd(void)
{
    struct input input = {
        "x.iomd",
        "before\n%% md\n# Hi [a](b \"t\")\n\n| a |\n|---|\n| $x$ |\n"
        "<svg><style>a</style>\n%% py skipRunAll\nimport x\n%% css\na{}\n"};
    oom_exhaust("iomd", read_and_write, &input);
}

static void
test_jsmd(void)
{
    struct input input = {
        "x.jsmd", "%% meta\n{\"title\":\"T\",\"viewMode\":\"editor\","
                  "\"savedEnvironment\":{\"a\":1}}\n%% resource\na.css\nb\n"
                  "%% code {\"language\":\"py\",\"skipInRunAll\":true}\n1\n"
                  "%% what {\n2\n"};
    oom_exhaust("jsmd", read_and_write, &input);
}

static void
test_iodide(void)
{
    struct input input = {
        "x.html", "<title>T - iodide</title><script id=iomd>%% md\n&lt;b&gt;"
                  "</script><script id=\"file-a\" mimetype=\"x/y\">AAEC"
                  "</script>"};
    oom_exhaust("iodide", read_and_write, &input);
}

static void
test_ipynb(void)
{
    struct input input = {
        "x.ipynb",
        "{\"nbformat\":4,\"metadata\":{\"title\":\"T\",\"kernelspec\":{"
        "\"language\":\"r\"}},\"cells\":[{\"cell_type\":\"code\",\"id\":\"a\","
        "\"metadata\":{\"m\":1},\"source\":[\"%%x\\n\",\"y\"],\"outputs\":[{"
        "\"output_type\":\"stream\",\"text\":\"\\u001b[31ma\"},{"
        "\"output_type\":\"display_data\",\"data\":{\"application/json\":["
        "{\"k\":1}]}},{\"output_type\":\"error\",\"ename\":\"E\","
        "\"traceback\":[\"t\"]}]},{\"cell_type\":\"markdown\",\"source\":"
        "\"![a](attachment:b)\",\"attachments\":{\"b\":{\"image/png\":"
        "\"AA\"}}}]}"};
    oom_exhaust("ipynb", read_and_write, &input);
}

static void
test_percent(void)
{
    struct input input = {
        "x.py", "# ---\n# a: b\n# ---\n1\n# %% [md] T\n# # Hi\n# %%\n%%x\n"};
    oom_exhaust("percent", read_and_write, &input);
}

int
main(void)
{
    run_test(test_iomd);
    run_test(test_jsmd);
    run_test(test_iodide);
    run_test(test_ipynb);
    run_test(test_percent);
    return check_report();
}
