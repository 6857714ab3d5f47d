/* `tincture repack`: an old report onto the kernel of this Tincture. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "dist.h"
#include "os.h"
#include "pack.h"
#include "pack_limits.h"
#include "profiles.h"
#include "rebuild.h"
#include "report.h"
#include "wheels.h"

static const char help[] =
    "usage: tincture repack REPORT.html [-o OUT.html] [--cold]\n"
    "\n"
    "Moves a report onto this Tincture's kernel and page: text, outputs,\n"
    "files, packages, title, view and language stay.  A live state cannot be\n"
    "moved, because it is the memory of the kernel that made it.\n"
    "\n"
    "  -o, --output FILE  where the new report goes (default: the place of\n"
    "                     the old one, unless that has a live state)\n"
    "  --cold             as for `tincture pack`\n";

struct options {
    const char *report;
    const char *output; /* NULL: in the report's place */
    bool cold;
};

struct repacking {
    struct tn_buffer document;
    struct tn_report *report;
    struct tn_rebuilt rebuilt;
    struct dist dist;
    struct tn_extras extras;
    struct tn_buffer site; /* where wheels are mounted */
    struct tn_buffer out;
    struct tn_problem problem;
};

static int
parse(struct options *options, int count, char **arguments)
{
    for (int i = 0; i < count; i++) {
        const char *word = arguments[i];
        bool is_output =
            strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0;
        if (strcmp(word, "--cold") == 0) {
            options->cold = true;
        }
        else if (is_output && i + 1 == count) {
            return command_usage("repack", "%s needs a value", word);
        }
        else if (is_output) {
            options->output = arguments[++i];
        }
        else if (word[0] == '-') {
            return command_usage("repack", "no option %s", word);
        }
        else if (options->report != NULL) {
            return command_usage("repack", "one report at a time");
        }
        else {
            options->report = word;
        }
    }
    return options->report == NULL
               ? command_usage("repack", "no report given")
               : EXIT_FINE;
}

static int
load(struct repacking *r, const struct options *options)
{
    int status = os_read_file(&r->document, options->report,
                              TN_LIMIT_REPORT_SIZE, &r->problem);
    if (status == TN_OK) {
        status = tn_buffer_reserve(&r->document, 1);
    }
    if (status == TN_OK) {
        status = tn_report_open(
            &r->report, command_base_name(options->report), r->document.data,
            r->document.size, &r->problem);
    }
    if (status == TN_OK) {
        status = tn_rebuild(&r->rebuilt, r->report, &r->problem);
    }
    if (status == TN_OK && r->rebuilt.has_state && options->output == NULL) {
        status = tn_problem_set(
            &r->problem, TN_ERROR_STATE, options->report, 0,
            "it has a live state, which would be lost; name another file "
            "with -o");
    }
    return status;
}

/* The images that it had beside its profile's, and those that its text needs
 * today. */
static int
take_images(struct repacking *r, const struct tn_catalogue *catalogue,
            const struct tn_json_value *profile)
{
    struct tn_notebook *notebook = r->rebuilt.notebook;
    int status = tn_extras_add_listed(&r->extras, catalogue, notebook->images,
                                      &r->problem);
    if (status == TN_OK) {
        status = tn_extras_keep(&r->extras, notebook);
    }
    tn_extras_drop_own(&r->extras, profile);
    return status;
}

/* The profile that it had, or the one that its text needs today. */
static int
find_start(struct repacking *r, const struct options *options)
{
    const struct tn_catalogue catalogue = dist_catalogue(&r->dist);
    const struct tn_json_value *profile;
    const struct tn_json_value *start = NULL;
    struct tn_notebook *notebook = r->rebuilt.notebook;
    struct tn_problem unknown = {0};
    /* What is missing was missing before. */
    struct tn_buffer ignored = {0};
    struct tn_profile_wish wish = {
        .name = notebook->profile,
        .extras = &r->extras,
    };
    int status = tn_profiles_choose(&profile, &catalogue, notebook, &wish,
                                    &ignored, &unknown);
    if (status == TN_ERROR_INVALID) {
        wish.name = NULL;
        status = tn_profiles_choose(&profile, &catalogue, notebook, &wish,
                                    &ignored, &r->problem);
    }
    tn_buffer_clear(&ignored);
    if (status == TN_OK) {
        status = take_images(r, &catalogue, profile);
    }
    if (status == TN_OK) {
        const char *name = tn_json_text_of(profile, "name");
        status =
            tn_notebook_set_text(&notebook->profile, name, strlen(name));
    }
    if (status == TN_OK) {
        status =
            dist_find_start(&start, profile, options->cold, &r->problem);
    }
    if (status == TN_OK) {
        status = tn_profiles_append_site(catalogue.profiles, &r->site);
    }
    return status != TN_OK ? status
                           : dist_load(&r->dist, start, &r->extras,
                                       &r->problem);
}

static int
write_report(struct repacking *r, const struct options *options)
{
    const struct tn_rebuilt *rebuilt = &r->rebuilt;
    struct tn_asset wheels = {
        .name = TN_WHEELS_PART,
        .path = r->site.data,
        .data = rebuilt->wheels,
        .size = rebuilt->wheels_size,
    };
    struct tn_pack_input input = {
        .notebook = rebuilt->notebook,
        .original = rebuilt->original,
        .original_size = rebuilt->original_size,
        .wheels = rebuilt->wheels != NULL ? &wheels : NULL,
        .wheel_licences = rebuilt->wheel_licences != NULL
                              ? tn_json_root(rebuilt->wheel_licences)
                              : NULL,
        .allow_network = rebuilt->allows_network,
        .connect = rebuilt->connect,
    };
    dist_lend(&r->dist, &input);
    int status = tn_pack_report(&r->out, &input, &r->problem);
    if (status != TN_OK) {
        return status;
    }
    const char *path =
        options->output != NULL ? options->output : options->report;
    return os_write_file(path, r->out.data, r->out.size, &r->problem);
}

static int
repack(const struct options *options)
{
    struct repacking r = {0};
    int status = load(&r, options);
    if (status == TN_OK) {
        status = dist_open(&r.dist, &r.problem);
    }
    if (status == TN_OK) {
        status = find_start(&r, options);
    }
    if (status == TN_OK) {
        status = write_report(&r, options);
    }
    if (status == TN_OK && r.rebuilt.has_state) {
        fprintf(stderr, "%s: the live state was left out: it belongs to the "
                        "kernel that made it\n",
                options->report);
    }
    int code = status == TN_OK ? EXIT_FINE : command_fail(status, &r.problem);
    tn_rebuilt_clear(&r.rebuilt);
    tn_report_free(r.report);
    dist_close(&r.dist);
    tn_buffer_clear(&r.document);
    tn_buffer_clear(&r.site);
    tn_buffer_clear(&r.out);
    return code;
}

int
command_repack(int count, char **arguments)
{
    struct options options = {0};
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--help") == 0) {
            fputs(help, stdout);
            return EXIT_FINE;
        }
    }
    int code = parse(&options, count, arguments);
    return code == EXIT_FINE ? repack(&options) : code;
}
