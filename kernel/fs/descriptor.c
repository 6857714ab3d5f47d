/* The descriptor table, and open files: what open makes and dup shares. */
#include "fs_internal.h"

#include <sys/file.h>

int
descriptor_get(const struct tn_fs *fs, int fd, struct open_file **out)
{
    if (fd < 0 || fd >= fs->descriptor_capacity
        || fs->descriptors[fd].file == NULL) {
        return -EBADF;
    }
    *out = fs->descriptors[fd].file;
    return 0;
}

int
descriptor_get_io(const struct tn_fs *fs, int fd, struct open_file **out)
{
    int status = descriptor_get(fs, fd, out);
    return status == 0 && ((*out)->flags & O_PATH) ? -EBADF : status;
}

static int
grow_table(struct tn_fs *fs, int minimum)
{
    int capacity = fs->descriptor_capacity;
    capacity = capacity > 0 ? capacity : 16;
    while (capacity <= minimum) {
        capacity *= 2;
    }
    if (capacity > fs->config.descriptor_limit) {
        capacity = fs->config.descriptor_limit;
    }
    if (capacity <= fs->descriptor_capacity) {
        return 0;
    }
    struct descriptor *table =
        tn_realloc(fs->descriptors, (size_t)capacity * sizeof(*table));
    if (table == NULL) {
        return -ENOMEM;
    }
    for (int i = fs->descriptor_capacity; i < capacity; i++) {
        table[i] = (struct descriptor){0};
    }
    fs->descriptors = table;
    fs->descriptor_capacity = capacity;
    return 0;
}

/* The lowest free descriptor from `minimum` on, with a place in the table. */
int
descriptor_reserve(struct tn_fs *fs, int minimum)
{
    int fd = minimum;
    if (fd < fs->descriptor_hint) {
        fd = fs->descriptor_hint;
    }
    while (fd < fs->descriptor_capacity && fs->descriptors[fd].file != NULL) {
        fd++;
    }
    if (fd >= fs->config.descriptor_limit) {
        return -EMFILE;
    }
    int status = grow_table(fs, fd);
    return status < 0 ? status : fd;
}

static void
install(struct tn_fs *fs, int fd, struct open_file *file, int flags)
{
    fs->descriptors[fd].file = file;
    fs->descriptors[fd].closes_on_exec = (flags & O_CLOEXEC) != 0;
    fs->descriptor_count++;
    file->reference_count++;
    if (fd == fs->descriptor_hint) {
        fs->descriptor_hint++;
    }
}

int
descriptor_open(struct tn_fs *fs, struct node *node, int flags)
{
    int fd = descriptor_reserve(fs, 0);
    if (fd < 0) {
        return fd;
    }
    struct open_file *file = tn_alloc_zeroed(1, sizeof(*file));
    if (file == NULL) {
        return -ENOMEM;
    }
    file->flags = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_PATH);
    file->node = node;
    node_hold(node);
    if (node_is(node, S_IFIFO) && !(flags & O_PATH)) {
        pipe_attach(&node->pipe, file->flags);
    }
    install(fs, fd, file, flags);
    return fd;
}

static void
release_file(struct tn_fs *fs, struct open_file *file)
{
    if (--file->reference_count > 0) {
        return;
    }
    if (node_is(file->node, S_IFIFO) && !(file->flags & O_PATH)) {
        pipe_detach(&file->node->pipe, file->flags);
    }
    node_release(fs, file->node);
    tn_free(file);
}

int
tn_fs_close(struct tn_fs *fs, int fd)
{
    struct open_file *file;
    int status = descriptor_get(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    fs->descriptors[fd].file = NULL;
    fs->descriptor_count--;
    if (fd < fs->descriptor_hint) {
        fs->descriptor_hint = fd;
    }
    release_file(fs, file);
    return 0;
}

void
descriptor_close_all(struct tn_fs *fs)
{
    for (int fd = 0; fd < fs->descriptor_capacity; fd++) {
        tn_fs_close(fs, fd);
    }
    tn_free(fs->descriptors);
}

static int
duplicate(struct tn_fs *fs, int fd, int minimum, int flags)
{
    struct open_file *file;
    int status = descriptor_get(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    if (minimum < 0 || minimum >= fs->config.descriptor_limit) {
        return -EINVAL;
    }
    int new_fd = descriptor_reserve(fs, minimum);
    if (new_fd >= 0) {
        install(fs, new_fd, file, flags);
    }
    return new_fd;
}

int
tn_fs_dup(struct tn_fs *fs, int fd)
{
    return duplicate(fs, fd, 0, 0);
}

int
tn_fs_dup2(struct tn_fs *fs, int fd, int new_fd)
{
    struct open_file *file;
    if (fd == new_fd) {
        int status = descriptor_get(fs, fd, &file);
        return status < 0 ? status : fd;
    }
    return tn_fs_dup3(fs, fd, new_fd, 0);
}

int
tn_fs_dup3(struct tn_fs *fs, int fd, int new_fd, int flags)
{
    struct open_file *file;
    if (fd == new_fd || (flags & ~O_CLOEXEC) != 0) {
        return -EINVAL;
    }
    int status = descriptor_get(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    if (new_fd < 0 || new_fd >= fs->config.descriptor_limit) {
        return -EBADF;
    }
    status = grow_table(fs, new_fd);
    if (status < 0) {
        return status;
    }
    tn_fs_close(fs, new_fd);
    install(fs, new_fd, file, flags);
    return new_fd;
}

/* Every pipe has one size; Linux too gives more than is asked for. */
static int
size_of_pipe(const struct open_file *file, int wanted)
{
    if (!node_is(file->node, S_IFIFO)) {
        return -EBADF;
    }
    if (wanted < 0) {
        return -EINVAL;
    }
    return wanted <= TN_FS_PIPE_SIZE ? TN_FS_PIPE_SIZE : -EPERM;
}

int
tn_fs_fcntl(struct tn_fs *fs, int fd, int command, int argument)
{
    const int settable = O_APPEND | O_NONBLOCK;
    struct open_file *file;
    int status = descriptor_get(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    switch (command) {
    case F_DUPFD:
        return duplicate(fs, fd, argument, 0);
    case F_DUPFD_CLOEXEC:
        return duplicate(fs, fd, argument, O_CLOEXEC);
    case F_GETFD:
        return fs->descriptors[fd].closes_on_exec ? FD_CLOEXEC : 0;
    case F_SETFD:
        fs->descriptors[fd].closes_on_exec = (argument & FD_CLOEXEC) != 0;
        return 0;
    case F_GETFL:
        return file->flags;
    case F_SETFL:
        file->flags = (file->flags & ~settable) | (argument & settable);
        return 0;
    case F_GETPIPE_SZ:
        return size_of_pipe(file, 0);
    case F_SETPIPE_SZ:
        return size_of_pipe(file, argument);
    default:
        return -EINVAL;
    }
}

int
tn_fs_fcntl_lock(struct tn_fs *fs, int fd, int command, struct flock *lock)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    int access = file->flags & O_ACCMODE;
    if (lock->l_type != F_RDLCK && lock->l_type != F_WRLCK
        && (lock->l_type != F_UNLCK || command == F_GETLK)) {
        return -EINVAL;
    }
    switch (command) {
    case F_GETLK:
        lock->l_type = F_UNLCK;
        return 0;
    case F_SETLK:
    case F_SETLKW:
        if ((lock->l_type == F_RDLCK && access == O_WRONLY)
            || (lock->l_type == F_WRLCK && access == O_RDONLY)) {
            return -EBADF;
        }
        return 0;
    default:
        return -EINVAL;
    }
}

static bool
lock_conflicts(const struct tn_fs *fs, const struct open_file *file, int lock)
{
    for (int fd = 0; fd < fs->descriptor_capacity; fd++) {
        const struct open_file *other = fs->descriptors[fd].file;
        if (other != NULL && other != file && other->node == file->node
            && (other->lock == LOCK_EX
                || (other->lock == LOCK_SH && lock == LOCK_EX))) {
            return true;
        }
    }
    return false;
}

int
tn_fs_flock(struct tn_fs *fs, int fd, int operation)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    int lock = operation & ~LOCK_NB;
    if (status < 0) {
        return status;
    }
    if (lock == LOCK_UN) {
        file->lock = 0;
        return 0;
    }
    if (lock != LOCK_SH && lock != LOCK_EX) {
        return -EINVAL;
    }
    if (lock_conflicts(fs, file, lock)) {
        return -EAGAIN;
    }
    file->lock = lock;
    return 0;
}
