/* One wheel: a package as indexes hand it out, a ZIP archive with a name that
 * says what it runs on.  Only wheels of pure Python are taken. */
#ifndef TN_WHEEL_H
#define TN_WHEEL_H

#include <stdbool.h>
#include <stddef.h>

#include "problem.h"
#include "sha256.h"
#include "status.h"
#include "zip.h"

/* NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl, each a piece of the text. */
struct tn_wheel_name {
    const char *name;
    size_t name_size;
    const char *version;
    size_t version_size;
    const char *tags; /* "py3-none-any" */
    size_t tags_size;
};

/* False when the text is no wheel's file name. */
bool tn_wheel_parse_name(struct tn_wheel_name *out, const char *file);

struct tn_wheel {
    char *file;    /* its name, without directories */
    char *name;    /* as the package writes it */
    char *version;
    char *licence; /* what METADATA says, "" where it says nothing */
    char *data;    /* the archive; owned */
    size_t size;
    char sha256[TN_SHA256_TEXT_SIZE]; /* of the archive */
    char **requirements;              /* Requires-Dist, one each */
    size_t requirement_count;
    struct tn_zip *zip;
    char *stem; /* what .dist-info and .data stand behind */
};

/* Opens a wheel and checks all of it: its name's tags and its METADATA
 * against `python` ("3.13.5"), every file against RECORD.  `data` is taken,
 * also on failure.  TN_ERROR_INVALID, TN_ERROR_UNSUPPORTED, TN_ERROR_LIMIT,
 * each with a problem; TN_ERROR_MEMORY. */
int tn_wheel_open(struct tn_wheel **out, const char *file, TN_OWN char *data,
                  size_t size, const char *python,
                  struct tn_problem *problem);
void tn_wheel_free(struct tn_wheel *wheel);

/* Where a file of the wheel stands below site-packages; NULL for scripts,
 * headers and data, which stand elsewhere and a report has no use for. */
const char *tn_wheel_place(const struct tn_wheel *wheel,
                           const struct tn_zip_entry *entry);

/* True for a licence's text. */
bool tn_wheel_is_licence(const struct tn_wheel *wheel,
                         const struct tn_zip_entry *entry);

#endif /* TN_WHEEL_H */
