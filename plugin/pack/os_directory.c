/* The files below a directory, for the command. */
#define _GNU_SOURCE
#include "os.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "status.h"

/* Deepest nesting that is followed. */
#define DEPTH_LIMIT 64

struct walk {
    os_take_file take;
    void *context;
    struct tn_problem *problem;
    int depth;
};

/* Names in one directory. */
struct names {
    char **items;
    size_t count;
};

/* Leaves out what starts with a dot, and what Python compiled. */
static bool
is_wanted(const char *name)
{
    return name[0] != '.' && strcmp(name, "__pycache__") != 0;
}

static int
add_name(struct names *names, const char *name)
{
    char **items = tn_realloc(names->items,
                              (names->count + 1) * sizeof *names->items);
    if (items == NULL) {
        return TN_ERROR_MEMORY;
    }
    names->items = items;
    items[names->count] = tn_copy_text(name, strlen(name));
    return items[names->count++] != NULL ? TN_OK : TN_ERROR_MEMORY;
}

/* In the order of bytes, whatever the machine's language. */
static int
compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
list_names(struct names *names, const char *path, struct tn_problem *problem)
{
    int status = TN_OK;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return tn_problem_set(problem, TN_ERROR_IO, path, 0, "%s",
                              strerror(errno));
    }
    const struct dirent *entry;
    while (status == TN_OK && (entry = readdir(directory)) != NULL) {
        if (is_wanted(entry->d_name)) {
            status = add_name(names, entry->d_name);
        }
    }
    closedir(directory);
    if (names->count != 0) {
        qsort(names->items, names->count, sizeof *names->items, compare);
    }
    return status;
}

static void
clear_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        tn_free(names->items[i]);
    }
    tn_free(names->items);
}

static int walk_directory(struct walk *walk, const char *path);

static int
walk_entry(struct walk *walk, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return tn_problem_set(walk->problem, TN_ERROR_IO, path, 0, "%s",
                              strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        return walk_directory(walk, path);
    }
    return S_ISREG(info.st_mode) ? walk->take(walk->context, path) : TN_OK;
}

static int
walk_directory(struct walk *walk, const char *path)
{
    struct names names = {0};
    if (walk->depth == DEPTH_LIMIT) {
        return tn_problem_set(walk->problem, TN_ERROR_LIMIT, path, 0,
                              "more than %d directories in one another",
                              DEPTH_LIMIT);
    }
    int status = list_names(&names, path, walk->problem);
    walk->depth++;
    for (size_t i = 0; status == TN_OK && i < names.count; i++) {
        struct tn_buffer entry = {0};
        status =
            tn_buffer_append_format(&entry, "%s/%s", path, names.items[i]);
        if (status == TN_OK) {
            status = walk_entry(walk, entry.data);
        }
        tn_buffer_clear(&entry);
    }
    walk->depth--;
    clear_names(&names);
    return status;
}

int
os_walk_files(const char *path, os_take_file take, void *context,
              struct tn_problem *problem)
{
    struct walk walk = {.take = take, .context = context, .problem = problem};
    return walk_directory(&walk, path);
}

bool
os_is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}
