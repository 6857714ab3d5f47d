/* Directories: an array of entries in order of creation, and a hash table.
 *
 * Readers hold a position by cookie, which ascends in the array and is never
 * used again, so they neither skip nor repeat an entry while others come and
 * go: that is what lets a tree be deleted while it is listed.  Directories of
 * images are taken into the tree when somebody first looks into them.
 */
#include "fs_internal.h"

/* Up to here entries are compared one by one. */
#define SMALL_COUNT 8

/* FNV-1a: names are short, and a table lookup compares the bytes anyway. */
static uint32_t
hash_name(const char *name, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    }
    return hash ^ hash >> 15;
}

static bool
entry_is(const struct entry *entry, uint32_t hash, const char *name,
         size_t size)
{
    return entry->hash == hash && entry->node != NULL
        && entry->name_size == size && memcmp(entry->name, name, size) == 0;
}

struct entry *
directory_find(const struct directory *directory, const char *name,
               size_t size)
{
    uint32_t hash = hash_name(name, size);
    if (directory->slot_count == 0) {
        for (uint32_t i = 0; i < directory->entry_count; i++) {
            if (entry_is(&directory->entries[i], hash, name, size)) {
                return &directory->entries[i];
            }
        }
        return NULL;
    }
    uint32_t mask = directory->slot_count - 1;
    for (uint32_t i = hash & mask; directory->slots[i] != 0;
         i = (i + 1) & mask) {
        struct entry *entry = &directory->entries[directory->slots[i] - 1];
        if (entry_is(entry, hash, name, size)) {
            return entry;
        }
    }
    return NULL;
}

static void
fill_slot(struct directory *directory, uint32_t position)
{
    uint32_t mask = directory->slot_count - 1;
    uint32_t i = directory->entries[position].hash & mask;
    while (directory->slots[i] != 0) {
        i = (i + 1) & mask;
    }
    directory->slots[i] = position + 1;
}

/* Squeezes removed entries out.  The order, and so the cookies, stay. */
static void
compact_entries(struct directory *directory)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < directory->entry_count; i++) {
        if (directory->entries[i].node != NULL) {
            directory->entries[count++] = directory->entries[i];
        }
    }
    directory->entry_count = count;
}

static void
rebuild_slots(struct directory *directory)
{
    if (directory->slot_count == 0) {
        return;
    }
    memset(directory->slots, 0, directory->slot_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < directory->entry_count; i++) {
        fill_slot(directory, i);
    }
}

/* The table is twice the array's capacity, so it always has free slots, also
 * with removed entries in it. */
static int
grow_entries(struct directory *directory)
{
    uint32_t capacity = directory->entry_capacity * 2;
    capacity = capacity > 0 ? capacity : 4;
    if (capacity > SMALL_COUNT) {
        uint32_t *slots =
            tn_realloc(directory->slots, 2u * capacity * sizeof(*slots));
        if (slots == NULL) {
            return -ENOMEM;
        }
        directory->slots = slots;
    }
    struct entry *entries =
        tn_realloc(directory->entries, capacity * sizeof(*entries));
    if (entries == NULL) {
        return -ENOMEM;
    }
    directory->entries = entries;
    directory->entry_capacity = capacity;
    directory->slot_count = capacity > SMALL_COUNT ? 2 * capacity : 0;
    return 0;
}

/* Makes sure that one entry more fits. */
static int
reserve_entry(struct directory *directory)
{
    if (directory->entry_count < directory->entry_capacity) {
        return 0;
    }
    if (directory->live_count > directory->entry_capacity / 2
        || directory->entry_capacity == 0) {
        int status = grow_entries(directory);
        if (status < 0) {
            return status;
        }
    }
    compact_entries(directory);
    rebuild_slots(directory);
    return 0;
}

static void
set_place(struct node *directory, struct entry *entry)
{
    struct node *node = entry->node;
    if (!node_is(node, S_IFDIR)) {
        return;
    }
    if (node->directory.parent != directory) {
        /* The old parent is released by whoever takes the old name away. */
        node_hold(directory);
        node->directory.parent = directory;
    }
    node->directory.name = entry->name;
    node->directory.name_size = entry->name_size;
}

static int
add_entry(struct node *node, const char *name, size_t size, bool is_borrowed,
          struct node *child)
{
    struct directory *directory = &node->directory;
    assert(size > 0 && size <= TN_FS_NAME_LIMIT);
    int status = reserve_entry(directory);
    if (status < 0) {
        return status;
    }
    if (!is_borrowed) {
        name = tn_copy_text(name, size);
        if (name == NULL) {
            return -ENOMEM;
        }
    }
    uint32_t position = directory->entry_count++;
    directory->entries[position] = (struct entry){
        .name = name,
        .node = child,
        .cookie = directory->next_cookie++,
        .hash = hash_name(name, size),
        .name_size = (uint8_t)size,
        .is_borrowed = is_borrowed,
    };
    directory->live_count++;
    if (directory->slot_count > 0) {
        fill_slot(directory, position);
    }
    child->link_count++;
    set_place(node, &directory->entries[position]);
    return 0;
}

int
directory_add(struct node *directory, const char *name, size_t size,
              struct node *node)
{
    return add_entry(directory, name, size, false, node);
}

/* A directory that is still there under its new name keeps that one. */
static void
forget_name(struct entry *entry)
{
    struct node *node = entry->node;
    if (node_is(node, S_IFDIR) && node->directory.name == entry->name) {
        node->directory.name = NULL;
    }
}

void
directory_replace(struct tn_fs *fs, struct node *directory,
                  struct entry *entry, struct node *node)
{
    struct node *old = entry->node;
    forget_name(entry);
    entry->node = node;
    node->link_count++;
    set_place(directory, entry);
    node_unlink(fs, old);
}

void
directory_remove(struct tn_fs *fs, struct node *node, struct entry *entry)
{
    struct directory *directory = &node->directory;
    struct node *child = entry->node;

    forget_name(entry);
    if (!entry->is_borrowed) {
        tn_free((char *)entry->name);
    }
    entry->name = NULL;
    entry->node = NULL;
    directory->live_count--;
    if (directory->entry_count > 4 * (directory->live_count + SMALL_COUNT)) {
        /* So that somebody who deletes from the front while reading does not
         * walk over ever more removed entries. */
        compact_entries(directory);
        rebuild_slots(directory);
    }
    node_unlink(fs, child);
}

struct entry *
directory_next(const struct directory *directory, uint64_t cookie)
{
    uint32_t low = 0;
    uint32_t high = directory->entry_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (directory->entries[middle].cookie < cookie) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    while (low < directory->entry_count
           && directory->entries[low].node == NULL) {
        low++;
    }
    return low < directory->entry_count ? &directory->entries[low] : NULL;
}

void
directory_clear(struct directory *directory)
{
    for (uint32_t i = 0; i < directory->entry_count; i++) {
        if (!directory->entries[i].is_borrowed) {
            tn_free((char *)directory->entries[i].name);
        }
    }
    tn_free(directory->entries);
    tn_free(directory->slots);
    tn_free(directory->sources);
}

/* What images add. */

int
directory_add_source(struct directory *directory, struct image *image,
                     const struct image_entry *entry)
{
    if (entry->size == 0) {
        return 0;
    }
    size_t count = (size_t)directory->source_count + 1;
    struct source *sources =
        tn_realloc(directory->sources, count * sizeof(*sources));
    if (sources == NULL) {
        return -ENOMEM;
    }
    sources[count - 1] = (struct source){
        .image = image,
        .next = (uint32_t)entry->offset,
        .end = (uint32_t)(entry->offset + entry->size),
    };
    directory->sources = sources;
    directory->source_count++;
    return 0;
}

static int
new_image_node(struct tn_fs *fs, struct node *directory, struct image *image,
               const struct image_entry *entry, struct node **out)
{
    struct timespec time = {.tv_sec = (time_t)entry->mtime};
    struct node *node = node_new(fs, entry->mode, &time);
    if (node == NULL) {
        return -ENOMEM;
    }
    node->is_image = true;
    *out = node;
    switch (entry->mode & S_IFMT) {
    case S_IFDIR:
        node->directory.next_cookie = COOKIE_FIRST;
        node->directory.parent = directory;
        node_hold(directory);
        return directory_add_source(&node->directory, image, entry);
    case S_IFLNK:
        node->link.target = (const char *)image->text + entry->offset;
        node->link.size = (uint32_t)entry->size;
        node->link.is_borrowed = true;
        return 0;
    default:
        node->content.size = entry->size;
        node->content.image = entry->size > 0 ? image : NULL;
        node->content.image_offset = entry->offset;
        return 0;
    }
}

/* Frees a node that never got a name. */
static void
drop_node(struct tn_fs *fs, struct node *node)
{
    node_hold(node);
    node_release(fs, node);
}

/* An entry of an image meets the tree: directories merge, a file untouched
 * since it came from an image below gives way, all else stays. */
static int
merge_entry(struct tn_fs *fs, struct node *directory, struct image *image,
            const struct image_entry *entry)
{
    struct entry *old = directory_find(&directory->directory, entry->name,
                                       entry->name_size);
    bool is_directory = (entry->mode & S_IFMT) == S_IFDIR;

    if (old != NULL && node_is(old->node, S_IFDIR)) {
        return is_directory ? directory_add_source(&old->node->directory,
                                                   image, entry)
                            : 0;
    }
    if (old != NULL && !old->node->is_image) {
        return 0;
    }
    struct node *node = NULL;
    int status = new_image_node(fs, directory, image, entry, &node);
    if (status == 0 && old != NULL) {
        directory_replace(fs, directory, old, node);
    }
    else if (status == 0) {
        status = add_entry(directory, entry->name, entry->name_size, true,
                           node);
    }
    if (status < 0 && node != NULL) {
        drop_node(fs, node);
    }
    return status;
}

int
directory_load(struct tn_fs *fs, struct node *node)
{
    struct directory *directory = &node->directory;
    if (directory->source_count == 0) {
        return 0;
    }
    for (uint32_t i = 0; i < directory->source_count; i++) {
        struct source *source = &directory->sources[i];
        /* `next` moves on only behind what is done: after a failure for want
         * of memory the next call goes on where this one stopped. */
        while (source->next < source->end) {
            struct image_entry entry;
            image_get_entry(source->image, source->next, &entry);
            int status = merge_entry(fs, node, source->image, &entry);
            if (status < 0) {
                return status;
            }
            source->next++;
        }
    }
    tn_free(directory->sources);
    directory->sources = NULL;
    directory->source_count = 0;
    return 0;
}
