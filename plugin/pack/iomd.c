/* The IOMD parser and writer, after Iodide 0.20's own rules. */
#include "iomd.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "pack_limits.h"

/* What a delimiter line says. */
struct delimiter {
    const char *type; /* NULL when it names none */
    size_t type_size;
    struct tn_buffer flags;
};

static bool
is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static bool
is_delimiter(const char *line, size_t size)
{
    return size >= 2 && line[0] == '%' && line[1] == '%';
}

static int
read_delimiter(const char *line, size_t size, struct delimiter *out)
{
    *out = (struct delimiter){0};
    size_t i = 0;
    while (i < size && line[i] == '%') {
        i++;
    }
    while (i < size) {
        while (i < size && is_blank(line[i])) {
            i++;
        }
        size_t start = i;
        while (i < size && !is_blank(line[i])) {
            i++;
        }
        if (i == start) {
            break;
        }
        if (out->type == NULL) {
            out->type = line + start;
            out->type_size = i - start;
            continue;
        }
        if (out->flags.size != 0) {
            tn_buffer_append_char(&out->flags, ' ');
        }
        tn_buffer_append(&out->flags, line + start, i - start);
    }
    return out->flags.error;
}

/* Adds the chunk that a delimiter line begins. */
static int
begin_chunk(struct tn_notebook *notebook, const char *line, size_t size,
            size_t line_number)
{
    struct delimiter delimiter;
    int status = read_delimiter(line, size, &delimiter);
    if (status != TN_OK) {
        goto done;
    }
    if (delimiter.type == NULL && notebook->chunk_count != 0) {
        const struct tn_chunk *last =
            &notebook->chunks[notebook->chunk_count - 1];
        delimiter.type = last->type;
        delimiter.type_size = strlen(last->type);
    }
    struct tn_chunk *chunk;
    status = tn_notebook_add_chunk(
        notebook, delimiter.type != NULL ? delimiter.type : "",
        delimiter.type_size, &chunk);
    if (status != TN_OK) {
        goto done;
    }
    chunk->line = line_number + 1;
    if (delimiter.flags.size != 0) {
        status = tn_notebook_set_text(&chunk->flags, delimiter.flags.data,
                                      delimiter.flags.size);
    }
done:
    tn_buffer_clear(&delimiter.flags);
    return status;
}

/* Gives the lines that ended just now to the chunk they belong to. */
static int
end_chunk(struct tn_notebook *notebook, size_t first_chunk, const char *text,
          size_t size)
{
    assert(notebook->chunk_count >= first_chunk);
    if (notebook->chunk_count == first_chunk) {
        return tn_notebook_set_text(&notebook->preamble, text, size);
    }
    struct tn_chunk *chunk = &notebook->chunks[notebook->chunk_count - 1];
    return tn_notebook_set_source(chunk, text, size);
}

static int
explain(int status, const struct tn_notebook *notebook, size_t line,
        struct tn_problem *problem)
{
    if (status == TN_ERROR_LIMIT) {
        return tn_problem_set(problem, status, notebook->name, line,
                              "more than %zu chunks", TN_LIMIT_CHUNK_COUNT);
    }
    return status;
}

int
tn_iomd_parse(struct tn_notebook *notebook, const char *text, size_t size,
              struct tn_problem *problem)
{
    int status = TN_OK;
    size_t first_chunk = notebook->chunk_count;
    size_t body = 0; /* where the current chunk's lines begin */
    size_t start = 0;
    size_t line_number = 1;
    for (;;) {
        const char *newline =
            start < size ? memchr(text + start, '\n', size - start) : NULL;
        size_t end = newline == NULL ? size : (size_t)(newline - text);
        if (is_delimiter(text + start, end - start)) {
            /* Without the newline that ends the last line. */
            if (start > 0 || notebook->chunk_count > first_chunk) {
                size_t body_size = start > body ? start - body - 1 : 0;
                status = end_chunk(notebook, first_chunk, text + body,
                                   body_size);
            }
            if (status == TN_OK) {
                status = begin_chunk(notebook, text + start, end - start,
                                     line_number);
            }
            if (status != TN_OK) {
                return explain(status, notebook, line_number, problem);
            }
            body = newline == NULL ? end : end + 1;
        }
        if (newline == NULL) {
            break;
        }
        start = end + 1;
        line_number++;
    }
    return end_chunk(notebook, first_chunk, text + body, size - body);
}

int
tn_iomd_read(struct tn_notebook *notebook, const char *text, size_t size,
             struct tn_problem *problem)
{
    int status = tn_notebook_set_text(&notebook->text, text, size);
    return status == TN_OK ? tn_iomd_parse(notebook, text, size, problem)
                           : status;
}

int
tn_iomd_write(const struct tn_notebook *notebook, struct tn_buffer *out)
{
    bool is_first = true;
    if (notebook->text != NULL) {
        return tn_buffer_append_text(out, notebook->text);
    }
    if (notebook->preamble != NULL && notebook->preamble[0] != '\0') {
        tn_buffer_append_text(out, notebook->preamble);
        is_first = false;
    }
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        const struct tn_chunk *chunk = &notebook->chunks[i];
        if (!is_first) {
            tn_buffer_append_char(out, '\n');
        }
        is_first = false;
        tn_buffer_append_text(out, "%% ");
        tn_buffer_append_text(out, chunk->type);
        if (chunk->flags[0] != '\0') {
            tn_buffer_append_char(out, ' ');
            tn_buffer_append_text(out, chunk->flags);
        }
        tn_buffer_append_char(out, '\n');
        tn_buffer_append(out, chunk->source, chunk->source_size);
    }
    return out->error;
}
