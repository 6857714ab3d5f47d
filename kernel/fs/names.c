/* Making, removing, moving and reading names. */
#include "fs_internal.h"

#include <dirent.h>

/* Where a new name can be made; -EEXIST where there is one. */
static int
find_free_name(struct tn_fs *fs, int dirfd, const char *path,
               struct walk *walk)
{
    int status = walk_path(fs, dirfd, path, WALK_CREATE, walk);
    if (status < 0) {
        return status;
    }
    if (walk->last != WALK_NAME || walk->node != NULL) {
        return -EEXIST;
    }
    return walk_check_parent(walk);
}

/* Gives a new node its first name, or frees it. */
static int
add_new(struct tn_fs *fs, const struct walk *walk, struct node *node)
{
    int status =
        directory_add(walk->directory, walk->name, walk->name_size, node);
    if (status < 0) {
        node_hold(node);
        node_release(fs, node);
        return status;
    }
    node_touch_write(fs, walk->directory);
    return 0;
}

int
tn_fs_mkdirat(struct tn_fs *fs, int dirfd, const char *path, unsigned mode)
{
    struct walk walk;
    struct node *node;
    int status = find_free_name(fs, dirfd, path, &walk);
    if (status < 0) {
        return status;
    }
    status = node_new_directory(fs, walk.directory, mode & ~fs->umask, &node);
    return status < 0 ? status : add_new(fs, &walk, node);
}

int
tn_fs_mknodat(struct tn_fs *fs, int dirfd, const char *path, unsigned mode)
{
    struct walk walk;
    struct node *node;
    unsigned type = (mode & S_IFMT) != 0 ? mode & S_IFMT : S_IFREG;
    if (type != S_IFREG && type != S_IFSOCK) {
        return -EPERM;
    }
    int status = find_free_name(fs, dirfd, path, &walk);
    if (status == 0 && walk.has_slash) {
        status = -ENOENT;
    }
    if (status < 0) {
        return status;
    }
    status = node_new_counted(fs, type | (mode & 07777u & ~fs->umask),
                              &node);
    return status < 0 ? status : add_new(fs, &walk, node);
}

int
tn_fs_symlinkat(struct tn_fs *fs, const char *target, int dirfd,
                const char *path)
{
    struct walk walk;
    struct node *node;
    size_t size = strlen(target);

    if (size == 0) {
        return -ENOENT;
    }
    if (size >= TN_FS_PATH_LIMIT) {
        return -ENAMETOOLONG;
    }
    int status = find_free_name(fs, dirfd, path, &walk);
    if (status == 0 && walk.has_slash) {
        status = -ENOENT;
    }
    if (status < 0) {
        return status;
    }
    status = node_charge(fs, size);
    if (status < 0) {
        return status;
    }
    char *copy = tn_copy_text(target, size);
    status = copy == NULL ? -ENOMEM
                          : node_new_counted(fs, S_IFLNK | 0777, &node);
    if (status < 0) {
        node_discharge(fs, size);
        tn_free(copy);
        return status;
    }
    node->link.target = copy;
    node->link.size = (uint32_t)size;
    return add_new(fs, &walk, node);
}

ptrdiff_t
tn_fs_readlinkat(struct tn_fs *fs, int dirfd, const char *path, char *out,
                 size_t size)
{
    struct walk walk;
    int status = walk_path(fs, dirfd, path, WALK_EMPTY, &walk);
    if (status < 0) {
        return status;
    }
    if (size == 0 || !node_is(walk.node, S_IFLNK)) {
        return -EINVAL;
    }
    const struct link *link = &walk.node->link;
    size_t count = size < link->size ? size : link->size;
    memcpy(out, link->target, count);
    return (ptrdiff_t)count;
}

int
tn_fs_linkat(struct tn_fs *fs, int old_dirfd, const char *old_path,
             int new_dirfd, const char *new_path, int flags)
{
    struct walk old;
    struct walk walk;
    int old_flags = (flags & AT_SYMLINK_FOLLOW) ? WALK_FOLLOW : 0;

    if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) {
        return -EINVAL;
    }
    if (flags & AT_EMPTY_PATH) {
        old_flags |= WALK_EMPTY;
    }
    int status = walk_path(fs, old_dirfd, old_path, old_flags, &old);
    if (status == 0) {
        status = find_free_name(fs, new_dirfd, new_path, &walk);
    }
    if (status < 0) {
        return status;
    }
    struct node *node = old.node;
    if (walk.has_slash) {
        return -ENOENT;
    }
    if (node_is(node, S_IFDIR)) {
        return -EPERM;
    }
    if (node->link_count == 0 && !node->is_linkable) {
        return -ENOENT;
    }
    if (node->link_count >= TN_FS_LINK_LIMIT) {
        return -EMLINK;
    }
    status = directory_add(walk.directory, walk.name, walk.name_size, node);
    if (status == 0) {
        node->is_image = false;
        node_touch_change(fs, node);
        node_touch_write(fs, walk.directory);
    }
    return status;
}

/* Removing. */

static void
remove_name(struct tn_fs *fs, struct node *directory, const char *name,
            size_t size)
{
    struct entry *entry =
        directory_find(&directory->directory, name, size);
    assert(entry != NULL);
    directory_remove(fs, directory, entry);
    node_touch_write(fs, directory);
}

static int
check_empty(struct tn_fs *fs, struct node *node)
{
    int status = directory_load(fs, node);
    if (status == 0 && node->directory.live_count > 0) {
        status = -ENOTEMPTY;
    }
    return status;
}

/* The root and /dev/fd stay where they are. */
static bool
is_fixed(const struct tn_fs *fs, const struct node *node)
{
    return node == fs->root || node->is_descriptors;
}

static int
check_remove_directory(struct tn_fs *fs, const struct walk *walk)
{
    if (walk->last == WALK_DOT_DOT) {
        return -ENOTEMPTY;
    }
    if (walk->last == WALK_DOT) {
        return -EINVAL;
    }
    if (!node_is(walk->node, S_IFDIR)) {
        return -ENOTDIR;
    }
    return is_fixed(fs, walk->node) ? -EBUSY : check_empty(fs, walk->node);
}

int
tn_fs_unlinkat(struct tn_fs *fs, int dirfd, const char *path, int flags)
{
    struct walk walk;
    if ((flags & ~AT_REMOVEDIR) != 0) {
        return -EINVAL;
    }
    int status = walk_path(fs, dirfd, path, WALK_KEEP, &walk);
    if (status < 0) {
        return status;
    }
    if (flags & AT_REMOVEDIR) {
        status = check_remove_directory(fs, &walk);
    }
    else if (node_is(walk.node, S_IFDIR)) {
        status = -EISDIR;
    }
    else if (walk.directory->is_descriptors) {
        status = -EACCES;
    }
    if (status < 0) {
        return status;
    }
    remove_name(fs, walk.directory, walk.name, walk.name_size);
    return 0;
}

/* Moving. */

static bool
is_inside(const struct node *node, const struct node *directory)
{
    while (node != directory) {
        const struct node *parent = node->directory.parent;
        if (parent == node) {
            return false;
        }
        node = parent;
    }
    return true;
}

/* What stands under the new name must be of the old one's kind, and empty. */
static int
check_target(struct tn_fs *fs, const struct walk *old,
             const struct walk *target)
{
    bool is_directory = node_is(old->node, S_IFDIR);
    if (target->node == NULL || target->node == old->node) {
        return 0;
    }
    if (node_is(target->node, S_IFDIR)) {
        if (!is_directory) {
            return -EISDIR;
        }
        return is_fixed(fs, target->node) ? -EBUSY
                                          : check_empty(fs, target->node);
    }
    return is_directory ? -ENOTDIR : 0;
}

/* In Linux's order, so that of several errors the same one is seen. */
static int
check_rename(struct tn_fs *fs, const struct walk *old,
             const struct walk *target)
{
    if (old->last != WALK_NAME || target->last != WALK_NAME) {
        return -EBUSY;
    }
    if (old->node == NULL) {
        return -ENOENT;
    }
    int status = walk_check_parent(target);
    if (status < 0) {
        return status;
    }
    bool is_directory = node_is(old->node, S_IFDIR);
    if (!is_directory && (old->has_slash || target->has_slash)) {
        return -ENOTDIR;
    }
    if (is_directory && is_inside(target->directory, old->node)) {
        return -EINVAL;
    }
    if (target->node != NULL && node_is(target->node, S_IFDIR)
        && is_inside(old->directory, target->node)) {
        return -ENOTEMPTY;
    }
    if (is_fixed(fs, old->node)) {
        return -EBUSY;
    }
    return old->directory->is_descriptors ? -EACCES
                                          : check_target(fs, old, target);
}

/* The new name first, which can fail, then the old one, which cannot. */
static int
move_name(struct tn_fs *fs, const struct walk *old, const struct walk *target)
{
    struct node *node = old->node;
    struct node *from = old->directory;
    struct node *to = target->directory;
    bool changes_parent = from != to && node_is(node, S_IFDIR);

    if (target->node != NULL) {
        struct entry *entry = directory_find(&to->directory, target->name,
                                             target->name_size);
        directory_replace(fs, to, entry, node);
    }
    else {
        int status =
            directory_add(to, target->name, target->name_size, node);
        if (status < 0) {
            return status;
        }
    }
    node->is_image = false;
    remove_name(fs, from, old->name, old->name_size);
    node_touch_write(fs, to);
    if (changes_parent) {
        node_release(fs, from);
    }
    return 0;
}

int
tn_fs_renameat(struct tn_fs *fs, int old_dirfd, const char *old_path,
               int new_dirfd, const char *new_path)
{
    struct walk old;
    struct walk target;
    int flags = WALK_CREATE | WALK_KEEP;
    int status = walk_path(fs, old_dirfd, old_path, flags, &old);
    if (status == 0) {
        status = walk_path(fs, new_dirfd, new_path, flags, &target);
    }
    if (status == 0) {
        status = check_rename(fs, &old, &target);
    }
    if (status < 0) {
        return status;
    }
    /* Two names of one file: POSIX wants nothing to happen. */
    return old.node == target.node ? 0 : move_name(fs, &old, &target);
}

/* Reading directories. */

static unsigned char
get_type(const struct node *node)
{
    switch (node->mode & S_IFMT) {
    case S_IFDIR:
        return DT_DIR;
    case S_IFREG:
        return DT_REG;
    case S_IFLNK:
        return DT_LNK;
    case S_IFCHR:
        return DT_CHR;
    case S_IFIFO:
        return DT_FIFO;
    case S_IFSOCK:
        return DT_SOCK;
    default:
        return DT_UNKNOWN;
    }
}

static void
fill_entry(struct tn_fs_entry *out, const struct node *node, const char *name,
           size_t size, int64_t next_position)
{
    out->inode = node->inode;
    out->next_position = next_position;
    out->type = get_type(node);
    out->name_size = (unsigned char)size;
    memcpy(out->name, name, size);
    out->name[size] = '\0';
}

/* An open directory is not: a walk through all directories opens each that it
 * meets, and would find it here, and in there again, for ever. */
static bool
is_listed(const struct open_file *file)
{
    return file != NULL && !node_is(file->node, S_IFDIR);
}

static int
read_descriptors(const struct tn_fs *fs, int64_t *position,
                 struct tn_fs_entry *out)
{
    int64_t fd = *position - COOKIE_FIRST;
    while (fd < fs->descriptor_capacity
           && !is_listed(fs->descriptors[fd].file)) {
        fd++;
    }
    if (fd >= fs->descriptor_capacity) {
        return 0;
    }
    char digits[16];
    size_t at = sizeof(digits);
    for (int64_t rest = fd; rest > 0 || at == sizeof(digits); rest /= 10) {
        digits[--at] = (char)('0' + rest % 10);
    }
    *position = fd + 1 + COOKIE_FIRST;
    fill_entry(out, fs->descriptors[fd].file->node, digits + at,
               sizeof(digits) - at, *position);
    return 1;
}

static int
read_entries(struct tn_fs *fs, struct node *node, int64_t *position,
             struct tn_fs_entry *out)
{
    int status = directory_load(fs, node);
    if (status < 0) {
        return status;
    }
    const struct entry *entry =
        directory_next(&node->directory, (uint64_t)*position);
    if (entry == NULL) {
        return 0;
    }
    *position = (int64_t)entry->cookie + 1;
    fill_entry(out, entry->node, entry->name, entry->name_size, *position);
    return 1;
}

int
tn_fs_readdir(struct tn_fs *fs, int fd, struct tn_fs_entry *out)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    struct node *node = file->node;
    if (!node_is(node, S_IFDIR)) {
        return -ENOTDIR;
    }
    if (node->link_count == 0) {
        return -ENOENT;
    }
    if (file->position < COOKIE_FIRST) {
        bool is_self = file->position == 0;
        file->position++;
        fill_entry(out, is_self ? node : node->directory.parent, "..",
                   is_self ? 1 : 2, file->position);
        return 1;
    }
    return node->is_descriptors
        ? read_descriptors(fs, &file->position, out)
        : read_entries(fs, node, &file->position, out);
}

/* The current directory. */

static int
set_cwd(struct tn_fs *fs, struct node *node)
{
    if (!node_is(node, S_IFDIR)) {
        return -ENOTDIR;
    }
    node_hold(node);
    node_release(fs, fs->cwd);
    fs->cwd = node;
    return 0;
}

int
tn_fs_chdir(struct tn_fs *fs, const char *path)
{
    struct walk walk;
    int status = walk_path(fs, AT_FDCWD, path, WALK_FOLLOW, &walk);
    return status < 0 ? status : set_cwd(fs, walk.node);
}

int
tn_fs_fchdir(struct tn_fs *fs, int fd)
{
    struct open_file *file;
    int status = descriptor_get(fs, fd, &file);
    return status < 0 ? status : set_cwd(fs, file->node);
}

int
tn_fs_getcwd(struct tn_fs *fs, char *out, size_t size)
{
    size_t needed = fs->cwd == fs->root ? 2 : 1;
    const struct node *node;

    for (node = fs->cwd; node != fs->root; node = node->directory.parent) {
        if (node->directory.name == NULL) {
            return -ENOENT;
        }
        needed += node->directory.name_size + 1u;
    }
    if (needed > size || needed > INT32_MAX) {
        return -ERANGE;
    }
    out[0] = '/';
    char *at = out + needed - 1;
    *at = '\0';
    for (node = fs->cwd; node != fs->root; node = node->directory.parent) {
        at -= node->directory.name_size;
        memcpy(at, node->directory.name, node->directory.name_size);
        *--at = '/';
    }
    return (int)needed;
}
