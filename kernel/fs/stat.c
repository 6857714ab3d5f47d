/* What is known about files: stat, statvfs, times, modes, owners, access. */
#include "fs_internal.h"

#include <unistd.h>

#define SECTOR_SIZE 512 /* the unit of st_blocks */

static int64_t
get_size(const struct node *node)
{
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        return (int64_t)node->content.size;
    case S_IFLNK:
        return node->link.size;
    case S_IFDIR:
        return TN_FS_BLOCK_SIZE;
    default:
        return 0;
    }
}

static void
fill_stat(const struct node *node, struct tn_fs_stat *out)
{
    uint64_t used =
        node_is(node, S_IFREG) ? content_used(&node->content) : 0;
    *out = (struct tn_fs_stat){
        .device = 1,
        .inode = node->inode,
        .mode = node->mode,
        .link_count = node->link_count,
        .uid = node->uid,
        .gid = node->gid,
        .special_device = device_get_number(node),
        .size = get_size(node),
        .block_size = TN_FS_BLOCK_SIZE,
        .block_count = (used + SECTOR_SIZE - 1) / SECTOR_SIZE,
        .atime = node->atime,
        .mtime = node->mtime,
        .ctime = node->ctime,
    };
}

/* AT_* flags to those of a walk, refusing flags other than `known`. */
static int
find_node(struct tn_fs *fs, int dirfd, const char *path, int flags, int known,
          struct node **out)
{
    struct walk walk;
    int walk_flags = (flags & AT_SYMLINK_NOFOLLOW) ? 0 : WALK_FOLLOW;
    if ((flags & ~known) != 0) {
        return -EINVAL;
    }
    if (flags & AT_EMPTY_PATH) {
        walk_flags |= WALK_EMPTY;
    }
    int status = walk_path(fs, dirfd, path, walk_flags, &walk);
    if (status == 0) {
        *out = walk.node;
    }
    return status;
}

int
tn_fs_fstatat(struct tn_fs *fs, int dirfd, const char *path,
              struct tn_fs_stat *out, int flags)
{
    struct node *node;
    /* 0x800 is AT_NO_AUTOMOUNT, which C libraries pass by themselves. */
    int known = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | 0x800;
    int status = find_node(fs, dirfd, path, flags, known, &node);
    if (status == 0) {
        fill_stat(node, out);
    }
    return status;
}

int
tn_fs_stat(struct tn_fs *fs, const char *path, struct tn_fs_stat *out)
{
    return tn_fs_fstatat(fs, AT_FDCWD, path, out, 0);
}

int
tn_fs_lstat(struct tn_fs *fs, const char *path, struct tn_fs_stat *out)
{
    return tn_fs_fstatat(fs, AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}

int
tn_fs_fstat(struct tn_fs *fs, int fd, struct tn_fs_stat *out)
{
    struct open_file *file;
    int status = descriptor_get(fs, fd, &file);
    if (status == 0) {
        fill_stat(file->node, out);
    }
    return status;
}

static void
fill_statvfs(const struct tn_fs *fs, struct tn_fs_statvfs *out)
{
    uint64_t limit = fs->config.writable_size_limit;
    uint64_t free_size = limit - fs->writable_size;
    uint32_t free_files = fs->config.file_count_limit - fs->writable_count;
    uint64_t image_size = fs->counters.image_size;

    *out = (struct tn_fs_statvfs){
        .block_size = TN_FS_BLOCK_SIZE,
        .block_count = image_size / TN_FS_BLOCK_SIZE
            + (image_size % TN_FS_BLOCK_SIZE != 0)
            + limit / TN_FS_BLOCK_SIZE,
        .free_count = free_size / TN_FS_BLOCK_SIZE,
        .file_count = fs->image_file_count + fs->config.file_count_limit,
        .free_file_count = free_files,
        .name_limit = TN_FS_NAME_LIMIT,
        .id = 1,
    };
}

int
tn_fs_statvfs(struct tn_fs *fs, const char *path, struct tn_fs_statvfs *out)
{
    struct node *node;
    int status = find_node(fs, AT_FDCWD, path, 0, 0, &node);
    if (status == 0) {
        fill_statvfs(fs, out);
    }
    return status;
}

int
tn_fs_fstatvfs(struct tn_fs *fs, int fd, struct tn_fs_statvfs *out)
{
    struct open_file *file;
    int status = descriptor_get(fs, fd, &file);
    if (status == 0) {
        fill_statvfs(fs, out);
    }
    return status;
}

/* Changing. */

static bool
is_time_valid(const struct timespec *time)
{
    return time->tv_nsec == UTIME_NOW || time->tv_nsec == UTIME_OMIT
        || (time->tv_nsec >= 0 && time->tv_nsec < 1000000000);
}

static void
set_time(struct timespec *time, const struct timespec *wanted,
         const struct timespec *now)
{
    if (wanted->tv_nsec == UTIME_NOW) {
        *time = *now;
    }
    else if (wanted->tv_nsec != UTIME_OMIT) {
        *time = *wanted;
    }
}

int
tn_fs_utimensat(struct tn_fs *fs, int dirfd, const char *path,
                const struct timespec times[2], int flags)
{
    static const struct timespec both_now[2] = {{.tv_nsec = UTIME_NOW},
                                                {.tv_nsec = UTIME_NOW}};
    struct timespec now;
    struct node *node;
    int status;

    if (times == NULL) {
        times = both_now;
    }
    if (!is_time_valid(&times[0]) || !is_time_valid(&times[1])) {
        return -EINVAL;
    }
    if (path == NULL) {
        struct open_file *file;
        status = descriptor_get_io(fs, dirfd, &file);
        node = status == 0 ? file->node : NULL;
    }
    else {
        status = find_node(fs, dirfd, path, flags,
                           AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &node);
    }
    if (status < 0) {
        return status;
    }
    node_now(fs, &now);
    set_time(&node->atime, &times[0], &now);
    set_time(&node->mtime, &times[1], &now);
    node->ctime = now;
    return 0;
}

static int
set_mode(struct tn_fs *fs, struct node *node, unsigned mode)
{
    if (node_is(node, S_IFLNK)) {
        /* The mode of a symbolic link means nothing and stays. */
        return -EOPNOTSUPP;
    }
    node->mode = (node->mode & S_IFMT) | (mode & 07777u);
    node_touch_change(fs, node);
    return 0;
}

int
tn_fs_fchmodat(struct tn_fs *fs, int dirfd, const char *path, unsigned mode,
               int flags)
{
    struct node *node;
    int status = find_node(fs, dirfd, path, flags,
                           AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &node);
    return status < 0 ? status : set_mode(fs, node, mode);
}

int
tn_fs_fchmod(struct tn_fs *fs, int fd, unsigned mode)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    return status < 0 ? status : set_mode(fs, file->node, mode);
}

static void
set_owner(struct tn_fs *fs, struct node *node, uint32_t uid, uint32_t gid)
{
    if (uid != UINT32_MAX) {
        node->uid = uid;
    }
    if (gid != UINT32_MAX) {
        node->gid = gid;
    }
    node_touch_change(fs, node);
}

int
tn_fs_fchownat(struct tn_fs *fs, int dirfd, const char *path, uint32_t uid,
               uint32_t gid, int flags)
{
    struct node *node;
    int status = find_node(fs, dirfd, path, flags,
                           AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &node);
    if (status == 0) {
        set_owner(fs, node, uid, gid);
    }
    return status;
}

int
tn_fs_fchown(struct tn_fs *fs, int fd, uint32_t uid, uint32_t gid)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    if (status == 0) {
        set_owner(fs, file->node, uid, gid);
    }
    return status;
}

int
tn_fs_faccessat(struct tn_fs *fs, int dirfd, const char *path, int mode,
                int flags)
{
    struct node *node;
    if ((mode & ~(R_OK | W_OK | X_OK)) != 0) {
        return -EINVAL;
    }
    int status = find_node(fs, dirfd, path, flags,
                           AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_EACCESS,
                           &node);
    if (status < 0) {
        return status;
    }
    bool may_run = node_is(node, S_IFDIR) || (node->mode & 0111) != 0;
    bool may_write = !node->is_descriptors;
    return ((mode & X_OK) && !may_run) || ((mode & W_OK) && !may_write)
        ? -EACCES
        : 0;
}

int
tn_fs_umask(struct tn_fs *fs, unsigned mask)
{
    uint32_t old = fs->umask;
    fs->umask = mask & 0777;
    return (int)old;
}
