/* All the wheels of a report, together one image at site-packages. */
#ifndef TN_WHEELS_H
#define TN_WHEELS_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "wheel.h"

/* The name of the image among the parts of a report. */
#define TN_WHEELS_PART "wheels.image"

/* Zero-initialise.  Sorted by name, so that the order in which wheels come
 * changes nothing. */
struct tn_wheels {
    struct tn_wheel **items;
    size_t count;
};

/* Adds a wheel; the same one twice is one, another version of a package that
 * is there already is TN_ERROR_INVALID.  It is taken, also on failure. */
int tn_wheels_add(struct tn_wheels *wheels, TN_OWN struct tn_wheel *wheel,
                  struct tn_problem *problem);
void tn_wheels_clear(struct tn_wheels *wheels);

const struct tn_wheel *tn_wheels_find(const struct tn_wheels *wheels,
                                      const char *name, size_t size);

/* True when one of them has a top-level module of this name. */
bool tn_wheels_has_module(const struct tn_wheels *wheels, const char *name,
                          size_t size);

/* The image with everything in them, freed with tn_free.  Where two have
 * different files of one name the first keeps it, with a note. */
int tn_wheels_make_image(const struct tn_wheels *wheels, TN_OWN char **out,
                         size_t *out_size, struct tn_buffer *notes,
                         struct tn_problem *problem);

/* Appends [{"name","version","file","sha256"}]. */
int tn_wheels_append_list(const struct tn_wheels *wheels,
                          struct tn_buffer *out);

/* Appends their licences in the form of licences.json. */
int tn_wheels_append_licences(const struct tn_wheels *wheels,
                              struct tn_buffer *out,
                              struct tn_problem *problem);

#endif /* TN_WHEELS_H */
