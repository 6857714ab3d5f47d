/* What the command asks of the operating system; os_files.c, os_directory.c,
 * os_process.c. */
#ifndef TN_OS_H
#define TN_OS_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "problem.h"

/* Appends a whole file.  TN_ERROR_MISSING when there is none, TN_ERROR_IO,
 * TN_ERROR_LIMIT above `limit` bytes; the problem says why. */
int os_read_file(struct tn_buffer *out, const char *path, size_t limit,
                 struct tn_problem *problem);

/* Writes a whole file beside its place and then moves it there, so that
 * nobody ever sees a part of it. */
int os_write_file(const char *path, const void *data, size_t size,
                  struct tn_problem *problem);

/* Makes the directory; one that is there already is fine. */
int os_make_directory(const char *path, struct tn_problem *problem);

/* True for anything that has this name, symbolic links too. */
bool os_exists(const char *path);

bool os_is_directory(const char *path);

/* Gets a file's path, which begins with the directory's; a status. */
typedef int (*os_take_file)(void *context, const char *path);

/* Calls `take` for each file below the directory, by name, but for hidden ones
 * and those in __pycache__; ends with the first status that is not TN_OK. */
int os_walk_files(const char *path, os_take_file take, void *context,
                  struct tn_problem *problem);

/* Appends the directory that dist/ files are in: $TINCTURE_DIST, else the
 * directory of this program. */
int os_append_dist(struct tn_buffer *out, struct tn_problem *problem);

/* Runs `program`, looked up on PATH, with these arguments (NULL-ended), feeds
 * it `input` and appends what it writes to standard output; its standard
 * error is ours.  *exit_code is that of the program, -1 when it was killed.
 * TN_ERROR_MISSING when there is no such program, TN_ERROR_IO. */
int os_run(const char *program, const char *const *arguments,
           const char *input, size_t input_size, struct tn_buffer *output,
           int *exit_code, struct tn_problem *problem);

#endif /* TN_OS_H */
