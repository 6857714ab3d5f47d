/* Plays the input as calls of sockets.  What poll says of a stream must hold
 * at the next call, a descriptor is one or is none for all calls alike, no
 * more bytes come out than went in, and when all is closed nothing is left. */
#include "../unit/fs_fixture.h"

#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#define FD_FIRST 3
#define FD_COUNT 12
#define CONTENT_SIZE 70000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct play {
    struct fixture fixture;
    struct tn_fs *fs;
    const uint8_t *data;
    size_t size;
    size_t sent;
    size_t received;
};

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

static unsigned char content[CONTENT_SIZE];

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

static unsigned
take(struct play *play, unsigned count)
{
    if (play->size == 0) {
        return 0;
    }
    play->size--;
    return *play->data++ % count;
}

static int
take_fd(struct play *play)
{
    return FD_FIRST + (int)take(play, FD_COUNT);
}

static int
take_type(struct play *play)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM,
                                SOCK_STREAM | SOCK_NONBLOCK,
                                SOCK_DGRAM | SOCK_CLOEXEC, SOCK_RAW};
    return types[take(play, 5)];
}

static int
take_domain(struct play *play)
{
    static const int domains[] = {AF_UNIX, AF_INET, AF_INET6, AF_UNSPEC};
    return domains[take(play, 4)];
}

/* One of a few addresses, so that calls meet; sometimes cut short. */
static socklen_t
take_address(struct play *play, union address *out)
{
    static const uint32_t hosts[] = {INADDR_LOOPBACK, INADDR_ANY, 0x0a000001};
    socklen_t size = sizeof(out->in);
    memset(out, 0, sizeof(*out));
    out->any.sa_family = (sa_family_t)take_domain(play);
    unsigned which = take(play, 8);
    if (out->any.sa_family == AF_UNIX) {
        size = sizeof(out->un);
        /* An abstract name begins with NUL. */
        snprintf(out->un.sun_path + (which >= 6), 16, "/tmp/%u", which);
    }
    else if (out->any.sa_family == AF_INET6) {
        size = sizeof(out->in6);
        out->in6.sin6_port = htons((uint16_t)(which / 2));
        out->in6.sin6_addr = which % 2 ? in6addr_loopback : in6addr_any;
    }
    else {
        out->in.sin_port = htons((uint16_t)(which / 3));
        out->in.sin_addr.s_addr = htonl(hosts[which % 3]);
    }
    unsigned cut = take(play, 64);
    return cut < 8 ? (socklen_t)cut : size;
}

static size_t
take_size(struct play *play)
{
    static const size_t sizes[] = {0, 1, 100, 4096, 4097, 65507, 65536, 70000};
    return sizes[take(play, 8)];
}

/* POLLNVAL for what is no descriptor. */
static int
poll_one(struct play *play, int fd)
{
    struct pollfd poll = {.fd = fd, .events = POLLIN | POLLOUT};
    int count = tn_fs_poll(play->fs, &poll, 1);
    require(count == (poll.revents != 0));
    return poll.revents;
}

/* SOCK_STREAM, SOCK_DGRAM, or 0 where there is no socket. */
static int
type_of(struct play *play, int fd)
{
    int type = 0;
    socklen_t size = sizeof(type);
    int status = tn_fs_getsockopt(play->fs, fd, SOL_SOCKET, SO_TYPE, &type,
                                  &size);
    bool is_closed = poll_one(play, fd) == POLLNVAL;
    require((status == -EBADF) == is_closed);
    require(status == 0 || status == -EBADF || status == -ENOTSOCK);
    return status == 0 ? type : 0;
}

static void
play_open(struct play *play)
{
    int fd = tn_fs_socket(play->fs, take_domain(play), take_type(play), 0);
    if (fd >= FD_FIRST + FD_COUNT) {
        tn_fs_close(play->fs, fd);
    }
}

static void
play_pair(struct play *play)
{
    int ends[2];
    int status = tn_fs_socketpair(play->fs, take_domain(play),
                                  take_type(play), 0, ends);
    for (int i = 0; i < 2 && status == 0; i++) {
        if (ends[i] >= FD_FIRST + FD_COUNT) {
            tn_fs_close(play->fs, ends[i]);
        }
    }
}

static void
play_bind(struct play *play)
{
    union address address;
    int fd = take_fd(play);
    socklen_t size = take_address(play, &address);
    (void)tn_fs_bind(play->fs, fd, &address.any, size);
}

static void
play_listen(struct play *play)
{
    int fd = take_fd(play);
    (void)tn_fs_listen(play->fs, fd, (int)take(play, 4) - 1);
}

static void
play_connect(struct play *play)
{
    union address address;
    int fd = take_fd(play);
    socklen_t size = take_address(play, &address);
    (void)tn_fs_connect(play->fs, fd, &address.any, size);
}

static void
play_accept(struct play *play)
{
    union address address;
    socklen_t size = (socklen_t)take(play, sizeof(address) + 1);
    int fd = take_fd(play);
    bool is_due = type_of(play, fd) == SOCK_STREAM
        && poll_one(play, fd) == POLLIN;
    int taken = tn_fs_accept4(play->fs, fd, &address.any, &size, 0);
    /* A listener is readable when somebody waits, and never writable. */
    require(!is_due || taken != -EAGAIN);
    if (taken >= FD_FIRST + FD_COUNT) {
        tn_fs_close(play->fs, taken);
    }
}

static void
play_send(struct play *play)
{
    union address address;
    int fd = take_fd(play);
    size_t size = take_size(play);
    struct iovec parts[] = {{content, size / 3}, {content, size - size / 3}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (take(play, 2) == 1) {
        message.msg_namelen = take_address(play, &address);
        message.msg_name = &address;
    }
    int type = type_of(play, fd);
    bool has_room = type == SOCK_STREAM && (poll_one(play, fd) & POLLOUT);
    ptrdiff_t sent = tn_fs_sendmsg(play->fs, fd, &message, 0);
    require(sent <= (ptrdiff_t)size);
    require(type != 0 || sent == -EBADF || sent == -ENOTSOCK);
    require(!has_room || sent != -EAGAIN);
    play->sent += sent > 0 ? (size_t)sent : 0;
}

static void
play_receive(struct play *play)
{
    union address address;
    int fd = take_fd(play);
    size_t size = take_size(play);
    int flags = take(play, 4) == 1 ? MSG_PEEK : 0;
    struct iovec parts[] = {{content, size / 2}, {content, size - size / 2}};
    struct msghdr message = {
        .msg_iov = parts,
        .msg_iovlen = 2,
        .msg_name = &address,
        .msg_namelen = sizeof(address),
    };
    bool is_due = type_of(play, fd) != 0 && (poll_one(play, fd) & POLLIN);
    ptrdiff_t received = tn_fs_recvmsg(play->fs, fd, &message, flags);
    require(received <= (ptrdiff_t)size);
    require(!is_due || received != -EAGAIN);
    if (received > 0 && flags == 0) {
        play->received += (size_t)received;
        require(play->received <= play->sent);
    }
}

static void
play_end(struct play *play)
{
    int fd = take_fd(play);
    unsigned how = take(play, 6);
    if (how < 4) {
        (void)tn_fs_shutdown(play->fs, fd, (int)how);
    }
    else if (how == 4) {
        (void)tn_fs_close(play->fs, fd);
        require(type_of(play, fd) == 0);
    }
    else {
        (void)tn_fs_dup2(play->fs, fd, take_fd(play));
    }
}

static void
play_name(struct play *play)
{
    union address address;
    int fd = take_fd(play);
    unsigned what = take(play, 4);
    socklen_t size = (socklen_t)take(play, sizeof(address) + 1);
    if (what == 0) {
        (void)tn_fs_getsockname(play->fs, fd, &address.any, &size);
    }
    else if (what == 1) {
        (void)tn_fs_getpeername(play->fs, fd, &address.any, &size);
    }
    else if (what == 2) {
        int value = (int)size;
        (void)tn_fs_setsockopt(play->fs, fd, (int)take(play, 3),
                               (int)take(play, 40), &value, sizeof(value));
    }
    else {
        char path[16];
        snprintf(path, sizeof(path), "/tmp/%u", (unsigned)size % 6);
        (void)tn_fs_unlinkat(play->fs, AT_FDCWD, path, 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const calls[])(struct play *) = {
        play_open,   play_pair, play_bind,    play_listen, play_connect,
        play_accept, play_send, play_receive, play_end,    play_name,
    };
    struct play play = {.data = data, .size = size};
    size_t before = tn_alloc_live_count();
    fixture_prepare(&play.fixture);
    play.fs = fixture_start(&play.fixture);
    while (play.size > 0) {
        calls[take(&play, 10)](&play);
    }
    tn_fs_free(play.fs);
    require(tn_alloc_live_count() == before);
    return 0;
}
