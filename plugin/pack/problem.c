/* Messages for the person, with file and line. */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>

static size_t
write_place(char *text, size_t size, const char *file, size_t line)
{
    int written = 0;
    if (file != NULL && line != 0) {
        written = snprintf(text, size, "%s:%zu: ", file, line);
    }
    else if (file != NULL) {
        written = snprintf(text, size, "%s: ", file);
    }
    if (written < 0) {
        return 0;
    }
    return (size_t)written < size ? (size_t)written : size - 1;
}

int
tn_problem_set(struct tn_problem *problem, int status, const char *file,
               size_t line, const char *format, ...)
{
    size_t used = write_place(problem->text, sizeof problem->text, file, line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text + used, sizeof problem->text - used, format,
              arguments);
    va_end(arguments);
    return status;
}

void
tn_problem_warn(struct tn_buffer *notes, const char *file, size_t line,
                const char *format, ...)
{
    char text[TN_PROBLEM_SIZE];
    size_t used = write_place(text, sizeof text, file, line);
    tn_buffer_append(notes, text, used);
    tn_buffer_append_text(notes, "warning: ");
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tn_buffer_append_text(notes, text);
    tn_buffer_append_char(notes, '\n');
}
