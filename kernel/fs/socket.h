/* What socket.c and socket_data.c share. */
#ifndef TN_FS_SOCKET_H
#define TN_FS_SOCKET_H

#include "fs_internal.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Options that a program set and asks for again; none changes anything. */
#define SOCKET_OPTION_LIMIT 16

/* An address; `size` 0 is none. */
struct socket_name {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
    };
    socklen_t size;
};

/* A connected pair: side 0 reads way 0 and writes way 1. */
struct connection {
    struct pipe ways[2];
    struct socket *ends[2]; /* NULL for one that is freed */
};

struct packet {
    struct packet *next;
    struct socket_name from;
    size_t size;
    unsigned char bytes[];
};

struct socket_option {
    int level;
    int name;
    int value;
};

struct socket {
    struct socket *next; /* in fs->sockets */
    int domain;
    int type;
    int protocol;
    bool is_bound;
    bool is_listening;
    struct socket_name name;
    struct socket_name peer;
    uint64_t inode;         /* of the file that it is bound to, or 0 */
    struct socket *partner; /* the other one of a socketpair, while it lives */
    struct connection *connection; /* of a stream, or NULL */
    int side;
    bool has_sent_in_vain; /* to an end that is freed */
    int backlog;
    struct socket *waiting; /* owned; to be accepted, oldest first */
    struct socket *next_waiting;
    struct packet *packets; /* owned, oldest first */
    size_t packets_size;    /* what they take, as cost_of_packet has it */
    struct socket_option options[SOCKET_OPTION_LIMIT];
    int option_count;
};

/* -EBADF, -ENOTSOCK. */
int socket_get(const struct tn_fs *fs, int fd, struct open_file **file,
               struct socket **out);

/* -EINVAL or -EAFNOSUPPORT for what is no address of the socket's family. */
int socket_read_name(const struct socket *socket,
                     const struct sockaddr *address, size_t size,
                     struct socket_name *out);

/* As much as fits; either pointer may be NULL. */
void socket_write_name(const struct socket_name *name,
                       struct sockaddr *address, socklen_t *size);

/* The socket that a name stands for: -ECONNREFUSED, -ENETUNREACH, -ENOENT. */
int socket_find(struct tn_fs *fs, const struct socket *asking,
                const struct socket_name *name, struct socket **out);

/* A name for what is to send without one. */
int socket_name_itself(struct tn_fs *fs, struct socket *socket);

void socket_drop_packets(struct socket *socket);

#endif /* TN_FS_SOCKET_H */
