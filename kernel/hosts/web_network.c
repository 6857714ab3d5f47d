/* Sockets and names of hosts, which a page has not.
 *
 * `import socket` works, and what only computes (ntohs, inet_aton) does too;
 * making a socket or looking a name up is an OSError.  What wants a socket
 * first can never get one, so it is called with a descriptor of something
 * else, or of nothing.
 */
#include <emscripten/syscalls.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>

#include "web.h"

/* --- Names ------------------------------------------------------------- */

int
getaddrinfo(const char *restrict host, const char *restrict service,
            const struct addrinfo *restrict hints,
            struct addrinfo **restrict out)
{
    (void)host;
    (void)service;
    (void)hints;
    (void)out;
    return EAI_FAIL;
}

int
getnameinfo(const struct sockaddr *restrict address, socklen_t address_size,
            char *restrict host, socklen_t host_size, char *restrict service,
            socklen_t service_size, int flags)
{
    (void)address;
    (void)address_size;
    (void)host;
    (void)host_size;
    (void)service;
    (void)service_size;
    (void)flags;
    return EAI_FAIL;
}

struct protoent *
getprotobyname(const char *name)
{
    (void)name;
    return NULL;
}

/* What the C library's gethostbyname calls; its header is private to it. */
struct address;
int __lookup_name(struct address *addresses, char *canonical_name,
                  const char *name, int family, int flags);

int
__lookup_name(struct address *addresses, char *canonical_name,
              const char *name, int family, int flags)
{
    (void)addresses;
    (void)canonical_name;
    (void)name;
    (void)family;
    (void)flags;
    return EAI_FAIL;
}

/* --- Sockets ----------------------------------------------------------- */

int
__syscall_socket(int domain, int type, int protocol, int unused_1,
                 int unused_2, int unused_3)
{
    (void)domain;
    (void)type;
    (void)protocol;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return -EAFNOSUPPORT;
}

int
__syscall_socketpair(int domain, int type, int protocol, int fds[2],
                     int unused_1, int unused_2)
{
    (void)domain;
    (void)type;
    (void)protocol;
    (void)fds;
    (void)unused_1;
    (void)unused_2;
    return -EAFNOSUPPORT;
}

/* Of all other calls: no descriptor is a socket. */
static int
refuse(int fd)
{
    int status = tn_fs_fcntl(web_fs(), fd, F_GETFD, 0);

    return status < 0 ? status : -ENOTSOCK;
}

int
__syscall_bind(int fd, const struct sockaddr *addr, socklen_t len,
               int unused_1, int unused_2, int unused_3)
{
    (void)addr;
    (void)len;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return refuse(fd);
}

int
__syscall_connect(int fd, const struct sockaddr *addr, socklen_t len,
                  int unused_1, int unused_2, int unused_3)
{
    (void)addr;
    (void)len;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return refuse(fd);
}

int
__syscall_listen(int fd, int backlog, int unused_1, int unused_2,
                 int unused_3, int unused_4)
{
    (void)backlog;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    (void)unused_4;
    return refuse(fd);
}

int
__syscall_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags,
                  int unused_1, int unused_2)
{
    (void)addr;
    (void)len;
    (void)flags;
    (void)unused_1;
    (void)unused_2;
    return refuse(fd);
}

int
__syscall_getsockopt(int fd, int level, int optname, void *optval,
                     socklen_t *optlen, int unused)
{
    (void)level;
    (void)optname;
    (void)optval;
    (void)optlen;
    (void)unused;
    return refuse(fd);
}

int
__syscall_setsockopt(int fd, int level, int optname, const void *optval,
                     socklen_t optlen, int unused)
{
    (void)level;
    (void)optname;
    (void)optval;
    (void)optlen;
    (void)unused;
    return refuse(fd);
}

int
__syscall_getsockname(int fd, struct sockaddr *addr, socklen_t *len,
                      int unused_1, int unused_2, int unused_3)
{
    (void)addr;
    (void)len;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return refuse(fd);
}

int
__syscall_getpeername(int fd, struct sockaddr *addr, socklen_t *len,
                      int unused_1, int unused_2, int unused_3)
{
    (void)addr;
    (void)len;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return refuse(fd);
}

int
__syscall_sendto(int fd, const void *buf, size_t len, int flags,
                 const struct sockaddr *addr, socklen_t alen)
{
    (void)buf;
    (void)len;
    (void)flags;
    (void)addr;
    (void)alen;
    return refuse(fd);
}

int
__syscall_sendmsg(int fd, const struct msghdr *msg, int flags, int unused_1,
                  int unused_2, int unused_3)
{
    (void)msg;
    (void)flags;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return refuse(fd);
}

int
__syscall_recvfrom(int fd, void *buf, size_t len, int flags,
                   struct sockaddr *addr, socklen_t *alen)
{
    (void)buf;
    (void)len;
    (void)flags;
    (void)addr;
    (void)alen;
    return refuse(fd);
}

int
__syscall_recvmsg(int fd, struct msghdr *msg, int flags, int unused_1,
                  int unused_2, int unused_3)
{
    (void)msg;
    (void)flags;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return refuse(fd);
}

int
__syscall_shutdown(int fd, int how, int unused_1, int unused_2, int unused_3,
                   int unused_4)
{
    (void)how;
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    (void)unused_4;
    return refuse(fd);
}
