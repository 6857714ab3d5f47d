/* Walks a path to the file that it names.
 *
 * A symbolic link does not recurse: its text is put on a stack of texts still
 * to be read, so the depth of links is a loop count and not C stack.
 */
#include "fs_internal.h"

struct text {
    const char *at;
    const char *end;
};

struct walker {
    struct tn_fs *fs;
    int flags;
    struct node *directory; /* where the walk stands */
    struct text texts[TN_FS_SYMLINK_LIMIT + 1];
    int depth; /* texts in use */
    int link_count;
    struct text name; /* the part in hand */
    bool is_last;
    bool has_slash; /* behind the part in hand */
};

static void
skip_slashes(struct walker *walker)
{
    while (walker->depth > 0) {
        struct text *text = &walker->texts[walker->depth - 1];
        while (text->at < text->end && *text->at == '/') {
            text->at++;
            walker->has_slash = true;
        }
        if (text->at < text->end) {
            return;
        }
        walker->depth--;
    }
}

/* Takes the next part of the path; false when there is none. */
static bool
next_part(struct walker *walker)
{
    skip_slashes(walker);
    if (walker->depth == 0) {
        return false;
    }
    struct text *text = &walker->texts[walker->depth - 1];
    const char *slash = memchr(text->at, '/', (size_t)(text->end - text->at));
    walker->name.at = text->at;
    walker->name.end = slash != NULL ? slash : text->end;
    text->at = walker->name.end;
    walker->has_slash = false;
    skip_slashes(walker);
    walker->is_last = walker->depth == 0;
    return true;
}

static bool
part_is(const struct walker *walker, const char *text, size_t size)
{
    return (size_t)(walker->name.end - walker->name.at) == size
        && memcmp(walker->name.at, text, size) == 0;
}

static int
follow_link(struct walker *walker, const struct link *link)
{
    if (walker->link_count++ >= TN_FS_SYMLINK_LIMIT) {
        return -ELOOP;
    }
    if (*link->target == '/') {
        walker->directory = walker->fs->root;
    }
    if (walker->has_slash && walker->is_last) {
        /* What stood behind the link's name stands behind its target. */
        static const char slash[] = "/";
        walker->texts[walker->depth++] = (struct text){slash, slash + 1};
    }
    walker->texts[walker->depth++] =
        (struct text){link->target, link->target + link->size};
    return 0;
}

/* A name in /dev/fd: what is open there, as Linux's magic links do. */
static struct node *
find_descriptor(const struct walker *walker)
{
    struct open_file *file;
    int fd = 0;
    for (const char *at = walker->name.at; at < walker->name.end; at++) {
        if (*at < '0' || *at > '9' || fd > 99999) {
            return NULL;
        }
        fd = fd * 10 + (*at - '0');
    }
    return descriptor_get(walker->fs, fd, &file) == 0 ? file->node : NULL;
}

static int
find_name(struct walker *walker, struct node **out)
{
    struct node *directory = walker->directory;
    size_t size = (size_t)(walker->name.end - walker->name.at);

    *out = NULL;
    if (size > TN_FS_NAME_LIMIT) {
        return -ENAMETOOLONG;
    }
    if (directory->is_descriptors) {
        *out = find_descriptor(walker);
        return 0;
    }
    int status = directory_load(walker->fs, directory);
    if (status < 0) {
        return status;
    }
    struct entry *entry =
        directory_find(&directory->directory, walker->name.at, size);
    *out = entry != NULL ? entry->node : NULL;
    return 0;
}

static int
finish_name(const struct walker *walker, struct node *node, struct walk *out)
{
    if (node == NULL && !(walker->flags & WALK_CREATE)) {
        return -ENOENT;
    }
    if (walker->has_slash && !(walker->flags & WALK_CREATE)
        && !node_is(node, S_IFDIR)) {
        return -ENOTDIR;
    }
    out->last = WALK_NAME;
    out->directory = walker->directory;
    out->node = node;
    out->name = walker->name.at;
    out->name_size = (size_t)(walker->name.end - walker->name.at);
    out->has_slash = walker->has_slash;
    return 0;
}

static bool
follows_last(const struct walker *walker)
{
    if (walker->has_slash) {
        return !(walker->flags & (WALK_KEEP | WALK_CREATE));
    }
    return (walker->flags & WALK_FOLLOW) != 0;
}

/* One named part.  Returns 1 when the walk is over. */
static int
step_name(struct walker *walker, struct walk *out)
{
    struct node *node;
    int status = find_name(walker, &node);
    if (status < 0) {
        return status;
    }
    if (node != NULL && node_is(node, S_IFLNK)
        && (!walker->is_last || follows_last(walker))) {
        return follow_link(walker, &node->link);
    }
    if (walker->is_last) {
        status = finish_name(walker, node, out);
        return status < 0 ? status : 1;
    }
    if (node == NULL) {
        return -ENOENT;
    }
    if (!node_is(node, S_IFDIR)) {
        return -ENOTDIR;
    }
    walker->directory = node;
    return 0;
}

static int
walk_texts(struct walker *walker, struct walk *out)
{
    *out = (struct walk){.last = WALK_START};
    while (next_part(walker)) {
        out->last = WALK_DOT;
        if (part_is(walker, "..", 2)) {
            walker->directory = walker->directory->directory.parent;
            out->last = WALK_DOT_DOT;
        }
        else if (!part_is(walker, ".", 1)) {
            int status = step_name(walker, out);
            if (status != 0) {
                return status < 0 ? status : 0;
            }
        }
    }
    out->node = walker->directory;
    out->has_slash = walker->has_slash;
    return 0;
}

/* Where a relative path starts. */
static int
find_start(struct tn_fs *fs, int dirfd, bool must_be_directory,
           struct node **out)
{
    if (dirfd == AT_FDCWD) {
        *out = fs->cwd;
        return 0;
    }
    struct open_file *file;
    int status = descriptor_get(fs, dirfd, &file);
    if (status < 0) {
        return status;
    }
    *out = file->node;
    return must_be_directory && !node_is(file->node, S_IFDIR) ? -ENOTDIR : 0;
}

int
walk_path(struct tn_fs *fs, int dirfd, const char *path, int flags,
          struct walk *out)
{
    /* Not initialised as a whole: clearing all texts would cost more than an
     * ordinary walk. */
    struct walker walker;
    size_t size = strlen(path);

    if (size >= TN_FS_PATH_LIMIT) {
        return -ENAMETOOLONG;
    }
    if (size == 0 && !(flags & WALK_EMPTY)) {
        return -ENOENT;
    }
    walker.fs = fs;
    walker.flags = flags;
    walker.directory = fs->root;
    walker.link_count = 0;
    walker.has_slash = false;
    if (*path != '/') {
        int status = find_start(fs, dirfd, size > 0, &walker.directory);
        if (status < 0) {
            return status;
        }
    }
    walker.texts[0] = (struct text){path, path + size};
    walker.depth = 1;
    return walk_texts(&walker, out);
}

int
walk_check_parent(const struct walk *walk)
{
    if (walk->directory->is_descriptors) {
        return -EACCES;
    }
    return walk->directory->link_count == 0 ? -ENOENT : 0;
}
