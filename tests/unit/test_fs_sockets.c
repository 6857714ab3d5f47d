/* Sockets: pairs, names, connections, datagrams, ends, readiness, options. */
#include "fs_fixture.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "check.h"

static struct fixture fixture;

static struct tn_fs *
start(void)
{
    fixture_prepare(&fixture);
    return fixture_start(&fixture);
}

static struct sockaddr_in
address_of(uint32_t host, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {htonl(host)},
    };
}

static const struct sockaddr *
any(const void *address)
{
    return address;
}

static ptrdiff_t
send_to(struct tn_fs *fs, int fd, const char *text,
        const struct sockaddr_in *to)
{
    struct iovec part = {(void *)(uintptr_t)text, strlen(text)};
    struct msghdr message = {
        .msg_name = (void *)(uintptr_t)to,
        .msg_namelen = to != NULL ? sizeof(*to) : 0,
        .msg_iov = &part,
        .msg_iovlen = 1,
    };
    return tn_fs_sendmsg(fs, fd, &message, 0);
}

/* What comes has to be this text. */
static bool
receives(struct tn_fs *fs, int fd, int flags, const char *text)
{
    char bytes[64];
    struct iovec part = {bytes, sizeof(bytes)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ptrdiff_t size = tn_fs_recvmsg(fs, fd, &message, flags);
    return size == (ptrdiff_t)strlen(text)
        && memcmp(bytes, text, (size_t)size) == 0;
}

static int
ready(struct tn_fs *fs, int fd)
{
    struct pollfd poll = {.fd = fd, .events = POLLIN | POLLOUT};
    tn_fs_poll(fs, &poll, 1);
    return poll.revents;
}

static void
test_a_pair(void)
{
    struct tn_fs *fs = start();
    int ends[2];
    struct tn_fs_stat found;
    check_int(tn_fs_socketpair(fs, AF_INET, SOCK_STREAM, 0, ends),
              -EOPNOTSUPP);
    check_int(tn_fs_socketpair(fs, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
                               ends), 0);
    check_int(tn_fs_fcntl(fs, ends[0], F_GETFL, 0), O_RDWR | O_NONBLOCK);
    check_int(tn_fs_fstat(fs, ends[0], &found), 0);
    check((found.mode & S_IFMT) == S_IFSOCK);
    check_int(tn_fs_read(fs, ends[0], &found, 1), -EAGAIN);
    check_int(ready(fs, ends[0]), POLLOUT);
    check_int(tn_fs_write(fs, ends[1], "abc", 3), 3);
    check_int(ready(fs, ends[0]), POLLIN | POLLOUT);
    check(receives(fs, ends[0], MSG_PEEK, "abc"));
    check(receives(fs, ends[0], 0, "abc"));
    check_int(tn_fs_lseek(fs, ends[0], 0, SEEK_CUR), -ESPIPE);
    check_int(tn_fs_shutdown(fs, ends[1], SHUT_WR), 0);
    check_int(tn_fs_write(fs, ends[1], "d", 1), -EPIPE);
    check(receives(fs, ends[0], 0, ""));
    check_int(tn_fs_write(fs, ends[0], "e", 1), 1);
    check_int(tn_fs_close(fs, ends[1]), 0);
    check_int(tn_fs_write(fs, ends[0], "f", 1), -EPIPE);
    check_int(tn_fs_close(fs, ends[0]), 0);
    tn_fs_free(fs);
}

static void
test_a_connection(void)
{
    struct tn_fs *fs = start();
    struct sockaddr_in here = address_of(INADDR_LOOPBACK, 0);
    struct sockaddr_in found;
    socklen_t size = sizeof(here);
    int server = tn_fs_socket(fs, AF_INET, SOCK_STREAM, 0);
    int client = tn_fs_socket(fs, AF_INET, SOCK_STREAM, 0);
    check_int(tn_fs_listen(fs, client, 1), 0);
    check_int(tn_fs_close(fs, client), 0);
    client = tn_fs_socket(fs, AF_INET, SOCK_STREAM, 0);
    check_int(tn_fs_bind(fs, server, any(&here), sizeof(here)), 0);
    check_int(tn_fs_bind(fs, server, any(&here), sizeof(here)), -EINVAL);
    check_int(tn_fs_getsockname(fs, server, (struct sockaddr *)&here, &size),
              0);
    check(ntohs(here.sin_port) >= 49152);
    check_int(tn_fs_connect(fs, client, any(&here), sizeof(here)),
              -ECONNREFUSED);
    check_int(tn_fs_listen(fs, server, 0), 0);
    check_int(tn_fs_accept4(fs, server, NULL, NULL, 0), -EAGAIN);
    check_int(ready(fs, server), 0);
    check_int(tn_fs_connect(fs, client, any(&here), sizeof(here)), 0);
    check_int(tn_fs_connect(fs, client, any(&here), sizeof(here)), -EISCONN);
    check_int(ready(fs, server), POLLIN);
    int second = tn_fs_socket(fs, AF_INET, SOCK_STREAM, 0);
    check_int(tn_fs_connect(fs, second, any(&here), sizeof(here)),
              -ECONNREFUSED); /* the queue is full */
    check_int(tn_fs_write(fs, client, "early", 5), 5);
    size = sizeof(found);
    int end = tn_fs_accept4(fs, server, (struct sockaddr *)&found, &size,
                            SOCK_CLOEXEC);
    check(end >= 0);
    check_int(tn_fs_fcntl(fs, end, F_GETFD, 0), FD_CLOEXEC);
    check_int(size, sizeof(found));
    check(receives(fs, end, 0, "early"));
    struct sockaddr_in own;
    size = sizeof(own);
    check_int(tn_fs_getsockname(fs, client, (struct sockaddr *)&own, &size),
              0);
    check_int(own.sin_port, found.sin_port);
    check_int(tn_fs_getpeername(fs, server, (struct sockaddr *)&own, &size),
              -ENOTCONN);
    /* A connection that waits ends with its listener. */
    check_int(tn_fs_connect(fs, second, any(&here), sizeof(here)), 0);
    check_int(tn_fs_close(fs, server), 0);
    check(receives(fs, second, 0, ""));
    check_int(ready(fs, second) & POLLIN, POLLIN);
    tn_fs_free(fs);
}

static void
test_addresses_elsewhere(void)
{
    struct tn_fs *fs = start();
    const struct sockaddr_in away = address_of(0x5db8d822, 80);
    const struct sockaddr_in nobody = address_of(INADDR_LOOPBACK, 80);
    const struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    int fd = tn_fs_socket(fs, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    int udp = tn_fs_socket(fs, AF_INET, SOCK_DGRAM, 0);
    check_int(tn_fs_bind(fs, fd, any(&away), sizeof(away)), -EADDRNOTAVAIL);
    check_int(tn_fs_connect(fs, fd, any(&away), sizeof(away)), -ENETUNREACH);
    check_int(tn_fs_connect(fs, fd, any(&nobody), sizeof(nobody)),
              -ECONNREFUSED);
    check_int(tn_fs_connect(fs, fd, any(&nobody), 1), -EINVAL);
    check_int(tn_fs_connect(fs, fd, any(&nobody), 8), -EINVAL);
    check_int(tn_fs_connect(fs, fd, any(&six), sizeof(six)), -EAFNOSUPPORT);
    check_int(send_to(fs, udp, "x", &away), -ENETUNREACH);
    check_int(send_to(fs, udp, "x", &nobody), 1); /* lost */
    check_int(tn_fs_socket(fs, AF_INET, SOCK_RAW, 0), -ESOCKTNOSUPPORT);
    check_int(tn_fs_socket(fs, 77, SOCK_STREAM, 0), -EAFNOSUPPORT);
    check_int(tn_fs_socket(fs, AF_INET, SOCK_STREAM, IPPROTO_UDP),
              -EPROTONOSUPPORT);
    check_int(tn_fs_listen(fs, 1, 1), -ENOTSOCK);
    check_int(tn_fs_listen(fs, 99, 1), -EBADF);
    tn_fs_free(fs);
}

static void
test_datagrams(void)
{
    struct tn_fs *fs = start();
    const struct sockaddr_in here = address_of(INADDR_ANY, 9000);
    const struct sockaddr_in to = address_of(INADDR_LOOPBACK, 9000);
    int receiver = tn_fs_socket(fs, AF_INET, SOCK_DGRAM, 0);
    int sender = tn_fs_socket(fs, AF_INET, SOCK_DGRAM, 0);
    check_int(tn_fs_bind(fs, receiver, any(&here), sizeof(here)), 0);
    check_int(tn_fs_bind(fs, sender, any(&to), sizeof(to)), -EADDRINUSE);
    check_int(send_to(fs, sender, "one", NULL), -EDESTADDRREQ);
    check_int(send_to(fs, sender, "one", &to), 3);
    check_int(tn_fs_connect(fs, sender, any(&to), sizeof(to)), 0);
    check_int(send_to(fs, sender, "", NULL), 0);
    check_int(send_to(fs, sender, "three", NULL), 5);
    check(receives(fs, receiver, 0, "one"));
    check(receives(fs, receiver, 0, ""));
    char bytes[2];
    struct sockaddr_in from;
    struct iovec part = {bytes, 2};
    struct msghdr message = {
        .msg_name = &from,
        .msg_namelen = sizeof(from),
        .msg_iov = &part,
        .msg_iovlen = 1,
    };
    check_int(tn_fs_recvmsg(fs, receiver, &message, 0), 2);
    check_int(message.msg_flags, MSG_TRUNC);
    check_int(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
    check_int(tn_fs_recvmsg(fs, receiver, &message, 0), -EAGAIN);
    /* What nobody takes is lost at some time, and memory stays small. */
    for (int i = 0; i < 10000; i++) {
        check_int(send_to(fs, sender, "................................",
                          NULL), 32);
    }
    tn_fs_free(fs);
}

/* Datagrams of this text until there is no room, or `limit` of them. */
static int
send_until_full(struct tn_fs *fs, int fd, const char *text, int limit)
{
    int count = 0;
    while (count < limit && send_to(fs, fd, text, NULL) >= 0) {
        count++;
    }
    return count;
}

/* They arrive, and cannot fill memory without end. */
static void
test_empty_datagrams(void)
{
    enum { LIMIT = 100000 };
    struct tn_fs *fs = start();
    int ends[2];
    check_int(tn_fs_socketpair(fs, AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    int count = send_until_full(fs, ends[0], "", LIMIT);
    check(count > 100 && count < LIMIT);
    check_int(send_to(fs, ends[0], "", NULL), -EAGAIN);
    check_int(send_to(fs, ends[0], "x", NULL), -EAGAIN);
    for (int i = 0; i < count; i++) {
        check(receives(fs, ends[1], MSG_PEEK, ""));
        check(receives(fs, ends[1], 0, ""));
    }
    check_int(ready(fs, ends[1]), POLLOUT);
    check_int(send_until_full(fs, ends[0], "", LIMIT), count);

    /* The network loses them. */
    const struct sockaddr_in here = address_of(INADDR_LOOPBACK, 9000);
    int receiver = tn_fs_socket(fs, AF_INET, SOCK_DGRAM, 0);
    int sender = tn_fs_socket(fs, AF_INET, SOCK_DGRAM, 0);
    check_int(tn_fs_bind(fs, receiver, any(&here), sizeof(here)), 0);
    check_int(tn_fs_connect(fs, sender, any(&here), sizeof(here)), 0);
    check_int(send_until_full(fs, sender, "", 2 * count), 2 * count);
    int kept = 0;
    while (kept <= count && receives(fs, receiver, 0, "")) {
        kept++;
    }
    check_int(kept, count);
    tn_fs_free(fs);
}

static void
test_names_of_files(void)
{
    struct tn_fs *fs = start();
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/tmp/s"};
    struct sockaddr_un none = {.sun_family = AF_UNIX, .sun_path = "/tmp/t"};
    int server = tn_fs_socket(fs, AF_UNIX, SOCK_STREAM, 0);
    int client = tn_fs_socket(fs, AF_UNIX, SOCK_STREAM, 0);
    check_int(tn_fs_listen(fs, server, 1), -EINVAL);
    check_int(tn_fs_bind(fs, server, any(&name), sizeof(name)), 0);
    check_int(tn_fs_bind(fs, client, any(&name), sizeof(name)), -EADDRINUSE);
    check_int(tn_fs_listen(fs, server, 1), 0);
    check_int(tn_fs_connect(fs, client, any(&none), sizeof(none)), -ENOENT);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/tmp/s", O_RDONLY, 0), -ENXIO);
    check_int(tn_fs_connect(fs, client, any(&name), sizeof(name)), 0);
    int end = tn_fs_accept4(fs, server, NULL, NULL, 0);
    check_int(tn_fs_write(fs, end, "hello", 5), 5);
    check(receives(fs, client, 0, "hello"));
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/s", 0), 0);
    int late = tn_fs_socket(fs, AF_UNIX, SOCK_STREAM, 0);
    check_int(tn_fs_connect(fs, late, any(&name), sizeof(name)), -ENOENT);
    /* A name that begins with NUL is in no directory. */
    struct sockaddr_un hidden = {.sun_family = AF_UNIX, .sun_path = "\0x"};
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + 2;
    check_int(tn_fs_bind(fs, late, any(&hidden), size), 0);
    check_int(tn_fs_listen(fs, late, 1), 0);
    int other = tn_fs_socket(fs, AF_UNIX, SOCK_STREAM, 0);
    check_int(tn_fs_connect(fs, other, any(&hidden), size), 0);
    tn_fs_free(fs);
}

static void
test_options(void)
{
    struct tn_fs *fs = start();
    int value = 1;
    socklen_t size = sizeof(value);
    int fd = tn_fs_socket(fs, AF_INET6, SOCK_STREAM, 0);
    check_int(tn_fs_setsockopt(fs, fd, SOL_SOCKET, SO_REUSEADDR, &value,
                               size), 0);
    value = 0;
    check_int(tn_fs_getsockopt(fs, fd, SOL_SOCKET, SO_REUSEADDR, &value,
                               &size), 0);
    check_int(value, 1);
    check_int(tn_fs_getsockopt(fs, fd, SOL_SOCKET, SO_TYPE, &value, &size),
              0);
    check_int(value, SOCK_STREAM);
    check_int(tn_fs_getsockopt(fs, fd, SOL_SOCKET, 9999, &value, &size),
              -ENOPROTOOPT);
    /* What it is cannot be set. */
    check_int(tn_fs_setsockopt(fs, fd, SOL_SOCKET, SO_TYPE, &value,
                               sizeof(value)), -ENOPROTOOPT);
    check_int(tn_fs_setsockopt(fs, fd, SOL_SOCKET, SO_REUSEADDR, &value, 1),
              -EINVAL);
    value = 0;
    check_int(tn_fs_setsockopt(fs, fd, IPPROTO_IPV6, IPV6_V6ONLY, &value,
                               size), -ENOPROTOOPT);
    tn_fs_free(fs);
}

/* A client and the server's end of its connection. */
static void
connect_pair(struct tn_fs *fs, int out_fds[2])
{
    struct sockaddr_in name = address_of(INADDR_LOOPBACK, 0);
    socklen_t size = sizeof(name);
    int server = tn_fs_socket(fs, AF_INET, SOCK_STREAM, 0);
    out_fds[0] = tn_fs_socket(fs, AF_INET, SOCK_STREAM, 0);
    check_int(tn_fs_bind(fs, server, any(&name), size), 0);
    check_int(tn_fs_listen(fs, server, 1), 0);
    check_int(tn_fs_getsockname(fs, server, (void *)&name, &size), 0);
    check_int(tn_fs_connect(fs, out_fds[0], any(&name), size), 0);
    out_fds[1] = tn_fs_accept4(fs, server, NULL, NULL, 0);
    check_int(tn_fs_close(fs, server), 0);
}

static void
test_sending_in_vain(void)
{
    struct tn_fs *fs = start();
    int fds[2];
    connect_pair(fs, fds);
    check_int(tn_fs_close(fs, fds[0]), 0);
    check_int(tn_fs_write(fs, fds[1], "abc", 3), 3);
    check_int(tn_fs_write(fs, fds[1], "abc", 3), -EPIPE);

    connect_pair(fs, fds);
    check_int(tn_fs_shutdown(fs, fds[0], SHUT_RD), 0);
    check_int(tn_fs_write(fs, fds[1], "abc", 3), 3);
    check_int(tn_fs_write(fs, fds[1], "abc", 3), 3);
    tn_fs_free(fs);
}

static void
test_urgent_data(void)
{
    struct tn_fs *fs = start();
    char text[] = "abc";
    struct iovec part = {text, 3};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    int fds[2], value = 1;
    connect_pair(fs, fds);
    check_int(tn_fs_sendmsg(fs, fds[0], &message, MSG_OOB), -EOPNOTSUPP);
    check_int(tn_fs_setsockopt(fs, fds[1], SOL_SOCKET, SO_OOBINLINE, &value,
                               sizeof(value)), 0);
    check_int(tn_fs_sendmsg(fs, fds[0], &message, MSG_OOB), 3);
    check_int(tn_fs_read(fs, fds[1], text, sizeof(text)), 3);
    tn_fs_free(fs);
}

int
main(void)
{
    run_test(test_a_pair);
    run_test(test_a_connection);
    run_test(test_addresses_elsewhere);
    run_test(test_datagrams);
    run_test(test_empty_datagrams);
    run_test(test_names_of_files);
    run_test(test_options);
    run_test(test_sending_in_vain);
    run_test(test_urgent_data);
    return check_report();
}
