/* `tincture pack`: a notebook to one HTML file. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "bring.h"
#include "connect.h"
#include "dist.h"
#include "extras.h"
#include "pack_limits.h"
#include "notebook.h"
#include "os.h"
#include "pack.h"
#include "profiles.h"
#include "read.h"
#include "run.h"
#include "suite.h"

static const char help[] =
    "usage: tincture pack NOTEBOOK [-o OUT.html] [options]\n"
    "       tincture pack --tests PACKAGE [-o OUT.html] [options]\n"
    "\n"
    "Packs a notebook, its data and Python into one HTML file.\n"
    "\n"
    "  -o, --output FILE   where the report goes (default: the notebook's\n"
    "                      name with .html, in this directory)\n"
    "  --file DATA         embed a file; cells open it by its name.\n"
    "                      May be given several times\n"
    "  --wheel FILE        bring a package of pure Python, from its wheel.\n"
    "                      May be given several times\n"
    "  --requirements WHAT bring packages and what they need, found by pip:\n"
    "                      WHAT is a requirements file, or like name==1.0.\n"
    "                      May be given several times; needs python3 and pip\n"
    "  --profile NAME      the Python to pack (default: the smallest that\n"
    "                      has what the notebook imports)\n"
    "  --title TEXT        the report's title (default: what the notebook\n"
    "                      says, its first heading, or its file name)\n"
    "  --lang LANGUAGE     what its prose is written in, like de or pt-BR\n"
    "                      (default: what an .ipynb says, or en)\n"
    "  --view VIEW         `report` shows results with the code folded,\n"
    "                      `explore` the code open and ready to edit\n"
    "  --run               run the notebook first and store its outputs;\n"
    "                      needs Node.js.  A cell that fails stops it, its\n"
    "                      error is stored, and the exit status is 1\n"
    "  --allow-errors      with --run: go on after a cell that fails, and\n"
    "                      exit with 0\n"
    "  --tests PACKAGE     instead of a notebook: a page that runs the\n"
    "                      package's tests by pytest and shows what they\n"
    "                      give.  PACKAGE is `numpy`, `pandas`,\n"
    "                      `matplotlib`, `python` for CPython's own tests, a\n"
    "                      package of a --wheel or --requirements that has\n"
    "                      its tests in it, or a directory of test files\n"
    "  --allow-network     let the report use the network; without this its\n"
    "                      content security policy blocks all requests\n"
    "  --connect ORIGIN    let cells contact a server, like\n"
    "                      https://example.org, or `any`; readers are told.\n"
    "                      May be given several times\n"
    "  --worker            run Python in a worker of the page: it can be\n"
    "                      stopped whatever it does, and cannot reach the\n"
    "                      page's objects (`import js`)\n"
    "  --cold              let Python start from nothing, instead of from a\n"
    "                      snapshot of its memory: opens later, is larger,\n"
    "                      and has every module's file\n";

struct options {
    const char *notebook;
    const char *tests;
    const char *output;
    const char *title;
    const char *view;
    const char *language;
    const char *profile;
    const char **files;
    size_t file_count;
    const char **wheels;
    size_t wheel_count;
    const char **requirements;
    size_t requirement_count;
    const char **connects;
    size_t connect_count;
    bool run;
    bool allow_errors;
    bool allow_network;
    bool cold;
    bool worker;
};

/* What one packing holds until it is done. */
struct packing {
    struct tn_buffer original;
    struct tn_buffer report;
    struct tn_buffer notes;
    struct tn_buffer connect; /* a string, words of connect.h */
    struct tn_notebook *notebook;
    struct dist dist;
    struct bring bring;
    struct tn_problem problem;
    const struct tn_json_value *profile;
    const struct tn_json_value *start; /* what of it Python starts from */
    struct tn_extras extras; /* images beside the profile's own */
    struct tn_suite suite;   /* of --tests */
    const struct tn_json_value *suite_image; /* of a package's tests */
    char *suite_path; /* of a directory of tests */
    bool has_failed_cell;
};

/* The member for an option that takes a value, NULL for other words. */
static const char **
value_of(struct options *options, const char *word)
{
    if (strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0) {
        return &options->output;
    }
    if (strcmp(word, "--title") == 0) {
        return &options->title;
    }
    if (strcmp(word, "--view") == 0) {
        return &options->view;
    }
    if (strcmp(word, "--lang") == 0) {
        return &options->language;
    }
    if (strcmp(word, "--tests") == 0) {
        return &options->tests;
    }
    if (strcmp(word, "--profile") == 0) {
        return &options->profile;
    }
    if (strcmp(word, "--file") == 0) {
        return &options->files[options->file_count++];
    }
    if (strcmp(word, "--wheel") == 0) {
        return &options->wheels[options->wheel_count++];
    }
    if (strcmp(word, "--connect") == 0) {
        return &options->connects[options->connect_count++];
    }
    if (strcmp(word, "--requirements") == 0) {
        return &options->requirements[options->requirement_count++];
    }
    return NULL;
}

static bool *
switch_of(struct options *options, const char *word)
{
    if (strcmp(word, "--run") == 0) {
        return &options->run;
    }
    if (strcmp(word, "--allow-errors") == 0) {
        return &options->allow_errors;
    }
    if (strcmp(word, "--allow-network") == 0) {
        return &options->allow_network;
    }
    if (strcmp(word, "--worker") == 0) {
        return &options->worker;
    }
    return strcmp(word, "--cold") == 0 ? &options->cold : NULL;
}

/* EXIT_FINE, or EXIT_USAGE after saying why. */
static int
parse(struct options *options, int count, char **arguments)
{
    for (int i = 0; i < count; i++) {
        char *word = arguments[i];
        bool *flag = switch_of(options, word);
        if (flag != NULL) {
            *flag = true;
            continue;
        }
        const char **value = value_of(options, word);
        if (value != NULL) {
            if (i + 1 == count) {
                return command_usage("pack", "%s needs a value", word);
            }
            *value = arguments[++i];
        }
        else if (word[0] == '-' && word[1] != '\0') {
            return command_usage("pack", "no option %s", word);
        }
        else if (options->notebook != NULL) {
            return command_usage("pack", "one notebook at a time; embed %s "
                                         "with --file",
                                 word);
        }
        else {
            options->notebook = word;
        }
    }
    if (options->notebook == NULL && options->tests == NULL) {
        return command_usage("pack", "no notebook given");
    }
    if (options->notebook != NULL && options->tests != NULL) {
        return command_usage("pack", "--tests makes the notebook; leave %s "
                                     "out",
                             options->notebook);
    }
    if (options->view != NULL && strcmp(options->view, "report") != 0 &&
        strcmp(options->view, "explore") != 0) {
        return command_usage("pack", "--view is `report` or `explore`");
    }
    if (options->language != NULL &&
        !tn_notebook_is_language(options->language)) {
        return command_usage("pack", "--lang is a language like de or pt-BR");
    }
    return EXIT_FINE;
}

static int
embed_file(struct packing *p, const char *path, const char *name)
{
    struct tn_buffer bytes = {0};
    char *data = NULL;
    size_t size;
    int status =
        os_read_file(&bytes, path, TN_LIMIT_FILE_SIZE, &p->problem);
    if (status == TN_OK) {
        /* An empty file has a block too. */
        tn_buffer_reserve(&bytes, 1);
        status = tn_buffer_take(&bytes, &data, &size);
    }
    if (status == TN_OK) {
        status = tn_notebook_add_file(p->notebook, name, strlen(name), data,
                                      size, &p->problem);
    }
    if (status != TN_OK) {
        tn_free(data);
    }
    tn_buffer_clear(&bytes);
    return status;
}

/* A directory's name is its last; without the slashes at its end. */
static int
read_suite_name(struct packing *p, const char *tests)
{
    p->suite = (struct tn_suite){.name = tests};
    if (!os_is_directory(tests)) {
        return TN_OK;
    }
    size_t size = strlen(tests);
    while (size > 1 && tests[size - 1] == '/') {
        size--;
    }
    p->suite_path = tn_copy_text(tests, size);
    if (p->suite_path == NULL) {
        return TN_ERROR_MEMORY;
    }
    p->suite.name = command_base_name(p->suite_path);
    p->suite.is_directory = true;
    return TN_OK;
}

/* A directory's file of tests, which comes along below the directory's own
 * name. */
static int
embed_test_file(void *context, const char *path)
{
    struct packing *p = context;
    return embed_file(p, path, path + (p->suite.name - p->suite_path));
}

/* The notebook that runs a suite. */
static int
make_suite(struct packing *p, const struct options *options)
{
    struct tn_catalogue catalogue = dist_catalogue(&p->dist);
    struct tn_suite *suite = &p->suite;
    struct tn_buffer name = {0};
    int status = read_suite_name(p, options->tests);
    suite->python = tn_profiles_python(catalogue.profiles);
    if (status == TN_OK) {
        status = tn_suite_check(suite, &p->problem);
    }
    if (status == TN_OK && !suite->is_directory) {
        suite->version = tn_profiles_find_package(
            catalogue.profiles, suite->name, strlen(suite->name));
        p->suite_image = tn_suite_find_image(&catalogue, suite->name);
    }
    if (status == TN_OK) {
        tn_suite_append_text(&p->original, suite);
        status = tn_buffer_append_format(&name, "tests-of-%s.iomd",
                                         suite->name);
    }
    if (status == TN_OK) {
        status = tn_read_notebook(&p->notebook, name.data, p->original.data,
                                  p->original.size, &p->notes, &p->problem);
    }
    if (status == TN_OK && suite->is_directory) {
        status = os_walk_files(p->suite_path, embed_test_file, p,
                               &p->problem);
    }
    if (status == TN_OK) {
        status = dist_load_suite_view(&p->dist, &p->problem);
    }
    if (status == TN_OK) {
        status = tn_suite_add_view(p->notebook, suite, &p->dist.suite_style,
                                   &p->dist.suite_script);
    }
    tn_buffer_clear(&name);
    return status;
}

static int
read_notebook(struct packing *p, const struct options *options)
{
    int status = os_read_file(&p->original, options->notebook,
                              TN_LIMIT_TEXT_SIZE, &p->problem);
    if (status == TN_OK) {
        status = tn_buffer_reserve(&p->original, 1);
    }
    return status != TN_OK
               ? status
               : tn_read_notebook(&p->notebook,
                                  command_base_name(options->notebook),
                                  p->original.data, p->original.size,
                                  &p->notes, &p->problem);
}

static int
read_input(struct packing *p, const struct options *options)
{
    int status = options->tests != NULL ? make_suite(p, options)
                                        : read_notebook(p, options);
    if (status == TN_OK) {
        p->notebook->in_worker = options->worker;
    }
    for (size_t i = 0; status == TN_OK && i < options->file_count; i++) {
        status = embed_file(p, options->files[i],
                            command_base_name(options->files[i]));
    }
    if (status == TN_OK && options->title != NULL) {
        status = tn_notebook_set_text(&p->notebook->title, options->title,
                                      strlen(options->title));
    }
    if (status == TN_OK && options->language != NULL) {
        status = tn_notebook_set_text(&p->notebook->language,
                                      options->language,
                                      strlen(options->language));
    }
    if (status == TN_OK && options->view != NULL) {
        status = tn_notebook_set_text(&p->notebook->view, options->view,
                                      strlen(options->view));
    }
    return status;
}

/* The profile that the notebook and what was brought so far need. */
static int
choose_profile(struct packing *p, const struct options *options,
               struct tn_buffer *notes)
{
    struct tn_catalogue catalogue = dist_catalogue(&p->dist);
    p->extras = (struct tn_extras){0};
    struct tn_profile_wish wish = {
        .name = options->profile,
        .wheels = &p->bring.wheels,
        .packages = p->bring.packages.data,
        .extras = &p->extras,
    };
    if (wish.name == NULL && p->suite_image != NULL) {
        wish.name = tn_suite_find_profile(&catalogue, p->suite_image);
    }
    return tn_profiles_choose(&p->profile, &catalogue, p->notebook, &wish,
                              notes, &p->problem);
}

/* The images beside the profile's, which the report will name. */
static int
take_extras(struct packing *p)
{
    struct tn_catalogue catalogue = dist_catalogue(&p->dist);
    int status = TN_OK;
    if (p->suite_image != NULL) {
        status = tn_extras_add(&p->extras, &catalogue,
                               tn_json_text_of(p->suite_image, "name"),
                               &p->problem);
    }
    if (status == TN_OK) {
        status = tn_extras_keep(&p->extras, p->notebook);
    }
    tn_extras_drop_own(&p->extras, p->profile);
    return status;
}

/* A package's tests are in an image of this build, or in its wheel. */
static int
check_suite(struct packing *p)
{
    const char *name = p->suite.name;
    if (name == NULL || p->suite.is_directory || p->suite_image != NULL ||
        tn_wheels_has_module(&p->bring.wheels, name, strlen(name))) {
        return TN_OK;
    }
    return tn_problem_set(
        &p->problem, TN_ERROR_INVALID, NULL, 0,
        "--tests: there is nothing to test as %s: it is in no --wheel, and "
        "this build of Tincture has no tests of it (those of numpy, pandas, "
        "matplotlib and python are built where TINCTURE_TESTS=all is set)",
        name);
}

/* Brings wheels for the profile that does without them; what that one would
 * have warned about they may bring. */
static int
bring(struct packing *p, const struct options *options)
{
    struct bring_wish wish = {
        .wheels = options->wheels,
        .wheel_count = options->wheel_count,
        .requirements = options->requirements,
        .requirement_count = options->requirement_count,
    };
    struct tn_buffer ignored = {0};
    int status = choose_profile(p, options, &ignored);
    tn_buffer_clear(&ignored);
    return status != TN_OK ? status
                           : bring_wheels(&p->bring, &p->dist, p->profile,
                                          &wish, &p->notes, &p->problem);
}

static int
take_profile(struct packing *p, const struct options *options)
{
    size_t size;
    int status = check_suite(p);
    if (status == TN_OK) {
        status = choose_profile(p, options, &p->notes);
    }
    if (status == TN_OK) {
        status = take_extras(p);
    }
    if (status == TN_OK) {
        status = bring_image(&p->bring, &p->dist, p->profile, &p->notes,
                             &p->problem);
    }
    if (status == TN_OK && p->bring.list.size != 0) {
        status = tn_notebook_set_text(&p->notebook->packages,
                                      p->bring.list.data, p->bring.list.size);
    }
    if (status != TN_OK) {
        return status;
    }
    const char *name = tn_json_string(tn_json_get(p->profile, "name"), &size);
    return tn_notebook_set_text(&p->notebook->profile, name, size);
}

/* The image of what was brought, or NULL. */
static const struct tn_asset *
wheels_of(const struct packing *p)
{
    return p->bring.image.name != NULL ? &p->bring.image : NULL;
}

/* What cells may contact; NULL for everything. */
static const char *
reach_of(const struct packing *p, const struct options *options)
{
    return options->allow_network ? NULL : p->connect.data;
}

/* Runs the notebook in Node by run.mjs, which stands in dist/. */
static int
run_notebook(struct packing *p, const struct options *options)
{
    struct tn_buffer request = {0};
    struct tn_buffer reply = {0};
    struct tn_buffer script = {0};
    int exit_code = 0;
    int status =
        tn_run_append_request(&request, p->notebook, p->start, &p->extras,
                              wheels_of(p), reach_of(p, options),
                              options->allow_errors);
    if (status == TN_OK) {
        status = dist_append_path(&p->dist, "run.mjs", &script);
    }
    if (status == TN_OK && !os_exists(script.data)) {
        status = tn_problem_set(&p->problem, TN_ERROR_IO, script.data, 0,
                                "this file of Tincture's is missing");
    }
    if (status == TN_OK) {
        const char *const arguments[] = {"node", script.data, NULL};
        status = os_run("node", arguments, request.data, request.size, &reply,
                        &exit_code, &p->problem);
    }
    if (status == TN_ERROR_MISSING) {
        tn_problem_set(&p->problem, status, NULL, 0,
                       "--run needs Node.js: no `node` on PATH");
    }
    if (status == TN_OK) {
        status = tn_run_take_reply(p->notebook, reply.data, reply.size,
                                   exit_code, &p->has_failed_cell, &p->notes,
                                   &p->problem);
    }
    tn_buffer_clear(&request);
    tn_buffer_clear(&reply);
    tn_buffer_clear(&script);
    return status;
}

/* The report's path: as asked for, or the notebook's name with .html. */
static int
append_output_path(struct tn_buffer *out, const struct packing *p,
                   const struct options *options)
{
    if (options->output != NULL) {
        return tn_buffer_append_text(out, options->output);
    }
    const char *name = p->notebook->name;
    const char *dot = strrchr(name, '.');
    size_t size = dot != NULL && dot != name ? (size_t)(dot - name)
                                             : strlen(name);
    tn_buffer_append(out, name, size);
    return tn_buffer_append_text(out, ".html");
}

/* An Iodide .html packed without -o would be replaced by its own report. */
static int
check_output_path(struct packing *p, const struct options *options,
                  const char *path)
{
    if (options->notebook == NULL || strcmp(path, options->notebook) != 0) {
        return TN_OK;
    }
    return tn_problem_set(&p->problem, TN_ERROR_INVALID, path, 0,
                          "the report would replace its notebook; name "
                          "another file with -o");
}

static int
write_report(struct packing *p, const struct options *options)
{
    struct tn_pack_input input = {
        .notebook = p->notebook,
        .original = p->original.data,
        .original_size = p->original.size,
        .wheels = wheels_of(p),
        .wheel_licences = p->bring.licences != NULL
                              ? tn_json_root(p->bring.licences)
                              : NULL,
        .allow_network = options->allow_network,
        .connect = p->connect.data,
    };
    struct tn_buffer path = {0};
    dist_lend(&p->dist, &input);
    int status = append_output_path(&path, p, options);
    if (status == TN_OK) {
        status = check_output_path(p, options, path.data);
    }
    if (status == TN_OK) {
        status = tn_pack_report(&p->report, &input, &p->problem);
    }
    if (status == TN_OK) {
        status = os_write_file(path.data, p->report.data, p->report.size,
                               &p->problem);
    }
    tn_buffer_clear(&path);
    return status;
}

static int
read_connects(struct packing *p, const struct options *options)
{
    int status = TN_OK;
    for (size_t i = 0; status == TN_OK && i < options->connect_count; i++) {
        status = tn_connect_add(&p->connect, options->connects[i],
                                &p->problem);
    }
    return status == TN_OK ? tn_buffer_append_char(&p->connect, '\0')
                           : status;
}

static int
pack(const struct options *options)
{
    struct packing p = {0};
    int status = read_connects(&p, options);
    if (status == TN_OK) {
        status = dist_open(&p.dist, &p.problem);
    }
    if (status == TN_OK) {
        status = read_input(&p, options);
    }
    if (status == TN_OK) {
        status = bring(&p, options);
    }
    if (status == TN_OK) {
        status = take_profile(&p, options);
    }
    if (status == TN_OK) {
        status = tn_run_check_files(p.notebook, reach_of(&p, options),
                                    &p.notes);
    }
    if (status == TN_OK) {
        status = dist_find_start(&p.start, p.profile, options->cold,
                                 &p.problem);
    }
    if (status == TN_OK) {
        status = dist_load(&p.dist, p.start, &p.extras, &p.problem);
    }
    if (status == TN_OK && options->run) {
        status = run_notebook(&p, options);
    }
    if (status == TN_OK) {
        status = write_report(&p, options);
    }
    if (p.notes.size != 0) {
        fwrite(p.notes.data, 1, p.notes.size, stderr);
    }
    int code = status == TN_OK ? EXIT_FINE : command_fail(status, &p.problem);
    if (p.has_failed_cell && !options->allow_errors) {
        code = EXIT_FAILED;
    }
    tn_notebook_free(p.notebook);
    bring_clear(&p.bring);
    dist_close(&p.dist);
    tn_buffer_clear(&p.original);
    tn_buffer_clear(&p.report);
    tn_buffer_clear(&p.notes);
    tn_buffer_clear(&p.connect);
    tn_free(p.suite_path);
    return code;
}

int
command_pack(int count, char **arguments)
{
    struct options options = {0};
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--help") == 0) {
            fputs(help, stdout);
            return EXIT_FINE;
        }
    }
    /* One block for the four lists, each as long as it can get. */
    size_t size = (size_t)count + 1;
    const char **lists = tn_alloc_zeroed(4 * size, sizeof *lists);
    if (lists == NULL) {
        struct tn_problem problem = {0};
        return command_fail(TN_ERROR_MEMORY, &problem);
    }
    options.files = lists;
    options.wheels = lists + size;
    options.requirements = lists + 2 * size;
    options.connects = lists + 3 * size;
    int code = parse(&options, count, arguments);
    if (code == EXIT_FINE) {
        code = pack(&options);
    }
    tn_free(lists);
    return code;
}
