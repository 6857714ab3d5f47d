/* The parts of a report and their script elements. */
#include "payload.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "base64.h"
#include "base91.h"
#include "codec.h"
#include "json_write.h"
#include "pack_limits.h"
#include "script.h"
#include "version.h"

/* The id of the element that has the table. */
static const char table_id[] = "tincture-payload";

/* "part-" and two numbers. */
#define PART_ID_SIZE 64

int
tn_payload_add(struct tn_payload *payload, const char *name,
               const char *codec, size_t size, TN_OWN char *stored,
               size_t stored_size)
{
    if (payload->count >= TN_LIMIT_PART_COUNT) {
        tn_free(stored);
        return TN_ERROR_LIMIT;
    }
    struct tn_part *parts =
        tn_realloc(payload->parts, (payload->count + 1) * sizeof *parts);
    if (parts == NULL) {
        tn_free(stored);
        return TN_ERROR_MEMORY;
    }
    payload->parts = parts;
    struct tn_part *part = &parts[payload->count];
    *part = (struct tn_part){.codec = codec,
                             .size = size,
                             .stored = stored,
                             .stored_size = stored_size};
    part->name = tn_copy_text(name, strlen(name));
    if (part->name == NULL) {
        tn_free(stored);
        return TN_ERROR_MEMORY;
    }
    tn_xxh64_text(stored, stored_size, part->checksum);
    payload->count++;
    return TN_OK;
}

int
tn_payload_add_packed(struct tn_payload *payload, const char *name,
                      const char *data, size_t size)
{
    char *frame;
    size_t frame_size;
    int status =
        tn_codec_encode(&frame, &frame_size, data, size, TN_CODEC_LEVEL);
    if (status != TN_OK) {
        return status;
    }
    if (frame_size < size) {
        return tn_payload_add(payload, name, "zstd", size, frame, frame_size);
    }
    tn_free(frame);
    char *copy = tn_copy_text(data, size);
    if (copy == NULL) {
        return TN_ERROR_MEMORY;
    }
    return tn_payload_add(payload, name, "none", size, copy, size);
}

int
tn_payload_set_path(struct tn_payload *payload, const char *path)
{
    assert(payload->count != 0);
    struct tn_part *part = &payload->parts[payload->count - 1];
    char *copy = path != NULL ? tn_copy_text(path, strlen(path)) : NULL;
    if (path != NULL && copy == NULL) {
        return TN_ERROR_MEMORY;
    }
    tn_free(part->path);
    part->path = copy;
    return TN_OK;
}

void
tn_payload_clear(struct tn_payload *payload)
{
    for (size_t i = 0; i < payload->count; i++) {
        tn_free(payload->parts[i].name);
        tn_free(payload->parts[i].path);
        tn_free(payload->parts[i].stored);
    }
    tn_free(payload->parts);
    *payload = (struct tn_payload){0};
}

bool
tn_payload_is_base91(const char *codec)
{
    return strcmp(codec, "gzip") != 0;
}

size_t
tn_payload_chunk_count(size_t stored_size)
{
    return (stored_size + TN_PART_CHUNK_SIZE - 1) / TN_PART_CHUNK_SIZE;
}

/* The table, but for its checksum. */
static int
write_table(struct tn_buffer *json, const struct tn_payload *payload)
{
    struct tn_json_writer w;
    tn_json_writer_init(&w, json);
    tn_json_begin_object(&w);
    tn_json_key(&w, "version");
    tn_json_write_int(&w, TN_REPORT_VERSION);
    tn_json_key(&w, "parts");
    tn_json_begin_array(&w);
    for (size_t i = 0; i < payload->count; i++) {
        const struct tn_part *part = &payload->parts[i];
        tn_json_begin_object(&w);
        tn_json_key(&w, "name");
        tn_json_write_text(&w, part->name);
        tn_json_key(&w, "codec");
        tn_json_write_text(&w, part->codec);
        if (tn_payload_is_base91(part->codec)) {
            tn_json_key(&w, "encoding");
            tn_json_write_text(&w, "base91");
        }
        tn_json_key(&w, "size");
        tn_json_write_int(&w, (int64_t)part->size);
        tn_json_key(&w, "stored_size");
        tn_json_write_int(&w, (int64_t)part->stored_size);
        tn_json_key(&w, "checksum");
        tn_json_write_text(&w, part->checksum);
        tn_json_key(&w, "chunks");
        tn_json_write_int(
            &w, (int64_t)tn_payload_chunk_count(part->stored_size));
        if (part->path != NULL) {
            tn_json_key(&w, "path");
            tn_json_write_text(&w, part->path);
        }
        tn_json_end_object(&w);
    }
    tn_json_end_array(&w);
    tn_json_end_object(&w);
    return json->error;
}

int
tn_payload_append_table(struct tn_buffer *out,
                        const struct tn_payload *payload)
{
    struct tn_buffer json = {0};
    int status = write_table(&json, payload);
    if (status == TN_OK) {
        status = tn_script_append_checked_json(out, table_id, json.data,
                                               json.size);
    }
    tn_buffer_clear(&json);
    return status;
}

/* Appends the text of chunk `k` of a part. */
static int
append_chunk(struct tn_buffer *out, const struct tn_part *part, size_t k)
{
    size_t start = k * TN_PART_CHUNK_SIZE;
    size_t rest = part->stored_size - start;
    size_t size = rest < TN_PART_CHUNK_SIZE ? rest : TN_PART_CHUNK_SIZE;
    return tn_payload_is_base91(part->codec)
               ? tn_base91_append(out, part->stored + start, size)
               : tn_base64_append(out, part->stored + start, size);
}

/* Writes one member whose value is text. */
static int
write_member(struct tn_json_writer *w, const char *key,
             const struct tn_buffer *text)
{
    tn_json_key(w, key);
    tn_json_write_string(w, text->size != 0 ? text->data : "", text->size);
    return text->error != TN_OK ? text->error : w->out->error;
}

int
tn_payload_append_object(struct tn_buffer *out,
                         const struct tn_payload *payload)
{
    struct tn_buffer json = {0};
    struct tn_buffer text = {0};
    struct tn_json_writer w;
    tn_json_writer_init(&w, out);
    tn_json_begin_object(&w);
    int status = write_table(&json, payload);
    if (status == TN_OK) {
        status = tn_script_append_checked(&text, json.data, json.size);
    }
    if (status == TN_OK) {
        status = write_member(&w, table_id, &text);
    }
    for (size_t i = 0; status == TN_OK && i < payload->count; i++) {
        const struct tn_part *part = &payload->parts[i];
        size_t count = tn_payload_chunk_count(part->stored_size);
        for (size_t k = 0; status == TN_OK && k < count; k++) {
            char id[PART_ID_SIZE];
            snprintf(id, sizeof id, "part-%zu-%zu", i, k);
            text.size = 0;
            status = append_chunk(&text, part, k);
            if (status == TN_OK) {
                status = write_member(&w, id, &text);
            }
        }
    }
    tn_json_end_object(&w);
    tn_buffer_clear(&json);
    tn_buffer_clear(&text);
    return status != TN_OK ? status : out->error;
}

int
tn_payload_append_chunks(struct tn_buffer *out,
                         const struct tn_payload *payload)
{
    for (size_t i = 0; i < payload->count; i++) {
        const struct tn_part *part = &payload->parts[i];
        size_t count = tn_payload_chunk_count(part->stored_size);
        /* Only the last chunk may end in a part of a group. */
        static_assert(TN_PART_CHUNK_SIZE % 3 == 0, "whole groups of base64");
        static_assert(TN_PART_CHUNK_SIZE % TN_BASE91_GROUP_SIZE == 0,
                      "whole groups of base91");
        for (size_t k = 0; k < count; k++) {
            tn_buffer_append_format(
                out,
                "<script type=\"application/octet-stream\" "
                "id=\"part-%zu-%zu\">",
                i, k);
            append_chunk(out, part, k);
            tn_buffer_append_text(out, "</script>\n");
        }
    }
    return out->error;
}
