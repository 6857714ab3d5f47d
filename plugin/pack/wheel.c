/* Opening a wheel: name, METADATA, RECORD. */
#include "wheel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "base64.h"
#include "buffer.h"
#include "pack_limits.h"
#include "pep440.h"
#include "requirement.h"

/* Above this, old METADATA has a whole licence where its name should be. */
#define LICENCE_SIZE_LIMIT ((size_t)100)

static bool
ends_with(const char *text, size_t size, const char *ending)
{
    size_t length = strlen(ending);
    return size >= length && memcmp(text + size - length, ending, length) == 0;
}

static bool
starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool
tn_wheel_parse_name(struct tn_wheel_name *out, const char *file)
{
    size_t size = strlen(file);
    const char *parts[6];
    size_t count = 0;
    if (!ends_with(file, size, ".whl")) {
        return false;
    }
    const char *end = file + size - 4;
    parts[count++] = file;
    for (const char *at = file; at < end; at++) {
        bool is_plain = (*at >= 'a' && *at <= 'z') ||
                        (*at >= 'A' && *at <= 'Z') ||
                        (*at >= '0' && *at <= '9') ||
                        memchr("-._+!", *at, 5) != NULL;
        if (!is_plain) {
            return false;
        }
        if (*at == '-') {
            if (count == 6) {
                return false;
            }
            parts[count++] = at + 1;
        }
    }
    if (count < 5) {
        return false;
    }
    const char *tags = parts[count - 3];
    *out = (struct tn_wheel_name){
        .name = file,
        .name_size = (size_t)(parts[1] - 1 - file),
        .version = parts[1],
        .version_size = (size_t)(parts[2] - 1 - parts[1]),
        .tags = tags,
        .tags_size = (size_t)(end - tags),
    };
    return out->name_size != 0 && out->version_size != 0;
}

/* True when one of the words between dots is this one. */
static bool
has_tag(const char *tags, size_t size, const char *word)
{
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i == size || tags[i] == '.') {
            if (strlen(word) == i - start &&
                memcmp(tags + start, word, i - start) == 0) {
                return true;
            }
            start = i + 1;
        }
    }
    return false;
}

/* py3, py30 to the report's own, or cp of exactly its own. */
static bool
has_python(const char *tags, size_t size, const char *python)
{
    char word[32];
    long minor = 0;
    const char *dot = strchr(python, '.');
    if (dot != NULL) {
        minor = strtol(dot + 1, NULL, 10);
    }
    snprintf(word, sizeof word, "cp3%ld", minor);
    bool is_there =
        has_tag(tags, size, "py3") || has_tag(tags, size, word);
    for (long i = 0; !is_there && i <= minor; i++) {
        snprintf(word, sizeof word, "py3%ld", i);
        is_there = has_tag(tags, size, word);
    }
    return is_there;
}

static int
check_tags(const struct tn_wheel_name *name, const char *file,
           const char *python, struct tn_problem *problem)
{
    const char *first = memchr(name->tags, '-', name->tags_size);
    size_t python_size = (size_t)(first - name->tags);
    const char *abi = first + 1;
    const char *second =
        memchr(abi, '-', name->tags_size - python_size - 1);
    size_t abi_size = (size_t)(second - abi);
    const char *platform = second + 1;
    size_t platform_size =
        (size_t)(name->tags + name->tags_size - platform);
    if (!has_tag(abi, abi_size, "none") ||
        !has_tag(platform, platform_size, "any")) {
        return tn_problem_set(
            problem, TN_ERROR_UNSUPPORTED, file, 0,
            "%.*s has compiled parts, for %.*s; a report takes wheels of "
            "pure Python (py3-none-any), and this package is not built in",
            (int)name->name_size, name->name, (int)name->tags_size,
            name->tags);
    }
    if (!has_python(name->tags, python_size, python)) {
        return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, file, 0,
                              "%.*s is for %.*s, and a report's Python is %s",
                              (int)name->name_size, name->name,
                              (int)python_size, name->tags, python);
    }
    return TN_OK;
}

static int
damaged(const struct tn_wheel *wheel, const char *why,
        struct tn_problem *problem)
{
    return tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                          "not a sound wheel: %s", why);
}

/* Sets wheel->stem by the one STEM.dist-info/METADATA. */
static int
find_stem(struct tn_wheel *wheel, struct tn_problem *problem)
{
    static const char ending[] = ".dist-info/METADATA";
    for (size_t i = 0; i < wheel->zip->count; i++) {
        const char *name = wheel->zip->entries[i].name;
        size_t size = strlen(name);
        size_t length = sizeof ending - 1;
        if (!ends_with(name, size, ending) ||
            memchr(name, '/', size - length) != NULL) {
            continue;
        }
        if (wheel->stem != NULL) {
            return damaged(wheel, "it has two .dist-info directories",
                           problem);
        }
        wheel->stem = tn_copy_text(name, size - length);
        if (wheel->stem == NULL) {
            return TN_ERROR_MEMORY;
        }
    }
    return wheel->stem != NULL
               ? TN_OK
               : damaged(wheel, "it has no .dist-info/METADATA", problem);
}

/* Reads STEM.dist-info/NAME; refuses a missing one, and one with a NUL. */
static int
read_info(const struct tn_wheel *wheel, const char *name, char **out,
          struct tn_problem *problem)
{
    struct tn_buffer path = {0};
    *out = NULL;
    int status = tn_buffer_append_format(&path, "%s.dist-info/%s",
                                         wheel->stem, name);
    if (status == TN_OK) {
        const struct tn_zip_entry *entry = tn_zip_find(wheel->zip, path.data);
        status = entry == NULL
                     ? tn_problem_set(problem, TN_ERROR_INVALID, wheel->file,
                                      0, "not a sound wheel: no %s in it",
                                      name)
                     : tn_zip_read(wheel->zip, entry, out, problem);
        if (status == TN_OK && memchr(*out, 0, entry->size) != NULL) {
            tn_free(*out);
            *out = NULL;
            status = damaged(wheel, "a NUL in its metadata", problem);
        }
    }
    tn_buffer_clear(&path);
    return status;
}

/* What is behind the colon of a header, without blanks; NULL when the line
 * is of another one. */
static const char *
header_value(const char *line, size_t size, const char *key,
             size_t *value_size)
{
    size_t length = strlen(key);
    if (size <= length || strncasecmp(line, key, length) != 0 ||
        line[length] != ':') {
        return NULL;
    }
    size_t start = length + 1;
    while (start < size && (line[start] == ' ' || line[start] == '\t')) {
        start++;
    }
    while (size > start && strchr(" \t\r", line[size - 1]) != NULL) {
        size--;
    }
    *value_size = size - start;
    return line + start;
}

static int
set_text(char **member, const char *text, size_t size)
{
    char *copy = tn_copy_text(text, size);
    if (copy == NULL) {
        return TN_ERROR_MEMORY;
    }
    tn_free(*member);
    *member = copy;
    return TN_OK;
}

static int
add_requirement(struct tn_wheel *wheel, const char *text, size_t size)
{
    char **list =
        tn_realloc(wheel->requirements,
                   (wheel->requirement_count + 1) * sizeof *list);
    if (list == NULL) {
        return TN_ERROR_MEMORY;
    }
    wheel->requirements = list;
    list[wheel->requirement_count] = tn_copy_text(text, size);
    return list[wheel->requirement_count++] != NULL ? TN_OK
                                                    : TN_ERROR_MEMORY;
}

static int
check_python(const struct tn_wheel *wheel, const char *clauses, size_t size,
             const char *python, struct tn_problem *problem)
{
    if (tn_pep440_meets(python, clauses, size)) {
        return TN_OK;
    }
    return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, wheel->file, 0,
                          "it needs Python %.*s, and a report's is %s",
                          (int)size, clauses, python);
}

static int
take_header(struct tn_wheel *wheel, const char *line, size_t size,
            const char *python, struct tn_problem *problem)
{
    size_t length;
    const char *value;
    if ((value = header_value(line, size, "Name", &length)) != NULL) {
        return set_text(&wheel->name, value, length);
    }
    if ((value = header_value(line, size, "Version", &length)) != NULL) {
        return set_text(&wheel->version, value, length);
    }
    if ((value = header_value(line, size, "License-Expression", &length)) !=
        NULL) {
        return set_text(&wheel->licence, value, length);
    }
    value = header_value(line, size, "License", &length);
    if (value != NULL && wheel->licence[0] == '\0' &&
        length <= LICENCE_SIZE_LIMIT) {
        return set_text(&wheel->licence, value, length);
    }
    if ((value = header_value(line, size, "Requires-Dist", &length)) !=
        NULL) {
        return add_requirement(wheel, value, length);
    }
    value = header_value(line, size, "Requires-Python", &length);
    return value != NULL
               ? check_python(wheel, value, length, python, problem)
               : TN_OK;
}

static int
read_metadata(struct tn_wheel *wheel, const char *python,
              struct tn_problem *problem)
{
    char *text;
    int status = set_text(&wheel->licence, "", 0);
    if (status == TN_OK) {
        status = read_info(wheel, "METADATA", &text, problem);
    }
    if (status != TN_OK) {
        return status;
    }
    /* Headers end at the first empty line; what follows is prose. */
    const char *line = text;
    while (status == TN_OK && *line != '\0' && *line != '\n' &&
           *line != '\r') {
        size_t size = strcspn(line, "\n");
        status = take_header(wheel, line, size, python, problem);
        line += size + (line[size] == '\n');
    }
    tn_free(text);
    return status;
}

/* METADATA has to be about what the file name names. */
static int
check_identity(const struct tn_wheel *wheel, const struct tn_wheel_name *name,
               struct tn_problem *problem)
{
    if (wheel->name == NULL || wheel->version == NULL ||
        !tn_requirement_is_name(name->name, name->name_size, wheel->name)) {
        return damaged(wheel, "its METADATA is of another package", problem);
    }
    size_t size = strlen(wheel->version);
    if (!tn_pep440_is_version(wheel->version, size) ||
        !tn_pep440_is_version(name->version, name->version_size) ||
        tn_pep440_compare(wheel->version, size, name->version,
                          name->version_size) != 0) {
        return damaged(wheel, "its METADATA is of another version", problem);
    }
    return TN_OK;
}

/* RECORD and signatures of it cannot be in RECORD. */
static bool
is_unrecorded(const struct tn_wheel *wheel, const char *name)
{
    size_t size = strlen(wheel->stem);
    return starts_with(name, wheel->stem) &&
           (strcmp(name + size, ".dist-info/RECORD") == 0 ||
            strcmp(name + size, ".dist-info/RECORD.jws") == 0 ||
            strcmp(name + size, ".dist-info/RECORD.p7s") == 0);
}

/* Appends a field of a CSV line, quotes taken off; returns what is behind its
 * comma, or the line's end. */
static const char *
take_field(const char *at, const char *end, struct tn_buffer *out)
{
    bool is_quoted = at < end && *at == '"';
    at += is_quoted;
    while (at < end && (is_quoted || *at != ',')) {
        if (is_quoted && *at == '"') {
            if (end - at < 2 || at[1] != '"') {
                at++;
                break;
            }
            at++;
        }
        tn_buffer_append_char(out, *at++);
    }
    while (at < end && *at != ',') {
        at++;
    }
    return at < end ? at + 1 : at;
}

/* Compares a file with "sha256=BASE64". */
static int
check_sum(const struct tn_wheel *wheel, const struct tn_zip_entry *entry,
          const struct tn_buffer *wanted, struct tn_problem *problem)
{
    uint8_t sum[TN_SHA256_SIZE];
    struct tn_buffer plain = {0};
    struct tn_buffer bytes = {0};
    char *data;
    int status = tn_zip_read(wheel->zip, entry, &data, problem);
    if (status != TN_OK) {
        return status;
    }
    tn_sha256(data, entry->size, sum);
    tn_free(data);
    bool is_known =
        wanted->size > 7 && strncmp(wanted->data, "sha256=", 7) == 0;
    for (size_t i = 7; is_known && i < wanted->size; i++) {
        /* The alphabet for file names. */
        char c = wanted->data[i];
        tn_buffer_append_char(&plain,
                              (char)(c == '-' ? '+' : c == '_' ? '/' : c));
    }
    status = plain.error;
    if (is_known && status == TN_OK) {
        status = tn_base64_decode(&bytes, plain.data, plain.size);
    }
    bool is_same = is_known && status == TN_OK &&
                   bytes.size == sizeof sum &&
                   memcmp(bytes.data, sum, sizeof sum) == 0;
    if (status != TN_ERROR_MEMORY && !is_same) {
        status = tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                                "not a sound wheel: %s is not what RECORD "
                                "says by SHA-256",
                                entry->name);
    }
    tn_buffer_clear(&plain);
    tn_buffer_clear(&bytes);
    return status;
}

/* One line of RECORD; marks the file it names. */
static int
check_line(const struct tn_wheel *wheel, const char *line, size_t size,
           bool *is_seen, struct tn_problem *problem)
{
    struct tn_buffer path = {0};
    struct tn_buffer sum = {0};
    while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == ' ')) {
        size--;
    }
    const char *rest = take_field(line, line + size, &path);
    take_field(rest, line + size, &sum);
    int status = path.error != TN_OK ? path.error : sum.error;
    bool is_file = status == TN_OK && path.size != 0 &&
                   path.data[path.size - 1] != '/' &&
                   !is_unrecorded(wheel, path.data);
    if (is_file) {
        const struct tn_zip_entry *entry = tn_zip_find(wheel->zip, path.data);
        if (entry == NULL) {
            status = tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                                    "not a sound wheel: RECORD names %s, "
                                    "which is not in it",
                                    path.data);
        }
        else {
            is_seen[entry - wheel->zip->entries] = true;
            status = check_sum(wheel, entry, &sum, problem);
        }
    }
    tn_buffer_clear(&path);
    tn_buffer_clear(&sum);
    return status;
}

static int
check_record(const struct tn_wheel *wheel, struct tn_problem *problem)
{
    char *text = NULL;
    bool *is_seen = tn_alloc_zeroed(wheel->zip->count, sizeof *is_seen);
    int status = is_seen == NULL
                     ? TN_ERROR_MEMORY
                     : read_info(wheel, "RECORD", &text, problem);
    const char *line = text;
    while (status == TN_OK && *line != '\0') {
        size_t size = strcspn(line, "\n");
        status = check_line(wheel, line, size, is_seen, problem);
        line += size + (line[size] == '\n');
    }
    for (size_t i = 0; status == TN_OK && i < wheel->zip->count; i++) {
        const char *name = wheel->zip->entries[i].name;
        if (!is_seen[i] && !is_unrecorded(wheel, name)) {
            status = tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                                    "not a sound wheel: %s is not in RECORD",
                                    name);
        }
    }
    tn_free(text);
    tn_free(is_seen);
    return status;
}

/* Unpacking must not take more memory than a report may hold. */
static int
check_size(const struct tn_wheel *wheel, struct tn_problem *problem)
{
    size_t total = 0;
    for (size_t i = 0; i < wheel->zip->count; i++) {
        total += wheel->zip->entries[i].size;
        if (total > TN_LIMIT_WHEELS_SIZE) {
            return tn_problem_set(problem, TN_ERROR_LIMIT, wheel->file, 0,
                                  "more than the limit of %zu bytes when "
                                  "unpacked",
                                  TN_LIMIT_WHEELS_SIZE);
        }
    }
    return TN_OK;
}

static int
open_wheel(struct tn_wheel *wheel, const char *python,
           struct tn_problem *problem)
{
    struct tn_wheel_name name;
    if (!tn_wheel_parse_name(&name, wheel->file)) {
        return tn_problem_set(problem, TN_ERROR_INVALID, wheel->file, 0,
                              "no wheel's file name, which is like "
                              "name-1.0-py3-none-any.whl");
    }
    int status = check_tags(&name, wheel->file, python, problem);
    if (status == TN_OK) {
        status = tn_zip_open(&wheel->zip, wheel->file, wheel->data,
                             wheel->size, problem);
    }
    if (status == TN_OK) {
        status = check_size(wheel, problem);
    }
    if (status == TN_OK) {
        status = find_stem(wheel, problem);
    }
    if (status == TN_OK) {
        status = read_metadata(wheel, python, problem);
    }
    if (status == TN_OK) {
        status = check_identity(wheel, &name, problem);
    }
    if (status == TN_OK) {
        status = check_record(wheel, problem);
    }
    if (status == TN_OK) {
        tn_sha256_text(wheel->data, wheel->size, wheel->sha256);
    }
    return status;
}

int
tn_wheel_open(struct tn_wheel **out, const char *file, TN_OWN char *data,
              size_t size, const char *python, struct tn_problem *problem)
{
    *out = NULL;
    struct tn_wheel *wheel = tn_alloc_zeroed(1, sizeof *wheel);
    if (wheel == NULL) {
        tn_free(data);
        return TN_ERROR_MEMORY;
    }
    wheel->data = data;
    wheel->size = size;
    int status = set_text(&wheel->file, file, strlen(file));
    if (status == TN_OK) {
        status = open_wheel(wheel, python, problem);
    }
    if (status != TN_OK) {
        tn_wheel_free(wheel);
        return status;
    }
    *out = wheel;
    return TN_OK;
}

void
tn_wheel_free(struct tn_wheel *wheel)
{
    if (wheel == NULL) {
        return;
    }
    for (size_t i = 0; i < wheel->requirement_count; i++) {
        tn_free(wheel->requirements[i]);
    }
    tn_free(wheel->requirements);
    tn_zip_free(wheel->zip);
    tn_free(wheel->file);
    tn_free(wheel->name);
    tn_free(wheel->version);
    tn_free(wheel->licence);
    tn_free(wheel->data);
    tn_free(wheel->stem);
    tn_free(wheel);
}

const char *
tn_wheel_place(const struct tn_wheel *wheel, const struct tn_zip_entry *entry)
{
    static const char *const libraries[] = {".data/purelib/",
                                            ".data/platlib/"};
    const char *name = entry->name;
    if (!starts_with(name, wheel->stem)) {
        return name;
    }
    const char *rest = name + strlen(wheel->stem);
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        if (starts_with(rest, libraries[i])) {
            return rest + strlen(libraries[i]);
        }
    }
    return starts_with(rest, ".data/") ? NULL : name;
}

bool
tn_wheel_is_licence(const struct tn_wheel *wheel,
                    const struct tn_zip_entry *entry)
{
    static const char *const starts[] = {"LICEN", "COPYING", "NOTICE",
                                         "licenses/", "AUTHORS"};
    if (!starts_with(entry->name, wheel->stem) ||
        !starts_with(entry->name + strlen(wheel->stem), ".dist-info/")) {
        return false;
    }
    const char *name =
        entry->name + strlen(wheel->stem) + strlen(".dist-info/");
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strncmp(name, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}
