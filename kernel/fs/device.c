/* /dev and the three standard streams, which are the host's. */
#include "fs_internal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

/* Linux's numbers, for programs that look at st_rdev. */
static uint64_t
device_number(enum device device)
{
    switch (device) {
    case DEVICE_NULL:
        return makedev(1, 3);
    case DEVICE_ZERO:
        return makedev(1, 5);
    case DEVICE_FULL:
        return makedev(1, 7);
    case DEVICE_RANDOM:
        return makedev(1, 9);
    case DEVICE_STDIN:
    case DEVICE_STDOUT:
    case DEVICE_STDERR:
        return makedev(136, (unsigned)(device - DEVICE_STDIN));
    case DEVICE_TERMINAL:
        return makedev(5, 0);
    }
    return 0;
}

uint64_t
device_get_number(const struct node *node)
{
    return node_is(node, S_IFCHR) ? device_number(node->device) : 0;
}

static bool
is_stream(const struct node *node)
{
    return node_is(node, S_IFCHR) && node->device >= DEVICE_STDIN;
}

bool
device_is_terminal(const struct tn_fs *fs, const struct node *node)
{
    return is_stream(node) && fs->config.terminal_columns > 0;
}

bool
device_can_seek(const struct node *node)
{
    return !is_stream(node);
}

int
device_check_open(const struct tn_fs *fs, const struct node *node)
{
    bool is_missing = node->device == DEVICE_TERMINAL
        && fs->config.terminal_columns == 0;
    return is_missing ? -ENXIO : 0;
}

ptrdiff_t
device_read(struct tn_fs *fs, struct node *node, void *bytes, size_t size)
{
    const struct tn_fs_config *config = &fs->config;
    switch (node->device) {
    case DEVICE_NULL:
        return 0;
    case DEVICE_ZERO:
    case DEVICE_FULL:
        memset(bytes, 0, size);
        return (ptrdiff_t)size;
    case DEVICE_RANDOM:
        if (config->random == NULL) {
            return -EIO;
        }
        config->random(config->context, bytes, size);
        return (ptrdiff_t)size;
    default:
        if (config->read_stdin == NULL || size == 0) {
            return 0;
        }
        return config->read_stdin(config->context, bytes, size);
    }
}

ptrdiff_t
device_write(struct tn_fs *fs, struct node *node, const void *bytes,
             size_t size)
{
    const struct tn_fs_config *config = &fs->config;
    switch (node->device) {
    case DEVICE_NULL:
    case DEVICE_ZERO:
    case DEVICE_RANDOM:
        return (ptrdiff_t)size;
    case DEVICE_FULL:
        return size > 0 ? -ENOSPC : 0;
    default:
        break;
    }
    if (config->write_output == NULL || size == 0) {
        return (ptrdiff_t)size;
    }
    int stream = node->device == DEVICE_STDERR ? 2 : 1;
    return config->write_output(config->context, stream, bytes, size);
}

int
device_ready(const struct tn_fs *fs, const struct node *node)
{
    const struct tn_fs_config *config = &fs->config;
    bool may_wait = node->device == DEVICE_STDIN
        || node->device == DEVICE_TERMINAL;
    if (may_wait && config->stdin_is_ready != NULL
        && !config->stdin_is_ready(config->context)) {
        return POLLOUT;
    }
    return POLLIN | POLLOUT;
}

/* The tree. */

static int
add_device(struct tn_fs *fs, struct node *directory, const char *name,
           enum device device)
{
    struct node *node = node_new(fs, S_IFCHR | 0666, NULL);
    if (node == NULL) {
        return -ENOMEM;
    }
    node->device = device;
    int status = directory_add(directory, name, strlen(name), node);
    if (status < 0) {
        node_free(fs, node);
    }
    return status;
}

static int
add_descriptors(struct tn_fs *fs, struct node *directory)
{
    struct node *node = node_new(fs, S_IFDIR | 0555, NULL);
    if (node == NULL) {
        return -ENOMEM;
    }
    node->is_descriptors = true;
    node->directory.next_cookie = COOKIE_FIRST;
    node->directory.parent = directory;
    node_hold(directory);
    int status = directory_add(directory, "fd", 2, node);
    if (status < 0) {
        node_hold(node);
        node_release(fs, node);
    }
    return status;
}

/* What is open as 0, 1 and 2 now, not what was at the start. */
static int
add_stream_links(struct tn_fs *fs)
{
    static const char *const links[][2] = {
        {"fd/0", "/dev/stdin"},
        {"fd/1", "/dev/stdout"},
        {"fd/2", "/dev/stderr"},
    };
    int status = 0;
    for (size_t i = 0; status == 0 && i < 3; i++) {
        status = tn_fs_symlinkat(fs, links[i][0], AT_FDCWD, links[i][1]);
    }
    return status;
}

int
device_make_tree(struct tn_fs *fs)
{
    static const struct {
        const char *name;
        enum device device;
    } devices[] = {
        {"null", DEVICE_NULL},     {"zero", DEVICE_ZERO},
        {"full", DEVICE_FULL},     {"random", DEVICE_RANDOM},
        {"urandom", DEVICE_RANDOM}, {"tty", DEVICE_TERMINAL},
    };
    struct walk walk;
    int status = tn_fs_mkdirat(fs, AT_FDCWD, "/dev", 0755);
    if (status == 0) {
        status = walk_path(fs, AT_FDCWD, "/dev", 0, &walk);
    }
    for (size_t i = 0; status == 0 && i < sizeof(devices) / sizeof(*devices);
         i++) {
        status = add_device(fs, walk.node, devices[i].name, devices[i].device);
    }
    if (status == 0) {
        status = add_descriptors(fs, walk.node);
    }
    return status == 0 ? add_stream_links(fs) : status;
}

int
device_open_streams(struct tn_fs *fs)
{
    for (int fd = 0; fd < 3; fd++) {
        struct node *node = node_new(fs, S_IFCHR | 0620, NULL);
        if (node == NULL) {
            return -ENOMEM;
        }
        node->device = (enum device)(DEVICE_STDIN + fd);
        node_hold(node);
        int status = descriptor_open(fs, node, fd == 0 ? O_RDONLY : O_WRONLY);
        node_release(fs, node);
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

/* ioctl. */

static int
get_unread_size(const struct open_file *file)
{
    const struct node *node = file->node;
    int64_t size = 0;
    if (node_is(node, S_IFIFO)) {
        size = (int64_t)node->pipe.size;
    }
    else if (node_is(node, S_IFREG)
             && (int64_t)node->content.size > file->position) {
        size = (int64_t)node->content.size - file->position;
    }
    return size > INT32_MAX ? INT32_MAX : (int)size;
}

static int
control_terminal(struct tn_fs *fs, unsigned long request, void *argument)
{
    switch (request) {
    case TIOCGWINSZ: {
        struct winsize size = {
            .ws_row = fs->config.terminal_rows,
            .ws_col = fs->config.terminal_columns,
        };
        memcpy(argument, &size, sizeof(size));
        return 0;
    }
    case TIOCGPGRP: {
        int group = 1;
        memcpy(argument, &group, sizeof(group));
        return 0;
    }
    case TCGETS:
        memcpy(argument, &fs->terminal, sizeof(fs->terminal));
        return 0;
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        memcpy(&fs->terminal, argument, sizeof(fs->terminal));
        return 0;
    default:
        return -ENOTTY;
    }
}

static void
set_nonblocking(struct open_file *file, const void *argument)
{
    int is_on;
    memcpy(&is_on, argument, sizeof(is_on));
    if (is_on) {
        file->flags |= O_NONBLOCK;
    }
    else {
        file->flags &= ~O_NONBLOCK;
    }
}

int
tn_fs_ioctl(struct tn_fs *fs, int fd, unsigned long request, void *argument)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    switch (request) {
    case FIOCLEX:
        fs->descriptors[fd].closes_on_exec = true;
        return 0;
    case FIONCLEX:
        fs->descriptors[fd].closes_on_exec = false;
        return 0;
    case FIONBIO:
        set_nonblocking(file, argument);
        return 0;
    case FIONREAD: {
        int size = get_unread_size(file);
        if (node_is(file->node, S_IFDIR)) {
            return -ENOTTY;
        }
        memcpy(argument, &size, sizeof(size));
        return 0;
    }
    default:
        break;
    }
    if (!device_is_terminal(fs, file->node)) {
        return -ENOTTY;
    }
    return control_terminal(fs, request, argument);
}

int
tn_fs_isatty(struct tn_fs *fs, int fd)
{
    struct open_file *file;
    int status = descriptor_get_io(fs, fd, &file);
    if (status < 0) {
        return status;
    }
    return device_is_terminal(fs, file->node) ? 1 : -ENOTTY;
}
