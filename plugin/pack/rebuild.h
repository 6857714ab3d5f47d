/* A notebook from the report that it was packed into: everything that packing
 * it again, onto another kernel, needs. */
#ifndef TN_REBUILD_H
#define TN_REBUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "notebook.h"
#include "report.h"

/* The part with the live state of a saved report. */
#define TN_STATE_PART "state"

/* Zero-initialise. */
struct tn_rebuilt {
    struct tn_notebook *notebook; /* with its files, and its report's id */
    char *original;               /* the file it was packed from, or NULL */
    size_t original_size;
    char *wheels; /* the image of the wheels packed with it, or NULL */
    size_t wheels_size;
    struct tn_json *wheel_licences; /* like licences.json, or NULL */
    bool allows_network;
    char *connect; /* words of connect.h, "" for none */
    bool has_state; /* a live state, which belongs to its kernel alone */
};

/* Takes a report apart.  The revision is the next one.  TN_ERROR_INVALID with
 * a problem that names what is damaged. */
int tn_rebuild(struct tn_rebuilt *out, const struct tn_report *report,
               struct tn_problem *problem);
void tn_rebuilt_clear(struct tn_rebuilt *rebuilt);

#endif /* TN_REBUILD_H */
