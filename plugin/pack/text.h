/* Text that came from outside: checked, then with \n as its only newline. */
#ifndef TN_TEXT_H
#define TN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "problem.h"

/* TN_ERROR_INVALID names `file`, the line and what is wrong: bytes that are
 * no UTF-8, or a NUL.  TN_ERROR_LIMIT above TN_LIMIT_TEXT_SIZE. */
int tn_text_check(const char *text, size_t size, const char *file,
                  struct tn_problem *problem);

/* Appends the text without a byte order mark, with \r\n and \r made \n: an
 * HTML parser does the same to the page that will hold it. */
int tn_text_append_lines(struct tn_buffer *out, const char *text, size_t size);

/* The 1-based line that byte `offset` is on. */
size_t tn_text_line_of(const char *text, size_t offset);

/* True when the name can be created in a directory, and nowhere else: no
 * path, no control characters, not "." or "..". */
bool tn_text_is_file_name(const char *name, size_t size);

/* True for such names with slashes between them: a file below a directory. */
bool tn_text_is_file_path(const char *path, size_t size);

/* The mimetype that a file name's ending speaks for. */
const char *tn_text_mimetype(const char *name);

/* Compares without regard to ASCII case. */
bool tn_text_equal_nocase(const char *text, size_t size, const char *word);

/* The first place of `word` at or after `start`, ASCII case ignored where
 * `nocase`; `size` when there is none. */
size_t tn_text_find(const char *text, size_t size, size_t start,
                    const char *word, bool nocase);

#endif /* TN_TEXT_H */
