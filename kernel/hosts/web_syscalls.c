/* Files and names: Emscripten's system calls, answered by kernel/fs.
 *
 * The C library calls these by name; defined here they win over the
 * JavaScript library.  Each gives a result or a negative errno, as fs.h does,
 * so that most are one line.  Emscripten's headers declare them.
 */
#include <dirent.h>
#include <emscripten/syscalls.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "web.h"

/* --- Descriptors ------------------------------------------------------- */

int
__syscall_openat(int dirfd, const char *path, int flags, ...)
{
    unsigned mode = 0;

    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
        va_list arguments;

        va_start(arguments, flags);
        mode = va_arg(arguments, unsigned);
        va_end(arguments);
    }
    return tn_fs_openat(web_fs(), dirfd, path, flags, mode);
}

int
__syscall_dup(int fd)
{
    return tn_fs_dup(web_fs(), fd);
}

int
__syscall_dup3(int old_fd, int new_fd, int flags)
{
    return tn_fs_dup3(web_fs(), old_fd, new_fd, flags);
}

int
__syscall_pipe2(int fds[2], int flags)
{
    return tn_fs_pipe2(web_fs(), fds, flags);
}

int
__syscall_fcntl64(int fd, int command, ...)
{
    va_list arguments;
    int status;

    va_start(arguments, command);
    switch (command) {
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        status = tn_fs_fcntl_lock(web_fs(), fd, command,
                                  va_arg(arguments, struct flock *));
        break;
    case F_GETFD:
    case F_GETFL:
        status = tn_fs_fcntl(web_fs(), fd, command, 0);
        break;
    default:
        status = tn_fs_fcntl(web_fs(), fd, command, va_arg(arguments, int));
        break;
    }
    va_end(arguments);
    return status;
}

int
__syscall_ioctl(int fd, int request, ...)
{
    va_list arguments;
    void *argument;

    va_start(arguments, request);
    argument = va_arg(arguments, void *);
    va_end(arguments);
    return tn_fs_ioctl(web_fs(), fd, (unsigned long)(unsigned)request,
                       argument);
}

int
__syscall_ftruncate64(int fd, off_t size)
{
    return tn_fs_ftruncate(web_fs(), fd, size);
}

int
__syscall_fallocate(int fd, int mode, off_t offset, off_t size)
{
    return tn_fs_fallocate(web_fs(), fd, mode, offset, size);
}

/* Advice is welcome and changes nothing; a bad descriptor is still one. */
int
__syscall_fadvise64(int fd, off_t offset, off_t size, int advice)
{
    (void)offset;
    (void)size;
    (void)advice;
    return tn_fs_fsync(web_fs(), fd);
}

int
__syscall_fdatasync(int fd)
{
    return tn_fs_fdatasync(web_fs(), fd);
}

int
__syscall_sync(void)
{
    return 0;
}

int
__syscall_fchdir(int fd)
{
    return tn_fs_fchdir(web_fs(), fd);
}

int
__syscall_fchmod(int fd, mode_t mode)
{
    return tn_fs_fchmod(web_fs(), fd, mode);
}

int
__syscall_fchown32(int fd, uid_t owner, gid_t group)
{
    return tn_fs_fchown(web_fs(), fd, owner, group);
}

int
flock(int fd, int operation)
{
    int status = tn_fs_flock(web_fs(), fd, operation);

    if (status < 0) {
        errno = -status;
        return -1;
    }
    return 0;
}

/* --- Attributes -------------------------------------------------------- */

static int
fill_stat(int status, const struct tn_fs_stat *from, struct stat *out)
{
    if (status < 0) {
        return status;
    }
    *out = (struct stat){
        .st_dev = (dev_t)from->device,
        .st_mode = from->mode,
        .st_nlink = from->link_count,
        .st_uid = from->uid,
        .st_gid = from->gid,
        .st_rdev = (dev_t)from->special_device,
        .st_size = from->size,
        .st_blksize = (blksize_t)from->block_size,
        .st_blocks = (blkcnt_t)from->block_count,
        .st_atim = from->atime,
        .st_mtim = from->mtime,
        .st_ctim = from->ctime,
        .st_ino = from->inode,
    };
    return 0;
}

int
__syscall_stat64(const char *path, struct stat *out)
{
    struct tn_fs_stat found;

    return fill_stat(tn_fs_stat(web_fs(), path, &found), &found, out);
}

int
__syscall_lstat64(const char *path, struct stat *out)
{
    struct tn_fs_stat found;

    return fill_stat(tn_fs_lstat(web_fs(), path, &found), &found, out);
}

int
__syscall_fstat64(int fd, struct stat *out)
{
    struct tn_fs_stat found;

    return fill_stat(tn_fs_fstat(web_fs(), fd, &found), &found, out);
}

int
__syscall_newfstatat(int dirfd, const char *path, struct stat *out, int flags)
{
    struct tn_fs_stat found;

    return fill_stat(tn_fs_fstatat(web_fs(), dirfd, path, &found, flags),
                     &found, out);
}

static int
fill_statfs(int status, const struct tn_fs_statvfs *from, struct statfs *out)
{
    if (status < 0) {
        return status;
    }
    memset(out, 0, sizeof *out);
    out->f_bsize = (unsigned long)from->block_size;
    out->f_frsize = (unsigned long)from->block_size;
    out->f_blocks = (fsblkcnt_t)from->block_count;
    out->f_bfree = (fsblkcnt_t)from->free_count;
    out->f_bavail = (fsblkcnt_t)from->free_count;
    out->f_files = (fsfilcnt_t)from->file_count;
    out->f_ffree = (fsfilcnt_t)from->free_file_count;
    out->f_namelen = (unsigned long)from->name_limit;
    out->f_fsid.__val[0] = (int)from->id;
    out->f_flags = from->flags;
    return 0;
}

int
__syscall_statfs64(const char *path, size_t size, struct statfs *out)
{
    struct tn_fs_statvfs found;

    if (size != sizeof *out) {
        return -EINVAL;
    }
    return fill_statfs(tn_fs_statvfs(web_fs(), path, &found), &found, out);
}

int
__syscall_fstatfs64(int fd, size_t size, struct statfs *out)
{
    struct tn_fs_statvfs found;

    if (size != sizeof *out) {
        return -EINVAL;
    }
    return fill_statfs(tn_fs_fstatvfs(web_fs(), fd, &found), &found, out);
}

int
__syscall_truncate64(const char *path, off_t size)
{
    return tn_fs_truncate(web_fs(), path, size);
}

int
__syscall_utimensat(int dirfd, const char *path,
                    const struct timespec times[2], int flags)
{
    return tn_fs_utimensat(web_fs(), dirfd, path, times, flags);
}

int
__syscall_chmod(const char *path, mode_t mode)
{
    return tn_fs_fchmodat(web_fs(), AT_FDCWD, path, mode, 0);
}

int
__syscall_fchmodat2(int dirfd, const char *path, mode_t mode, int flags)
{
    return tn_fs_fchmodat(web_fs(), dirfd, path, mode, flags);
}

int
__syscall_fchownat(int dirfd, const char *path, uid_t owner, gid_t group,
                   int flags)
{
    return tn_fs_fchownat(web_fs(), dirfd, path, owner, group, flags);
}

int
__syscall_faccessat(int dirfd, const char *path, int mode, int flags)
{
    return tn_fs_faccessat(web_fs(), dirfd, path, mode, flags);
}

mode_t
__syscall_umask(mode_t mask)
{
    return (mode_t)tn_fs_umask(web_fs(), mask);
}

/* --- Names ------------------------------------------------------------- */

int
__syscall_mkdirat(int dirfd, const char *path, mode_t mode)
{
    return tn_fs_mkdirat(web_fs(), dirfd, path, mode);
}

int
__syscall_mknodat(int dirfd, const char *path, mode_t mode, dev_t device)
{
    (void)device; /* only devices have one, and those cannot be made */
    return tn_fs_mknodat(web_fs(), dirfd, path, mode);
}

int
__syscall_rmdir(const char *path)
{
    return tn_fs_unlinkat(web_fs(), AT_FDCWD, path, AT_REMOVEDIR);
}

int
__syscall_unlinkat(int dirfd, const char *path, int flags)
{
    return tn_fs_unlinkat(web_fs(), dirfd, path, flags);
}

int
__syscall_renameat(int old_dirfd, const char *old_path, int new_dirfd,
                   const char *new_path)
{
    return tn_fs_renameat(web_fs(), old_dirfd, old_path, new_dirfd, new_path);
}

int
__syscall_linkat(int old_dirfd, const char *old_path, int new_dirfd,
                 const char *new_path, int flags)
{
    return tn_fs_linkat(web_fs(), old_dirfd, old_path, new_dirfd, new_path,
                        flags);
}

int
__syscall_symlinkat(const char *target, int dirfd, const char *path)
{
    return tn_fs_symlinkat(web_fs(), target, dirfd, path);
}

int
__syscall_readlinkat(int dirfd, const char *path, char *out, size_t size)
{
    return (int)tn_fs_readlinkat(web_fs(), dirfd, path, out, size);
}

int
__syscall_chdir(const char *path)
{
    return tn_fs_chdir(web_fs(), path);
}

int
__syscall_getcwd(char *out, size_t size)
{
    return tn_fs_getcwd(web_fs(), out, size);
}

/* Puts as many records as surely fit; a record is as long as its name. */
int
__syscall_getdents64(int fd, void *out, size_t size)
{
    const size_t name_offset = offsetof(struct dirent, d_name);
    const size_t alignment = _Alignof(struct dirent);
    size_t used = 0;

    if (size < sizeof(struct dirent)) {
        return -EINVAL;
    }
    while (size - used >= sizeof(struct dirent)) {
        struct dirent *record = (void *)((char *)out + used);
        struct tn_fs_entry entry;
        size_t record_size;
        int status = tn_fs_readdir(web_fs(), fd, &entry);

        if (status < 0 && used == 0) {
            return status;
        }
        if (status <= 0) {
            break;
        }
        record_size = name_offset + entry.name_size + 1u;
        record_size = (record_size + alignment - 1) / alignment * alignment;
        record->d_ino = entry.inode;
        record->d_off = entry.next_position;
        record->d_reclen = (unsigned short)record_size;
        record->d_type = entry.type;
        memcpy(record->d_name, entry.name, entry.name_size + 1u);
        used += record_size;
    }
    return (int)used;
}
