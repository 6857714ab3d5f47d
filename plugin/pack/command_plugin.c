/* `tincture plugin --inline`: the language plugin as one script. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "dist.h"
#include "os.h"
#include "profiles.h"
#include "status.h"

static const char help[] =
    "usage: tincture plugin --inline [-o OUT.js] [--profile NAME]\n"
    "\n"
    "Writes the language plugin of build/dist/tincture.js as one script that\n"
    "has Python in it and loads nothing: for pages from disk, for a data: or\n"
    "blob: address, and for servers that take one file.  A page loads it by\n"
    "<script src>, an Iodide client by the `url` of the plugin's definition.\n"
    "\n"
    "  --inline         everything in one script; what a server serves\n"
    "                   otherwise is the directory that this command is in\n"
    "  -o, --output FILE  where it goes (default: tincture-inline.js)\n"
    "  --profile NAME   which packages it has (default: the largest)\n";

struct options {
    const char *output;
    const char *profile; /* NULL: the largest */
    bool is_inline;
};

static int
parse(struct options *options, int count, char **arguments)
{
    for (int i = 0; i < count; i++) {
        const char *word = arguments[i];
        bool is_output =
            strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0;
        bool is_profile = strcmp(word, "--profile") == 0;
        if (strcmp(word, "--inline") == 0) {
            options->is_inline = true;
        }
        else if ((is_output || is_profile) && i + 1 == count) {
            return command_usage("plugin", "%s needs a value", word);
        }
        else if (is_output) {
            options->output = arguments[++i];
        }
        else if (is_profile) {
            options->profile = arguments[++i];
        }
        else {
            return command_usage("plugin", "no option %s", word);
        }
    }
    return options->is_inline
               ? EXIT_FINE
               : command_usage("plugin", "there is only --inline");
}

/* The profile of this name; the last one, which is the largest, for NULL. */
static int
find_profile(const struct tn_json_value **out, const struct dist *dist,
             const char *name, struct tn_problem *problem)
{
    const struct tn_json_value *root = tn_json_root(dist->profiles);
    const struct tn_json_value *profile =
        tn_json_first(tn_json_get(root, "profiles"));
    *out = NULL;
    for (; profile != NULL; profile = tn_json_next(profile)) {
        const char *own = tn_json_text_of(profile, "name");
        if (name == NULL || strcmp(own, name) == 0) {
            *out = profile;
        }
    }
    return *out != NULL
               ? TN_OK
               : tn_problem_set(problem, TN_ERROR_INVALID, "profiles.json", 0,
                                "there is no profile %s",
                                name != NULL ? name : "at all");
}

static int
write_script(const struct options *options, struct dist *dist,
             struct tn_problem *problem)
{
    const struct tn_json_value *profile;
    const struct tn_json_value *start;
    struct tn_pack_input input = {0};
    struct tn_buffer out = {0};
    int status = dist_open(dist, problem);
    if (status == TN_OK) {
        status = find_profile(&profile, dist, options->profile, problem);
    }
    if (status == TN_OK) {
        status = dist_find_start(&start, profile, false, problem);
    }
    if (status == TN_OK) {
        status = dist_load_plugin(dist, start, problem);
    }
    if (status == TN_OK) {
        dist_lend(dist, &input);
        status = tn_pack_plugin(&out, &input,
                                tn_json_text_of(profile, "name"));
    }
    if (status == TN_OK) {
        status = os_write_file(options->output, out.data, out.size, problem);
    }
    tn_buffer_clear(&out);
    return status;
}

int
command_plugin(int count, char **arguments)
{
    struct options options = {.output = "tincture-inline.js"};
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--help") == 0) {
            fputs(help, stdout);
            return EXIT_FINE;
        }
    }
    int code = parse(&options, count, arguments);
    if (code != EXIT_FINE) {
        return code;
    }
    struct dist dist = {0};
    struct tn_problem problem = {0};
    int status = write_script(&options, &dist, &problem);
    dist_close(&dist);
    return status == TN_OK ? EXIT_FINE : command_fail(status, &problem);
}
