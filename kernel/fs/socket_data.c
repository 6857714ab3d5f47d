/* What goes through sockets, and what is asked of it: sending and receiving,
 * datagrams, the end of a side, readiness, options.
 */
#include "socket.h"

#include <poll.h>

/* Bytes that the datagrams which wait in one socket take, empty ones too; more
 * are lost, as in any network, or wait where the kind promises delivery. */
#define PACKETS_SIZE_LIMIT ((size_t)256 << 10)
#define PACKET_SIZE_LIMIT ((size_t)65507)

/* What SO_SNDBUF and SO_RCVBUF say of a stream. */
#define BUFFER_SIZE TN_FS_PIPE_SIZE

static size_t
size_of_parts(const struct msghdr *message)
{
    size_t size = 0;
    for (size_t i = 0; i < (size_t)message->msg_iovlen; i++) {
        size_t room = SIZE_MAX - size;
        size_t part = message->msg_iov[i].iov_len;
        size += part < room ? part : room;
    }
    return size;
}

static struct socket_option *
find_option(struct socket *socket, int level, int name)
{
    for (int i = 0; i < socket->option_count; i++) {
        struct socket_option *option = &socket->options[i];
        if (option->level == level && option->name == name) {
            return option;
        }
    }
    return NULL;
}

/* --- Streams ------------------------------------------------------------ */

static struct pipe *
way_in(const struct socket *socket)
{
    return &socket->connection->ways[socket->side];
}

static struct pipe *
way_out(const struct socket *socket)
{
    return &socket->connection->ways[!socket->side];
}

static ptrdiff_t
receive_stream(struct socket *socket, const struct msghdr *message, int flags)
{
    size_t done = 0;
    if (socket->connection == NULL) {
        return -ENOTCONN;
    }
    struct pipe *pipe = way_in(socket);
    const size_t start = pipe->start, size = pipe->size;
    if (pipe->reader_count == 0) {
        return 0;
    }
    for (size_t i = 0; i < (size_t)message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];
        if (part->iov_len == 0) {
            continue;
        }
        ptrdiff_t count = pipe_read(pipe, part->iov_base, part->iov_len);
        if (count <= 0) {
            if (done == 0 && count < 0) {
                return count;
            }
            break;
        }
        done += (size_t)count;
    }
    if (flags & MSG_PEEK) {
        pipe->start = start;
        pipe->size = size;
    }
    return (ptrdiff_t)done;
}

/* TCP sends what nobody takes any more too: only the answer to that says so,
 * and the next call fails. */
static ptrdiff_t
send_in_vain(struct socket *socket, const struct msghdr *message)
{
    if (socket->connection->ends[!socket->side] == NULL) {
        if (socket->has_sent_in_vain) {
            return -EPIPE;
        }
        socket->has_sent_in_vain = true;
    }
    return (ptrdiff_t)size_of_parts(message);
}

static ptrdiff_t
send_stream(struct socket *socket, const struct msghdr *message)
{
    size_t done = 0;
    if (socket->connection == NULL) {
        return socket->is_listening ? -EPIPE : -ENOTCONN;
    }
    if (way_out(socket)->writer_count == 0) {
        return -EPIPE;
    }
    if (way_out(socket)->reader_count == 0 && socket->domain != AF_UNIX) {
        return send_in_vain(socket, message);
    }
    for (size_t i = 0; i < (size_t)message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];
        ptrdiff_t count =
            pipe_write(way_out(socket), part->iov_base, part->iov_len);
        if (count < 0) {
            return done > 0 ? (ptrdiff_t)done : count;
        }
        done += (size_t)count;
        if ((size_t)count < part->iov_len) {
            break;
        }
    }
    return (ptrdiff_t)done;
}

/* --- Datagrams ---------------------------------------------------------- */

/* What a datagram of `size` bytes counts for. */
static size_t
cost_of_packet(size_t size)
{
    return sizeof(struct packet) + size;
}

void
socket_drop_packets(struct socket *socket)
{
    while (socket->packets != NULL) {
        struct packet *packet = socket->packets;
        socket->packets = packet->next;
        tn_free(packet);
    }
    socket->packets_size = 0;
}

static ptrdiff_t
receive_packet(struct socket *socket, struct msghdr *message, int flags)
{
    struct packet *packet = socket->packets;
    size_t done = 0;
    if (packet == NULL) {
        return -EAGAIN;
    }
    for (size_t i = 0; i < (size_t)message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];
        size_t size = packet->size - done;
        size = size < part->iov_len ? size : part->iov_len;
        if (size > 0) {
            memcpy(part->iov_base, packet->bytes + done, size);
        }
        done += size;
    }
    socket_write_name(&packet->from, message->msg_name,
                      &message->msg_namelen);
    if (done < packet->size) {
        message->msg_flags |= MSG_TRUNC;
    }
    ptrdiff_t result =
        (ptrdiff_t)((flags & MSG_TRUNC) ? packet->size : done);
    if (!(flags & MSG_PEEK)) {
        socket->packets = packet->next;
        socket->packets_size -= cost_of_packet(packet->size);
        tn_free(packet);
    }
    return result;
}

static int
find_receiver(struct tn_fs *fs, struct socket *socket,
              const struct msghdr *message, struct socket **out)
{
    struct socket_name name = socket->peer;
    if (message->msg_name != NULL && message->msg_namelen > 0) {
        int status = socket_read_name(socket, message->msg_name,
                                      message->msg_namelen, &name);
        if (status < 0) {
            return status;
        }
    }
    else if (socket->partner != NULL) {
        *out = socket->partner;
        return 0;
    }
    if (name.size == 0) {
        return socket->domain == AF_UNIX ? -ENOTCONN : -EDESTADDRREQ;
    }
    return socket_find(fs, socket, &name, out);
}

static ptrdiff_t
send_packet(struct tn_fs *fs, struct socket *socket,
            const struct msghdr *message)
{
    struct socket *receiver;
    const size_t size = size_of_parts(message);
    if (size > PACKET_SIZE_LIMIT) {
        return -EMSGSIZE;
    }
    int status = socket_name_itself(fs, socket);
    if (status == 0) {
        status = find_receiver(fs, socket, message, &receiver);
    }
    if (status == -ECONNREFUSED && socket->domain != AF_UNIX) {
        return (ptrdiff_t)size; /* nobody is there to take it */
    }
    if (status < 0) {
        return status;
    }
    if (receiver->packets_size + cost_of_packet(size) > PACKETS_SIZE_LIMIT) {
        return socket->domain == AF_UNIX ? -EAGAIN : (ptrdiff_t)size;
    }
    struct packet *packet = tn_alloc(cost_of_packet(size));
    if (packet == NULL) {
        return -ENOMEM;
    }
    packet->next = NULL;
    packet->from = socket->name;
    packet->size = 0;
    for (size_t i = 0; i < (size_t)message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];
        if (part->iov_len > 0) {
            memcpy(packet->bytes + packet->size, part->iov_base,
                   part->iov_len);
        }
        packet->size += part->iov_len;
    }
    struct packet **last = &receiver->packets;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = packet;
    receiver->packets_size += cost_of_packet(size);
    return (ptrdiff_t)size;
}

/* --- The calls ---------------------------------------------------------- */

/* Urgent data has a way only to who takes it among the rest. */
static bool
takes_urgent(const struct socket *sender)
{
    struct socket *receiver = NULL;
    if (sender->connection != NULL && sender->domain != AF_UNIX) {
        receiver = sender->connection->ends[!sender->side];
    }
    const struct socket_option *option = receiver == NULL
        ? NULL
        : find_option(receiver, SOL_SOCKET, SO_OOBINLINE);
    return option != NULL && option->value != 0;
}

ptrdiff_t
tn_fs_recvmsg(struct tn_fs *fs, int fd, struct msghdr *message, int flags)
{
    struct open_file *file;
    struct socket *socket;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    message->msg_flags = 0;
    message->msg_controllen = 0;
    if (flags & MSG_OOB) {
        return socket->type == SOCK_STREAM ? -EINVAL : -EOPNOTSUPP;
    }
    if (socket->type == SOCK_DGRAM) {
        return receive_packet(socket, message, flags);
    }
    message->msg_namelen = 0;
    return receive_stream(socket, message, flags);
}

ptrdiff_t
tn_fs_sendmsg(struct tn_fs *fs, int fd, const struct msghdr *message,
              int flags)
{
    struct open_file *file;
    struct socket *socket;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    /* Descriptors and credentials would go to another process. */
    if (message->msg_controllen > 0
        || ((flags & MSG_OOB) && !takes_urgent(socket))) {
        return -EOPNOTSUPP;
    }
    return socket->type == SOCK_DGRAM ? send_packet(fs, socket, message)
                                      : send_stream(socket, message);
}

ptrdiff_t
socket_read(struct socket *socket, void *bytes, size_t size)
{
    struct iovec part = {bytes, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return socket->type == SOCK_DGRAM ? receive_packet(socket, &message, 0)
                                      : receive_stream(socket, &message, 0);
}

ptrdiff_t
socket_write(struct tn_fs *fs, struct socket *socket, const void *bytes,
             size_t size)
{
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return socket->type == SOCK_DGRAM ? send_packet(fs, socket, &message)
                                      : send_stream(socket, &message);
}

int
tn_fs_shutdown(struct tn_fs *fs, int fd, int how)
{
    struct open_file *file;
    struct socket *socket;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR) {
        return -EINVAL;
    }
    if (socket->connection == NULL) {
        bool is_named = socket->partner != NULL || socket->peer.size > 0;
        return socket->type == SOCK_DGRAM && is_named ? 0 : -ENOTCONN;
    }
    if (how != SHUT_WR) {
        way_in(socket)->reader_count = 0;
    }
    if (how != SHUT_RD) {
        way_out(socket)->writer_count = 0;
    }
    return 0;
}

int
socket_ready(const struct socket *socket)
{
    if (socket->type == SOCK_DGRAM) {
        return POLLOUT | (socket->packets != NULL ? POLLIN : 0);
    }
    if (socket->is_listening) {
        return socket->waiting != NULL ? POLLIN : 0;
    }
    if (socket->connection == NULL) {
        return POLLOUT | POLLHUP;
    }
    const struct pipe *in = way_in(socket), *out = way_out(socket);
    bool is_over = in->writer_count == 0 || in->reader_count == 0;
    int ready = in->size > 0 || is_over ? POLLIN : 0;
    /* Writing to who does not read any more fails at once. */
    bool has_room = (pipe_ready(out, O_WRONLY) & (POLLOUT | POLLERR)) != 0;
    ready |= has_room || out->writer_count == 0 ? POLLOUT : 0;
    ready |= is_over && out->writer_count == 0 ? POLLHUP : 0;
    return ready;
}

/* --- Options ------------------------------------------------------------ */

static int
own_option(const struct socket *socket, int name, int *out)
{
    switch (name) {
    case SO_TYPE:
        *out = socket->type;
        return 0;
    case SO_DOMAIN:
        *out = socket->domain;
        return 0;
    case SO_PROTOCOL:
        *out = socket->protocol;
        if (socket->protocol == 0 && socket->domain != AF_UNIX) {
            *out = socket->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
        }
        return 0;
    case SO_ACCEPTCONN:
        *out = socket->is_listening;
        return 0;
    case SO_SNDBUF:
    case SO_RCVBUF:
        *out = BUFFER_SIZE;
        return 0;
    case SO_BROADCAST:
    case SO_DONTROUTE:
    case SO_ERROR:
    case SO_KEEPALIVE:
    case SO_LINGER:
    case SO_OOBINLINE:
    case SO_REUSEADDR:
    case SO_REUSEPORT:
        *out = 0;
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

int
tn_fs_getsockopt(struct tn_fs *fs, int fd, int level, int name, void *value,
                 socklen_t *size)
{
    struct open_file *file;
    struct socket *socket;
    int number = 0;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    const struct socket_option *option = find_option(socket, level, name);
    if (option != NULL) {
        number = option->value;
    }
    else if (level == SOL_SOCKET) {
        status = own_option(socket, name, &number);
        if (status < 0) {
            return status;
        }
    }
    size_t count = *size < sizeof(number) ? *size : sizeof(number);
    memcpy(value, &number, count);
    *size = (socklen_t)count;
    return 0;
}

/* What a socket is, which no program decides. */
static bool
is_own(int level, int name)
{
    return level == SOL_SOCKET
        && (name == SO_TYPE || name == SO_DOMAIN || name == SO_PROTOCOL
            || name == SO_ACCEPTCONN || name == SO_ERROR);
}

int
tn_fs_setsockopt(struct tn_fs *fs, int fd, int level, int name,
                 const void *value, socklen_t size)
{
    struct open_file *file;
    struct socket *socket;
    int number = 0;
    int status = socket_get(fs, fd, &file, &socket);
    if (status < 0) {
        return status;
    }
    if (is_own(level, name)) {
        return -ENOPROTOOPT;
    }
    if (size < sizeof(number)) {
        return -EINVAL;
    }
    memcpy(&number, value, sizeof(number));
    if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY && number == 0) {
        return -ENOPROTOOPT; /* the two families have ports of their own */
    }
    struct socket_option *option = find_option(socket, level, name);
    if (option == NULL) {
        if (socket->option_count == SOCKET_OPTION_LIMIT) {
            return -ENOPROTOOPT;
        }
        option = &socket->options[socket->option_count++];
    }
    *option = (struct socket_option){level, name, number};
    return 0;
}
