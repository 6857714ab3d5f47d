/* What --wheel and --requirements bring into a report. */
#ifndef TN_BRING_H
#define TN_BRING_H

#include "buffer.h"
#include "dist.h"
#include "json.h"
#include "pack.h"
#include "problem.h"
#include "wheels.h"

/* What the command line asks for; borrowed. */
struct bring_wish {
    const char *const *wheels; /* paths */
    size_t wheel_count;
    const char *const *requirements; /* files, or "name==version" */
    size_t requirement_count;
};

/* Zero-initialise. */
struct bring {
    struct tn_wheels wheels;
    struct tn_buffer packages; /* built-in ones they need; needs.h */
    struct tn_buffer list;     /* JSON of them, for the report */
    struct tn_buffer path;     /* where the image is mounted */
    struct tn_json *licences;  /* theirs, NULL without wheels */
    struct tn_asset image;     /* name NULL without wheels */
};

/* Reads wheels and asks pip for others; `profile` is what the notebook needs
 * without them. */
int bring_wheels(struct bring *bring, const struct dist *dist,
                 const struct tn_json_value *profile,
                 const struct bring_wish *wish, struct tn_buffer *notes,
                 struct tn_problem *problem);

/* Makes the image of what `profile`, the one that is packed, does not have. */
int bring_image(struct bring *bring, const struct dist *dist,
                const struct tn_json_value *profile, struct tn_buffer *notes,
                struct tn_problem *problem);
void bring_clear(struct bring *bring);

#endif /* TN_BRING_H */
