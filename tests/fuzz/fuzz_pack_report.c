/* Fuzzes the reader of reports: every part and file is asked for, and what is
 * in it is packed again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "document.h"
#include "rebuild.h"
#include "report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void
read_parts(const struct tn_report *report)
{
    for (size_t i = 0; i < report->part_count && i < 16; i++) {
        struct tn_problem problem = {0};
        char *data;
        size_t size;
        int status = tn_report_read_part(report, i, &data, &size, &problem);
        require((status == TN_OK) == (data != NULL));
        require(status == TN_OK || problem.text[0] != '\0');
        if (status == TN_OK) {
            bool is_unedited;
            require(tn_report_is_unedited(report, "x.iomd", data, size,
                                          &is_unedited) == TN_OK);
        }
        tn_free(data);
    }
}

static void
read_files(const struct tn_report *report)
{
    const struct tn_json_value *entry = tn_json_first(
        tn_json_get(tn_json_root(report->notebook), "files"));
    for (size_t i = 0; entry != NULL && i < 16; i++) {
        struct tn_problem problem = {0};
        char *data;
        size_t size;
        int status =
            tn_report_read_file(report, entry, &data, &size, &problem);
        require((status == TN_OK) == (data != NULL));
        require(status == TN_OK || problem.text[0] != '\0');
        tn_free(data);
        entry = tn_json_next(entry);
    }
}

/* What repack does, without the kernel. */
static void
rebuild(const struct tn_report *report)
{
    struct tn_rebuilt rebuilt = {0};
    struct tn_problem problem = {0};
    int status = tn_rebuild(&rebuilt, report, &problem);
    require(status == TN_OK || status == TN_ERROR_LIMIT ||
            problem.text[0] != '\0');
    if (status == TN_OK) {
        struct tn_buffer out = {0};
        struct tn_document document = {
            .notebook = rebuilt.notebook,
            .iomd = "",
            .style = "",
            .wheel_licences = rebuilt.wheel_licences != NULL
                                  ? tn_json_root(rebuilt.wheel_licences)
                                  : NULL,
        };
        require(tn_document_append(&out, &document) == TN_OK);
        tn_buffer_clear(&out);
    }
    tn_rebuilt_clear(&rebuilt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tn_report *report;
    struct tn_problem problem = {0};
    int status = tn_report_open(&report, "x.html", (const char *)data, size,
                                &problem);
    require((status == TN_OK) == (report != NULL));
    if (status != TN_OK) {
        require(strncmp(problem.text, "x.html: ", 8) == 0);
        return 0;
    }
    size_t version_size;
    (void)tn_report_version(report, &version_size);
    read_parts(report);
    read_files(report);
    rebuild(report);
    tn_report_free(report);
    return 0;
}
