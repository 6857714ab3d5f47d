/* `tincture unpack`: what went into a report comes out of it again. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "ipynb_write.h"
#include "os.h"
#include "pack_limits.h"
#include "rebuild.h"
#include "report.h"
#include "text.h"

static const char help[] =
    "usage: tincture unpack REPORT.html [-d DIR] [--ipynb] [--force]\n"
    "\n"
    "Writes what is in a report: its text as NAME.iomd, the notebook it was\n"
    "packed from (byte for byte, unless the text was edited since), every\n"
    "embedded file, and a requirements.txt that names the packages that were\n"
    "brought, with hashes, for --requirements.\n"
    "\n"
    "  -d, --directory DIR  where to write; made if it is not there\n"
    "                       (default: this directory)\n"
    "  --ipynb              write it for Jupyter too, as NAME.ipynb with the\n"
    "                       outputs that the report shows, whatever it was\n"
    "                       packed from.  An edited notebook of Jupyter's is\n"
    "                       written so in any case\n"
    "  --force              replace files that are there and differ\n";

/* What the name of a package is made of. */
#define NAME_BYTES                                                            \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

struct entry {
    char *name;
    char *data;
    size_t size;
};

struct unpacking {
    struct tn_buffer document;
    struct tn_report *report;
    struct entry *entries;
    size_t count;
    struct tn_problem problem;
};

/* Takes `data`, also on failure. */
static int
add_entry(struct unpacking *u, const char *name, TN_OWN char *data,
          size_t size)
{
    for (size_t i = 0; i < u->count; i++) {
        struct entry *entry = &u->entries[i];
        if (strcmp(entry->name, name) != 0) {
            continue;
        }
        bool is_same = entry->size == size &&
                       memcmp(entry->data, data, size) == 0;
        tn_free(data);
        return is_same ? TN_OK
                       : tn_problem_set(&u->problem, TN_ERROR_INVALID,
                                        u->report->name, 0,
                                        "two different files in it are "
                                        "called %s",
                                        name);
    }
    struct entry *entries =
        tn_realloc(u->entries, (u->count + 1) * sizeof *entries);
    if (entries == NULL) {
        tn_free(data);
        return TN_ERROR_MEMORY;
    }
    u->entries = entries;
    struct entry *entry = &entries[u->count];
    *entry = (struct entry){.data = data, .size = size};
    entry->name = tn_copy_text(name, strlen(name));
    if (entry->name == NULL) {
        tn_free(data);
        return TN_ERROR_MEMORY;
    }
    u->count++;
    return TN_OK;
}

/* Appends a file name with another ending. */
static int
append_name(struct tn_buffer *out, const char *source_name,
            const char *ending)
{
    const char *dot = strrchr(source_name, '.');
    tn_buffer_append(out, source_name,
                     dot != NULL && dot != source_name
                         ? (size_t)(dot - source_name)
                         : strlen(source_name));
    return tn_buffer_append_text(out, ending);
}

static int
add_text(struct unpacking *u, const char *source_name)
{
    struct tn_buffer name = {0};
    int status = append_name(&name, source_name, ".iomd");
    if (status == TN_OK) {
        const struct tn_buffer *iomd = &u->report->iomd;
        char *copy = tn_copy_text(iomd->size != 0 ? iomd->data : "",
                                  iomd->size);
        status = copy == NULL
                     ? TN_ERROR_MEMORY
                     : add_entry(u, name.data, copy, iomd->size);
    }
    tn_buffer_clear(&name);
    return status;
}

/* The notebook with its outputs, as Jupyter has it. */
static int
add_ipynb(struct unpacking *u, const char *source_name)
{
    struct tn_rebuilt rebuilt = {0};
    struct tn_buffer name = {0};
    struct tn_buffer text = {0};
    char *data = NULL;
    size_t size;
    int status = tn_rebuild(&rebuilt, u->report, &u->problem);
    if (status == TN_OK) {
        status = tn_ipynb_write(rebuilt.notebook, &text);
    }
    if (status == TN_OK) {
        status = append_name(&name, source_name, ".ipynb");
    }
    if (status == TN_OK) {
        status = tn_buffer_take(&text, &data, &size);
    }
    if (status == TN_OK) {
        status = add_entry(u, name.data, data, size);
    }
    tn_buffer_clear(&text);
    tn_buffer_clear(&name);
    tn_rebuilt_clear(&rebuilt);
    return status;
}

static bool
has_ending(const char *name, const char *ending)
{
    size_t length = strlen(name);
    size_t size = strlen(ending);
    return length > size
           && tn_text_equal_nocase(name + length - size, size, ending);
}

/* The text, and Jupyter's form where that is wanted. */
static int
add_texts(struct unpacking *u, const char *name, bool for_jupyter)
{
    int status = add_text(u, name);
    return status == TN_OK && for_jupyter ? add_ipynb(u, name) : status;
}

/* The text and, where it is still what the text says, the original. */
static int
add_source(struct unpacking *u, bool for_jupyter)
{
    const struct tn_report *report = u->report;
    size_t part = tn_report_find_part(report, "source");
    if (part == report->part_count) {
        return add_texts(u, report->name, for_jupyter);
    }
    const char *name = report->parts[part].name + strlen("source:");
    if (!tn_text_is_file_name(name, strlen(name))) {
        return tn_problem_set(&u->problem, TN_ERROR_INVALID, report->name, 0,
                              "the notebook's name is not a plain file name");
    }
    char *data;
    size_t size;
    bool is_unedited = false;
    int status =
        tn_report_read_part(report, part, &data, &size, &u->problem);
    if (status == TN_OK) {
        status =
            tn_report_is_unedited(report, name, data, size, &is_unedited);
    }
    bool is_jupyters = has_ending(name, ".ipynb");
    /* With --ipynb the outputs are the report's, not the original's. */
    if (status != TN_OK || !is_unedited || (is_jupyters && for_jupyter)) {
        tn_free(data);
        return status != TN_OK
                   ? status
                   : add_texts(u, name, for_jupyter || is_jupyters);
    }
    status = add_entry(u, name, data, size);
    /* An .iomd is its own text; of the two the original counts. */
    if (status == TN_OK && !has_ending(name, ".iomd")) {
        status = add_text(u, name);
    }
    return status == TN_OK && for_jupyter ? add_ipynb(u, name) : status;
}

static int
add_files(struct unpacking *u)
{
    const struct tn_json_value *entry = tn_json_first(
        tn_json_get(tn_json_root(u->report->notebook), "files"));
    int status = TN_OK;
    for (; status == TN_OK && entry != NULL; entry = tn_json_next(entry)) {
        char *data;
        size_t size;
        size_t name_size;
        status = tn_report_read_file(u->report, entry, &data, &size,
                                     &u->problem);
        if (status == TN_OK) {
            status = add_entry(
                u, tn_json_string(tn_json_get(entry, "name"), &name_size),
                data, size);
        }
    }
    return status;
}

/* The wheels that were packed, as pip and --requirements read them. */
static int
write_requirements(const struct unpacking *u, struct tn_buffer *out)
{
    const struct tn_json_value *package = tn_json_first(
        tn_json_get(tn_json_root(u->report->notebook), "packages"));
    for (; package != NULL; package = tn_json_next(package)) {
        const char *name = tn_json_text_of(package, "name");
        const char *version = tn_json_text_of(package, "version");
        const char *sum = tn_json_text_of(package, "sha256");
        /* A report may come from anywhere, and pip obeys what it reads. */
        bool is_plain = strspn(name, NAME_BYTES) == strlen(name) &&
                        strspn(version, NAME_BYTES "+!") == strlen(version) &&
                        strspn(sum, "0123456789abcdef") == strlen(sum) &&
                        name[0] != '\0' && name[0] != '-';
        if (!is_plain) {
            return TN_ERROR_INVALID;
        }
        tn_buffer_append_format(out, "%s==%s --hash=sha256:%s\n", name,
                                version, sum);
    }
    return out->error;
}

/* requirements.txt, unless a file of that name is embedded. */
static int
add_requirements(struct unpacking *u)
{
    struct tn_buffer text = {0};
    const char *name = "requirements.txt";
    int status = write_requirements(u, &text);
    for (size_t i = 0; i < u->count; i++) {
        if (strcmp(u->entries[i].name, name) == 0) {
            name = "requirements-packed.txt";
        }
    }
    if (status == TN_ERROR_INVALID) {
        tn_problem_set(&u->problem, status, u->report->name, 0,
                       "its list of packages is damaged");
    }
    if (status == TN_OK && text.size != 0) {
        char *data = NULL;
        size_t size;
        status = tn_buffer_take(&text, &data, &size);
        if (status == TN_OK) {
            status = add_entry(u, name, data, size);
        }
    }
    tn_buffer_clear(&text);
    return status;
}

static int
append_path(struct tn_buffer *out, const char *directory, const char *name)
{
    return tn_buffer_append_format(out, "%s/%s", directory, name);
}

/* TN_OK, or TN_ERROR_STATE when another file is in the way. */
static int
check_place(struct unpacking *u, const struct entry *entry, const char *path,
            bool *is_there)
{
    struct tn_buffer old = {0};
    *is_there = false;
    if (!os_exists(path)) {
        return TN_OK;
    }
    int status = os_read_file(&old, path, TN_LIMIT_REPORT_SIZE, &u->problem);
    if (status == TN_OK) {
        *is_there = old.size == entry->size &&
                    (old.size == 0 ||
                     memcmp(old.data, entry->data, old.size) == 0);
    }
    tn_buffer_clear(&old);
    if (status == TN_ERROR_MEMORY || *is_there) {
        return status;
    }
    return tn_problem_set(&u->problem, TN_ERROR_STATE, path, 0,
                          "a different file is here; --force replaces it");
}

/* The directories on the way to a file below another one. */
static int
make_directories(struct unpacking *u, const char *directory, const char *name)
{
    int status = TN_OK;
    const char *slash = strchr(name, '/');
    for (; status == TN_OK && slash != NULL; slash = strchr(slash + 1, '/')) {
        struct tn_buffer path = {0};
        char *parent = tn_copy_text(name, (size_t)(slash - name));
        status = parent != NULL ? append_path(&path, directory, parent)
                                : TN_ERROR_MEMORY;
        if (status == TN_OK) {
            status = os_make_directory(path.data, &u->problem);
        }
        tn_free(parent);
        tn_buffer_clear(&path);
    }
    return status;
}

static int
write_entry(struct unpacking *u, const struct entry *entry,
            const char *directory, bool is_check, bool force)
{
    struct tn_buffer path = {0};
    bool is_there = false;
    int status = append_path(&path, directory, entry->name);
    if (status == TN_OK && !force) {
        status = check_place(u, entry, path.data, &is_there);
    }
    if (status == TN_OK && !is_check) {
        status = make_directories(u, directory, entry->name);
        if (status == TN_OK && !is_there) {
            status = os_write_file(path.data, entry->data, entry->size,
                                   &u->problem);
        }
        if (status == TN_OK) {
            puts(path.data);
        }
    }
    tn_buffer_clear(&path);
    return status;
}

/* Looks at every place first, so that nothing is half unpacked. */
static int
write_entries(struct unpacking *u, const char *directory, bool force)
{
    int status = os_make_directory(directory, &u->problem);
    for (int is_write = 0; is_write <= 1; is_write++) {
        for (size_t i = 0; status == TN_OK && i < u->count; i++) {
            status = write_entry(u, &u->entries[i], directory, !is_write,
                                 force);
        }
    }
    return status;
}

static int
unpack(const char *path, const char *directory, bool for_jupyter, bool force)
{
    struct unpacking u = {0};
    int status = os_read_file(&u.document, path, TN_LIMIT_REPORT_SIZE,
                              &u.problem);
    if (status == TN_OK) {
        status = tn_buffer_reserve(&u.document, 1);
    }
    if (status == TN_OK) {
        status =
            tn_report_open(&u.report, command_base_name(path),
                           u.document.data, u.document.size, &u.problem);
    }
    if (status == TN_OK) {
        status = add_source(&u, for_jupyter);
    }
    if (status == TN_OK) {
        status = add_files(&u);
    }
    if (status == TN_OK) {
        status = add_requirements(&u);
    }
    if (status == TN_OK) {
        status = write_entries(&u, directory, force);
    }
    int code = status == TN_OK ? EXIT_FINE : command_fail(status, &u.problem);
    for (size_t i = 0; i < u.count; i++) {
        tn_free(u.entries[i].name);
        tn_free(u.entries[i].data);
    }
    tn_free(u.entries);
    tn_report_free(u.report);
    tn_buffer_clear(&u.document);
    return code;
}

int
command_unpack(int count, char **arguments)
{
    const char *report = NULL;
    const char *directory = ".";
    bool for_jupyter = false;
    bool force = false;
    for (int i = 0; i < count; i++) {
        const char *word = arguments[i];
        if (strcmp(word, "--help") == 0) {
            fputs(help, stdout);
            return EXIT_FINE;
        }
        if (strcmp(word, "--force") == 0) {
            force = true;
        }
        else if (strcmp(word, "--ipynb") == 0) {
            for_jupyter = true;
        }
        else if (strcmp(word, "-d") == 0 ||
                 strcmp(word, "--directory") == 0) {
            if (i + 1 == count) {
                return command_usage("unpack", "%s needs a value", word);
            }
            directory = arguments[++i];
        }
        else if (word[0] == '-') {
            return command_usage("unpack", "no option %s", word);
        }
        else if (report != NULL) {
            return command_usage("unpack", "one report at a time");
        }
        else {
            report = word;
        }
    }
    if (report == NULL) {
        return command_usage("unpack", "no report given");
    }
    return unpack(report, directory, for_jupyter, force);
}
