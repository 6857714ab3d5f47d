/* What is wrong with an input, in words: "name.iomd:12: what it is".
 *
 * A status says which kind of failure it was; the problem beside it is for
 * the person.  Warnings are collected as lines of a buffer.
 */
#ifndef TN_PROBLEM_H
#define TN_PROBLEM_H

#include <stddef.h>

#include "buffer.h"

#define TN_PROBLEM_SIZE 1024

/* Zero-initialise; text is "" until something was set. */
struct tn_problem {
    char text[TN_PROBLEM_SIZE];
};

/* `line` counts from 1; 0 leaves it out.  A NULL `file` leaves out both.
 * Returns `status`, so that a failure is one statement. */
int tn_problem_set(struct tn_problem *problem, int status, const char *file,
                   size_t line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Appends the line "file:line: warning: ..." to `notes`. */
void tn_problem_warn(struct tn_buffer *notes, const char *file, size_t line,
                     const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif /* TN_PROBLEM_H */
