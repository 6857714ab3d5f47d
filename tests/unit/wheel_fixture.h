/* Wheels that tests make in memory: stored entries, sound unless asked. */
#ifndef TN_WHEEL_FIXTURE_H
#define TN_WHEEL_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "buffer.h"
#include "sha256.h"

struct wheel_file {
    const char *name;
    const char *text;
};

/* An archive in the making. */
struct wheel_fixture {
    struct tn_buffer bytes;
    struct tn_buffer directory;
    struct tn_buffer record;
    unsigned count;
};

static inline void
fixture_number(struct tn_buffer *out, unsigned long number, int size)
{
    for (int i = 0; i < size; i++) {
        tn_buffer_append_char(out, (char)(number >> (8 * i) & 0xff));
    }
}

/* CRC-32 bit by bit, which no reader shares. */
static inline uint32_t
fixture_crc(const char *text, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= (unsigned char)text[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}

/* What local header and directory share, from the flags on. */
static inline void
fixture_common(struct tn_buffer *out, const char *name, const char *text,
               size_t size)
{
    fixture_number(out, 0, 2); /* flags */
    fixture_number(out, 0, 2); /* stored */
    fixture_number(out, 0, 4); /* time */
    fixture_number(out, fixture_crc(text, size), 4);
    fixture_number(out, size, 4);
    fixture_number(out, size, 4);
    fixture_number(out, strlen(name), 2);
    fixture_number(out, 0, 2); /* extra */
}

static inline void
fixture_add(struct wheel_fixture *fixture, const char *name, const char *text,
            size_t size)
{
    size_t offset = fixture->bytes.size;
    tn_buffer_append(&fixture->bytes, "PK\3\4\24\0", 6);
    fixture_common(&fixture->bytes, name, text, size);
    tn_buffer_append_text(&fixture->bytes, name);
    tn_buffer_append(&fixture->bytes, text, size);
    tn_buffer_append(&fixture->directory, "PK\1\2\24\0\24\0", 8);
    fixture_common(&fixture->directory, name, text, size);
    fixture_number(&fixture->directory, 0, 2 + 2 + 2); /* comment, disk */
    fixture_number(&fixture->directory, 0, 4);         /* attributes */
    fixture_number(&fixture->directory, offset, 4);
    tn_buffer_append_text(&fixture->directory, name);
    fixture->count++;
}

/* A file and its line in RECORD. */
static inline void
fixture_add_recorded(struct wheel_fixture *fixture, const char *name,
                     const char *text)
{
    uint8_t sum[TN_SHA256_SIZE];
    size_t start;
    fixture_add(fixture, name, text, strlen(text));
    tn_sha256(text, strlen(text), sum);
    tn_buffer_append_format(&fixture->record, "%s,sha256=", name);
    start = fixture->record.size;
    tn_base64_append(&fixture->record, sum, sizeof sum);
    for (size_t i = start; i < fixture->record.size; i++) {
        char *c = &fixture->record.data[i];
        *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
    }
    /* RECORD leaves out the padding of base64. */
    fixture->record.size--;
    tn_buffer_append_format(&fixture->record, ",%zu\n", strlen(text));
}

/* Appends the archive to `out`; the fixture is empty again. */
static inline void
fixture_finish(struct wheel_fixture *fixture, struct tn_buffer *out)
{
    size_t start = fixture->bytes.size;
    size_t size = fixture->directory.size;
    tn_buffer_append(&fixture->bytes, fixture->directory.data, size);
    tn_buffer_append(&fixture->bytes, "PK\5\6\0\0\0\0", 8);
    fixture_number(&fixture->bytes, fixture->count, 2);
    fixture_number(&fixture->bytes, fixture->count, 2);
    fixture_number(&fixture->bytes, size, 4);
    fixture_number(&fixture->bytes, start, 4);
    fixture_number(&fixture->bytes, 0, 2);
    tn_buffer_append(out, fixture->bytes.data, fixture->bytes.size);
    tn_buffer_clear(&fixture->bytes);
    tn_buffer_clear(&fixture->directory);
    tn_buffer_clear(&fixture->record);
    *fixture = (struct wheel_fixture){0};
}

/* A wheel STEM-py3-none-any.whl of one module and further headers. */
static inline void
fixture_wheel(struct tn_buffer *out, const char *stem, const char *headers,
              const struct wheel_file *files, size_t count)
{
    struct wheel_fixture fixture = {0};
    struct tn_buffer text = {0};
    const char *dash = strchr(stem, '-');
    for (size_t i = 0; i < count; i++) {
        fixture_add_recorded(&fixture, files[i].name, files[i].text);
    }
    char name[100];
    snprintf(name, sizeof name, "%s.dist-info/METADATA", stem);
    tn_buffer_append_format(
        &text, "Metadata-Version: 2.1\nName: %.*s\nVersion: %s\n%s\nProse.\n",
        (int)(dash - stem), stem, dash + 1, headers);
    fixture_add_recorded(&fixture, name, text.data);
    snprintf(name, sizeof name, "%s.dist-info/RECORD", stem);
    fixture_add(&fixture, name, fixture.record.data, fixture.record.size);
    fixture_finish(&fixture, out);
    tn_buffer_clear(&text);
}

#endif /* TN_WHEEL_FIXTURE_H */
