/* Writes images.
 *
 * Items are sorted into the format's order, so that the result depends on the
 * files alone.  Contents follow one another in that order: what one import
 * reads is near to what the next one reads.  A file that would straddle two
 * blocks but fits into one starts a new block, so that reading it decodes one
 * block and not two; the block before it just ends early.
 */
#include "image_write.h"

#include <lz4hc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buffer.h"
#include "xxh64.h"

struct item {
    char *path; /* owned; "" is the root */
    size_t path_size;
    size_t name_at; /* where the last part begins */
    size_t depth;   /* parts in the path */
    uint32_t mode;
    int64_t mtime;
    unsigned char *bytes; /* owned */
    size_t size;
};

struct tn_image_writer {
    enum image_codec codec;
    uint32_t block_size;
    struct item *items; /* owned */
    size_t item_count;
    size_t item_capacity;
    size_t problem; /* index of the item to blame */
    struct tn_buffer block_records;
    struct tn_buffer entry_records;
    struct tn_buffer text;
    struct tn_buffer stored;
    uint32_t block_count;
    unsigned char *block;  /* owned; the one being filled */
    unsigned char *packed; /* owned; where it is compressed to */
    uint32_t block_fill;
};

static bool
is_type(const struct item *item, uint32_t type)
{
    return (item->mode & IMAGE_MODE_TYPE) == type;
}

/* Fills the fields that say how the path is made up; false if it is not
 * possible in an image. */
static bool
split_path(struct item *item)
{
    const char *part = item->path;
    item->depth = 0;
    while (item->path_size > 0) {
        const char *slash = strchr(part, '/');
        size_t size = slash != NULL ? (size_t)(slash - part) : strlen(part);
        bool is_dots = (size == 1 && part[0] == '.')
            || (size == 2 && part[0] == '.' && part[1] == '.');
        if (size == 0 || size > IMAGE_NAME_SIZE_LIMIT || is_dots) {
            return false;
        }
        item->depth++;
        item->name_at = (size_t)(part - item->path);
        if (slash == NULL) {
            break;
        }
        part = slash + 1;
    }
    return true;
}

static int
reserve_item(struct tn_image_writer *writer)
{
    if (writer->item_count < writer->item_capacity) {
        return TN_OK;
    }
    size_t count = writer->item_capacity > 0 ? writer->item_capacity * 2 : 64;
    struct item *items = tn_realloc(writer->items, count * sizeof(*items));
    if (items == NULL) {
        return TN_ERROR_MEMORY;
    }
    writer->items = items;
    writer->item_capacity = count;
    return TN_OK;
}

static int
add_item(struct tn_image_writer *writer, const char *path, uint32_t mode,
         int64_t mtime, const void *bytes, size_t size)
{
    int status = reserve_item(writer);
    if (status < 0) {
        return status;
    }
    struct item *item = &writer->items[writer->item_count];
    *item = (struct item){
        .path_size = strlen(path),
        .mode = mode,
        .mtime = mtime,
        .size = size,
    };
    item->path = tn_copy_text(path, item->path_size);
    item->bytes = tn_alloc(size);
    /* Counted at once, so that writer_free frees what there is of it. */
    writer->problem = writer->item_count++;
    if (item->path == NULL || item->bytes == NULL) {
        return TN_ERROR_MEMORY;
    }
    if (size > 0) {
        memcpy(item->bytes, bytes, size);
    }
    return split_path(item) ? TN_OK : TN_ERROR_INVALID;
}

int
tn_image_writer_new(struct tn_image_writer **out, enum image_codec codec,
                    uint32_t block_size, int64_t root_mtime)
{
    *out = NULL;
    if (block_size < IMAGE_BLOCK_SIZE_MIN || block_size > IMAGE_BLOCK_SIZE_MAX
        || (block_size & (block_size - 1)) != 0) {
        return TN_ERROR_INVALID;
    }
    struct tn_image_writer *writer = tn_alloc_zeroed(1, sizeof(*writer));
    if (writer == NULL) {
        return TN_ERROR_MEMORY;
    }
    writer->codec = codec;
    writer->block_size = block_size;
    int status = add_item(writer, "", IMAGE_MODE_DIRECTORY | 0755, root_mtime,
                          NULL, 0);
    if (status < 0) {
        tn_image_writer_free(writer);
        return status;
    }
    *out = writer;
    return TN_OK;
}

void
tn_image_writer_free(struct tn_image_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    for (size_t i = 0; i < writer->item_count; i++) {
        tn_free(writer->items[i].path);
        tn_free(writer->items[i].bytes);
    }
    tn_free(writer->items);
    tn_buffer_clear(&writer->block_records);
    tn_buffer_clear(&writer->entry_records);
    tn_buffer_clear(&writer->text);
    tn_buffer_clear(&writer->stored);
    tn_free(writer->block);
    tn_free(writer->packed);
    tn_free(writer);
}

int
tn_image_writer_add(struct tn_image_writer *writer, const char *path,
                    uint32_t mode, int64_t mtime, const void *bytes,
                    size_t size)
{
    int status = add_item(writer, path, mode, mtime, bytes, size);
    if (status < 0) {
        return status;
    }
    const struct item *item = &writer->items[writer->item_count - 1];
    bool is_link_wrong = is_type(item, IMAGE_MODE_LINK)
        && (size == 0 || size > IMAGE_TARGET_SIZE_LIMIT
            || memchr(item->bytes, 0, size) != NULL);
    bool is_directory_wrong = is_type(item, IMAGE_MODE_DIRECTORY) && size > 0;
    bool is_type_wrong = !is_type(item, IMAGE_MODE_LINK)
        && !is_type(item, IMAGE_MODE_DIRECTORY)
        && !is_type(item, IMAGE_MODE_FILE);
    return item->depth == 0 || is_link_wrong || is_directory_wrong
            || is_type_wrong
        ? TN_ERROR_INVALID
        : TN_OK;
}

const char *
tn_image_writer_problem(const struct tn_image_writer *writer)
{
    const char *path = writer->problem < writer->item_count
        ? writer->items[writer->problem].path
        : NULL;
    return path != NULL ? path : "";
}

/* The order of entries. */

/* A slash counts as less than any byte of a name, which makes this the order
 * of the parts one by one. */
static int
compare_paths(const struct item *a, const struct item *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int x = a->path[i] == '/' ? 0 : (unsigned char)a->path[i];
        int y = b->path[i] == '/' ? 0 : (unsigned char)b->path[i];
        if (x != y) {
            return x - y;
        }
    }
    return 0;
}

static int
compare_items(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;
    if (a->depth != b->depth) {
        return a->depth < b->depth ? -1 : 1;
    }
    size_t size = a->path_size < b->path_size ? a->path_size : b->path_size;
    int order = compare_paths(a, b, size);
    if (order != 0) {
        return order;
    }
    return a->path_size < b->path_size ? -1 : a->path_size > b->path_size;
}

static bool
is_child(const struct item *item, const struct item *directory)
{
    size_t size = directory->path_size;
    bool is_near = item->depth == directory->depth + 1
        && item->name_at == (size > 0 ? size + 1 : 0);
    return is_near && memcmp(item->path, directory->path, size) == 0;
}

/* Blocks. */

static void
store_block(struct tn_image_writer *writer)
{
    unsigned char record[IMAGE_BLOCK_RECORD_SIZE];
    const unsigned char *bytes = writer->block;
    uint32_t size = writer->block_fill;

    if (size == 0) {
        return;
    }
    if (writer->codec == IMAGE_CODEC_LZ4) {
        /* It has to become smaller, or it is stored as it is. */
        int packed = LZ4_compress_HC((const char *)writer->block,
                                     (char *)writer->packed, (int)size,
                                     (int)size - 1, LZ4HC_CLEVEL_MAX);
        if (packed > 0) {
            bytes = writer->packed;
            size = (uint32_t)packed;
        }
    }
    image_set_u64(record + IMAGE_BLOCK_OFFSET, writer->stored.size);
    image_set_u32(record + IMAGE_BLOCK_STORED_SIZE, size);
    image_set_u32(record + IMAGE_BLOCK_RAW_SIZE, writer->block_fill);
    image_set_u64(record + IMAGE_BLOCK_CHECKSUM, tn_xxh64(bytes, size));
    tn_buffer_append(&writer->block_records, record, sizeof(record));
    tn_buffer_append(&writer->stored, bytes, size);
    writer->block_count++;
    writer->block_fill = 0;
}

/* Gives the place in the content where it begins. */
static uint64_t
store_content(struct tn_image_writer *writer, const struct item *item)
{
    const unsigned char *at = item->bytes;
    size_t rest = item->size;

    if (rest > writer->block_size - writer->block_fill) {
        store_block(writer);
    }
    uint64_t start = (uint64_t)writer->block_count * writer->block_size
        + writer->block_fill;
    while (rest > 0) {
        uint32_t room = writer->block_size - writer->block_fill;
        uint32_t count = rest < room ? (uint32_t)rest : room;
        memcpy(writer->block + writer->block_fill, at, count);
        writer->block_fill += count;
        at += count;
        rest -= count;
        if (writer->block_fill == writer->block_size) {
            store_block(writer);
        }
    }
    return start;
}

/* Entries. */

static void
write_entry(struct tn_image_writer *writer, const struct item *item,
            uint64_t first_child, uint64_t child_count)
{
    unsigned char record[IMAGE_ENTRY_RECORD_SIZE];
    size_t name_size = item->path_size - item->name_at;
    uint64_t offset = first_child;
    uint64_t size = child_count;

    image_set_u32(record + IMAGE_ENTRY_NAME_OFFSET,
                  (uint32_t)writer->text.size);
    image_set_u16(record + IMAGE_ENTRY_NAME_SIZE, (uint32_t)name_size);
    image_set_u16(record + IMAGE_ENTRY_MODE, item->mode);
    image_set_u64(record + IMAGE_ENTRY_MTIME, (uint64_t)item->mtime);
    tn_buffer_append(&writer->text, item->path + item->name_at, name_size);
    if (is_type(item, IMAGE_MODE_LINK)) {
        offset = writer->text.size;
        size = item->size;
        tn_buffer_append(&writer->text, item->bytes, item->size);
    }
    else if (is_type(item, IMAGE_MODE_FILE)) {
        offset = item->size > 0 ? store_content(writer, item) : 0;
        size = item->size;
    }
    image_set_u64(record + IMAGE_ENTRY_OFFSET, offset);
    image_set_u64(record + IMAGE_ENTRY_SIZE, size);
    tn_buffer_append(&writer->entry_records, record, sizeof(record));
}

static int
write_entries(struct tn_image_writer *writer)
{
    size_t next = 1;
    for (size_t i = 0; i < writer->item_count; i++) {
        const struct item *item = &writer->items[i];
        size_t first = next;
        writer->problem = i;
        if (i >= next
            || (i > 0 && compare_items(&writer->items[i - 1], item) == 0)) {
            return TN_ERROR_INVALID;
        }
        while (is_type(item, IMAGE_MODE_DIRECTORY)
               && next < writer->item_count
               && is_child(&writer->items[next], item)) {
            next++;
        }
        write_entry(writer, item, next > first ? first : 0, next - first);
    }
    store_block(writer);
    return TN_OK;
}

/* The whole. */

static int
check_buffers(const struct tn_image_writer *writer)
{
    if (writer->block_records.error < 0 || writer->entry_records.error < 0
        || writer->text.error < 0 || writer->stored.error < 0) {
        return TN_ERROR_MEMORY;
    }
    return writer->item_count > IMAGE_ENTRY_COUNT_LIMIT
            || writer->block_count > IMAGE_BLOCK_COUNT_LIMIT
            || writer->text.size > IMAGE_TEXT_SIZE_LIMIT
        ? TN_ERROR_LIMIT
        : TN_OK;
}

static void
move_blocks(struct tn_image_writer *writer, uint64_t start)
{
    for (uint32_t i = 0; i < writer->block_count; i++) {
        unsigned char *record = (unsigned char *)writer->block_records.data
            + (size_t)i * IMAGE_BLOCK_RECORD_SIZE;
        image_set_u64(record, image_u64(record) + start);
    }
}

static void
write_header(const struct tn_image_writer *writer, unsigned char *image,
             size_t image_size, size_t index_size)
{
    memcpy(image + IMAGE_HEADER_MAGIC, IMAGE_MAGIC, IMAGE_MAGIC_SIZE);
    image_set_u32(image + IMAGE_HEADER_VERSION, IMAGE_VERSION);
    image_set_u32(image + IMAGE_HEADER_CODEC, (uint32_t)writer->codec);
    image_set_u32(image + IMAGE_HEADER_BLOCK_SIZE, writer->block_size);
    image_set_u32(image + IMAGE_HEADER_BLOCK_COUNT, writer->block_count);
    image_set_u32(image + IMAGE_HEADER_ENTRY_COUNT,
                  (uint32_t)writer->item_count);
    image_set_u32(image + IMAGE_HEADER_TEXT_SIZE,
                  (uint32_t)writer->text.size);
    image_set_u64(image + IMAGE_HEADER_IMAGE_SIZE, image_size);
    image_set_u64(image + IMAGE_HEADER_INDEX_CHECKSUM,
                  tn_xxh64(image + IMAGE_HEADER_SIZE, index_size));
    image_set_u64(image + IMAGE_HEADER_HEADER_CHECKSUM,
                  tn_xxh64(image, IMAGE_HEADER_HEADER_CHECKSUM));
}

static unsigned char *
append(unsigned char *at, const struct tn_buffer *buffer)
{
    if (buffer->size > 0) {
        memcpy(at, buffer->data, buffer->size);
    }
    return at + buffer->size;
}

int
tn_image_writer_finish(struct tn_image_writer *writer,
                       TN_OWN unsigned char **out, size_t *out_size)
{
    *out = NULL;
    *out_size = 0;
    writer->block = tn_alloc(writer->block_size);
    writer->packed = tn_alloc(writer->block_size);
    if (writer->block == NULL || writer->packed == NULL) {
        return TN_ERROR_MEMORY;
    }
    qsort(writer->items, writer->item_count, sizeof(*writer->items),
          compare_items);
    int status = write_entries(writer);
    if (status == TN_OK) {
        status = check_buffers(writer);
    }
    if (status < 0) {
        return status;
    }
    size_t index_size = writer->block_records.size
        + writer->entry_records.size + writer->text.size;
    size_t image_size = IMAGE_HEADER_SIZE + index_size + writer->stored.size;
    unsigned char *image = tn_alloc(image_size);
    if (image == NULL) {
        return TN_ERROR_MEMORY;
    }
    move_blocks(writer, IMAGE_HEADER_SIZE + index_size);
    unsigned char *at = append(image + IMAGE_HEADER_SIZE,
                               &writer->block_records);
    at = append(at, &writer->entry_records);
    at = append(at, &writer->text);
    append(at, &writer->stored);
    write_header(writer, image, image_size, index_size);
    *out = image;
    *out_size = image_size;
    return TN_OK;
}
