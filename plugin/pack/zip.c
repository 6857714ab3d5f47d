/* The central directory decides what is in an archive; the header before an
 * entry's bytes must agree with it, so that no two readers see two things. */
#include "zip.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Makes next_in a pointer to const. */
#define ZLIB_CONST
#include <zlib.h>

#include "alloc.h"
#include "pack_limits.h"
#include "utf8.h"

enum {
    END_SIZE = 22,       /* end of central directory, without its comment */
    DIRECTORY_SIZE = 46, /* an entry of it, without its name */
    HEADER_SIZE = 30,    /* before an entry's bytes, without its name */
    COMMENT_LIMIT = 0xffff,
    COUNT_ZIP64 = 0xffff, /* "look into the ZIP64 record" */
    FLAG_ENCRYPTED = 1,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
};

static const char end_magic[] = "PK\5\6";
static const char directory_magic[] = "PK\1\2";
static const char header_magic[] = "PK\3\4";

static uint16_t
u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t
u32(const uint8_t *at)
{
    return (uint32_t)u16(at) | (uint32_t)u16(at + 2) << 16;
}

static int
damaged(const struct tn_zip *zip, const char *why, struct tn_problem *problem)
{
    return tn_problem_set(problem, TN_ERROR_INVALID, zip->file, 0,
                          "not a sound ZIP archive: %s", why);
}

/* The record at the end of the archive, or NULL. */
static const uint8_t *
find_end(const struct tn_zip *zip)
{
    for (size_t comment = 0; comment <= COMMENT_LIMIT; comment++) {
        if (zip->size < END_SIZE + comment) {
            return NULL;
        }
        const uint8_t *at = zip->data + zip->size - END_SIZE - comment;
        if (memcmp(at, end_magic, 4) == 0 && u16(at + 20) == comment) {
            return at;
        }
    }
    return NULL;
}

/* True for a part of a path that names something below. */
static bool
is_part_safe(const char *part, size_t size)
{
    bool is_dots = (size == 1 && part[0] == '.') ||
                   (size == 2 && part[0] == '.' && part[1] == '.');
    if (size == 0 || size > TN_LIMIT_NAME_SIZE || is_dots) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)part[i];
        if (byte < 0x20 || byte == 0x7f || byte == '\\' || byte == ':') {
            return false;
        }
    }
    return true;
}

static bool
is_utf8(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t length = tn_utf8_length(text + at, size - at);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

static bool
is_path_safe(const char *path, size_t size)
{
    if (size > TN_LIMIT_PATH_SIZE || !is_utf8(path, size)) {
        return false;
    }
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i == size || path[i] == '/') {
            if (!is_part_safe(path + start, i - start)) {
                return false;
            }
            start = i + 1;
        }
    }
    return true;
}

/* Reads the directory's entry at `at`; a directory is left out.  *used is how
 * long it is. */
static int
read_entry(struct tn_zip *zip, const uint8_t *at, size_t rest, size_t *used,
           struct tn_problem *problem)
{
    if (rest < DIRECTORY_SIZE || memcmp(at, directory_magic, 4) != 0) {
        return damaged(zip, "its directory is cut off", problem);
    }
    size_t name_size = u16(at + 28);
    *used = DIRECTORY_SIZE + name_size + u16(at + 30) + u16(at + 32);
    if (rest < *used) {
        return damaged(zip, "its directory is cut off", problem);
    }
    const char *name = (const char *)at + DIRECTORY_SIZE;
    bool is_directory = name_size != 0 && name[name_size - 1] == '/';
    if (!is_path_safe(name, is_directory ? name_size - 1 : name_size)) {
        return damaged(zip, "the name of an entry is no relative path, or "
                            "leads out of the archive",
                       problem);
    }
    if (is_directory) {
        return TN_OK;
    }
    struct tn_zip_entry *entry = &zip->entries[zip->count];
    *entry = (struct tn_zip_entry){
        .size = u32(at + 24),
        .packed_size = u32(at + 20),
        .header = u32(at + 42),
        .checksum = u32(at + 16),
        .method = u16(at + 10),
    };
    if ((u16(at + 8) & FLAG_ENCRYPTED) != 0 ||
        (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED)) {
        return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, zip->file, 0,
                              "%.*s is encrypted or compressed in a way that "
                              "wheels do not use",
                              (int)name_size, name);
    }
    if (entry->size > TN_LIMIT_FILE_SIZE) {
        return tn_problem_set(problem, TN_ERROR_LIMIT, zip->file, 0,
                              "%.*s is larger than the limit of %zu bytes",
                              (int)name_size, name, TN_LIMIT_FILE_SIZE);
    }
    entry->name = tn_copy_text(name, name_size);
    if (entry->name == NULL) {
        return TN_ERROR_MEMORY;
    }
    zip->count++;
    return TN_OK;
}

static int
compare_entries(const void *left, const void *right)
{
    const struct tn_zip_entry *a = left;
    const struct tn_zip_entry *b = right;
    return strcmp(a->name, b->name);
}

static int
check_names(const struct tn_zip *zip, struct tn_problem *problem)
{
    for (size_t i = 1; i < zip->count; i++) {
        const char *name = zip->entries[i].name;
        if (strcmp(zip->entries[i - 1].name, name) == 0) {
            return tn_problem_set(problem, TN_ERROR_INVALID, zip->file, 0,
                                  "%s is in it twice", name);
        }
    }
    return TN_OK;
}

static int
read_directory(struct tn_zip *zip, struct tn_problem *problem)
{
    const uint8_t *end = find_end(zip);
    if (end == NULL) {
        return damaged(zip, "it has no directory at its end", problem);
    }
    size_t count = u16(end + 10);
    size_t size = u32(end + 12);
    size_t start = u32(end + 16);
    size_t limit = (size_t)(end - zip->data);
    if (count == COUNT_ZIP64) {
        return tn_problem_set(problem, TN_ERROR_UNSUPPORTED, zip->file, 0,
                              "more than %d entries", COUNT_ZIP64 - 1);
    }
    if (u16(end + 4) != 0 || u16(end + 8) != count || start > limit ||
        size != limit - start || size < count * DIRECTORY_SIZE) {
        return damaged(zip, "its directory is not where it should be",
                       problem);
    }
    zip->entries = tn_alloc_zeroed(count + 1, sizeof *zip->entries);
    if (zip->entries == NULL) {
        return TN_ERROR_MEMORY;
    }
    size_t at = start;
    for (size_t i = 0; i < count; i++) {
        size_t used;
        int status =
            read_entry(zip, zip->data + at, limit - at, &used, problem);
        if (status != TN_OK) {
            return status;
        }
        at += used;
    }
    if (at != limit) {
        return damaged(zip, "its directory is longer than it says", problem);
    }
    qsort(zip->entries, zip->count, sizeof *zip->entries, compare_entries);
    return check_names(zip, problem);
}

int
tn_zip_open(struct tn_zip **out, const char *file, const void *data,
            size_t size, struct tn_problem *problem)
{
    *out = NULL;
    struct tn_zip *zip = tn_alloc_zeroed(1, sizeof *zip);
    if (zip == NULL) {
        return TN_ERROR_MEMORY;
    }
    zip->file = file;
    zip->data = data;
    zip->size = size;
    int status = read_directory(zip, problem);
    if (status != TN_OK) {
        tn_zip_free(zip);
        return status;
    }
    *out = zip;
    return TN_OK;
}

void
tn_zip_free(struct tn_zip *zip)
{
    if (zip == NULL) {
        return;
    }
    for (size_t i = 0; i < zip->count; i++) {
        tn_free(zip->entries[i].name);
    }
    tn_free(zip->entries);
    tn_free(zip);
}

/* The packed bytes, or NULL where header and directory do not agree. */
static const uint8_t *
find_bytes(const struct tn_zip *zip, const struct tn_zip_entry *entry)
{
    if (entry->header > zip->size || zip->size - entry->header < HEADER_SIZE) {
        return NULL;
    }
    const uint8_t *header = zip->data + entry->header;
    size_t name_size = u16(header + 26);
    size_t skipped = HEADER_SIZE + name_size + u16(header + 28);
    size_t rest = zip->size - entry->header;
    bool is_sound = memcmp(header, header_magic, 4) == 0 && skipped <= rest &&
                    entry->packed_size <= rest - skipped &&
                    u16(header + 8) == entry->method &&
                    name_size == strlen(entry->name) &&
                    memcmp(header + HEADER_SIZE, entry->name, name_size) == 0;
    return is_sound ? header + skipped : NULL;
}

static void *
take_block(void *context, unsigned count, unsigned size)
{
    (void)context;
    return tn_alloc((size_t)count * size);
}

static void
give_block(void *context, void *block)
{
    (void)context;
    tn_free(block);
}

/* TN_ERROR_INVALID when the bytes are not exactly `size` bytes deflated. */
static int
inflate_bytes(char *out, size_t size, const uint8_t *packed,
              size_t packed_size)
{
    z_stream stream = {.zalloc = take_block, .zfree = give_block};
    /* Negative: raw, without zlib's own header. */
    int result = inflateInit2(&stream, -MAX_WBITS);
    if (result != Z_OK) {
        return result == Z_MEM_ERROR ? TN_ERROR_MEMORY : TN_ERROR_INVALID;
    }
    static_assert(TN_LIMIT_FILE_SIZE <= UINT32_MAX, "zlib counts in 32 bits");
    stream.next_in = packed;
    stream.avail_in = (uInt)packed_size;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)size;
    result = inflate(&stream, Z_FINISH);
    bool is_whole = result == Z_STREAM_END && stream.avail_out == 0 &&
                    stream.avail_in == 0;
    inflateEnd(&stream);
    return result == Z_MEM_ERROR ? TN_ERROR_MEMORY
           : is_whole            ? TN_OK
                                 : TN_ERROR_INVALID;
}

int
tn_zip_read(const struct tn_zip *zip, const struct tn_zip_entry *entry,
            TN_OWN char **out, struct tn_problem *problem)
{
    *out = NULL;
    int status = TN_ERROR_INVALID;
    const uint8_t *packed = find_bytes(zip, entry);
    bool is_stored = entry->method == METHOD_STORED;
    /* A deflated byte stands for 1032 at most: no block is allocated for
     * what cannot be there. */
    bool is_possible = is_stored ? entry->packed_size == entry->size
                                 : entry->size / 1032 <= entry->packed_size;
    if (packed == NULL || !is_possible) {
        goto done;
    }
    char *data = tn_alloc(entry->size + 1);
    if (data == NULL) {
        return TN_ERROR_MEMORY;
    }
    data[entry->size] = '\0';
    if (is_stored) {
        memcpy(data, packed, entry->size);
        status = TN_OK;
    }
    else {
        status = inflate_bytes(data, entry->size, packed, entry->packed_size);
    }
    if (status == TN_OK && crc32(0, (const Bytef *)data, (uInt)entry->size) !=
                               entry->checksum) {
        status = TN_ERROR_INVALID;
    }
    if (status != TN_OK) {
        tn_free(data);
        goto done;
    }
    *out = data;
done:
    return status != TN_ERROR_INVALID
               ? status
               : tn_problem_set(problem, status, zip->file, 0,
                                "%s in it is damaged", entry->name);
}

const struct tn_zip_entry *
tn_zip_find(const struct tn_zip *zip, const char *name)
{
    size_t low = 0;
    size_t high = zip->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(zip->entries[middle].name, name);
        if (order == 0) {
            return &zip->entries[middle];
        }
        if (order < 0) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return NULL;
}
