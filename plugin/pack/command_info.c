/* `tincture info`: what is in a report, with sizes, every part checked. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "connect.h"
#include "iomd.h"
#include "json_write.h"
#include "os.h"
#include "pack_limits.h"
#include "report.h"
#include "text.h"

static const char help[] =
    "usage: tincture info REPORT.html [--json]\n"
    "\n"
    "Shows what is in a report and how large each part is, and checks every\n"
    "part; a damaged one is named, and the exit status is 1.\n"
    "\n"
    "  --json   the same for programs\n";

struct info {
    struct tn_buffer document;
    struct tn_buffer connect; /* what the report may contact */
    struct tn_report *report;
    struct tn_notebook *notebook; /* the report's text, parsed */
    struct tn_problem problem;
    bool is_edited; /* false also where the original is damaged */
    size_t output_count;
    bool *is_damaged; /* by part */
    size_t damaged_count;
    size_t size_total;
    size_t stored_total;
};

static const struct tn_json_value *
root_of(const struct info *info)
{
    return tn_json_root(info->report->notebook);
}

/* Checks every part; the first damage stands in info->problem. */
static int
check_parts(struct info *info)
{
    const struct tn_report *report = info->report;
    info->is_damaged =
        tn_alloc_zeroed(report->part_count, sizeof *info->is_damaged);
    if (info->is_damaged == NULL) {
        return TN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < report->part_count; i++) {
        struct tn_problem problem = {0};
        struct tn_buffer stored = {0};
        char *data = NULL;
        size_t size;
        bool is_gzip = strcmp(report->parts[i].codec, "gzip") == 0;
        int status =
            is_gzip ? tn_report_read_stored(report, i, &stored, &problem)
                    : tn_report_read_part(report, i, &data, &size, &problem);
        tn_buffer_clear(&stored);
        tn_free(data);
        if (status == TN_ERROR_MEMORY) {
            return status;
        }
        if (status != TN_OK) {
            info->is_damaged[i] = true;
            info->damaged_count++;
            fprintf(stderr, "tincture: %s\n", problem.text);
        }
        info->size_total += report->parts[i].size;
        info->stored_total += report->parts[i].stored_size;
    }
    return TN_OK;
}

static int
check_source(struct info *info)
{
    size_t part = tn_report_find_part(info->report, "source");
    if (part == info->report->part_count || info->is_damaged[part]) {
        return TN_OK;
    }
    char *data;
    size_t size;
    int status = tn_report_read_part(info->report, part, &data, &size,
                                     &info->problem);
    if (status == TN_OK) {
        bool is_unedited;
        status = tn_report_is_unedited(
            info->report, info->report->parts[part].name + strlen("source:"),
            data, size, &is_unedited);
        info->is_edited = status == TN_OK && !is_unedited;
    }
    tn_free(data);
    return status;
}

static int
load(struct info *info, const char *path)
{
    int status = os_read_file(&info->document, path, TN_LIMIT_REPORT_SIZE,
                              &info->problem);
    if (status == TN_OK) {
        status = tn_buffer_reserve(&info->document, 1);
    }
    if (status == TN_OK) {
        status = tn_report_open(&info->report, command_base_name(path),
                                info->document.data, info->document.size,
                                &info->problem);
    }
    if (status == TN_OK) {
        status = tn_connect_read(&info->connect, info->document.data,
                                 info->document.size);
    }
    if (status == TN_OK) {
        status = tn_notebook_new(&info->notebook, info->report->name,
                                 TN_FORMAT_IOMD);
    }
    if (status == TN_OK) {
        const struct tn_buffer *iomd = &info->report->iomd;
        status = tn_iomd_parse(info->notebook,
                               iomd->size != 0 ? iomd->data : "", iomd->size,
                               &info->problem);
    }
    if (status == TN_OK) {
        status = check_parts(info);
    }
    if (status == TN_OK) {
        status = check_source(info);
    }
    if (status == TN_OK) {
        const struct tn_json_value *cell =
            tn_json_first(tn_json_get(root_of(info), "cells"));
        for (; cell != NULL; cell = tn_json_next(cell)) {
            info->output_count += tn_json_count(tn_json_get(cell, "outputs"));
        }
    }
    return status;
}

/* How many chunks have the type of chunk `i`; 0 when an earlier one has it
 * too, so that each type is counted once. */
static size_t
count_type(const struct tn_notebook *notebook, size_t i)
{
    size_t count = 0;
    const char *type = notebook->chunks[i].type;
    for (size_t k = 0; k < notebook->chunk_count; k++) {
        if (strcmp(notebook->chunks[k].type, type) == 0) {
            if (k < i) {
                return 0;
            }
            count++;
        }
    }
    return count;
}

/* A report may come from anywhere, and a terminal obeys what it is shown. */
static void
print_clean(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        putchar(byte < 0x20 || byte == 0x7f ? '?' : byte);
    }
}

static void
print_row(const char *label, const char *text)
{
    fputs(label, stdout);
    print_clean(text, strlen(text));
    putchar('\n');
}

static void
print_cells(const struct info *info)
{
    printf("cells      %zu", info->notebook->chunk_count);
    const char *separator = " (";
    for (size_t i = 0; i < info->notebook->chunk_count; i++) {
        size_t count = count_type(info->notebook, i);
        if (count != 0) {
            const char *type = info->notebook->chunks[i].type;
            printf("%s%zu ", separator, count);
            print_clean(type, strlen(type));
            separator = ", ";
        }
    }
    printf("%s\n", info->notebook->chunk_count != 0 ? ")" : "");
}

static void
print_files(const struct info *info)
{
    const struct tn_json_value *files = tn_json_get(root_of(info), "files");
    const struct tn_json_value *file = tn_json_first(files);
    if (file == NULL) {
        return;
    }
    printf("\n%12s  file\n", "bytes");
    for (; file != NULL; file = tn_json_next(file)) {
        const char *name = tn_json_text_of(file, "name");
        const char *type = tn_json_text_of(file, "mimetype");
        printf("%12.0f  ", tn_json_number(tn_json_get(file, "size"), 0));
        print_clean(name, strlen(name));
        fputs(" (", stdout);
        print_clean(type, strlen(type));
        puts(")");
    }
}

static void
print_packages(const struct info *info)
{
    const struct tn_json_value *package =
        tn_json_first(tn_json_get(root_of(info), "packages"));
    if (package == NULL) {
        return;
    }
    puts("\nwheels, with their SHA-256");
    for (; package != NULL; package = tn_json_next(package)) {
        print_row("  ", tn_json_text_of(package, "file"));
        print_row("    ", tn_json_text_of(package, "sha256"));
    }
}

static void
print_parts(const struct info *info)
{
    printf("\n%12s %12s  %-5s part\n", "bytes", "stored", "codec");
    for (size_t i = 0; i < info->report->part_count; i++) {
        const struct tn_report_part *part = &info->report->parts[i];
        printf("%12zu %12zu  ", part->size, part->stored_size);
        print_clean(part->codec, strlen(part->codec));
        printf("%*s ", strlen(part->codec) < 5 ? 5 - (int)strlen(part->codec)
                                               : 0, "");
        print_clean(part->name, strlen(part->name));
        puts(info->is_damaged[i] ? "  DAMAGED" : "");
    }
    printf("%12zu %12zu  total\n", info->size_total, info->stored_total);
}

static void
print_text(const struct info *info)
{
    const struct tn_json_value *root = root_of(info);
    const struct tn_json_value *source = tn_json_get(root, "source");
    size_t version_size;
    const char *version = tn_report_version(info->report, &version_size);
    printf("report     %s, %zu bytes\n", info->report->name,
           info->document.size);
    print_row("title      ", tn_json_text_of(root, "title"));
    print_row("view       ", tn_json_text_of(root, "view"));
    print_row("profile    ", tn_json_text_of(root, "profile"));
    if (tn_json_is_true(tn_json_get(root, "worker"))) {
        puts("python     in a worker");
    }
    if (info->connect.size != 0) {
        fputs("contacts   ", stdout);
        print_clean(info->connect.data, info->connect.size);
        putchar('\n');
    }
    fputs("source     ", stdout);
    print_clean(tn_json_text_of(source, "name"),
                strlen(tn_json_text_of(source, "name")));
    fputs(" (", stdout);
    print_clean(tn_json_text_of(source, "format"),
                strlen(tn_json_text_of(source, "format")));
    puts(info->is_edited ? "), edited since" : ")");
    fputs("made with  Tincture ", stdout);
    print_clean(version, version_size);
    putchar('\n');
    print_cells(info);
    printf("outputs    %zu\n", info->output_count);
    print_files(info);
    print_packages(info);
    print_parts(info);
}

static void
write_parts(struct tn_json_writer *w, const struct info *info)
{
    tn_json_key(w, "parts");
    tn_json_begin_array(w);
    for (size_t i = 0; i < info->report->part_count; i++) {
        const struct tn_report_part *part = &info->report->parts[i];
        tn_json_begin_object(w);
        tn_json_key(w, "name");
        tn_json_write_text(w, part->name);
        tn_json_key(w, "codec");
        tn_json_write_text(w, part->codec);
        tn_json_key(w, "size");
        tn_json_write_int(w, (int64_t)part->size);
        tn_json_key(w, "stored_size");
        tn_json_write_int(w, (int64_t)part->stored_size);
        tn_json_key(w, "damaged");
        tn_json_write_bool(w, info->is_damaged[i]);
        tn_json_end_object(w);
    }
    tn_json_end_array(w);
}

static void
write_cells(struct tn_json_writer *w, const struct info *info)
{
    tn_json_key(w, "cells");
    tn_json_begin_object(w);
    for (size_t i = 0; i < info->notebook->chunk_count; i++) {
        size_t count = count_type(info->notebook, i);
        if (count != 0) {
            tn_json_key(w, info->notebook->chunks[i].type);
            tn_json_write_int(w, (int64_t)count);
        }
    }
    tn_json_end_object(w);
}

/* A member of the notebook's JSON as it stands, null where it is missing. */
static void
write_member(struct tn_json_writer *w, const struct info *info,
             const char *key)
{
    struct tn_buffer text = {0};
    const struct tn_json_value *member = tn_json_get(root_of(info), key);
    tn_json_key(w, key);
    if (member == NULL) {
        tn_json_write_null(w);
    }
    else if (tn_json_print(member, &text) != TN_OK) {
        w->out->error = TN_ERROR_MEMORY;
    }
    else {
        tn_json_write_raw(w, text.data, text.size);
    }
    tn_buffer_clear(&text);
}

/* What the report may contact, as a list. */
static void
write_connect(struct tn_json_writer *w, const struct info *info)
{
    const char *text = info->connect.data;
    size_t size = info->connect.size;
    size_t at = 0;
    tn_json_key(w, "connect");
    tn_json_begin_array(w);
    while (at < size) {
        size_t end = tn_text_find(text, size, at, " ", false);
        tn_json_write_string(w, text + at, end - at);
        at = end + 1;
    }
    tn_json_end_array(w);
}

static int
print_json(const struct info *info)
{
    static const char *const members[] = {
        "title", "view", "profile", "worker", "source", "files", "packages",
    };
    struct tn_buffer out = {0};
    struct tn_json_writer w;
    size_t version_size;
    const char *version = tn_report_version(info->report, &version_size);
    tn_json_writer_init(&w, &out);
    tn_json_begin_object(&w);
    tn_json_key(&w, "name");
    tn_json_write_text(&w, info->report->name);
    tn_json_key(&w, "size");
    tn_json_write_int(&w, (int64_t)info->document.size);
    tn_json_key(&w, "version");
    tn_json_write_string(&w, version, version_size);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        write_member(&w, info, members[i]);
    }
    write_connect(&w, info);
    tn_json_key(&w, "edited");
    tn_json_write_bool(&w, info->is_edited);
    tn_json_key(&w, "outputs");
    tn_json_write_int(&w, (int64_t)info->output_count);
    write_cells(&w, info);
    write_parts(&w, info);
    tn_json_end_object(&w);
    int status = out.error;
    if (status == TN_OK) {
        puts(out.data);
    }
    tn_buffer_clear(&out);
    return status;
}

static int
show(const char *path, bool as_json)
{
    struct info info = {0};
    int status = load(&info, path);
    if (status == TN_OK && as_json) {
        status = print_json(&info);
    }
    else if (status == TN_OK) {
        print_text(&info);
    }
    int code = status != TN_OK ? command_fail(status, &info.problem)
               : info.damaged_count != 0 ? EXIT_FAILED
                                         : EXIT_FINE;
    tn_free(info.is_damaged);
    tn_notebook_free(info.notebook);
    tn_report_free(info.report);
    tn_buffer_clear(&info.document);
    tn_buffer_clear(&info.connect);
    return code;
}

int
command_info(int count, char **arguments)
{
    const char *report = NULL;
    bool as_json = false;
    for (int i = 0; i < count; i++) {
        const char *word = arguments[i];
        if (strcmp(word, "--help") == 0) {
            fputs(help, stdout);
            return EXIT_FINE;
        }
        if (strcmp(word, "--json") == 0) {
            as_json = true;
        }
        else if (word[0] == '-') {
            return command_usage("info", "no option %s", word);
        }
        else if (report != NULL) {
            return command_usage("info", "one report at a time");
        }
        else {
            report = word;
        }
    }
    if (report == NULL) {
        return command_usage("info", "no report given");
    }
    return show(report, as_json);
}
