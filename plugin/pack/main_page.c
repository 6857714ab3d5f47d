/* page.wasm: the packer's parser, renderer and decoder for the page itself.
 *
 * One renderer writes what is saved and what is live.  The module imports
 * nothing.  The page puts text into memory from tn_page_alloc, calls, and gets
 * a pointer to a record {status, pointer, size}, which tn_page_release frees
 * together with what it points to; 0 means out of memory.  With a negative
 * status the bytes are a message, or none.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "base91.h"
#include "buffer.h"
#include "cell.h"
#include "codec.h"
#include "iomd.h"
#include "json.h"
#include "json_write.h"
#include "notebook.h"
#include "output.h"
#include "page.h"
#include "text.h"
#include "xxh64.h"

/* What libc would import.  Nothing here writes to a stream: the C library's
 * own code for a failed assertion does. */
void emscripten_notify_memory_growth(size_t index);
int __wasi_fd_close(int descriptor);
int __wasi_fd_seek(int descriptor, int64_t offset, int whence, void *out);
int __wasi_fd_write(int descriptor, const void *vectors, size_t count,
                    size_t *written);

/* WASI's number for a descriptor that is not open. */
#define WASI_BADF 8

void /* foreign: the C library calls it */
emscripten_notify_memory_growth(size_t index)
{
    /* The page takes a fresh view after each call. */
    (void)index;
}

int
__wasi_fd_close(int descriptor)
{
    (void)descriptor;
    return WASI_BADF;
}

int
__wasi_fd_seek(int descriptor, int64_t offset, int whence, void *out)
{
    (void)descriptor;
    (void)offset;
    (void)whence;
    (void)out;
    return WASI_BADF;
}

int
__wasi_fd_write(int descriptor, const void *vectors, size_t count,
                size_t *written)
{
    (void)descriptor;
    (void)vectors;
    (void)count;
    *written = 0;
    return WASI_BADF;
}

void *tn_page_alloc(size_t size);
void tn_page_free(void *block);
void tn_page_release(struct page_record *record);
struct page_record *tn_page_parse(const char *text, size_t size);
struct page_record *tn_page_output(const char *text, size_t size);
struct page_record *tn_page_cell(const char *text, size_t size);
struct page_record *tn_page_checksum(const void *data, size_t size);
struct page_record *tn_page_decode(const void *frame, size_t frame_size,
                                   size_t size);
struct tn_codec_stream *tn_page_stream_new(const void *frame,
                                           size_t frame_size, size_t size);
int tn_page_stream_read(struct tn_codec_stream *stream, size_t available,
                        void *out, size_t limit);
int tn_page_stream_end(struct tn_codec_stream *stream);
int tn_page_base91(const char *text, size_t size, void *out, size_t limit);

PAGE_EXPORT("tn_page_alloc")
void *
tn_page_alloc(size_t size)
{
    return tn_alloc(size);
}

PAGE_EXPORT("tn_page_free")
void
tn_page_free(void *block)
{
    tn_free(block);
}

PAGE_EXPORT("tn_page_release")
void
tn_page_release(struct page_record *record)
{
    tn_free(record->data);
    tn_free(record);
}

struct page_record *
page_finish(int status, struct tn_buffer *out, const char *problem)
{
    struct page_record *record = tn_alloc_zeroed(1, sizeof *record);
    if (record != NULL && status == TN_OK) {
        status = tn_buffer_take(out, &record->data, &record->size);
    }
    if (record != NULL && status != TN_OK && problem != NULL) {
        record->size = strlen(problem);
        record->data = tn_copy_text(problem, record->size);
        record->size = record->data != NULL ? record->size : 0;
    }
    if (record != NULL) {
        record->status = status;
    }
    tn_buffer_clear(out);
    return record;
}

static void
write_flags(struct tn_json_writer *w, const char *flags)
{
    tn_json_begin_array(w);
    while (*flags != '\0') {
        size_t size = strcspn(flags, " ");
        tn_json_write_string(w, flags, size);
        flags += size;
        flags += *flags == ' ';
    }
    tn_json_end_array(w);
}

static void
write_chunks(struct tn_buffer *out, const struct tn_notebook *notebook)
{
    struct tn_json_writer w;
    tn_json_writer_init(&w, out);
    tn_json_begin_array(&w);
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        const struct tn_chunk *chunk = &notebook->chunks[i];
        tn_json_begin_object(&w);
        tn_json_key(&w, "type");
        tn_json_write_text(&w, chunk->type);
        tn_json_key(&w, "flags");
        write_flags(&w, chunk->flags);
        tn_json_key(&w, "source");
        tn_json_write_string(&w, chunk->source, chunk->source_size);
        tn_json_key(&w, "line");
        tn_json_write_int(&w, (int64_t)chunk->line);
        tn_json_end_object(&w);
    }
    tn_json_end_array(&w);
}

/* IOMD text to [{"type","flags":[...],"source","line"}, ...]. */
PAGE_EXPORT("tn_page_parse")
struct page_record *
tn_page_parse(const char *text, size_t size)
{
    struct tn_notebook *notebook = NULL;
    struct tn_problem problem = {0};
    struct tn_buffer out = {0};
    int status = tn_text_check(text, size, "notebook", &problem);
    if (status == TN_OK) {
        status = tn_notebook_new(&notebook, "notebook", TN_FORMAT_IOMD);
    }
    if (status == TN_OK) {
        status = tn_iomd_parse(notebook, text, size, &problem);
    }
    if (status == TN_OK) {
        write_chunks(&out, notebook);
        status = out.error;
    }
    tn_notebook_free(notebook);
    return page_finish(status, &out, problem.text);
}

/* One nbformat output (JSON) to its tn-output element. */
PAGE_EXPORT("tn_page_output")
struct page_record *
tn_page_output(const char *text, size_t size)
{
    struct tn_json *json = NULL;
    struct tn_json_error error = {0};
    struct tn_buffer out = {0};
    int status = tn_json_parse(&json, text, size, &error);
    if (status == TN_OK) {
        tn_buffer_reserve(&out, 1);
        status = tn_output_append(&out, tn_json_root(json));
    }
    tn_json_free(json);
    return page_finish(status, &out, error.reason);
}

/* Flags as one text: they come as an array of words. */
static int
append_flags(struct tn_buffer *out, const struct tn_json_value *flags)
{
    const struct tn_json_value *flag;
    for (flag = tn_json_first(flags); flag != NULL;
         flag = tn_json_next(flag)) {
        size_t size;
        const char *word = tn_json_string(flag, &size);
        if (word != NULL && out->size != 0) {
            tn_buffer_append_char(out, ' ');
        }
        if (word != NULL) {
            tn_buffer_append(out, word, size);
        }
    }
    return out->error;
}

/* "ok" or "error" of the cell's last run; anything else counts as none. */
static const char *
state_of(const struct tn_json_value *cell)
{
    const char *state = tn_json_text_of(cell, "state");
    bool is_known = strcmp(state, "ok") == 0 || strcmp(state, "error") == 0;
    return is_known ? state : NULL;
}

/* {index, type, flags, source, outputs, attachments, state, open} to the
 * section. */
PAGE_EXPORT("tn_page_cell")
struct page_record *
tn_page_cell(const char *text, size_t size)
{
    struct tn_json *json = NULL;
    struct tn_json_error error = {0};
    struct tn_buffer out = {0};
    struct tn_buffer flags = {0};
    int status = tn_json_parse(&json, text, size, &error);
    if (status == TN_OK) {
        const struct tn_json_value *root = tn_json_root(json);
        size_t type_size;
        double index = tn_json_number(tn_json_get(root, "index"), 0);
        status = append_flags(&flags, tn_json_get(root, "flags"));
        struct tn_cell cell = {
            .index = index >= 0 && index < 1e9 ? (size_t)index : 0,
            .type = tn_json_string(tn_json_get(root, "type"), &type_size),
            .flags = flags.data,
            .outputs = tn_json_get(root, "outputs"),
            .attachments = tn_json_get(root, "attachments"),
            .state = state_of(root),
            .is_open = tn_json_is_true(tn_json_get(root, "open")),
        };
        cell.source =
            tn_json_string(tn_json_get(root, "source"), &cell.source_size);
        if (cell.type == NULL || cell.source == NULL) {
            status = TN_ERROR_INVALID;
            error.reason = "a cell needs a type and a source";
        }
        if (status == TN_OK) {
            status = tn_cell_append(&out, &cell);
        }
    }
    tn_json_free(json);
    tn_buffer_clear(&flags);
    return page_finish(status, &out, error.reason);
}

PAGE_EXPORT("tn_page_checksum")
struct page_record *
tn_page_checksum(const void *data, size_t size)
{
    char text[TN_XXH64_TEXT_SIZE];
    struct tn_buffer out = {0};
    tn_xxh64_text(data, size, text);
    int status = tn_buffer_append_text(&out, text);
    return page_finish(status, &out, NULL);
}

/* A zstd frame to the `size` bytes in it. */
PAGE_EXPORT("tn_page_decode")
struct page_record *
tn_page_decode(const void *frame, size_t frame_size, size_t size)
{
    char *data;
    int status = tn_codec_decode(&data, frame, frame_size, size);
    if (status != TN_OK) {
        struct tn_buffer none = {0};
        return page_finish(
            status, &none,
            status == TN_ERROR_INVALID ? "it does not decompress" : NULL);
    }
    struct page_record *record = tn_alloc_zeroed(1, sizeof *record);
    if (record == NULL) {
        tn_free(data);
        return NULL;
    }
    *record =
        (struct page_record){.status = TN_OK, .data = data, .size = size};
    return record;
}

/* Begins to decode a frame that is still arriving; NULL when there is no
 * memory for it or `size` is impossible. */
PAGE_EXPORT("tn_page_stream_new")
struct tn_codec_stream *
tn_page_stream_new(const void *frame, size_t frame_size, size_t size)
{
    struct tn_codec_stream *stream;
    (void)tn_codec_stream_new(&stream, frame, frame_size, size);
    return stream;
}

/* How many bytes were decoded from what is there, at most `limit`; 0 when
 * more has to arrive or nothing is left; or a status. */
PAGE_EXPORT("tn_page_stream_read")
int
tn_page_stream_read(struct tn_codec_stream *stream, size_t available,
                    void *out, size_t limit)
{
    size_t written;
    int status =
        tn_codec_stream_read(stream, available, out, limit, &written);
    return status != TN_OK ? status : (int)written;
}

/* Frees the stream; TN_ERROR_INVALID when the frame was not whole. */
PAGE_EXPORT("tn_page_stream_end")
int
tn_page_stream_end(struct tn_codec_stream *stream)
{
    bool is_whole = tn_codec_stream_is_whole(stream);
    tn_codec_stream_free(stream);
    return is_whole ? TN_OK : TN_ERROR_INVALID;
}

/* The bytes behind a text in base91, to `out`; how many, or a status. */
PAGE_EXPORT("tn_page_base91")
int
tn_page_base91(const char *text, size_t size, void *out, size_t limit)
{
    size_t written;
    int status = tn_base91_decode(out, limit, &written, text, size);
    return status != TN_OK ? status : (int)written;
}
