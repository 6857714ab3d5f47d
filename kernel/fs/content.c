/* Contents of regular files: chunks in the writable layer, or an image.
 *
 * A file of an image is copied up whole before its first change.  Chunks are
 * kept in a sorted array, so a hole costs nothing wherever it is; the last
 * chunk of a small file is only as big as it must be and grows by doubling,
 * which makes appending amortised and ten thousand tiny files cheap.
 */
#include "fs_internal.h"

/* Chunks from this index on are made at full size: a file that has come this
 * far wastes a fifth at most, and appending copies nothing again. */
#define CHUNK_FULL_INDEX 4

/* What a chunk's capacity is a multiple of. */
#define CHUNK_ROUNDING 64

/* The position in the array of the first chunk with this index or a greater
 * one. */
static uint32_t
find_position(const struct content *content, uint32_t index)
{
    uint32_t low = 0;
    uint32_t high = content->chunk_count;

    /* Without holes the position is the index. */
    if (index < high && content->chunks[index].index == index) {
        return index;
    }
    if (high > 0 && content->chunks[high - 1].index < index) {
        return high;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (content->chunks[middle].index < index) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

static struct chunk *
find_chunk(const struct content *content, uint32_t index)
{
    uint32_t position = find_position(content, index);
    if (position < content->chunk_count
        && content->chunks[position].index == index) {
        return &content->chunks[position];
    }
    return NULL;
}

static uint32_t
min_u32(uint32_t a, uint64_t b)
{
    return b < a ? (uint32_t)b : a;
}

static uint32_t
round_capacity(uint32_t size)
{
    return (size + CHUNK_ROUNDING - 1) / CHUNK_ROUNDING * CHUNK_ROUNDING;
}

static ptrdiff_t
read_chunks(const struct content *content, unsigned char *bytes, size_t size,
            uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        uint32_t begin = (uint32_t)(offset % CHUNK_SIZE);
        uint32_t count = min_u32(CHUNK_SIZE - begin, size - done);
        const struct chunk *chunk =
            find_chunk(content, (uint32_t)(offset / CHUNK_SIZE));
        uint32_t kept = 0;
        if (chunk != NULL && chunk->capacity > begin) {
            kept = min_u32(chunk->capacity - begin, count);
            memcpy(bytes + done, chunk->bytes + begin, kept);
        }
        memset(bytes + done + kept, 0, count - kept);
        done += count;
        offset += count;
    }
    return (ptrdiff_t)done;
}

ptrdiff_t
content_read(struct tn_fs *fs, struct node *node, void *bytes, size_t size,
             uint64_t offset)
{
    struct content *content = &node->content;
    if (offset >= content->size || size == 0) {
        return 0;
    }
    if (size > content->size - offset) {
        size = (size_t)(content->size - offset);
    }
    node_touch_read(fs, node);
    if (content->image == NULL) {
        return read_chunks(content, bytes, size, offset);
    }
    int status = image_read(fs, content->image, content->image_offset + offset,
                            bytes, size);
    return status < 0 ? status : (ptrdiff_t)size;
}

/* Makes room for one more chunk record and opens a gap at `position`. */
static int
insert_record(struct content *content, uint32_t position, uint32_t index)
{
    if (content->chunk_count == content->chunk_capacity) {
        uint32_t capacity = content->chunk_capacity * 2;
        capacity = capacity > 0 ? capacity : 1;
        struct chunk *chunks =
            tn_realloc(content->chunks, capacity * sizeof(*chunks));
        if (chunks == NULL) {
            return -ENOMEM;
        }
        content->chunks = chunks;
        content->chunk_capacity = capacity;
    }
    struct chunk *chunk = &content->chunks[position];
    memmove(chunk + 1, chunk,
            (content->chunk_count - position) * sizeof(*chunk));
    *chunk = (struct chunk){.index = index};
    content->chunk_count++;
    return 0;
}

static void
remove_record(struct content *content, uint32_t position)
{
    struct chunk *chunk = &content->chunks[position];
    content->chunk_count--;
    memmove(chunk, chunk + 1,
            (content->chunk_count - position) * sizeof(*chunk));
}

/* The capacity that a chunk should get when `end` bytes of it are needed. */
static uint32_t
choose_capacity(const struct chunk *chunk, uint32_t end)
{
    if (chunk->index >= CHUNK_FULL_INDEX) {
        return CHUNK_SIZE;
    }
    uint32_t capacity = chunk->capacity * 2;
    if (capacity < end) {
        capacity = end;
    }
    return min_u32(CHUNK_SIZE, round_capacity(capacity));
}

static int
set_capacity(struct tn_fs *fs, struct chunk *chunk, uint32_t capacity)
{
    uint32_t more = capacity - chunk->capacity;
    int status = node_charge(fs, more);
    if (status < 0) {
        return status;
    }
    unsigned char *bytes = tn_realloc(chunk->bytes, capacity);
    if (bytes == NULL) {
        node_discharge(fs, more);
        return -ENOMEM;
    }
    chunk->bytes = bytes;
    chunk->capacity = capacity;
    return 0;
}

/* Makes `begin` to `end` of the chunk memory of its own, for the caller to
 * fill; what else is new in it is zero. */
static int
grow_chunk(struct tn_fs *fs, struct chunk *chunk, uint32_t begin, uint32_t end)
{
    uint32_t old = chunk->capacity;
    if (end <= old) {
        return 0;
    }
    int status = set_capacity(fs, chunk, choose_capacity(chunk, end));
    if (status < 0) {
        /* Perhaps there is room for just what is needed. */
        status = set_capacity(fs, chunk, end);
    }
    if (status < 0) {
        return status;
    }
    if (begin > old) {
        memset(chunk->bytes + old, 0, begin - old);
    }
    memset(chunk->bytes + end, 0, chunk->capacity - end);
    return 0;
}

static int
prepare_chunk(struct tn_fs *fs, struct content *content, uint32_t index,
              uint32_t begin, uint32_t end, struct chunk **out)
{
    uint32_t position = find_position(content, index);
    bool is_new = position == content->chunk_count
        || content->chunks[position].index != index;
    int status = 0;

    if (is_new) {
        status = insert_record(content, position, index);
        if (status < 0) {
            return status;
        }
    }
    *out = &content->chunks[position];
    status = grow_chunk(fs, *out, begin, end);
    if (status < 0 && is_new) {
        remove_record(content, position);
    }
    return status;
}

/* Copies the whole file out of its image; on failure nothing has changed. */
static int
copy_up(struct tn_fs *fs, struct node *node)
{
    struct content *old = &node->content;
    struct content copy = {.size = old->size};
    int status = 0;

    for (uint64_t offset = 0; offset < old->size; offset += CHUNK_SIZE) {
        uint32_t count = min_u32(CHUNK_SIZE, old->size - offset);
        struct chunk *chunk;
        status = prepare_chunk(fs, &copy, (uint32_t)(offset / CHUNK_SIZE), 0,
                               count, &chunk);
        if (status < 0) {
            goto done;
        }
        status = image_read(fs, old->image, old->image_offset + offset,
                            chunk->bytes, count);
        if (status < 0) {
            goto done;
        }
    }
    *old = copy;
    node->is_image = false;

done:
    if (status < 0) {
        content_clear(fs, &copy);
    }
    return status;
}

ptrdiff_t
content_write(struct tn_fs *fs, struct node *node, const void *bytes,
              size_t size, uint64_t offset)
{
    struct content *content = &node->content;
    uint64_t limit = fs->config.file_size_limit;
    size_t done = 0;
    int status = 0;

    if (size == 0) {
        return 0;
    }
    if (offset >= limit) {
        return -EFBIG;
    }
    if (size > limit - offset) {
        size = (size_t)(limit - offset);
    }
    if (content->image != NULL) {
        status = copy_up(fs, node);
        if (status < 0) {
            return status;
        }
    }
    while (done < size) {
        uint32_t begin = (uint32_t)(offset % CHUNK_SIZE);
        uint32_t count = min_u32(CHUNK_SIZE - begin, size - done);
        struct chunk *chunk;
        status = prepare_chunk(fs, content, (uint32_t)(offset / CHUNK_SIZE),
                               begin, begin + count, &chunk);
        if (status < 0) {
            break;
        }
        memcpy(chunk->bytes + begin, (const char *)bytes + done, count);
        done += count;
        offset += count;
        if (offset > content->size) {
            content->size = offset;
        }
    }
    if (done == 0) {
        return status;
    }
    node_touch_write(fs, node);
    return (ptrdiff_t)done;
}

/* Zeroes a chunk behind `kept` and gives memory back if that is most of it;
 * when the allocator cannot, the chunk just stays bigger. */
static void
cut_chunk(struct tn_fs *fs, struct chunk *chunk, uint32_t kept)
{
    uint32_t capacity = round_capacity(kept);
    if (capacity < chunk->capacity / 2) {
        unsigned char *bytes = tn_realloc(chunk->bytes, capacity);
        if (bytes != NULL) {
            node_discharge(fs, chunk->capacity - capacity);
            chunk->bytes = bytes;
            chunk->capacity = capacity;
        }
    }
    if (chunk->capacity > kept) {
        memset(chunk->bytes + kept, 0, chunk->capacity - kept);
    }
}

/* Frees what lies at `size` and beyond. */
static void
cut_chunks(struct tn_fs *fs, struct content *content, uint64_t size)
{
    uint32_t index = (uint32_t)(size / CHUNK_SIZE);
    uint32_t kept = (uint32_t)(size % CHUNK_SIZE);
    uint32_t position = find_position(content, index);

    if (kept > 0 && position < content->chunk_count
        && content->chunks[position].index == index) {
        cut_chunk(fs, &content->chunks[position], kept);
        position++;
    }
    for (uint32_t i = position; i < content->chunk_count; i++) {
        node_discharge(fs, content->chunks[i].capacity);
        tn_free(content->chunks[i].bytes);
    }
    content->chunk_count = position;
    if (position == 0) {
        tn_free(content->chunks);
        content->chunks = NULL;
        content->chunk_capacity = 0;
    }
}

int
content_resize(struct tn_fs *fs, struct node *node, uint64_t size)
{
    struct content *content = &node->content;
    if (size > fs->config.file_size_limit) {
        return -EFBIG;
    }
    if (content->image != NULL && size == 0) {
        *content = (struct content){0};
        node->is_image = false;
    }
    if (content->image != NULL && size != content->size) {
        int status = copy_up(fs, node);
        if (status < 0) {
            return status;
        }
    }
    if (content->image == NULL && size <= content->size) {
        cut_chunks(fs, content, size);
    }
    content->size = size;
    node_touch_write(fs, node);
    return 0;
}

int
content_reserve(struct tn_fs *fs, struct node *node, uint64_t offset,
                uint64_t size)
{
    struct content *content = &node->content;
    uint64_t end = offset + size;

    /* Refuse before filling memory for something that cannot fit. */
    if (size > fs->config.writable_size_limit) {
        return -ENOSPC;
    }
    if (content->image != NULL) {
        int status = copy_up(fs, node);
        if (status < 0) {
            return status;
        }
    }
    while (offset < end) {
        uint32_t begin = (uint32_t)(offset % CHUNK_SIZE);
        uint32_t count = min_u32(CHUNK_SIZE - begin, end - offset);
        uint32_t index = (uint32_t)(offset / CHUNK_SIZE);
        struct chunk *chunk = find_chunk(content, index);
        uint32_t old = chunk != NULL ? chunk->capacity : 0;
        int status = prepare_chunk(fs, content, index, begin, begin + count,
                                   &chunk);
        if (status < 0) {
            return status;
        }
        if (old < begin + count) {
            uint32_t from = old > begin ? old : begin;
            memset(chunk->bytes + from, 0, begin + count - from);
        }
        offset += count;
    }
    return 0;
}

void
content_clear(struct tn_fs *fs, struct content *content)
{
    cut_chunks(fs, content, 0);
    content->size = 0;
    content->image = NULL;
}

uint64_t
content_used(const struct content *content)
{
    uint64_t used = 0;
    if (content->image != NULL) {
        return content->size;
    }
    for (uint32_t i = 0; i < content->chunk_count; i++) {
        used += content->chunks[i].capacity;
    }
    return used;
}

uint64_t
content_seek(const struct content *content, uint64_t offset, bool hole)
{
    if (content->image != NULL) {
        return hole ? content->size : offset;
    }
    uint32_t index = (uint32_t)(offset / CHUNK_SIZE);
    uint32_t position = find_position(content, index);
    if (!hole) {
        if (position == content->chunk_count) {
            return content->size;
        }
        index = content->chunks[position].index;
        return index > offset / CHUNK_SIZE ? (uint64_t)index * CHUNK_SIZE
                                           : offset;
    }
    while (position < content->chunk_count
           && content->chunks[position].index == index) {
        index++;
        offset = (uint64_t)index * CHUNK_SIZE;
        position++;
    }
    return offset < content->size ? offset : content->size;
}
