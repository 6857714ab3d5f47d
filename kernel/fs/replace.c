/* Puts an image with fewer files, or with emptied ones, in the place of a
 * mounted one.
 *
 * What the tree has taken in of the old image points into it: contents by
 * offset, names and link targets by address.  So both images are walked side
 * by side, directory by directory, twice: first everything is checked, then
 * everything is changed, which cannot fail.
 */
#include "fs_internal.h"

#include <stdarg.h>
#include <stdio.h>

#define NO_ENTRY UINT32_MAX

/* A directory of the old image that the tree knows. */
struct pair {
    struct node *node; /* NULL: not taken in */
    uint32_t fresh;    /* its entry in the new image */
};

struct replacement {
    struct tn_fs *fs;
    struct image *old;
    struct image fresh;
    struct pair *pairs; /* by the old image's entries */
    size_t found_count; /* places in the tree that point into the old image */
    bool is_applied;    /* the second walk */
    char message[400];
};

__attribute__((format(printf, 3, 4))) static int
fail(struct replacement *replacement, int status, const char *format, ...)
{
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    snprintf(replacement->message, sizeof(replacement->message),
             "%.90s: cannot be replaced: %s", replacement->old->name, text);
    return status;
}

static int
fail_entry(struct replacement *replacement, int status,
           const struct image_entry *entry, const char *problem)
{
    return fail(replacement, status, "%.*s %s", (int)entry->name_size,
                entry->name, problem);
}

static bool
is_old_text(const struct replacement *replacement, const char *text)
{
    uintptr_t start = (uintptr_t)replacement->old->text;
    uintptr_t place = (uintptr_t)text;
    return place >= start && place - start < replacement->old->text_size;
}

static bool
node_is_old(const struct replacement *replacement, const struct node *node)
{
    if (node_is(node, S_IFREG)) {
        return node->content.image == replacement->old;
    }
    return node_is(node, S_IFLNK) && node->link.is_borrowed
        && is_old_text(replacement, node->link.target);
}

/* Everything in the tree that points into the old image. */
static size_t
count_references(const struct replacement *replacement)
{
    size_t count = 0;
    for (const struct node *node = replacement->fs->nodes; node != NULL;
         node = node->next) {
        count += node_is_old(replacement, node);
        if (!node_is(node, S_IFDIR)) {
            continue;
        }
        const struct directory *directory = &node->directory;
        for (uint32_t i = 0; i < directory->source_count; i++) {
            count += directory->sources[i].image == replacement->old;
        }
        for (uint32_t i = 0; i < directory->entry_count; i++) {
            const struct entry *entry = &directory->entries[i];
            count += entry->node != NULL && entry->is_borrowed
                && is_old_text(replacement, entry->name);
        }
    }
    return count;
}

/* The names of the tree's entry and of its node come from the new image. */
static void
rename_entry(struct entry *entry, const struct image_entry *fresh)
{
    struct node *node = entry->node;
    if (node_is(node, S_IFDIR) && node->directory.name == entry->name) {
        node->directory.name = fresh->name;
    }
    entry->name = fresh->name;
}

static void
move_content(struct replacement *replacement, struct node *node,
             const struct image_entry *fresh)
{
    if (node_is(node, S_IFREG) && fresh->size == 0) {
        node->content = (struct content){.size = 0};
    }
    else if (node_is(node, S_IFREG)) {
        node->content.image_offset = fresh->offset;
    }
    else {
        node->link.target =
            (const char *)replacement->fresh.text + fresh->offset;
    }
}

/* What is open, or has another name, would lose its bytes. */
static bool
is_used(const struct node *node)
{
    return node->hold_count > 0 || node->link_count > 1;
}

/* A file that the new image has not. */
static int
visit_dropped(struct replacement *replacement, struct node *directory,
              struct entry *entry, const struct image_entry *old)
{
    struct node *node = entry->node;
    bool is_empty = node_is(node, S_IFREG) && node->is_image
        && node->content.size == 0;

    if (!node_is_old(replacement, node) && !is_empty) {
        return is_old_text(replacement, entry->name)
            ? fail_entry(replacement, TN_ERROR_STATE, old, "was changed")
            : TN_OK;
    }
    if (is_used(node)) {
        return fail_entry(replacement, TN_ERROR_STATE, old, "is in use");
    }
    if (replacement->is_applied) {
        directory_remove(replacement->fs, directory, entry);
    }
    return TN_OK;
}

/* One entry of an old directory; `place` is its number in the new image. */
static int
visit_entry(struct replacement *replacement, struct node *directory,
            uint32_t index, uint32_t place)
{
    struct image_entry old, fresh = {0};
    image_get_entry(replacement->old, index, &old);
    struct entry *entry =
        directory_find(&directory->directory, old.name, old.name_size);
    bool is_directory = (old.mode & IMAGE_MODE_TYPE) == IMAGE_MODE_DIRECTORY;

    if (place == NO_ENTRY && is_directory) {
        return fail_entry(replacement, TN_ERROR_INVALID, &old, "is missing");
    }
    if (entry == NULL) {
        return TN_OK;
    }
    bool is_named =
        entry->is_borrowed && is_old_text(replacement, entry->name);
    replacement->found_count +=
        (size_t)is_named + node_is_old(replacement, entry->node);
    if (place == NO_ENTRY) {
        return visit_dropped(replacement, directory, entry, &old);
    }
    image_get_entry(&replacement->fresh, place, &fresh);
    if (!is_directory && fresh.size != old.size
        && node_is_old(replacement, entry->node) && is_used(entry->node)) {
        return fail_entry(replacement, TN_ERROR_STATE, &old, "is in use");
    }
    if (is_directory && node_is(entry->node, S_IFDIR)) {
        replacement->pairs[index] = (struct pair){entry->node, place};
    }
    if (replacement->is_applied && node_is_old(replacement, entry->node)) {
        move_content(replacement, entry->node, &fresh);
    }
    if (replacement->is_applied && is_named) {
        rename_entry(entry, &fresh);
    }
    return TN_OK;
}

/* What of the directory was not taken in yet comes from the new image. */
static int
visit_sources(struct replacement *replacement, struct directory *directory,
              const struct image_entry *old, const struct image_entry *fresh)
{
    for (uint32_t i = 0; i < directory->source_count; i++) {
        struct source *source = &directory->sources[i];
        if (source->image != replacement->old) {
            continue;
        }
        if (source->next != old->offset) {
            return fail_entry(replacement, TN_ERROR_STATE, old,
                              "is only half taken in");
        }
        replacement->found_count++;
        if (replacement->is_applied) {
            source->next = (uint32_t)fresh->offset;
            source->end = (uint32_t)(fresh->offset + fresh->size);
        }
    }
    return TN_OK;
}

static int
compare_names(const struct image_entry *a, const struct image_entry *b)
{
    uint32_t size = a->name_size < b->name_size ? a->name_size : b->name_size;
    int order = memcmp(a->name, b->name, size);
    return order != 0 ? order
                      : (a->name_size > b->name_size)
            - (a->name_size < b->name_size);
}

/* Contents are the same, or there are none any more. */
static bool
is_kept(const struct image_entry *old, const struct image_entry *fresh)
{
    unsigned type = old->mode & IMAGE_MODE_TYPE;
    return fresh->mode == old->mode
        && (type == IMAGE_MODE_DIRECTORY || fresh->size == old->size
            || (type == IMAGE_MODE_FILE && fresh->size == 0));
}

/* Finds the old entry in a directory of the new image, in which everything
 * before `*next` has smaller names: its number, or NO_ENTRY.  TN_ERROR_INVALID
 * where the new image has something that the old one has not. */
static int
find_fresh(struct replacement *replacement, const struct image_entry *old,
           uint32_t *next, uint32_t end, uint32_t *out)
{
    struct image_entry fresh;
    *out = NO_ENTRY;
    if (*next == end) {
        return TN_OK;
    }
    image_get_entry(&replacement->fresh, *next, &fresh);
    int order = compare_names(&fresh, old);
    if (order < 0) {
        return fail_entry(replacement, TN_ERROR_INVALID, &fresh, "is new");
    }
    if (order > 0) {
        return TN_OK;
    }
    if (!is_kept(old, &fresh)) {
        return fail_entry(replacement, TN_ERROR_INVALID, &fresh, "differs");
    }
    *out = (*next)++;
    return TN_OK;
}

static int
visit_directory(struct replacement *replacement, uint32_t index)
{
    struct pair pair = replacement->pairs[index];
    struct image_entry old, fresh, child;
    image_get_entry(replacement->old, index, &old);
    image_get_entry(&replacement->fresh, pair.fresh, &fresh);
    uint32_t next = (uint32_t)fresh.offset;
    uint32_t end = (uint32_t)(fresh.offset + fresh.size);
    int status = visit_sources(replacement, &pair.node->directory, &old,
                               &fresh);

    for (uint64_t i = 0; i < old.size && status == TN_OK; i++) {
        uint32_t place;
        image_get_entry(replacement->old, (uint32_t)(old.offset + i), &child);
        status = find_fresh(replacement, &child, &next, end, &place);
        if (status == TN_OK) {
            status = visit_entry(replacement, pair.node,
                                 (uint32_t)(old.offset + i), place);
        }
    }
    if (status == TN_OK && next != end) {
        image_get_entry(&replacement->fresh, next, &child);
        status = fail_entry(replacement, TN_ERROR_INVALID, &child, "is new");
    }
    return status;
}

/* Parents stand before their children, so one pass reaches all. */
static int
visit_all(struct replacement *replacement)
{
    int status = TN_OK;
    for (uint32_t i = 0;
         i < replacement->old->entry_count && status == TN_OK; i++) {
        if (replacement->pairs[i].node != NULL) {
            status = visit_directory(replacement, i);
        }
    }
    return status;
}

/* The image's place in the tree, and memory for what it has taken in. */
static int
prepare(struct replacement *replacement)
{
    struct walk walk;
    struct image *old = replacement->old;
    int error = walk_path(replacement->fs, AT_FDCWD, old->path, WALK_FOLLOW,
                          &walk);
    if (error < 0 || !node_is(walk.node, S_IFDIR)) {
        return fail(replacement, TN_ERROR_STATE, "%.200s is not there",
                    old->path);
    }
    replacement->pairs =
        tn_alloc_zeroed(old->entry_count, sizeof(*replacement->pairs));
    replacement->fresh.path = tn_copy_text(old->path, strlen(old->path));
    if (replacement->pairs == NULL || replacement->fresh.path == NULL) {
        return TN_ERROR_MEMORY;
    }
    replacement->pairs[0].node = walk.node;
    return TN_OK;
}

/* The struct stays where it is: nodes and sources point to it. */
static void
take_over(struct replacement *replacement)
{
    struct tn_fs *fs = replacement->fs;
    struct image before = *replacement->old;

    image_cache_clear(&fs->cache);
    *replacement->old = replacement->fresh;
    fs->counters.image_size -= before.content_size;
    fs->counters.image_size += replacement->fresh.content_size;
    fs->image_file_count -= before.entry_count;
    fs->image_file_count += replacement->fresh.entry_count;
    if (before.memory == TN_FS_IMAGE_OWNED) {
        tn_free((void *)(uintptr_t)before.bytes);
    }
    image_close(&before);
}

int
tn_fs_replace_image(struct tn_fs *fs, size_t index, const char *name,
                    const void *bytes, size_t size,
                    enum tn_fs_image_memory memory)
{
    if (index >= fs->image_count) {
        return TN_ERROR_MISSING;
    }
    struct replacement replacement = {.fs = fs, .old = fs->images[index]};
    int status = image_open(&replacement.fresh, name, bytes, size,
                            replacement.message,
                            sizeof(replacement.message));
    if (status == TN_OK) {
        replacement.fresh.memory = memory;
        replacement.fresh.number = index;
        status = prepare(&replacement);
        if (status == TN_OK) {
            status = visit_all(&replacement);
        }
        if (status == TN_OK
            && replacement.found_count != count_references(&replacement)) {
            status = fail(&replacement, TN_ERROR_STATE,
                          "some of its files were moved");
        }
        if (status == TN_OK) {
            replacement.is_applied = true;
            status = visit_all(&replacement);
            assert(status == TN_OK);
            take_over(&replacement);
        }
        else {
            image_close(&replacement.fresh);
        }
    }
    if (replacement.message[0] != '\0' && fs->config.report != NULL) {
        fs->config.report(fs->config.context, replacement.message);
    }
    tn_free(replacement.pairs);
    return status;
}
