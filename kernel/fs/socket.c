/* Sockets: their life, names and connections.
 *
 * There is no network below.  A socket reaches others of the same program:
 * by a pair, by a name in the file system, or by a port of this host
 * (127.0.0.1, ::1).  Every other address is unreachable.  What goes through
 * them is in socket_data.c.
 *
 * A connection has one ring of bytes for each way, as a pipe has, so that the
 * end of one side and fullness show to the other as a pipe's do.
 */
#include "socket.h"

#include <netinet/in.h>
#include <stdio.h>

/* Ports that a socket without a name of its own gets. */
#define FIRST_PORT 49152
#define PORT_COUNT 16384

/* As Linux has it: more is cut to this. */
#define BACKLOG_LIMIT 4096

/* --- Addresses ---------------------------------------------------------- */

static bool
is_inet(int domain)
{
    return domain == AF_INET || domain == AF_INET6;
}

static uint16_t
get_port(const struct socket_name *name)
{
    return ntohs(name->any.sa_family == AF_INET ? name->in.sin_port
                                                : name->in6.sin6_port);
}

static void
set_port(struct socket_name *name, uint16_t port)
{
    if (name->any.sa_family == AF_INET) {
        name->in.sin_port = htons(port);
    }
    else {
        name->in6.sin6_port = htons(port);
    }
}

/* The address that stands for all of this host's. */
static bool
is_any(const struct socket_name *name)
{
    return name->any.sa_family == AF_INET
        ? name->in.sin_addr.s_addr == htonl(INADDR_ANY)
        : IN6_IS_ADDR_UNSPECIFIED(&name->in6.sin6_addr);
}

static bool
is_here(const struct socket_name *name)
{
    if (name->any.sa_family == AF_INET) {
        return is_any(name) || ntohl(name->in.sin_addr.s_addr) >> 24 == 127;
    }
    return is_any(name) || IN6_IS_ADDR_LOOPBACK(&name->in6.sin6_addr);
}

static void
set_loopback(struct socket_name *name)
{
    if (name->any.sa_family == AF_INET) {
        name->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    else {
        name->in6.sin6_addr = in6addr_loopback;
    }
}

static bool
hosts_overlap(const struct socket_name *a, const struct socket_name *b)
{
    if (is_any(a) || is_any(b)) {
        return true;
    }
    return a->any.sa_family == AF_INET
        ? a->in.sin_addr.s_addr == b->in.sin_addr.s_addr
        : memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
                 sizeof(a->in6.sin6_addr)) == 0;
}

/* An address without anything in it, of the socket's family. */
static void
clear_name(const struct socket *socket, struct socket_name *out)
{
    *out = (struct socket_name){.size = sizeof(out->any.sa_family)};
    out->any.sa_family = (sa_family_t)socket->domain;
    if (is_inet(socket->domain)) {
        out->size = socket->domain == AF_INET ? sizeof(out->in)
                                              : sizeof(out->in6);
    }
}

int
socket_read_name(const struct socket *socket, const struct sockaddr *address,
                 size_t size, struct socket_name *out)
{
    *out = (struct socket_name){.size = 0};
    if (size < sizeof(address->sa_family) || size > sizeof(out->un)) {
        return -EINVAL;
    }
    memcpy(&out->un, address, size);
    out->size = (socklen_t)size;
    if (out->any.sa_family != socket->domain) {
        return -EAFNOSUPPORT;
    }
    if (is_inet(socket->domain)) {
        size_t whole = socket->domain == AF_INET ? sizeof(out->in)
                                                 : sizeof(out->in6);
        out->size = (socklen_t)whole;
        return size < whole ? -EINVAL : 0;
    }
    return size == sizeof(address->sa_family) ? -EINVAL : 0;
}

void
socket_write_name(const struct socket_name *name, struct sockaddr *address,
                  socklen_t *size)
{
    if (address == NULL || size == NULL) {
        return;
    }
    memcpy(address, &name->un, *size < name->size ? *size : name->size);
    *size = name->size;
}

/* --- Names in the file system ------------------------------------------- */

/* The path in a name; an abstract name, which begins with NUL, has none. */
static bool
get_path(const struct socket_name *name, char path[sizeof(name->un)])
{
    const size_t start = offsetof(struct sockaddr_un, sun_path);
    size_t size = name->size - start;
    memcpy(path, name->un.sun_path, size);
    path[size] = '\0';
    return path[0] != '\0';
}

/* What two sockets' names are compared by; 0 for an abstract one. */
static int
find_file(struct tn_fs *fs, const struct socket_name *name, uint64_t *out)
{
    char path[sizeof(name->un)];
    struct walk walk;
    *out = 0;
    if (!get_path(name, path)) {
        return 0;
    }
    int status = walk_path(fs, AT_FDCWD, path, WALK_FOLLOW, &walk);
    if (status < 0) {
        return status;
    }
    *out = walk.node->inode;
    return node_is(walk.node, S_IFSOCK) ? 0 : -ECONNREFUSED;
}

static bool
is_same_unix(const struct socket *socket, const struct socket_name *name,
             uint64_t inode)
{
    if (inode != 0 || socket->inode != 0) {
        return inode == socket->inode;
    }
    return socket->name.size == name->size
        && memcmp(&socket->name.un, &name->un, name->size) == 0;
}

/* --- Finding ------------------------------------------------------------ */

/* The socket of this kind that has the name, or NULL. */
static struct socket *
find_named(struct tn_fs *fs, const struct socket *asking,
           const struct socket_name *name, uint64_t inode)
{
    for (struct socket *socket = fs->sockets; socket != NULL;
         socket = socket->next) {
        if (socket == asking || socket->domain != asking->domain
            || socket->type != asking->type || !socket->is_bound
            || socket->connection != NULL) {
            continue;
        }
        if (is_inet(socket->domain)
                ? get_port(&socket->name) == get_port(name)
                    && hosts_overlap(&socket->name, name)
                : is_same_unix(socket, name, inode)) {
            return socket;
        }
    }
    return NULL;
}

int
socket_find(struct tn_fs *fs, const struct socket *asking,
            const struct socket_name *name, struct socket **out)
{
    uint64_t inode = 0;
    if (is_inet(asking->domain) && !is_here(name)) {
        return -ENETUNREACH;
    }
    if (!is_inet(asking->domain)) {
        int status = find_file(fs, name, &inode);
        if (status < 0) {
            return status;
        }
    }
    *out = find_named(fs, asking, name, inode);
    return *out == NULL ? -ECONNREFUSED : 0;
}

/* --- Life --------------------------------------------------------------- */

int
socket_get(const struct tn_fs *fs, int fd, struct open_file **file,
           struct socket **out)
{
    int status = descriptor_get_io(fs, fd, file);
    if (status < 0) {
        return status;
    }
    bool is_socket = node_is((*file)->node, S_IFSOCK);
    *out = is_socket ? (*file)->node->socket : NULL;
    return is_socket ? 0 : -ENOTSOCK;
}

static int
check_kind(int domain, int type, int protocol)
{
    if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX) {
        return -EAFNOSUPPORT;
    }
    if (type != SOCK_STREAM && type != SOCK_DGRAM) {
        return -ESOCKTNOSUPPORT;
    }
    int own = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
    bool is_known = protocol == 0 || (is_inet(domain) && protocol == own);
    return is_known ? 0 : -EPROTONOSUPPORT;
}

static struct socket *
new_socket(struct tn_fs *fs, int domain, int type, int protocol)
{
    struct socket *socket = tn_alloc_zeroed(1, sizeof(*socket));
    if (socket == NULL) {
        return NULL;
    }
    socket->domain = domain;
    socket->type = type;
    socket->protocol = protocol;
    clear_name(socket, &socket->name);
    socket->next = fs->sockets;
    fs->sockets = socket;
    return socket;
}

static void
leave_connection(struct socket *socket)
{
    struct connection *connection = socket->connection;
    connection->ways[socket->side].reader_count = 0;
    connection->ways[!socket->side].writer_count = 0;
    connection->ends[socket->side] = NULL;
    socket->connection = NULL;
    if (connection->ends[!socket->side] == NULL) {
        tn_free(connection->ways[0].bytes);
        tn_free(connection->ways[1].bytes);
        tn_free(connection);
    }
}

void
socket_free(struct tn_fs *fs, struct socket *socket)
{
    struct socket **link = &fs->sockets;
    while (*link != socket) {
        link = &(*link)->next;
    }
    *link = socket->next;
    if (socket->partner != NULL) {
        socket->partner->partner = NULL;
    }
    if (socket->connection != NULL) {
        leave_connection(socket);
    }
    while (socket->waiting != NULL) {
        struct socket *waiting = socket->waiting;
        socket->waiting = waiting->next_waiting;
        socket_free(fs, waiting);
    }
    socket_drop_packets(socket);
    tn_free(socket);
}

/* A descriptor for a socket, which is freed where there is none. */
static int
open_socket(struct tn_fs *fs, struct socket *socket, int flags)
{
    struct node *node = node_new(fs, S_IFSOCK | 0777, NULL);
    if (node == NULL) {
        socket_free(fs, socket);
        return -ENOMEM;
    }
    node->socket = socket;
    node_hold(node);
    int kept = (flags & SOCK_NONBLOCK) ? O_NONBLOCK : 0;
    kept |= (flags & SOCK_CLOEXEC) ? O_CLOEXEC : 0;
    int fd = descriptor_open(fs, node, O_RDWR | kept);
    node_release(fs, node);
    return fd;
}

int
tn_fs_socket(struct tn_fs *fs, int domain, int type, int protocol)
{
    const int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
    int status = check_kind(domain, type & ~flags, protocol);
    if (status < 0) {
        return status;
    }
    struct socket *socket = new_socket(fs, domain, type & ~flags, protocol);
    return socket == NULL ? -ENOMEM : open_socket(fs, socket, flags);
}

/* --- Connections -------------------------------------------------------- */

/* Both sockets become ends of one. */
static int
join(struct socket *first, struct socket *second)
{
    struct connection *connection = tn_alloc_zeroed(1, sizeof(*connection));
    if (connection == NULL) {
        return -ENOMEM;
    }
    for (int way = 0; way < 2; way++) {
        connection->ways[way].bytes = tn_alloc(TN_FS_PIPE_SIZE);
        if (connection->ways[way].bytes == NULL) {
            tn_free(connection->ways[0].bytes);
            tn_free(connection);
            return -ENOMEM;
        }
        connection->ways[way].reader_count = 1;
        connection->ways[way].writer_count = 1;
    }
    connection->ends[0] = first;
    connection->ends[1] = second;
    first->connection = second->connection = connection;
    second->side = 1;
    return 0;
}

int
tn_fs_socketpair(struct tn_fs *fs, int domain, int type, int protocol,
                 int out_fds[2])
{
    if (domain != AF_UNIX) {
        return domain == AF_INET || domain == AF_INET6 ? -EOPNOTSUPP
                                                       : -EAFNOSUPPORT;
    }
    int first = tn_fs_socket(fs, domain, type, protocol);
    if (first < 0) {
        return first;
    }
    int second = tn_fs_socket(fs, domain, type, protocol);
    int status = second;
    if (second >= 0) {
        struct open_file *file;
        struct socket *ends[2];
        (void)socket_get(fs, first, &file, &ends[0]);
        (void)socket_get(fs, second, &file, &ends[1]);
        status = 0;
        if (ends[0]->type == SOCK_STREAM) {
            status = join(ends[0], ends[1]);
        }
        ends[0]->partner = ends[1];
        ends[1]->partner = ends[0];
    }
    if (status < 0) {
        tn_fs_close(fs, first);
        tn_fs_close(fs, second);
        return status;
    }
    out_fds[0] = first;
    out_fds[1] = second;
    return 0;
}

/* Gives the name's port, where it has none, one that is free. */
static int
choose_port(struct tn_fs *fs, const struct socket *socket,
            struct socket_name *name)
{
    if (get_port(name) != 0) {
        return find_named(fs, socket, name, 0) == NULL ? 0 : -EADDRINUSE;
    }
    for (int i = 0; i < PORT_COUNT; i++) {
        set_port(name, (uint16_t)(FIRST_PORT + fs->next_port));
        fs->next_port = (fs->next_port + 1) % PORT_COUNT;
        if (find_named(fs, socket, name, 0) == NULL) {
            return 0;
        }
    }
    return -EADDRINUSE;
}

static int
bind_unix(struct tn_fs *fs, struct socket *socket, struct socket_name *name)
{
    char path[sizeof(name->un)];
    if (!get_path(name, path)) {
        return find_named(fs, socket, name, 0) == NULL ? 0 : -EADDRINUSE;
    }
    int status = tn_fs_mknodat(fs, AT_FDCWD, path, S_IFSOCK | 0777);
    if (status < 0) {
        return status == -EEXIST ? -EADDRINUSE : status;
    }
    return find_file(fs, name, &socket->inode);
}

static int
bind_socket(struct tn_fs *fs, struct socket *socket, struct socket_name *name)
{
    int status;
    if (!is_inet(socket->domain)) {
        status = bind_unix(fs, socket, name);
    }
    else {
        status = is_here(name) ? choose_port(fs, socket, name)
                               : -EADDRNOTAVAIL;
    }
    if (status == 0) {
        socket->name = *name;
        socket->is_bound = true;
    }
    return status;
}

/* What connects or sends without a name gets one, in the file system none. */
int
socket_name_itself(struct tn_fs *fs, struct socket *socket)
{
    struct socket_name name;
    if (socket->is_bound || !is_inet(socket->domain)) {
        return 0;
    }
    clear_name(socket, &name);
    set_loopback(&name);
    return bind_socket(fs, socket, &name);
}

int
tn_fs_bind(struct tn_fs *fs, int fd, const struct sockaddr *address,
           socklen_t size)
{
    struct open_file *file;
    struct socket *socket;
    struct socket_name name;
    int status = socket_get(fs, fd, &file, &socket);
    if (status == 0) {
        status = socket_read_name(socket, address, size, &name);
    }
    if (status < 0) {
        return status;
    }
    return socket->is_bound ? -EINVAL : bind_socket(fs, socket, &name);
}

int
tn_fs_listen(struct tn_fs *fs, int fd, int backlog)
{
    struct open_file *file;
    struct socket *socket;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    if (socket->type != SOCK_STREAM) {
        return -EOPNOTSUPP;
    }
    if (socket->connection != NULL
        || (!socket->is_bound && socket->domain == AF_UNIX)) {
        return -EINVAL;
    }
    status = socket_name_itself(fs, socket);
    if (status == 0) {
        /* A negative one is unsigned on Linux, and so the greatest. */
        bool is_cut = backlog < 0 || backlog > BACKLOG_LIMIT;
        socket->backlog = is_cut ? BACKLOG_LIMIT : backlog;
        socket->is_listening = true;
    }
    return status;
}

/* The listener gets a socket that is connected with the one that asks. */
static int
connect_stream(struct tn_fs *fs, struct socket *socket,
               const struct socket_name *name)
{
    struct socket *listener, **last;
    if (socket->connection != NULL || socket->is_listening) {
        return -EISCONN;
    }
    int status = socket_find(fs, socket, name, &listener);
    if (status == 0 && !listener->is_listening) {
        status = -ECONNREFUSED;
    }
    if (status == 0) {
        status = socket_name_itself(fs, socket);
    }
    if (status < 0) {
        return status;
    }
    int count = 0;
    for (last = &listener->waiting; *last != NULL;
         last = &(*last)->next_waiting) {
        count++;
    }
    if (count > listener->backlog) {
        return socket->domain == AF_UNIX ? -EAGAIN : -ECONNREFUSED;
    }
    struct socket *end = new_socket(fs, socket->domain, socket->type, 0);
    if (end == NULL) {
        return -ENOMEM;
    }
    status = join(socket, end);
    if (status < 0) {
        socket_free(fs, end);
        return status;
    }
    end->name = listener->name;
    if (is_inet(end->domain) && is_any(&end->name)) {
        set_loopback(&end->name);
    }
    end->peer = socket->name;
    socket->peer = end->name;
    *last = end;
    return 0;
}

/* A socket for datagrams only remembers where to. */
static int
connect_packets(struct tn_fs *fs, struct socket *socket,
                const struct socket_name *name)
{
    struct socket *other;
    int status = socket_find(fs, socket, name, &other);
    if (status == -ECONNREFUSED && is_inet(socket->domain)) {
        status = 0;
    }
    if (status == 0) {
        status = socket_name_itself(fs, socket);
    }
    if (status == 0) {
        socket->peer = *name;
    }
    return status;
}

int
tn_fs_connect(struct tn_fs *fs, int fd, const struct sockaddr *address,
              socklen_t size)
{
    struct open_file *file;
    struct socket *socket;
    struct socket_name name;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    if (socket->type == SOCK_DGRAM && size >= sizeof(address->sa_family)
        && address->sa_family == AF_UNSPEC) {
        socket->peer.size = 0;
        return 0;
    }
    status = socket_read_name(socket, address, size, &name);
    if (status < 0) {
        return status;
    }
    return socket->type == SOCK_STREAM ? connect_stream(fs, socket, &name)
                                       : connect_packets(fs, socket, &name);
}

int
tn_fs_accept4(struct tn_fs *fs, int fd, struct sockaddr *address,
              socklen_t *size, int flags)
{
    struct open_file *file;
    struct socket *socket;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0
        || !socket->is_listening) {
        return socket->type == SOCK_STREAM ? -EINVAL : -EOPNOTSUPP;
    }
    struct socket *end = socket->waiting;
    if (end == NULL) {
        return -EAGAIN;
    }
    status = descriptor_reserve(fs, 0);
    if (status < 0) {
        return status;
    }
    socket->waiting = end->next_waiting;
    end->next_waiting = NULL;
    struct socket_name peer = end->peer;
    int taken = open_socket(fs, end, flags);
    if (taken >= 0) {
        socket_write_name(&peer, address, size);
    }
    return taken;
}

/* --- What is asked of them ---------------------------------------------- */

int
tn_fs_getsockname(struct tn_fs *fs, int fd, struct sockaddr *address,
                  socklen_t *size)
{
    struct open_file *file;
    struct socket *socket;
    int status = socket_get(fs, fd, &file, &socket);
    if (status == 0) {
        socket_write_name(&socket->name, address, size);
    }
    return status;
}

int
tn_fs_getpeername(struct tn_fs *fs, int fd, struct sockaddr *address,
                  socklen_t *size)
{
    struct open_file *file;
    struct socket *socket;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    if (socket->peer.size == 0 && socket->partner == NULL) {
        return -ENOTCONN;
    }
    struct socket_name none;
    clear_name(socket, &none);
    socket_write_name(socket->peer.size > 0 ? &socket->peer : &none, address,
                      size);
    return 0;
}
