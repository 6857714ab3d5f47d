/* Allocation failures in packing a report and in reading it back. */
#include <assert.h>

#include "ipynb_write.h"
#include "oom.h"
#include "pack.h"
#include "profiles.h"
#include "read.h"
#include "rebuild.h"
#include "report.h"
#include "run.h"

static const char text[] = "%% md\n# T $x$\n%% py\nimport a, b\n%% fetch\n"
                           "text: t = missing.txt\n";

static const char profiles_text[] =
    "{\"profiles\":[{\"name\":\"p\",\"wasm\":\"w\",\"images\":[],"
    "\"modules\":[\"a\"],\"packages\":[{\"name\":\"B_c\","
    "\"version\":\"1\"}]}],\"images\":[{\"name\":\"i\",\"file\":\"i.image\","
    "\"path\":\"/s\",\"modules\":[\"b\"],\"needs\":[\"j\"]},"
    "{\"name\":\"j\",\"file\":\"j.image\",\"path\":\"/s\"}]}";

static const char reply[] =
    "{\"cells\":[{\"status\":\"skipped\"},{\"status\":\"error\","
    "\"execution_count\":1,\"outputs\":[{\"output_type\":\"error\","
    "\"ename\":\"E\",\"evalue\":\"v\",\"traceback\":[]}]},{}],"
    "\"error\":null}";

struct packing {
    struct tn_notebook *notebook;
    struct tn_json *profiles;
    struct tn_extras extras;
    struct tn_buffer notes;
    struct tn_buffer request;
    struct tn_problem problem;
};

/* Reads the notebook, embeds a file, and runs it by a reply from a table. */
static int
prepare(struct packing *p)
{
    const struct tn_json_value *profile;
    struct tn_catalogue catalogue = {0};
    bool has_failed;
    int status = tn_read_notebook(&p->notebook, "n.iomd", text,
                                  sizeof text - 1, &p->notes, &p->problem);
    char *data = status == TN_OK ? tn_copy_text("1,2\n", 4) : NULL;
    if (status == TN_OK && data == NULL) {
        return TN_ERROR_MEMORY;
    }
    if (status == TN_OK) {
        status = tn_notebook_add_file(p->notebook, "d.csv", 5, data, 4,
                                      &p->problem);
        if (status != TN_OK) {
            tn_free(data);
        }
    }
    if (status == TN_OK) {
        status = tn_json_parse(&p->profiles, profiles_text,
                               sizeof profiles_text - 1, NULL);
    }
    if (status == TN_OK) {
        catalogue.profiles = tn_json_root(p->profiles);
        struct tn_profile_wish wish = {.packages = "\nb-c\n",
                                       .extras = &p->extras};
        status = tn_profiles_choose(&profile, &catalogue,
                                    p->notebook, &wish, &p->notes,
                                    &p->problem);
    }
    if (status == TN_OK) {
        assert(p->extras.count == 2);
        status = tn_extras_keep(&p->extras, p->notebook);
    }
    if (status == TN_OK) {
        status = tn_extras_add_listed(&p->extras, &catalogue,
                                      p->notebook->images, &p->problem);
    }
    if (status == TN_OK) {
        status = tn_notebook_set_text(&p->notebook->profile, "p", 1);
    }
    if (status == TN_OK) {
        status = tn_run_check_files(p->notebook, false, &p->notes);
    }
    if (status == TN_OK) {
        struct tn_asset wheels = {
            .name = "wheels.image", .path = "/s", .data = "i", .size = 1};
        status = tn_run_append_request(&p->request, p->notebook, profile,
                                       &p->extras,
                                       &wheels, "https://example.org", false);
    }
    if (status == TN_OK) {
        status = tn_run_take_reply(p->notebook, reply, sizeof reply - 1, 0,
                                   &has_failed, &p->notes, &p->problem);
    }
    return status == TN_OK ? p->notes.error : status;
}

static int
pack_report(struct tn_buffer *out)
{
    struct packing p = {0};
    int status = prepare(&p);
    if (status == TN_OK) {
        struct tn_asset part = {.name = "core.wasm", .data = "w", .size = 1};
        struct tn_asset wheels = {
            .name = "wheels.image", .path = "/s", .data = "i", .size = 1};
        struct tn_pack_input input = {
            .connect = "https://example.org",
            .notebook = p.notebook,
            .original = text,
            .original_size = sizeof text - 1,
            .style = {.name = "player.css", .data = "", .size = 0},
            .program = {.name = "player.js", .data = "", .size = 0},
            .page_wasm = {.name = "page.wasm", .data = "p", .size = 1},
            .parts = &part,
            .math = {.name = "math.js", .data = "m", .size = 1},
            .part_count = 1,
            .wheels = &wheels,
        };
        status = tn_pack_report(out, &input, &p.problem);
    }
    struct tn_buffer ipynb = {0};
    if (status == TN_OK) {
        status = tn_ipynb_write(p.notebook, &ipynb);
    }
    tn_buffer_clear(&ipynb);
    tn_notebook_free(p.notebook);
    tn_json_free(p.profiles);
    tn_buffer_clear(&p.notes);
    tn_buffer_clear(&p.request);
    return status;
}

static int
pack_task(void *context)
{
    struct tn_buffer out = {0};
    (void)context;
    int status = pack_report(&out);
    tn_buffer_clear(&out);
    return status;
}

static int
read_file(const struct tn_report *report, struct tn_problem *problem)
{
    char *data;
    size_t size;
    const struct tn_json_value *entry = tn_json_first(
        tn_json_get(tn_json_root(report->notebook), "files"));
    int status = tn_report_read_file(report, entry, &data, &size, problem);
    if (status == TN_OK) {
        check_text(data, "1,2\n");
    }
    tn_free(data);
    return status;
}

static int
read_task(void *context)
{
    const struct tn_buffer *document = context;
    struct tn_report *report;
    struct tn_problem problem = {0};
    char *data = NULL;
    size_t size;
    bool is_unedited = false;
    int status = tn_report_open(&report, "r.html", document->data,
                                document->size, &problem);
    if (status != TN_OK) {
        return status;
    }
    size_t part = tn_report_find_part(report, "source");
    status = tn_report_read_part(report, part, &data, &size, &problem);
    if (status == TN_OK) {
        status =
            tn_report_is_unedited(report, "n.iomd", data, size, &is_unedited);
        check(is_unedited == (status == TN_OK));
    }
    if (status == TN_OK) {
        status = read_file(report, &problem);
    }
    tn_free(data);
    tn_report_free(report);
    return status;
}

static int
rebuild_task(void *context)
{
    const struct tn_buffer *document = context;
    struct tn_report *report;
    struct tn_rebuilt rebuilt = {0};
    struct tn_problem problem = {0};
    int status = tn_report_open(&report, "r.html", document->data,
                                document->size, &problem);
    if (status != TN_OK) {
        return status;
    }
    status = tn_rebuild(&rebuilt, report, &problem);
    if (status == TN_OK) {
        check_int((int)rebuilt.notebook->revision, 1);
        check(rebuilt.wheels != NULL);
    }
    tn_rebuilt_clear(&rebuilt);
    tn_report_free(report);
    return status;
}

static void
test_pack(void)
{
    oom_exhaust("pack", pack_task, NULL);
}

static void
test_report(void)
{
    struct tn_buffer document = {0};
    check_int(pack_report(&document), TN_OK);
    oom_exhaust("report", read_task, &document);
    oom_exhaust("rebuild", rebuild_task, &document);
    tn_buffer_clear(&document);
}

int
main(void)
{
    run_test(test_pack);
    run_test(test_report);
    return check_report();
}
