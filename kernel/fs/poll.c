/* poll: what could be done now without waiting. */
#include "fs_internal.h"

#include <poll.h>

static int
get_ready(const struct tn_fs *fs, int fd)
{
    struct open_file *file;
    if (descriptor_get_io(fs, fd, &file) < 0) {
        return POLLNVAL;
    }
    switch (file->node->mode & S_IFMT) {
    case S_IFIFO:
        return pipe_ready(&file->node->pipe, file->flags);
    case S_IFSOCK:
        return socket_ready(file->node->socket);
    case S_IFCHR:
        return device_ready(fs, file->node);
    default:
        return POLLIN | POLLOUT;
    }
}

int
tn_fs_poll(struct tn_fs *fs, struct pollfd *polls, size_t count)
{
    const int always = POLLERR | POLLHUP | POLLNVAL;
    int ready_count = 0;

    for (size_t i = 0; i < count; i++) {
        int ready = polls[i].fd >= 0 ? get_ready(fs, polls[i].fd) : 0;
        /* The kinds of data that only sockets tell apart. */
        ready |= (ready & POLLIN) ? POLLRDNORM : 0;
        ready |= (ready & POLLOUT) ? POLLWRNORM : 0;
        polls[i].revents = (short)(ready & (polls[i].events | always));
        ready_count += polls[i].revents != 0;
    }
    return ready_count;
}
