/* Sockets and names of hosts: this host's own, and no others.
 *
 * kernel/fs has sockets that reach the same program; what waits on them is
 * here, because other threads go on meanwhile.  The only names that are
 * known are this host's.
 */
#include <arpa/inet.h>
#include <emscripten/syscalls.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "web.h"
#include "web_thread.h"

/* How long a thread waits before it looks at its socket again: at first only
 * until others had their turn. */
#define FIRST_INTERVAL_MS 0.0625
#define LAST_INTERVAL_MS 4.0

/* --- Names ------------------------------------------------------------- */

/* What one name and one service may stand for: two families, two kinds. */
#define ADDRESS_LIMIT 4

/* The C library frees the block that a list begins with, and each entry says
 * where in the block it stands. */
struct entry {
    struct addrinfo info;
    union {
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } address;
};

static bool
is_own_name(const char *host)
{
    return host[0] == '\0' || strcmp(host, "localhost") == 0
           || strcmp(host, "localhost.localdomain") == 0;
}

/* The port of a number or of a well-known name, or EAI_SERVICE. */
static int
read_service(const char *service, const struct addrinfo *hints)
{
    char *end;
    long port;
    const struct servent *known;

    if (service == NULL || service[0] == '\0') {
        return 0;
    }
    port = strtol(service, &end, 10);
    if (*end == '\0') {
        return port >= 0 && port <= 65535 ? (int)port : EAI_SERVICE;
    }
    if (hints->ai_flags & AI_NUMERICSERV) {
        return EAI_NONAME;
    }
    known = getservbyname(service, NULL);
    return known != NULL ? ntohs((uint16_t)known->s_port) : EAI_SERVICE;
}

/* An address of IPv6, and after a % the number of an interface. */
static bool
read_scoped(const char *text, struct sockaddr_in6 *out)
{
    char host[INET6_ADDRSTRLEN];
    const char *mark = strchr(text, '%');
    size_t size = mark != NULL ? (size_t)(mark - text) : strlen(text);

    if (size >= sizeof(host)) {
        return false;
    }
    memcpy(host, text, size);
    host[size] = '\0';
    if (mark != NULL) {
        char *end;
        unsigned long scope = strtoul(mark + 1, &end, 10);
        if (mark[1] < '0' || mark[1] > '9' || *end != '\0'
            || scope > UINT32_MAX) {
            return false;
        }
        out->sin6_scope_id = (uint32_t)scope;
    }
    return inet_pton(AF_INET6, host, &out->sin6_addr) == 1;
}

/* Fills in the address of one family; false where the host has none. */
static bool
read_host(const char *host, const struct addrinfo *hints, int family,
          struct entry *out)
{
    bool is_passive = (hints->ai_flags & AI_PASSIVE) != 0;
    const char *text = is_passive ? "0.0.0.0" : "127.0.0.1";

    if (family == AF_INET6) {
        text = is_passive ? "::" : "::1";
    }
    if (host != NULL && is_own_name(host)
        && !(hints->ai_flags & AI_NUMERICHOST)) {
        text = family == AF_INET ? "127.0.0.1" : "::1";
    }
    else if (host != NULL) {
        text = host;
    }
    return family == AF_INET6
               ? read_scoped(text, &out->address.in6)
               : inet_pton(AF_INET, text, &out->address.in.sin_addr) == 1;
}

static void
fill_entry(struct entry *entry, const struct addrinfo *hints, int family,
           int type, int port)
{
    struct addrinfo *info = &entry->info;

    info->ai_family = family;
    info->ai_socktype = type;
    info->ai_protocol = type == SOCK_STREAM ? IPPROTO_TCP
                        : type == SOCK_DGRAM ? IPPROTO_UDP
                                             : hints->ai_protocol;
    info->ai_addr = (struct sockaddr *)&entry->address;
    if (family == AF_INET) {
        info->ai_addrlen = sizeof(entry->address.in);
        entry->address.in.sin_family = AF_INET;
        entry->address.in.sin_port = htons((uint16_t)port);
    }
    else {
        info->ai_addrlen = sizeof(entry->address.in6);
        entry->address.in6.sin6_family = AF_INET6;
        entry->address.in6.sin6_port = htons((uint16_t)port);
    }
}

/* Whether the hints leave this kind of socket over. */
static bool
wants_kind(const struct addrinfo *hints, int type)
{
    int protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;

    return (hints->ai_socktype == 0 || hints->ai_socktype == type)
           && (hints->ai_protocol == 0 || hints->ai_protocol == protocol);
}

static size_t
list_addresses(const char *host, const struct addrinfo *hints, int port,
               struct entry entries[ADDRESS_LIMIT])
{
    static const int families[] = {AF_INET, AF_INET6};
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
    size_t count = 0;

    for (size_t f = 0; f < 2; f++) {
        if (hints->ai_family != AF_UNSPEC
            && hints->ai_family != families[f]) {
            continue;
        }
        for (size_t t = 0; t < 2; t++) {
            if (wants_kind(hints, types[t])
                && read_host(host, hints, families[f], &entries[count])) {
                fill_entry(&entries[count++], hints, families[f], types[t],
                           port);
            }
        }
    }
    return count;
}

int
getaddrinfo(const char *restrict host, const char *restrict service,
            const struct addrinfo *restrict hints,
            struct addrinfo **restrict out)
{
    static const struct addrinfo no_hints = {.ai_family = AF_UNSPEC};
    struct entry *entries;
    size_t count;
    int port;

    hints = hints != NULL ? hints : &no_hints;
    if (host == NULL && service == NULL) {
        return EAI_NONAME;
    }
    if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET
        && hints->ai_family != AF_INET6) {
        return EAI_FAMILY;
    }
    port = read_service(service, hints);
    if (port < 0) {
        return port;
    }
    entries = calloc(ADDRESS_LIMIT, sizeof(*entries));
    if (entries == NULL) {
        return EAI_MEMORY;
    }
    count = list_addresses(host, hints, port, entries);
    if (count == 0) {
        free(entries);
        return EAI_NONAME;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        entries[i].info.ai_next = &entries[i + 1].info;
    }
    if ((hints->ai_flags & AI_CANONNAME) && host != NULL) {
        entries[0].info.ai_canonname = strdup(host);
    }
    *out = &entries[0].info;
    return 0;
}

/* In place of the C library's, whose lists are laid out otherwise. */
void
freeaddrinfo(struct addrinfo *list)
{
    if (list != NULL) {
        free(list->ai_canonname);
        free(list);
    }
}

static int
write_host(const struct sockaddr *address, int flags, char *host,
           socklen_t size)
{
    char text[INET6_ADDRSTRLEN];
    const struct sockaddr_in *in = (const void *)address;
    const struct sockaddr_in6 *in6 = (const void *)address;
    bool is_four = address->sa_family == AF_INET;
    bool is_own = is_four ? ntohl(in->sin_addr.s_addr) >> 24 == 127
                          : IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
    const void *raw = is_four ? (const void *)&in->sin_addr
                              : (const void *)&in6->sin6_addr;
    const char *name = "localhost";

    if (!is_own || (flags & NI_NUMERICHOST)) {
        if (flags & NI_NAMEREQD) {
            return EAI_NONAME;
        }
        name = inet_ntop(address->sa_family, raw, text, sizeof(text));
    }
    int written = snprintf(host, size, "%s", name);
    return written < 0 || (socklen_t)written >= size ? EAI_OVERFLOW : 0;
}

int
getnameinfo(const struct sockaddr *restrict address, socklen_t address_size,
            char *restrict host, socklen_t host_size, char *restrict service,
            socklen_t service_size, int flags)
{
    int status = 0;

    if (address_size < sizeof(struct sockaddr_in)
        || (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        || (address->sa_family == AF_INET6
            && address_size < sizeof(struct sockaddr_in6))) {
        return EAI_FAMILY;
    }
    if (host != NULL && host_size > 0) {
        status = write_host(address, flags, host, host_size);
    }
    if (status == 0 && service != NULL && service_size > 0) {
        /* The port stands in the same place in both. */
        const struct sockaddr_in *in = (const void *)address;
        const struct servent *known
            = flags & NI_NUMERICSERV
                  ? NULL
                  : getservbyport(in->sin_port,
                                  flags & NI_DGRAM ? "udp" : "tcp");
        int written = known != NULL
            ? snprintf(service, service_size, "%s", known->s_name)
            : snprintf(service, service_size, "%d", ntohs(in->sin_port));
        if (written < 0 || (socklen_t)written >= service_size) {
            status = EAI_OVERFLOW;
        }
    }
    return status;
}

/* The C library's list is a file that is not here; these are its services
 * that Python's library and its tests speak of. */
static struct servent *
find_service(const char *name, int port, const char *protocol)
{
    static char tcp[] = "tcp", udp[] = "udp";
    static char *no_aliases[] = {NULL};
    static const struct {
        char name[12];
        int port;
        bool has_tcp;
        bool has_udp;
    } known[] = {
        {"echo", 7, true, true},     {"discard", 9, true, true},
        {"daytime", 13, true, true}, {"ftp-data", 20, true, false},
        {"ftp", 21, true, false},    {"ssh", 22, true, false},
        {"telnet", 23, true, false}, {"smtp", 25, true, false},
        {"time", 37, true, true},    {"domain", 53, true, true},
        {"http", 80, true, false},   {"pop3", 110, true, false},
        {"nntp", 119, true, false},  {"ntp", 123, false, true},
        {"imap", 143, true, false},  {"snmp", 161, true, true},
        {"ldap", 389, true, true},   {"https", 443, true, true},
        {"syslog", 514, false, true}, {"imaps", 993, true, false},
        {"pop3s", 995, true, false},
    };
    static char found_name[sizeof(known[0].name)];
    static struct servent found;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        bool is_asked = name != NULL ? strcmp(name, known[i].name) == 0
                                     : port == known[i].port;
        bool is_tcp = known[i].has_tcp
                      && (protocol == NULL || strcmp(protocol, tcp) == 0);
        bool is_udp = known[i].has_udp
                      && (protocol == NULL || strcmp(protocol, udp) == 0);
        if (!is_asked || (!is_tcp && !is_udp)) {
            continue;
        }
        memcpy(found_name, known[i].name, sizeof(found_name));
        found = (struct servent){
            .s_name = found_name,
            .s_aliases = no_aliases,
            .s_port = htons((uint16_t)known[i].port),
            .s_proto = is_tcp ? tcp : udp,
        };
        return &found;
    }
    return NULL;
}

struct servent *
getservbyname(const char *name, const char *protocol)
{
    return find_service(name, 0, protocol);
}

struct servent *
getservbyport(int port, const char *protocol)
{
    return find_service(NULL, ntohs((uint16_t)port), protocol);
}

/* What a lookup that failed says, in place of the C library's words. */
static const char no_names[]
    = "a page knows no host but localhost; http and https go through "
      "urllib.request, http.client or requests";

const char *
gai_strerror(int code)
{
    switch (code) {
    case EAI_NONAME:
        return no_names;
    case EAI_SERVICE:
        return "Unrecognized service";
    case EAI_FAMILY:
        return "Unrecognized address family or invalid length";
    case EAI_MEMORY:
        return "Out of memory";
    case EAI_OVERFLOW:
        return "Overflow";
    case EAI_BADFLAGS:
        return "Invalid flags";
    default:
        return "Unknown error";
    }
}

const char *
hstrerror(int code)
{
    (void)code;
    return no_names;
}

struct protoent *
getprotobyname(const char *name)
{
    static char *no_aliases[] = {NULL};
    static struct protoent known[] = {
        {.p_name = "ip", .p_aliases = no_aliases, .p_proto = IPPROTO_IP},
        {.p_name = "icmp", .p_aliases = no_aliases, .p_proto = IPPROTO_ICMP},
        {.p_name = "tcp", .p_aliases = no_aliases, .p_proto = IPPROTO_TCP},
        {.p_name = "udp", .p_aliases = no_aliases, .p_proto = IPPROTO_UDP},
        {.p_name = "ipv6", .p_aliases = no_aliases, .p_proto = IPPROTO_IPV6},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(name, known[i].p_name) == 0) {
            return &known[i];
        }
    }
    return NULL;
}

/* What the C library's gethostbyname calls; its header is private to it, and
 * so is the layout, which is musl's. */
struct address {
    int family;
    unsigned scope_id;
    uint8_t bytes[16];
    int sort_key;
};
int __lookup_name(struct address *addresses, char *canonical_name,
                  const char *name, int family, int flags);

int
__lookup_name(struct address *addresses, char *canonical_name,
              const char *name, int family, int flags)
{
    const struct addrinfo hints = {.ai_flags = flags & ~AI_PASSIVE};
    struct entry entry = {.info = {.ai_next = NULL}};

    family = family == AF_UNSPEC ? AF_INET : family;
    if (!read_host(name, &hints, family, &entry)) {
        return EAI_NONAME;
    }
    *addresses = (struct address){.family = family};
    if (family == AF_INET) {
        memcpy(addresses->bytes, &entry.address.in.sin_addr, 4);
    }
    else {
        memcpy(addresses->bytes, &entry.address.in6.sin6_addr, 16);
    }
    (void)snprintf(canonical_name, 256, "%s", name);
    return 1;
}

/* --- Sockets ----------------------------------------------------------- */

/* True when a call is worth trying again: it would block, and another thread
 * or a signal may end that.  `wait_ms` grows from call to call. */
static bool
waits(int fd, int flags, ptrdiff_t *status, double *wait_ms)
{
    int file_flags;

    if (*status != -EAGAIN || (flags & MSG_DONTWAIT) || web_is_alone()) {
        return false;
    }
    file_flags = tn_fs_fcntl(web_fs(), fd, F_GETFL, 0);
    if (file_flags < 0 || (file_flags & O_NONBLOCK)) {
        return false;
    }
    if (web_sleep(*wait_ms) < 0) {
        *status = -EINTR;
        return false;
    }
    *wait_ms = *wait_ms > 0 ? *wait_ms * 2 : FIRST_INTERVAL_MS;
    if (*wait_ms > LAST_INTERVAL_MS) {
        *wait_ms = LAST_INTERVAL_MS;
    }
    return true;
}

int
__syscall_socket(int domain, int type, int protocol, int unused_1,
                 int unused_2, int unused_3)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return tn_fs_socket(web_fs(), domain, type, protocol);
}

int
__syscall_socketpair(int domain, int type, int protocol, int fds[2],
                     int unused_1, int unused_2)
{
    (void)unused_1;
    (void)unused_2;
    return tn_fs_socketpair(web_fs(), domain, type, protocol, fds);
}

int
__syscall_bind(int fd, const struct sockaddr *addr, socklen_t len,
               int unused_1, int unused_2, int unused_3)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return tn_fs_bind(web_fs(), fd, addr, len);
}

int
__syscall_connect(int fd, const struct sockaddr *addr, socklen_t len,
                  int unused_1, int unused_2, int unused_3)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return tn_fs_connect(web_fs(), fd, addr, len);
}

int
__syscall_listen(int fd, int backlog, int unused_1, int unused_2,
                 int unused_3, int unused_4)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    (void)unused_4;
    return tn_fs_listen(web_fs(), fd, backlog);
}

int
__syscall_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags,
                  int unused_1, int unused_2)
{
    double wait_ms = 0;
    ptrdiff_t status;

    (void)unused_1;
    (void)unused_2;
    do {
        status = tn_fs_accept4(web_fs(), fd, addr, len, flags);
    } while (waits(fd, 0, &status, &wait_ms));
    return (int)status;
}

int
__syscall_getsockopt(int fd, int level, int optname, void *optval,
                     socklen_t *optlen, int unused)
{
    (void)unused;
    return tn_fs_getsockopt(web_fs(), fd, level, optname, optval, optlen);
}

int
__syscall_setsockopt(int fd, int level, int optname, const void *optval,
                     socklen_t optlen, int unused)
{
    (void)unused;
    return tn_fs_setsockopt(web_fs(), fd, level, optname, optval, optlen);
}

int
__syscall_getsockname(int fd, struct sockaddr *addr, socklen_t *len,
                      int unused_1, int unused_2, int unused_3)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return tn_fs_getsockname(web_fs(), fd, addr, len);
}

int
__syscall_getpeername(int fd, struct sockaddr *addr, socklen_t *len,
                      int unused_1, int unused_2, int unused_3)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return tn_fs_getpeername(web_fs(), fd, addr, len);
}

static ptrdiff_t
receive(int fd, struct msghdr *message, int flags)
{
    const socklen_t name_size = message->msg_namelen;
    double wait_ms = 0;
    ptrdiff_t status;

    do {
        message->msg_namelen = name_size;
        status = tn_fs_recvmsg(web_fs(), fd, message, flags);
    } while (waits(fd, flags, &status, &wait_ms));
    return status;
}

static ptrdiff_t
transmit(int fd, const struct msghdr *message, int flags)
{
    double wait_ms = 0;
    ptrdiff_t status;

    do {
        status = tn_fs_sendmsg(web_fs(), fd, message, flags);
    } while (waits(fd, flags, &status, &wait_ms));
    return status;
}

int
__syscall_sendto(int fd, const void *buf, size_t len, int flags,
                 const struct sockaddr *addr, socklen_t alen)
{
    struct iovec part = {(void *)(uintptr_t)buf, len};
    const struct msghdr message = {
        .msg_name = (void *)(uintptr_t)addr,
        .msg_namelen = addr != NULL ? alen : 0,
        .msg_iov = &part,
        .msg_iovlen = 1,
    };

    return (int)transmit(fd, &message, flags);
}

int
__syscall_sendmsg(int fd, const struct msghdr *msg, int flags, int unused_1,
                  int unused_2, int unused_3)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return (int)transmit(fd, msg, flags);
}

int
__syscall_recvfrom(int fd, void *buf, size_t len, int flags,
                   struct sockaddr *addr, socklen_t *alen)
{
    struct iovec part = {buf, len};
    struct msghdr message = {
        .msg_name = addr,
        .msg_namelen = alen != NULL ? *alen : 0,
        .msg_iov = &part,
        .msg_iovlen = 1,
    };
    ptrdiff_t status = receive(fd, &message, flags);

    if (status >= 0 && alen != NULL) {
        *alen = message.msg_namelen;
    }
    return (int)status;
}

int
__syscall_recvmsg(int fd, struct msghdr *msg, int flags, int unused_1,
                  int unused_2, int unused_3)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    return (int)receive(fd, msg, flags);
}

int
__syscall_shutdown(int fd, int how, int unused_1, int unused_2, int unused_3,
                   int unused_4)
{
    (void)unused_1;
    (void)unused_2;
    (void)unused_3;
    (void)unused_4;
    return tn_fs_shutdown(web_fs(), fd, how);
}
