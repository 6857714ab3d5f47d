/* Whole files and directories, for hosts that put things into the tree. */
#include "fs_internal.h"

#include <unistd.h>

int
whole_make_directories(struct tn_fs *fs, const char *path, size_t size)
{
    char part[TN_FS_PATH_LIMIT];
    if (size >= sizeof(part)) {
        return -ENAMETOOLONG;
    }
    for (size_t i = 1; i <= size; i++) {
        if (i < size && path[i] != '/') {
            continue;
        }
        memcpy(part, path, i);
        part[i] = '\0';
        int status = tn_fs_mkdirat(fs, AT_FDCWD, part, 0755);
        if (status < 0 && status != -EEXIST) {
            return status;
        }
    }
    return 0;
}

static int
status_of(ptrdiff_t error)
{
    switch (error) {
    case -ENOMEM:
        return TN_ERROR_MEMORY;
    case -ENOSPC:
    case -EFBIG:
    case -EMFILE:
        return TN_ERROR_LIMIT;
    case -ENOENT:
        return TN_ERROR_MISSING;
    case -EIO:
        return TN_ERROR_IO;
    default:
        return error < 0 ? TN_ERROR_INVALID : TN_OK;
    }
}

static ptrdiff_t
write_all(struct tn_fs *fs, int fd, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ptrdiff_t count = tn_fs_write(fs, fd, bytes + done, size - done);
        if (count < 0) {
            return count;
        }
        done += (size_t)count;
    }
    return 0;
}

int
tn_fs_write_file(struct tn_fs *fs, const char *path, const void *bytes,
                 size_t size)
{
    const char *slash = strrchr(path, '/');
    int status = 0;
    if (slash != NULL && slash > path) {
        status = whole_make_directories(fs, path, (size_t)(slash - path));
    }
    if (status < 0) {
        return status_of(status);
    }
    int fd = tn_fs_openat(fs, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC,
                          0644);
    if (fd < 0) {
        /* With everything above it made, only an empty path is missing. */
        return fd == -ENOENT ? TN_ERROR_INVALID : status_of(fd);
    }
    ptrdiff_t count = write_all(fs, fd, bytes, size);
    tn_fs_close(fs, fd);
    return status_of(count);
}

int
tn_fs_read_file(struct tn_fs *fs, const char *path, TN_OWN char **out,
                size_t *out_size)
{
    struct walk walk;
    *out = NULL;
    *out_size = 0;
    int error = walk_path(fs, AT_FDCWD, path, WALK_FOLLOW, &walk);
    if (error < 0) {
        return status_of(error);
    }
    if (!node_is(walk.node, S_IFREG)) {
        return TN_ERROR_INVALID;
    }
    if (walk.node->content.size >= PTRDIFF_MAX) {
        return TN_ERROR_MEMORY;
    }
    size_t size = (size_t)walk.node->content.size;
    char *bytes = tn_alloc(size + 1);
    if (bytes == NULL) {
        return TN_ERROR_MEMORY;
    }
    ptrdiff_t count = content_read(fs, walk.node, bytes, size, 0);
    if (count < 0) {
        tn_free(bytes);
        return status_of(count);
    }
    bytes[size] = '\0';
    *out = bytes;
    *out_size = size;
    return TN_OK;
}
