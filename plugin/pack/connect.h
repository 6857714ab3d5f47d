/* What of the network a report may contact: words of its policy's connect-src,
 * with spaces between them.  The policy in a report's head is the one place
 * that says it.
 */
#ifndef TN_CONNECT_H
#define TN_CONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "problem.h"

/* What stands before these words in a policy. */
#define TN_CONNECT_RULE "connect-src data: blob:"

/* Appends a word for `what`, an origin like https://example.org, or one with
 * `*.` before the name or a port behind it, or `any`; none twice.
 * TN_ERROR_INVALID with a problem for anything else, so that it cannot be more
 * than a word. */
int tn_connect_add(struct tn_buffer *words, const char *what,
                   struct tn_problem *problem);

/* Whether the words, a string, let a report contact an origin. */
bool tn_connect_allows(const char *words, const char *origin, size_t size);

/* Appends the words of a report's policy: nothing where it allows nothing,
 * and no word that tn_connect_add would not have written. */
int tn_connect_read(struct tn_buffer *words, const char *document,
                    size_t size);

#endif /* TN_CONNECT_H */
