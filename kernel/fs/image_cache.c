/* Reads image content: decodes blocks, and keeps the latest of them.
 *
 * A block that a read covers whole is decoded straight into the caller's
 * memory, and one stored as it is gets copied from the image: only parts of
 * compressed blocks go through the cache.  A checksum is compared the first
 * time a block is used.
 */
#include "fs_internal.h"

#include <inttypes.h>
#include <lz4.h>
#include <stdio.h>

#include "xxh64.h"

/* Slots are looked at one by one. */
#define SLOT_COUNT_LIMIT 256

struct block {
    const unsigned char *bytes; /* stored */
    uint32_t stored_size;
    uint32_t raw_size;
};

static int
report_block(struct tn_fs *fs, const struct image *image, uint32_t block,
             const char *problem)
{
    char message[256];
    snprintf(message, sizeof(message), "block %" PRIu32 " of %.100s: %s",
             block, image->name, problem);
    fs->counters.damaged_block_count++;
    if (fs->config.report != NULL) {
        fs->config.report(fs->config.context, message);
    }
    return -EIO;
}

/* Makes sure that the blocks are there, after a restore that left them out. */
static int
require_blocks(struct tn_fs *fs, const struct image *image)
{
    char message[256];
    if (image->is_present) {
        return 0;
    }
    if (fs->config.load_image != NULL
        && fs->config.load_image(fs->config.context, image->number) >= 0
        && image->is_present) {
        return 0;
    }
    snprintf(message, sizeof(message), "%.100s: its files are not in memory",
             image->name);
    if (fs->config.report != NULL) {
        fs->config.report(fs->config.context, message);
    }
    return -EIO;
}

static int
get_block(struct tn_fs *fs, struct image *image, uint32_t index,
          struct block *out)
{
    const unsigned char *record =
        image->blocks + (size_t)index * IMAGE_BLOCK_RECORD_SIZE;
    unsigned char bit = (unsigned char)(1u << index % 8);
    int status = require_blocks(fs, image);

    if (status < 0) {
        return status;
    }
    out->bytes = image->bytes + image_u64(record + IMAGE_BLOCK_OFFSET);
    out->stored_size = image_u32(record + IMAGE_BLOCK_STORED_SIZE);
    out->raw_size = image_u32(record + IMAGE_BLOCK_RAW_SIZE);
    if (image->checked[index / 8] & bit) {
        return 0;
    }
    if (tn_xxh64(out->bytes, out->stored_size)
        != image_u64(record + IMAGE_BLOCK_CHECKSUM)) {
        return report_block(fs, image, index, "checksum differs");
    }
    image->checked[index / 8] |= bit;
    return 0;
}

static bool
is_stored_raw(const struct block *block)
{
    return block->stored_size == block->raw_size;
}

/* `out` has room for raw_size bytes. */
static int
decode_block(struct tn_fs *fs, const struct image *image, uint32_t index,
             const struct block *block, unsigned char *out)
{
    int size = LZ4_decompress_safe((const char *)block->bytes, (char *)out,
                                   (int)block->stored_size,
                                   (int)block->raw_size);
    if (size < 0 || (uint32_t)size != block->raw_size) {
        return report_block(fs, image, index, "cannot be decoded");
    }
    return 0;
}

/* The cache. */

static struct cached_block *
find_cached(struct block_cache *cache, const struct image *image,
            uint32_t index)
{
    for (size_t i = 0; i < cache->slot_count; i++) {
        size_t at = cache->latest + i;
        at = at < cache->slot_count ? at : at - cache->slot_count;
        struct cached_block *slot = &cache->slots[at];
        if (slot->image == image && slot->block == index) {
            cache->latest = at;
            return slot;
        }
    }
    return NULL;
}

static struct cached_block *
find_oldest(struct block_cache *cache)
{
    struct cached_block *oldest = NULL;
    for (size_t i = 0; i < cache->slot_count; i++) {
        struct cached_block *slot = &cache->slots[i];
        if (oldest == NULL || slot->last_use < oldest->last_use) {
            oldest = slot;
        }
    }
    return oldest;
}

static void
drop_slot(struct block_cache *cache, struct cached_block *slot)
{
    cache->size -= slot->capacity;
    tn_free(slot->bytes);
    *slot = cache->slots[--cache->slot_count];
    cache->latest = 0;
}

/* A new slot with memory of its own; NULL when there is none to be had. */
static struct cached_block *
new_slot(struct block_cache *cache, uint32_t capacity)
{
    if (cache->slot_count == cache->slot_capacity) {
        size_t count = cache->slot_capacity > 0 ? cache->slot_capacity * 2 : 8;
        struct cached_block *slots =
            tn_realloc(cache->slots, count * sizeof(*slots));
        if (slots == NULL) {
            return NULL;
        }
        cache->slots = slots;
        cache->slot_capacity = count;
    }
    unsigned char *bytes = tn_alloc(capacity);
    if (bytes == NULL) {
        return NULL;
    }
    struct cached_block *slot = &cache->slots[cache->slot_count++];
    *slot = (struct cached_block){.capacity = capacity, .bytes = bytes};
    cache->size += capacity;
    return slot;
}

/* A slot for a block of this size: new while the limit allows, else the one
 * used longest ago, which also helps when memory is exhausted. */
static struct cached_block *
take_slot(struct tn_fs *fs, uint32_t capacity)
{
    struct block_cache *cache = &fs->cache;
    struct cached_block *slot = NULL;
    bool is_full = cache->slot_count >= SLOT_COUNT_LIMIT
        || cache->size + capacity > fs->config.cache_size_limit;

    if (!is_full) {
        slot = new_slot(cache, capacity);
    }
    if (slot != NULL) {
        return slot;
    }
    slot = find_oldest(cache);
    if (slot != NULL && slot->capacity == capacity) {
        return slot;
    }
    /* Blocks of another size: room has to be made for one of this size. */
    while (slot != NULL
           && (cache->slot_count >= SLOT_COUNT_LIMIT
               || cache->size + capacity > fs->config.cache_size_limit)) {
        drop_slot(cache, slot);
        slot = find_oldest(cache);
    }
    return new_slot(cache, capacity);
}

static int
cache_block(struct tn_fs *fs, struct image *image, uint32_t index,
            const struct block *block, struct cached_block **out)
{
    struct block_cache *cache = &fs->cache;
    struct cached_block *slot = find_cached(cache, image, index);
    int status = 0;

    if (slot != NULL) {
        fs->counters.cache_hit_count++;
    }
    else {
        fs->counters.cache_miss_count++;
        slot = take_slot(fs, image->block_size);
        if (slot == NULL) {
            return -ENOMEM;
        }
        slot->image = NULL; /* until it holds all of the block */
        slot->last_use = 0;
        status = decode_block(fs, image, index, block, slot->bytes);
        if (status < 0) {
            return status;
        }
        slot->image = image;
        slot->block = index;
        cache->latest = (size_t)(slot - cache->slots);
    }
    slot->last_use = ++cache->clock;
    *out = slot;
    return 0;
}

void
image_cache_clear(struct block_cache *cache)
{
    for (size_t i = 0; i < cache->slot_count; i++) {
        tn_free(cache->slots[i].bytes);
    }
    tn_free(cache->slots);
    *cache = (struct block_cache){0};
}

/* Reading. */

static int
read_block(struct tn_fs *fs, struct image *image, uint32_t index,
           uint32_t begin, unsigned char *bytes, uint32_t size)
{
    struct block block;
    int status = get_block(fs, image, index, &block);
    if (status < 0) {
        return status;
    }
    if (begin > block.raw_size || size > block.raw_size - begin) {
        return report_block(fs, image, index,
                            "is shorter than a file that it holds");
    }
    if (is_stored_raw(&block)) {
        memcpy(bytes, block.bytes + begin, size);
        return 0;
    }
    bool is_whole = size == block.raw_size;
    if (is_whole && find_cached(&fs->cache, image, index) == NULL) {
        fs->counters.direct_block_count++;
        return decode_block(fs, image, index, &block, bytes);
    }
    struct cached_block *slot;
    status = cache_block(fs, image, index, &block, &slot);
    if (status == 0) {
        memcpy(bytes, slot->bytes + begin, size);
    }
    return status;
}

int
image_read(struct tn_fs *fs, struct image *image, uint64_t offset, void *bytes,
           size_t size)
{
    unsigned char *out = bytes;
    while (size > 0) {
        uint32_t index = (uint32_t)(offset / image->block_size);
        uint32_t begin = (uint32_t)(offset % image->block_size);
        uint32_t count = image->block_size - begin;
        count = size < count ? (uint32_t)size : count;
        int status = read_block(fs, image, index, begin, out, count);
        if (status < 0) {
            return status;
        }
        out += count;
        offset += count;
        size -= count;
    }
    return 0;
}

int
image_check_block(struct tn_fs *fs, struct image *image, uint32_t index)
{
    struct block block;
    int status = get_block(fs, image, index, &block);
    if (status < 0 || is_stored_raw(&block)) {
        return status;
    }
    unsigned char *bytes = tn_alloc(block.raw_size);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    status = decode_block(fs, image, index, &block, bytes);
    tn_free(bytes);
    return status;
}
