/* Opens images: checks everything that later reading relies on.
 *
 * An image is a file from somewhere.  Nothing in it is believed: header and
 * index carry checksums, and because a checksum only finds accidents, every
 * offset, size, name and mode is checked too.  Block contents are checked when
 * they are read (image_cache.c).
 */
#include "fs_internal.h"

#include <stdarg.h>
#include <stdio.h>

#include "xxh64.h"

struct opener {
    struct image *image;
    char *message;
    size_t message_size;
};

__attribute__((format(printf, 3, 4))) static int
fail(const struct opener *opener, int status, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    snprintf(opener->message, opener->message_size, "%.100s: %s",
             opener->image->name, text);
    return status;
}

static int
check_header(const struct opener *opener)
{
    const struct image *image = opener->image;
    const unsigned char *header = image->bytes;

    if (image->size < IMAGE_HEADER_SIZE
        || memcmp(header, IMAGE_MAGIC, IMAGE_MAGIC_SIZE) != 0) {
        return fail(opener, TN_ERROR_INVALID, "not an image");
    }
    uint32_t version = image_u32(header + IMAGE_HEADER_VERSION);
    if (version != IMAGE_VERSION) {
        return fail(opener, TN_ERROR_UNSUPPORTED,
                    "format version %lu, this build reads %d",
                    (unsigned long)version, IMAGE_VERSION);
    }
    if (image_u64(header + IMAGE_HEADER_HEADER_CHECKSUM)
        != tn_xxh64(header, IMAGE_HEADER_HEADER_CHECKSUM)) {
        return fail(opener, TN_ERROR_INVALID, "header: checksum differs");
    }
    uint64_t size = image_u64(header + IMAGE_HEADER_IMAGE_SIZE);
    if (size != image->size) {
        return fail(opener, TN_ERROR_INVALID,
                    "header: says %llu bytes, the file has %llu",
                    (unsigned long long)size,
                    (unsigned long long)image->size);
    }
    return TN_OK;
}

static int
read_header(const struct opener *opener)
{
    struct image *image = opener->image;
    const unsigned char *header = image->bytes;
    uint32_t codec = image_u32(header + IMAGE_HEADER_CODEC);

    image->block_size = image_u32(header + IMAGE_HEADER_BLOCK_SIZE);
    image->block_count = image_u32(header + IMAGE_HEADER_BLOCK_COUNT);
    image->entry_count = image_u32(header + IMAGE_HEADER_ENTRY_COUNT);
    image->text_size = image_u32(header + IMAGE_HEADER_TEXT_SIZE);
    if (codec != IMAGE_CODEC_NONE && codec != IMAGE_CODEC_LZ4) {
        return fail(opener, TN_ERROR_UNSUPPORTED,
                    "header: codec %lu is not known", (unsigned long)codec);
    }
    image->codec = (enum image_codec)codec;
    if (image->block_size < IMAGE_BLOCK_SIZE_MIN
        || image->block_size > IMAGE_BLOCK_SIZE_MAX
        || (image->block_size & (image->block_size - 1)) != 0) {
        return fail(opener, TN_ERROR_INVALID,
                    "header: a block size of %lu is not possible",
                    (unsigned long)image->block_size);
    }
    if (image->block_count > IMAGE_BLOCK_COUNT_LIMIT
        || image->entry_count > IMAGE_ENTRY_COUNT_LIMIT
        || image->entry_count == 0
        || image->text_size > IMAGE_TEXT_SIZE_LIMIT) {
        return fail(opener, TN_ERROR_INVALID,
                    "header: counts are not possible");
    }
    return TN_OK;
}

static uint64_t
get_index_size(const struct image *image)
{
    return (uint64_t)image->block_count * IMAGE_BLOCK_RECORD_SIZE
        + (uint64_t)image->entry_count * IMAGE_ENTRY_RECORD_SIZE
        + image->text_size;
}

static int
find_index(const struct opener *opener)
{
    struct image *image = opener->image;
    uint64_t size = get_index_size(image);

    if (size > image->size - IMAGE_HEADER_SIZE) {
        return fail(opener, TN_ERROR_INVALID,
                    "index: is longer than the file");
    }
    image->blocks = image->bytes + IMAGE_HEADER_SIZE;
    image->entries = image->blocks
        + (size_t)image->block_count * IMAGE_BLOCK_RECORD_SIZE;
    image->text = image->entries
        + (size_t)image->entry_count * IMAGE_ENTRY_RECORD_SIZE;
    if (image_u64(image->bytes + IMAGE_HEADER_INDEX_CHECKSUM)
        != tn_xxh64(image->blocks, (size_t)size)) {
        return fail(opener, TN_ERROR_INVALID, "index: checksum differs");
    }
    return TN_OK;
}

static int
check_blocks(const struct opener *opener)
{
    struct image *image = opener->image;
    uint64_t start = IMAGE_HEADER_SIZE + get_index_size(image);

    for (uint32_t i = 0; i < image->block_count; i++) {
        const unsigned char *record =
            image->blocks + (size_t)i * IMAGE_BLOCK_RECORD_SIZE;
        uint64_t offset = image_u64(record + IMAGE_BLOCK_OFFSET);
        uint32_t stored = image_u32(record + IMAGE_BLOCK_STORED_SIZE);
        uint32_t raw = image_u32(record + IMAGE_BLOCK_RAW_SIZE);
        if (offset < start || offset > image->size
            || stored > image->size - offset) {
            return fail(opener, TN_ERROR_INVALID,
                        "block %lu: lies outside the file",
                        (unsigned long)i);
        }
        if (raw == 0 || raw > image->block_size || stored == 0 || stored > raw
            || (image->codec == IMAGE_CODEC_NONE && stored != raw)) {
            return fail(opener, TN_ERROR_INVALID,
                        "block %lu: its sizes are not possible",
                        (unsigned long)i);
        }
        image->content_size += raw;
    }
    return TN_OK;
}

static bool
is_name_valid(const char *name, size_t size)
{
    bool is_dots = (size == 1 && name[0] == '.')
        || (size == 2 && name[0] == '.' && name[1] == '.');
    return size > 0 && size <= IMAGE_NAME_SIZE_LIMIT && !is_dots
        && memchr(name, '/', size) == NULL && memchr(name, 0, size) == NULL;
}

static int
compare_names(const struct image_entry *a, const struct image_entry *b)
{
    uint32_t size = a->name_size < b->name_size ? a->name_size : b->name_size;
    int order = memcmp(a->name, b->name, size);
    return order != 0 ? order : (int)a->name_size - (int)b->name_size;
}

/* Whether offset and size are possible for this type; `next` is where the
 * children of the next directory must start. */
static const char *
check_extent(const struct image *image, const struct image_entry *entry,
             uint64_t *next)
{
    uint64_t limit = (uint64_t)image->block_count * image->block_size;
    switch (entry->mode & IMAGE_MODE_TYPE) {
    case IMAGE_MODE_DIRECTORY:
        if (entry->size > image->entry_count - *next
            || (entry->size > 0 && entry->offset != *next)) {
            return "its children are not where they must be";
        }
        *next += entry->size;
        return NULL;
    case IMAGE_MODE_FILE:
        if (entry->size > 0
            && (entry->size > limit || entry->offset > limit - entry->size)) {
            return "its content lies outside the blocks";
        }
        return NULL;
    case IMAGE_MODE_LINK:
        if (entry->size == 0 || entry->size > IMAGE_TARGET_SIZE_LIMIT
            || entry->size > image->text_size
            || entry->offset > image->text_size - entry->size
            || memchr(image->text + entry->offset, 0, (size_t)entry->size)
                != NULL) {
            return "its target is not possible";
        }
        return NULL;
    default:
        return "its type is not known";
    }
}

static const char *
check_name(const struct image *image, uint32_t index,
           const struct image_entry *entry)
{
    const unsigned char *record =
        image->entries + (size_t)index * IMAGE_ENTRY_RECORD_SIZE;
    uint32_t offset = image_u32(record + IMAGE_ENTRY_NAME_OFFSET);
    if (entry->name_size > image->text_size
        || offset > image->text_size - entry->name_size) {
        return "its name lies outside the text";
    }
    return is_name_valid(entry->name, entry->name_size)
        ? NULL
        : "its name is not possible";
}

/* The children of one directory must have ascending names, so that none is
 * there twice. */
static bool
has_order(const struct image *image, const struct image_entry *directory)
{
    struct image_entry before;
    struct image_entry entry;
    for (uint64_t i = 1; i < directory->size; i++) {
        image_get_entry(image, (uint32_t)(directory->offset + i - 1), &before);
        image_get_entry(image, (uint32_t)(directory->offset + i), &entry);
        if (compare_names(&before, &entry) >= 0) {
            return false;
        }
    }
    return true;
}

/* Each directory's children start where those of the one before it ended, so
 * every entry has exactly one parent, which stands before it: a tree. */
static const char *
check_entry(const struct image *image, uint32_t index, uint64_t *next)
{
    struct image_entry entry;
    const char *problem = NULL;

    image_get_entry(image, index, &entry);
    if (index > 0) {
        problem = check_name(image, index, &entry);
    }
    else if ((entry.mode & IMAGE_MODE_TYPE) != IMAGE_MODE_DIRECTORY) {
        problem = "the root is not a directory";
    }
    if (problem == NULL && index >= *next) {
        problem = "it is in no directory";
    }
    return problem != NULL ? problem : check_extent(image, &entry, next);
}

static int
fail_entry(const struct opener *opener, uint32_t index, const char *problem)
{
    return fail(opener, TN_ERROR_INVALID, "entry %lu: %s",
                (unsigned long)index, problem);
}

static int
check_entries(const struct opener *opener)
{
    const struct image *image = opener->image;
    uint64_t next = 1;

    for (uint32_t i = 0; i < image->entry_count; i++) {
        const char *problem = check_entry(image, i, &next);
        if (problem != NULL) {
            return fail_entry(opener, i, problem);
        }
    }
    /* Only now are all names known to be readable. */
    for (uint32_t i = 0; i < image->entry_count; i++) {
        struct image_entry entry;
        image_get_entry(image, i, &entry);
        if ((entry.mode & IMAGE_MODE_TYPE) == IMAGE_MODE_DIRECTORY
            && !has_order(image, &entry)) {
            return fail_entry(opener, i, "its children are not in order");
        }
    }
    return TN_OK;
}

int
image_open(struct image *out, const char *name, const void *bytes, size_t size,
           char *message, size_t message_size)
{
    struct opener opener = {out, message, message_size};
    *out = (struct image){.bytes = bytes, .size = size, .is_present = true};
    message[0] = '\0';
    out->name = tn_copy_text(name, strlen(name));
    if (out->name == NULL) {
        return TN_ERROR_MEMORY;
    }
    int status = check_header(&opener);
    if (status == TN_OK) {
        status = read_header(&opener);
    }
    if (status == TN_OK) {
        status = find_index(&opener);
    }
    if (status == TN_OK) {
        status = check_blocks(&opener);
    }
    if (status == TN_OK) {
        status = check_entries(&opener);
    }
    if (status == TN_OK) {
        out->checked = tn_alloc_zeroed(out->block_count / 8 + 1, 1);
        status = out->checked == NULL ? TN_ERROR_MEMORY : TN_OK;
    }
    if (status < 0) {
        image_close(out);
    }
    return status;
}

void
image_close(struct image *image)
{
    tn_free(image->name);
    tn_free(image->path);
    tn_free(image->checked);
    image->name = NULL;
    image->path = NULL;
    image->checked = NULL;
}

void
image_get_entry(const struct image *image, uint32_t index,
                struct image_entry *out)
{
    const unsigned char *record =
        image->entries + (size_t)index * IMAGE_ENTRY_RECORD_SIZE;
    out->name = (const char *)image->text
        + image_u32(record + IMAGE_ENTRY_NAME_OFFSET);
    out->name_size = image_u16(record + IMAGE_ENTRY_NAME_SIZE);
    out->mode = image_u16(record + IMAGE_ENTRY_MODE);
    out->mtime = (int64_t)image_u64(record + IMAGE_ENTRY_MTIME);
    out->offset = image_u64(record + IMAGE_ENTRY_OFFSET);
    out->size = image_u64(record + IMAGE_ENTRY_SIZE);
}
