/* Unit tests of plugin/pack/opened.h: what the page gets of a dropped file. */
#include "check.h"
#include "json.h"
#include "opened.h"
#include "status.h"

static struct tn_json *
open_file(const char *name, const char *text)
{
    struct tn_buffer out = {0};
    struct tn_problem problem = {0};
    struct tn_json *json = NULL;
    check_int(tn_opened_append(&out, name, text, strlen(text), &problem),
              TN_OK);
    check_text(problem.text, "");
    check_int(tn_json_parse(&json, out.data, out.size, NULL), TN_OK);
    tn_buffer_clear(&out);
    return json;
}

static void
check_refused(const char *name, const char *text, int expected,
              const char *words)
{
    struct tn_buffer out = {0};
    struct tn_problem problem = {0};
    check_int(tn_opened_append(&out, name, text, strlen(text), &problem),
              expected);
    check(strncmp(problem.text, name, strlen(name)) == 0);
    check(strstr(problem.text, words) != NULL);
    tn_buffer_clear(&out);
}

static void
test_jupyter(void)
{
    struct tn_json *json = open_file(
        "a.ipynb",
        "{\"nbformat\": 4, \"metadata\": {\"k\": {\"n\": null}}, \"cells\": ["
        "{\"cell_type\": \"markdown\", \"id\": \"m\", \"metadata\": {},"
        " \"source\": \"# Title\"},"
        "{\"cell_type\": \"code\", \"id\": \"c\", \"execution_count\": 3,"
        " \"metadata\": {\"t\": [1]}, \"source\": [\"%%time\\n\", \"1\"],"
        " \"outputs\": [{\"output_type\": \"stream\", \"name\": \"stdout\","
        " \"text\": \"x\"}]}]}");
    const struct tn_json_value *root = tn_json_root(json);
    check_text(tn_json_text_of(root, "iomd"),
               "%% md\n# Title\n%% py\n %%time\n1");
    const struct tn_json_value *notebook = tn_json_get(root, "notebook");
    check_text(tn_json_text_of(notebook, "title"), "Title");
    check_int(tn_json_count(tn_json_get(notebook, "cells")), 2);
    const struct tn_json_value *code =
        tn_json_next(tn_json_first(tn_json_get(notebook, "cells")));
    check_text(tn_json_text_of(code, "id"), "c");
    check_int(tn_json_count(tn_json_get(code, "escaped")), 1);
    check_int(tn_json_count(tn_json_get(code, "outputs")), 1);
    check_int((int)tn_json_number(tn_json_get(code, "execution_count"), 0),
              3);
    check_text(tn_json_text_of(tn_json_get(notebook, "source"), "format"),
               "ipynb");
    check_int(tn_json_count(tn_json_get(root, "files")), 0);
    check_int(tn_json_count(tn_json_get(root, "notes")), 0);
    tn_json_free(json);
}

static void
test_files_inside(void)
{
    struct tn_json *json = open_file(
        "old.html", "<script id=iomd>%% md\n&lt;b&gt;</script>"
                    "<script id=\"file-a.bin\" mimetype=\"x/y\">AAEC"
                    "</script>");
    const struct tn_json_value *file =
        tn_json_first(tn_json_get(tn_json_root(json), "files"));
    check_text(tn_json_text_of(file, "name"), "a.bin");
    check_text(tn_json_text_of(file, "mimetype"), "x/y");
    check_text(tn_json_text_of(file, "base64"), "AAEC");
    tn_json_free(json);
}

static void
test_notes(void)
{
    struct tn_json *json = open_file(
        "r.ipynb", "{\"nbformat\": 4, \"cells\": [], \"metadata\": "
                   "{\"kernelspec\": {\"language\": \"R\"}}}");
    size_t size;
    const struct tn_json_value *notes =
        tn_json_get(tn_json_root(json), "notes");
    check_int(tn_json_count(notes), 1);
    const char *note = tn_json_string(tn_json_first(notes), &size);
    check(note != NULL && strstr(note, "not Python") != NULL);
    check(note != NULL && strchr(note, '\n') == NULL);
    tn_json_free(json);
}

static void
test_refusals(void)
{
    check_refused("r.html", "<script id=\"tincture-payload\">{}</script>",
                  TN_ERROR_UNSUPPORTED, "open it as a page");
    check_refused("a.csv", "a,b\n", TN_ERROR_UNSUPPORTED, "not a notebook");
    check_refused("a.ipynb", "{\"cells\": [", TN_ERROR_INVALID, "");
    check_refused("a.iomd", "", TN_ERROR_INVALID, "no cells");
    check_refused("a.py", "\xff", TN_ERROR_INVALID, "not UTF-8");
    /* Python may speak of reports. */
    tn_json_free(open_file("a.py", "x = 'id=\"tincture-payload\"'\n"));
}

int
main(void)
{
    run_test(test_jupyter);
    run_test(test_files_inside);
    run_test(test_notes);
    run_test(test_refusals);
    return check_report();
}
