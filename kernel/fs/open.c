/* openat: finds or makes a file and gives it a descriptor. */
#include "fs_internal.h"

static bool
wants_write(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY;
}

static bool
has_all(int flags, int wanted)
{
    return (flags & wanted) == wanted;
}

static int
create_file(struct tn_fs *fs, const struct walk *walk, unsigned mode,
            struct node **out)
{
    int status = walk_check_parent(walk);
    if (status < 0) {
        return status;
    }
    status = node_new_counted(fs, S_IFREG | (mode & 07777u & ~fs->umask), out);
    if (status < 0) {
        return status;
    }
    status = directory_add(walk->directory, walk->name, walk->name_size, *out);
    if (status < 0) {
        node_free(fs, *out);
        return status;
    }
    node_touch_write(fs, walk->directory);
    return 0;
}

/* Without memory for the descriptor the new file goes again. */
static int
open_created(struct tn_fs *fs, const struct walk *walk, struct node *node,
             int flags)
{
    int fd = descriptor_open(fs, node, flags);
    if (fd < 0) {
        struct entry *entry = directory_find(&walk->directory->directory,
                                             walk->name, walk->name_size);
        directory_remove(fs, walk->directory, entry);
    }
    return fd;
}

static int
check_existing(const struct tn_fs *fs, const struct walk *walk, int flags)
{
    const struct node *node = walk->node;
    bool is_directory = node_is(node, S_IFDIR);

    if (has_all(flags, O_CREAT | O_EXCL)) {
        return -EEXIST;
    }
    if ((flags & O_DIRECTORY) && !is_directory) {
        return -ENOTDIR;
    }
    if (flags & O_PATH) {
        return 0;
    }
    if (node_is(node, S_IFLNK)) {
        return -ELOOP;
    }
    if (is_directory && (wants_write(flags) || (flags & O_CREAT))) {
        return -EISDIR;
    }
    if (node_is(node, S_IFSOCK)) {
        return -ENXIO;
    }
    return node_is(node, S_IFCHR) ? device_check_open(fs, node) : 0;
}

static int
open_existing(struct tn_fs *fs, const struct walk *walk, int flags)
{
    int status = check_existing(fs, walk, flags);
    if (status < 0) {
        return status;
    }
    if ((flags & O_TRUNC) && wants_write(flags)
        && node_is(walk->node, S_IFREG)) {
        status = content_resize(fs, walk->node, 0);
        if (status < 0) {
            return status;
        }
    }
    return descriptor_open(fs, walk->node, flags);
}

/* A file without a name in the given directory. */
static int
open_unnamed(struct tn_fs *fs, int dirfd, const char *path, int flags,
             unsigned mode)
{
    struct walk walk;
    struct node *node;
    int status = walk_path(fs, dirfd, path, WALK_FOLLOW, &walk);
    if (status < 0) {
        return status;
    }
    if (!wants_write(flags)) {
        return -EINVAL;
    }
    if (!node_is(walk.node, S_IFDIR)) {
        return -ENOTDIR;
    }
    status = node_new_counted(fs, S_IFREG | (mode & 07777u & ~fs->umask),
                              &node);
    if (status < 0) {
        return status;
    }
    node->is_linkable = (flags & O_EXCL) == 0;
    node_hold(node);
    status = descriptor_open(fs, node, flags);
    node_release(fs, node);
    return status;
}

int
tn_fs_openat(struct tn_fs *fs, int dirfd, const char *path, int flags,
             unsigned mode)
{
    struct walk walk;
    struct node *created;

    if (flags & O_PATH) {
        /* Such a descriptor only stands for a place. */
        flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    }
    int walk_flags = (flags & O_CREAT) ? WALK_CREATE : 0;
    if ((flags & O_ACCMODE) == O_ACCMODE) {
        return -EINVAL;
    }
    /* First, so that nothing was made when there is no descriptor for it. */
    int status = descriptor_reserve(fs, 0);
    if (status < 0) {
        return status;
    }
    if (has_all(flags, O_TMPFILE)) {
        return open_unnamed(fs, dirfd, path, flags, mode);
    }
    if (!(flags & O_NOFOLLOW) && !has_all(flags, O_CREAT | O_EXCL)) {
        walk_flags |= WALK_FOLLOW;
    }
    status = walk_path(fs, dirfd, path, walk_flags, &walk);
    if (status < 0) {
        return status;
    }
    if ((flags & O_CREAT) && walk.last == WALK_NAME && walk.has_slash) {
        return -EISDIR;
    }
    if (walk.node != NULL) {
        return open_existing(fs, &walk, flags);
    }
    status = create_file(fs, &walk, mode, &created);
    return status < 0 ? status : open_created(fs, &walk, created, flags);
}
