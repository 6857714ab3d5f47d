/* The notebook's memory: making, filling and freeing it. */
#include "notebook.h"

#include <assert.h>
#include <string.h>

#include "alloc.h"
#include "pack_limits.h"
#include "text.h"

int
tn_notebook_new(struct tn_notebook **out, const char *name,
                enum tn_format format)
{
    *out = NULL;
    struct tn_notebook *notebook = tn_alloc_zeroed(1, sizeof *notebook);
    if (notebook == NULL) {
        return TN_ERROR_MEMORY;
    }
    notebook->format = format;
    int status = tn_notebook_set_text(&notebook->name, name, strlen(name));
    if (status != TN_OK) {
        tn_notebook_free(notebook);
        return status;
    }
    *out = notebook;
    return TN_OK;
}

static void
free_chunk(struct tn_chunk *chunk)
{
    tn_free(chunk->type);
    tn_free(chunk->flags);
    tn_free(chunk->source);
    tn_free(chunk->id);
    tn_free(chunk->metadata);
    tn_free(chunk->outputs);
    tn_free(chunk->attachments);
    tn_free(chunk->escaped);
}

void
tn_notebook_free(struct tn_notebook *notebook)
{
    if (notebook == NULL) {
        return;
    }
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        free_chunk(&notebook->chunks[i]);
    }
    for (size_t i = 0; i < notebook->file_count; i++) {
        tn_free(notebook->files[i].name);
        tn_free(notebook->files[i].data);
        tn_free(notebook->files[i].mimetype);
    }
    tn_free(notebook->chunks);
    tn_free(notebook->files);
    tn_free(notebook->name);
    tn_free(notebook->title);
    tn_free(notebook->view);
    tn_free(notebook->profile);
    tn_free(notebook->text);
    tn_free(notebook->preamble);
    tn_free(notebook->metadata);
    tn_free(notebook->packages);
    tn_free(notebook->images);
    tn_free(notebook->language);
    tn_free(notebook->report_id);
    tn_free(notebook);
}

int
tn_notebook_set_text(char **member, const char *text, size_t size)
{
    char *copy = NULL;
    if (text != NULL) {
        copy = tn_copy_text(text, size);
        if (copy == NULL) {
            return TN_ERROR_MEMORY;
        }
    }
    tn_free(*member);
    *member = copy;
    return TN_OK;
}

static int
grow_chunks(struct tn_notebook *notebook)
{
    if (notebook->chunk_count < notebook->chunk_capacity) {
        return TN_OK;
    }
    size_t capacity = notebook->chunk_capacity * 2 + 8;
    struct tn_chunk *chunks =
        tn_realloc(notebook->chunks, capacity * sizeof *chunks);
    if (chunks == NULL) {
        return TN_ERROR_MEMORY;
    }
    notebook->chunks = chunks;
    notebook->chunk_capacity = capacity;
    return TN_OK;
}

int
tn_notebook_add_chunk(struct tn_notebook *notebook, const char *type,
                      size_t type_size, struct tn_chunk **out)
{
    *out = NULL;
    if (notebook->chunk_count >= TN_LIMIT_CHUNK_COUNT) {
        return TN_ERROR_LIMIT;
    }
    int status = grow_chunks(notebook);
    if (status != TN_OK) {
        return status;
    }
    assert(notebook->chunk_count < notebook->chunk_capacity);
    struct tn_chunk *chunk = &notebook->chunks[notebook->chunk_count];
    *chunk = (struct tn_chunk){.execution_count = TN_NEVER_RUN};
    chunk->type = tn_copy_text(type, type_size);
    chunk->flags = tn_copy_text("", 0);
    chunk->source = tn_copy_text("", 0);
    if (chunk->type == NULL || chunk->flags == NULL || chunk->source == NULL) {
        free_chunk(chunk);
        return TN_ERROR_MEMORY;
    }
    notebook->chunk_count++;
    *out = chunk;
    return TN_OK;
}

int
tn_notebook_set_source(struct tn_chunk *chunk, const char *text, size_t size)
{
    int status = tn_notebook_set_text(&chunk->source, text, size);
    if (status == TN_OK) {
        chunk->source_size = size;
        tn_free(chunk->escaped);
        chunk->escaped = NULL;
        chunk->escaped_count = 0;
    }
    return status;
}

static int
append_escaped_line(struct tn_chunk *chunk, size_t *capacity, size_t line)
{
    if (chunk->escaped_count == *capacity) {
        size_t more = *capacity * 2 + 4;
        size_t *lines = tn_realloc(chunk->escaped, more * sizeof *lines);
        if (lines == NULL) {
            return TN_ERROR_MEMORY;
        }
        chunk->escaped = lines;
        *capacity = more;
    }
    chunk->escaped[chunk->escaped_count++] = line;
    return TN_OK;
}

int
tn_notebook_set_escaped(struct tn_chunk *chunk, const char *text, size_t size)
{
    int status = tn_notebook_set_source(chunk, "", 0);
    if (status != TN_OK) {
        return status;
    }
    struct tn_buffer lines = {0};
    size_t capacity = 0;
    size_t line = 0;
    size_t start = 0;
    while (status == TN_OK && start <= size) {
        const char *newline =
            start < size ? memchr(text + start, '\n', size - start) : NULL;
        size_t end = newline == NULL ? size : (size_t)(newline - text);
        if (end - start >= 2 && memcmp(text + start, "%%", 2) == 0) {
            tn_buffer_append_char(&lines, ' ');
            status = append_escaped_line(chunk, &capacity, line);
        }
        tn_buffer_append(&lines, text + start, end - start);
        if (newline != NULL) {
            tn_buffer_append_char(&lines, '\n');
        }
        start = end + 1;
        line++;
    }
    if (status == TN_OK) {
        status = tn_buffer_append(&lines, "", 0);
    }
    if (status == TN_OK) {
        tn_free(chunk->source);
        status =
            tn_buffer_take(&lines, &chunk->source, &chunk->source_size);
    }
    tn_buffer_clear(&lines);
    return status;
}

int
tn_notebook_append_unescaped(const struct tn_chunk *chunk,
                             struct tn_buffer *out)
{
    const char *text = chunk->source;
    size_t size = chunk->source_size;
    size_t next = 0;
    size_t line = 0;
    size_t start = 0;
    assert(strlen(text) == size);
    while (start <= size) {
        const char *newline =
            start < size ? memchr(text + start, '\n', size - start) : NULL;
        size_t end = newline == NULL ? size : (size_t)(newline - text);
        size_t from = start;
        if (next < chunk->escaped_count && chunk->escaped[next] == line) {
            from += end > start && text[start] == ' ';
            next++;
        }
        tn_buffer_append(out, text + from, end - from);
        if (newline != NULL) {
            tn_buffer_append_char(out, '\n');
        }
        start = end + 1;
        line++;
    }
    return out->error;
}

const struct tn_file *
tn_notebook_find_file(const struct tn_notebook *notebook, const char *name,
                      size_t size)
{
    for (size_t i = 0; i < notebook->file_count; i++) {
        const struct tn_file *file = &notebook->files[i];
        if (strlen(file->name) == size &&
            memcmp(file->name, name, size) == 0) {
            return file;
        }
    }
    return NULL;
}

/* True for the names that unpack gives to the notebook itself: its own, and
 * that with .iomd. */
static bool
is_own_name(const struct tn_notebook *notebook, const char *name, size_t size)
{
    const char *own = notebook->name;
    const char *dot = strrchr(own, '.');
    size_t stem = dot != NULL && dot != own ? (size_t)(dot - own)
                                            : strlen(own);
    return (strlen(own) == size && memcmp(own, name, size) == 0) ||
           (stem + 5 == size && memcmp(own, name, stem) == 0 &&
            memcmp(name + stem, ".iomd", 5) == 0);
}

static int
check_new_file(const struct tn_notebook *notebook, const char *name,
               size_t name_size, size_t size, struct tn_problem *problem)
{
    if (!tn_text_is_file_path(name, name_size)) {
        return tn_problem_set(problem, TN_ERROR_INVALID, notebook->name, 0,
                              "an embedded file has a name that is not that "
                              "of a file below the home");
    }
    if (tn_notebook_find_file(notebook, name, name_size) != NULL) {
        return tn_problem_set(problem, TN_ERROR_INVALID, notebook->name, 0,
                              "two embedded files are called %.*s",
                              (int)name_size, name);
    }
    if (is_own_name(notebook, name, name_size)) {
        return tn_problem_set(problem, TN_ERROR_INVALID, notebook->name, 0,
                              "%.*s would be taken for the notebook itself; "
                              "embed it under another name",
                              (int)name_size, name);
    }
    if (size > TN_LIMIT_FILE_SIZE) {
        return tn_problem_set(problem, TN_ERROR_LIMIT, name, 0,
                              "%zu bytes, more than the limit of %zu", size,
                              TN_LIMIT_FILE_SIZE);
    }
    if (notebook->file_count >= TN_LIMIT_FILE_COUNT) {
        return tn_problem_set(problem, TN_ERROR_LIMIT, notebook->name, 0,
                              "more than %zu embedded files",
                              TN_LIMIT_FILE_COUNT);
    }
    return TN_OK;
}

int
tn_notebook_add_file(struct tn_notebook *notebook, const char *name,
                     size_t name_size, TN_OWN char *data, size_t size,
                     struct tn_problem *problem)
{
    int status = check_new_file(notebook, name, name_size, size, problem);
    if (status != TN_OK) {
        return status;
    }
    size_t count = notebook->file_count + 1;
    struct tn_file *files =
        tn_realloc(notebook->files, count * sizeof *files);
    if (files == NULL) {
        return TN_ERROR_MEMORY;
    }
    notebook->files = files;
    struct tn_file *file = &files[notebook->file_count];
    *file = (struct tn_file){.size = size, .part = TN_NO_PART};
    status = tn_notebook_set_text(&file->name, name, name_size);
    if (status != TN_OK) {
        return status;
    }
    const char *mimetype = tn_text_mimetype(file->name);
    status = tn_notebook_set_text(&file->mimetype, mimetype, strlen(mimetype));
    if (status != TN_OK) {
        tn_free(file->name);
        return status;
    }
    file->data = data;
    notebook->file_count = count;
    return TN_OK;
}

bool
tn_notebook_is_language(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t size = strspn(text, letters);
    if (size < 2 || size > 3) {
        return false;
    }
    for (text += size; *text == '-'; text += size) {
        text++;
        size = strspn(text, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        if (size < 1 || size > 8) {
            return false;
        }
    }
    return *text == '\0';
}

bool
tn_notebook_has_flag(const struct tn_chunk *chunk, const char *flag)
{
    size_t length = strlen(flag);
    const char *word = chunk->flags;
    while (*word != '\0') {
        size_t size = strcspn(word, " ");
        if (size == length && memcmp(word, flag, size) == 0) {
            return true;
        }
        word += size;
        word += *word == ' ';
    }
    return false;
}

const char *
tn_notebook_format_name(enum tn_format format)
{
    static const char *const names[TN_FORMAT_COUNT] = {
        [TN_FORMAT_IOMD] = "iomd",   [TN_FORMAT_JSMD] = "jsmd",
        [TN_FORMAT_IODIDE_HTML] = "iodide-html",
        [TN_FORMAT_IPYNB] = "ipynb", [TN_FORMAT_PY] = "py",
    };
    return names[format];
}
