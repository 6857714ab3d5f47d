/* The notebook as every reader makes it and every writer takes it.
 *
 * A chunk's source is IOMD chunk content: lines joined with \n, and a line
 * that began with %% in a format that allows it has one space before it and
 * its number in `escaped`.  JSON members are kept as text, since nothing
 * between reader and page needs to look inside.
 */
#ifndef TN_NOTEBOOK_H
#define TN_NOTEBOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "problem.h"
#include "status.h"

enum tn_format {
    TN_FORMAT_IOMD,
    TN_FORMAT_JSMD,
    TN_FORMAT_IODIDE_HTML,
    TN_FORMAT_IPYNB,
    TN_FORMAT_PY,
    TN_FORMAT_COUNT,
};

/* execution_count of a cell that was never run. */
#define TN_NEVER_RUN (-1)

struct tn_chunk {
    char *type;        /* "py", "md", ...; case-sensitive */
    char *flags;       /* words with one space between; "" for none */
    char *source;      /* chunk content, without NUL */
    size_t source_size;
    size_t line;       /* of its first line in the input; 0: not lines */
    char *id;          /* nbformat cell id, or NULL */
    char *metadata;    /* JSON object, or NULL */
    char *outputs;     /* JSON array of nbformat outputs, or NULL */
    char *attachments; /* JSON object, or NULL */
    long long execution_count;
    const char *state; /* "ok" or "error" of --run; static, NULL: not run */
    size_t *escaped;   /* 0-based lines written with a space before %% */
    size_t escaped_count;
};

/* Where a file stands: in the page in Iodide's form, or in a part. */
#define TN_NO_PART ((size_t)-1)

struct tn_file {
    char *name;
    char *data; /* NULL where only its description is known */
    size_t size;
    char *mimetype;
    size_t part; /* index in the payload, or TN_NO_PART */
};

struct tn_notebook {
    enum tn_format format;
    char *name;     /* of the input file, without directories */
    char *title;    /* NULL where nothing names one */
    char *view;     /* "report", "explore", or NULL */
    char *language; /* of its prose, like "en" or "pt-BR", or NULL */
    char *profile;  /* the kernel profile it needs, or NULL */
    char *text;     /* the IOMD it was read from, NULL for other formats */
    char *preamble; /* IOMD text before the first delimiter, or NULL */
    char *metadata; /* JSON object, or NULL */
    char *packages; /* JSON array of the wheels packed with it, or NULL */
    char *images;   /* JSON array of names: images beside the profile's */
    char *report_id;    /* the report's own name, 16 digits, or NULL */
    long long revision; /* how often the report was written again */
    bool in_worker;     /* Python has a thread of its own, without the page */
    struct tn_chunk *chunks;
    size_t chunk_count;
    size_t chunk_capacity;
    struct tn_file *files;
    size_t file_count;
};

int tn_notebook_new(struct tn_notebook **out, const char *name,
                    enum tn_format format);
void tn_notebook_free(struct tn_notebook *notebook);

/* Adds an empty chunk of this type; *out is good until the next one is added.
 * TN_ERROR_LIMIT, TN_ERROR_MEMORY. */
int tn_notebook_add_chunk(struct tn_notebook *notebook, const char *type,
                          size_t type_size, struct tn_chunk **out);

/* Replaces the source; `size` bytes are copied as they stand. */
int tn_notebook_set_source(struct tn_chunk *chunk, const char *text,
                           size_t size);

/* Replaces the source by text of a format in which lines may begin with %%:
 * such lines get a space before them and are remembered. */
int tn_notebook_set_escaped(struct tn_chunk *chunk, const char *text,
                            size_t size);

/* Appends the source as it was before tn_notebook_set_escaped. */
int tn_notebook_append_unescaped(const struct tn_chunk *chunk,
                                 struct tn_buffer *out);

/* Replaces a text member; NULL text clears it. */
int tn_notebook_set_text(char **member, const char *text, size_t size);

/* Embeds a file.  A name that is no plain file name, or is there already, is
 * refused with TN_ERROR_INVALID.  `data` is taken on success only. */
int tn_notebook_add_file(struct tn_notebook *notebook, const char *name,
                         size_t name_size, TN_OWN char *data, size_t size,
                         struct tn_problem *problem);
const struct tn_file *tn_notebook_find_file(const struct tn_notebook *notebook,
                                            const char *name, size_t size);

/* True for a language as HTML's lang has it: "en", "pt-BR". */
bool tn_notebook_is_language(const char *text);

bool tn_notebook_has_flag(const struct tn_chunk *chunk, const char *flag);

/* "iomd", "jsmd", "iodide-html", "ipynb", "py". */
const char *tn_notebook_format_name(enum tn_format format);

#endif /* TN_NOTEBOOK_H */
