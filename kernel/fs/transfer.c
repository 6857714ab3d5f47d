/* Reading, writing, seeking and sizing through descriptors. */
#include "fs_internal.h"

#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

/* Linux's numbers, for C libraries that do not name them. */
#ifndef SEEK_DATA
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif

/* As Linux does, so that a result always fits. */
#define TRANSFER_SIZE_LIMIT ((size_t)0x7ffff000)

static ptrdiff_t
read_at(struct tn_fs *fs, struct node *node, void *bytes, size_t size,
        int64_t offset)
{
    if (size > TRANSFER_SIZE_LIMIT) {
        size = TRANSFER_SIZE_LIMIT;
    }
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        return content_read(fs, node, bytes, size, (uint64_t)offset);
    case S_IFDIR:
        return -EISDIR;
    case S_IFCHR:
        return device_read(fs, node, bytes, size);
    case S_IFIFO:
        return pipe_read(&node->pipe, bytes, size);
    case S_IFSOCK:
        return socket_read(node->socket, bytes, size);
    default:
        return -EBADF;
    }
}

static ptrdiff_t
write_at(struct tn_fs *fs, struct node *node, const void *bytes, size_t size,
         int64_t offset)
{
    if (size > TRANSFER_SIZE_LIMIT) {
        size = TRANSFER_SIZE_LIMIT;
    }
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        return content_write(fs, node, bytes, size, (uint64_t)offset);
    case S_IFCHR:
        return device_write(fs, node, bytes, size);
    case S_IFIFO:
        return pipe_write(&node->pipe, bytes, size);
    case S_IFSOCK:
        return socket_write(fs, node->socket, bytes, size);
    default:
        return -EBADF;
    }
}

static int
get_reader(const struct tn_fs *fs, int fd, struct open_file **out)
{
    int status = descriptor_get_io(fs, fd, out);
    bool is_closed =
        status == 0 && ((*out)->flags & O_ACCMODE) == O_WRONLY;
    return is_closed ? -EBADF : status;
}

static int
get_writer(const struct tn_fs *fs, int fd, struct open_file **out)
{
    int status = descriptor_get_io(fs, fd, out);
    bool is_closed =
        status == 0 && ((*out)->flags & O_ACCMODE) == O_RDONLY;
    return is_closed ? -EBADF : status;
}

/* What pread and pwrite ask of the file besides its direction. */
static int
check_has_offsets(const struct open_file *file)
{
    bool is_stream = node_is(file->node, S_IFIFO)
        || node_is(file->node, S_IFSOCK)
        || (node_is(file->node, S_IFCHR) && !device_can_seek(file->node));
    return is_stream ? -ESPIPE : 0;
}

ptrdiff_t
tn_fs_read(struct tn_fs *fs, int fd, void *bytes, size_t size)
{
    struct open_file *file;
    int status = get_reader(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    ptrdiff_t count = read_at(fs, file->node, bytes, size, file->position);
    if (count > 0 && node_is(file->node, S_IFREG)) {
        file->position += count;
    }
    return count;
}

ptrdiff_t
tn_fs_write(struct tn_fs *fs, int fd, const void *bytes, size_t size)
{
    struct open_file *file;
    int status = get_writer(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    bool is_regular = node_is(file->node, S_IFREG);
    int64_t offset = file->position;
    if (is_regular && (file->flags & O_APPEND)) {
        offset = (int64_t)file->node->content.size;
    }
    ptrdiff_t count = write_at(fs, file->node, bytes, size, offset);
    if (count > 0 && is_regular) {
        file->position = offset + count;
    }
    return count;
}

ptrdiff_t
tn_fs_pread(struct tn_fs *fs, int fd, void *bytes, size_t size,
            int64_t offset)
{
    struct open_file *file;
    if (offset < 0) {
        return -EINVAL;
    }
    int status = get_reader(fs, fd, &file);
    if (status == 0) {
        status = check_has_offsets(file);
    }
    return status < 0 ? status
                      : read_at(fs, file->node, bytes, size, offset);
}

ptrdiff_t
tn_fs_pwrite(struct tn_fs *fs, int fd, const void *bytes, size_t size,
             int64_t offset)
{
    struct open_file *file;
    if (offset < 0) {
        return -EINVAL;
    }
    int status = get_writer(fs, fd, &file);
    if (status == 0) {
        status = check_has_offsets(file);
    }
    if (status < 0) {
        return status;
    }
    if (node_is(file->node, S_IFREG) && (file->flags & O_APPEND)) {
        /* POSIX would honour the offset; Linux appends, and programs are
         * tested there. */
        offset = (int64_t)file->node->content.size;
    }
    return write_at(fs, file->node, bytes, size, offset);
}

/* Several parts. */

static int
check_parts(const struct iovec *parts, int part_count)
{
    size_t total = 0;
    if (part_count < 0 || part_count > TN_FS_VECTOR_LIMIT) {
        return -EINVAL;
    }
    for (int i = 0; i < part_count; i++) {
        if (parts[i].iov_len > (size_t)PTRDIFF_MAX - total) {
            return -EINVAL;
        }
        total += parts[i].iov_len;
    }
    return 0;
}

enum direction { READ, WRITE };

/* `offset` -1 means the file's own position. */
static ptrdiff_t
transfer_part(struct tn_fs *fs, int fd, enum direction direction,
              const struct iovec *part, int64_t offset)
{
    if (direction == READ) {
        return offset < 0
            ? tn_fs_read(fs, fd, part->iov_base, part->iov_len)
            : tn_fs_pread(fs, fd, part->iov_base, part->iov_len, offset);
    }
    return offset < 0
        ? tn_fs_write(fs, fd, part->iov_base, part->iov_len)
        : tn_fs_pwrite(fs, fd, part->iov_base, part->iov_len, offset);
}

static ptrdiff_t
transfer_parts(struct tn_fs *fs, int fd, enum direction direction,
               const struct iovec *parts, int part_count, int64_t offset)
{
    static const struct iovec nothing = {.iov_base = NULL};
    ptrdiff_t done = 0;
    int status = check_parts(parts, part_count);
    if (status < 0) {
        return status;
    }
    if (part_count == 0) {
        return transfer_part(fs, fd, direction, &nothing, offset);
    }
    for (int i = 0; i < part_count; i++) {
        ptrdiff_t count = transfer_part(fs, fd, direction, &parts[i],
                                        offset < 0 ? offset : offset + done);
        if (count < 0) {
            return done > 0 ? done : count;
        }
        done += count;
        /* A short part ends it: the next read could wait for ever. */
        if ((size_t)count < parts[i].iov_len) {
            break;
        }
    }
    return done;
}

ptrdiff_t
tn_fs_readv(struct tn_fs *fs, int fd, const struct iovec *parts,
            int part_count)
{
    return transfer_parts(fs, fd, READ, parts, part_count, -1);
}

ptrdiff_t
tn_fs_writev(struct tn_fs *fs, int fd, const struct iovec *parts,
             int part_count)
{
    return transfer_parts(fs, fd, WRITE, parts, part_count, -1);
}

ptrdiff_t
tn_fs_preadv(struct tn_fs *fs, int fd, const struct iovec *parts,
             int part_count, int64_t offset)
{
    return offset < 0
        ? -EINVAL
        : transfer_parts(fs, fd, READ, parts, part_count, offset);
}

ptrdiff_t
tn_fs_pwritev(struct tn_fs *fs, int fd, const struct iovec *parts,
              int part_count, int64_t offset)
{
    return offset < 0
        ? -EINVAL
        : transfer_parts(fs, fd, WRITE, parts, part_count, offset);
}

/* Position and size. */

static int64_t
seek_directory(struct open_file *file, int64_t offset, int whence)
{
    if (whence == SEEK_CUR && offset == 0) {
        return file->position;
    }
    if (whence != SEEK_SET || offset < 0) {
        return -EINVAL;
    }
    file->position = offset;
    return offset;
}

static int64_t
seek_content(const struct content *content, int64_t offset, bool hole)
{
    if (offset < 0 || (uint64_t)offset >= content->size) {
        return -ENXIO;
    }
    uint64_t found = content_seek(content, (uint64_t)offset, hole);
    return !hole && found >= content->size ? -ENXIO : (int64_t)found;
}

static int64_t
seek_file(struct open_file *file, int64_t offset, int whence)
{
    const struct content *content = &file->node->content;
    int64_t base = 0;
    switch (whence) {
    case SEEK_SET:
        break;
    case SEEK_CUR:
        base = file->position;
        break;
    case SEEK_END:
        base = (int64_t)content->size;
        break;
    case SEEK_DATA:
    case SEEK_HOLE:
        offset = seek_content(content, offset, whence == SEEK_HOLE);
        break;
    default:
        return -EINVAL;
    }
    if (offset < 0 && base + offset < 0) {
        return whence > SEEK_END ? offset : -EINVAL;
    }
    if (offset > INT64_MAX - base) {
        return -EOVERFLOW;
    }
    file->position = base + offset;
    return file->position;
}

int64_t
tn_fs_lseek(struct tn_fs *fs, int fd, int64_t offset, int whence)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    switch (file->node->mode & S_IFMT) {
    case S_IFREG:
        return seek_file(file, offset, whence);
    case S_IFDIR:
        return seek_directory(file, offset, whence);
    case S_IFCHR:
        return device_can_seek(file->node) ? 0 : -ESPIPE;
    default:
        return -ESPIPE;
    }
}

int
tn_fs_truncate(struct tn_fs *fs, const char *path, int64_t size)
{
    struct walk walk;
    if (size < 0) {
        return -EINVAL;
    }
    int status = walk_path(fs, AT_FDCWD, path, WALK_FOLLOW, &walk);
    if (status < 0) {
        return status;
    }
    if (node_is(walk.node, S_IFDIR)) {
        return -EISDIR;
    }
    if (!node_is(walk.node, S_IFREG)) {
        return -EINVAL;
    }
    return content_resize(fs, walk.node, (uint64_t)size);
}

int
tn_fs_ftruncate(struct tn_fs *fs, int fd, int64_t size)
{
    struct open_file *file;
    if (size < 0) {
        return -EINVAL;
    }
    int status = descriptor_get_io(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    if ((file->flags & O_ACCMODE) == O_RDONLY
        || !node_is(file->node, S_IFREG)) {
        return -EINVAL;
    }
    return content_resize(fs, file->node, (uint64_t)size);
}

int
tn_fs_fallocate(struct tn_fs *fs, int fd, int mode, int64_t offset,
                int64_t size)
{
    const int keep_size = 1; /* FALLOC_FL_KEEP_SIZE of <linux/falloc.h> */
    struct open_file *file;
    int status = get_writer(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    if ((mode & ~keep_size) != 0) {
        return -EOPNOTSUPP;
    }
    if (node_is(file->node, S_IFIFO)) {
        return -ESPIPE;
    }
    if (!node_is(file->node, S_IFREG)) {
        return -ENODEV;
    }
    if (offset < 0 || size <= 0) {
        return -EINVAL;
    }
    uint64_t limit = fs->config.file_size_limit;
    if ((uint64_t)size > limit || (uint64_t)offset > limit - (uint64_t)size) {
        return -EFBIG;
    }
    struct node *node = file->node;
    uint64_t end = (uint64_t)offset + (uint64_t)size;
    status = content_reserve(fs, node, (uint64_t)offset, (uint64_t)size);
    if (status < 0) {
        return status;
    }
    if (mode == 0 && end > node->content.size) {
        node->content.size = end;
    }
    node_touch_write(fs, node);
    return 0;
}

int
tn_fs_fsync(struct tn_fs *fs, int fd)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    bool has_storage = node_is(file->node, S_IFREG)
        || node_is(file->node, S_IFDIR);
    return has_storage ? 0 : -EINVAL;
}

int
tn_fs_fdatasync(struct tn_fs *fs, int fd)
{
    return tn_fs_fsync(fs, fd);
}
