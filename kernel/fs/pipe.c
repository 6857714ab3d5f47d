/* Pipes within the one process.
 *
 * Both ends belong to the same program, so waiting for the other end would be
 * waiting for oneself: an empty pipe with writers and a full one with readers
 * answer -EAGAIN, with O_NONBLOCK or without.
 */
#include "fs_internal.h"

#include <poll.h>

/* Writes of up to this size go in whole or not at all, as PIPE_BUF says. */
#define WHOLE_SIZE 4096

static bool
can_read(int flags)
{
    return (flags & O_ACCMODE) != O_WRONLY;
}

static bool
can_write(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY;
}

void
pipe_attach(struct pipe *pipe, int flags)
{
    pipe->reader_count += can_read(flags);
    pipe->writer_count += can_write(flags);
}

void
pipe_detach(struct pipe *pipe, int flags)
{
    pipe->reader_count -= can_read(flags);
    pipe->writer_count -= can_write(flags);
}

ptrdiff_t
pipe_read(struct pipe *pipe, void *bytes, size_t size)
{
    if (pipe->size == 0) {
        return pipe->writer_count > 0 && size > 0 ? -EAGAIN : 0;
    }
    if (size > pipe->size) {
        size = pipe->size;
    }
    size_t first = TN_FS_PIPE_SIZE - pipe->start;
    first = first < size ? first : size;
    memcpy(bytes, pipe->bytes + pipe->start, first);
    memcpy((char *)bytes + first, pipe->bytes, size - first);
    pipe->start = (pipe->start + size) % TN_FS_PIPE_SIZE;
    pipe->size -= size;
    return (ptrdiff_t)size;
}

ptrdiff_t
pipe_write(struct pipe *pipe, const void *bytes, size_t size)
{
    size_t room = TN_FS_PIPE_SIZE - pipe->size;
    if (pipe->reader_count == 0) {
        return -EPIPE;
    }
    if (size == 0) {
        return 0;
    }
    if (room == 0 || (size <= WHOLE_SIZE && size > room)) {
        return -EAGAIN;
    }
    size = size < room ? size : room;
    size_t end = (pipe->start + pipe->size) % TN_FS_PIPE_SIZE;
    size_t first = TN_FS_PIPE_SIZE - end;
    first = first < size ? first : size;
    memcpy(pipe->bytes + end, bytes, first);
    memcpy(pipe->bytes, (const char *)bytes + first, size - first);
    pipe->size += size;
    return (ptrdiff_t)size;
}

int
pipe_ready(const struct pipe *pipe, int flags)
{
    int ready = 0;
    if (can_read(flags)) {
        ready |= pipe->size > 0 ? POLLIN : 0;
        ready |= pipe->writer_count == 0 ? POLLHUP : 0;
    }
    if (can_write(flags)) {
        ready |= TN_FS_PIPE_SIZE - pipe->size >= WHOLE_SIZE ? POLLOUT : 0;
        ready |= pipe->reader_count == 0 ? POLLERR : 0;
    }
    return ready;
}

int
tn_fs_pipe2(struct tn_fs *fs, int out_fds[2], int flags)
{
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
        return -EINVAL;
    }
    struct node *node = node_new(fs, S_IFIFO | 0600, NULL);
    if (node == NULL) {
        return -ENOMEM;
    }
    int reader = -ENOMEM;
    int status = -ENOMEM;

    node_hold(node);
    node->pipe.bytes = tn_alloc(TN_FS_PIPE_SIZE);
    if (node->pipe.bytes == NULL) {
        goto done;
    }
    status = reader = descriptor_open(fs, node, O_RDONLY | flags);
    if (reader < 0) {
        goto done;
    }
    int writer = descriptor_open(fs, node, O_WRONLY | flags);
    if (writer < 0) {
        tn_fs_close(fs, reader);
        status = writer;
        goto done;
    }
    out_fds[0] = reader;
    out_fds[1] = writer;
    status = 0;

done:
    node_release(fs, node);
    return status;
}
