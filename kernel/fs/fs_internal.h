/* What the files of kernel/fs share: the structs, and who may call what.
 *
 * Functions return a non-negative result or a negative errno unless they say
 * otherwise.  Nothing here is for users of the library; they have fs.h.
 */
#ifndef TN_FS_INTERNAL_H
#define TN_FS_INTERNAL_H

/* O_PATH, O_TMPFILE, AT_EMPTY_PATH and DT_* are extensions.  This header is
 * the first that every file here includes. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>

#include "alloc.h"
#include "fs.h"
#include "image_format.h"
#include "status.h"

/* Writable content is kept in pieces of this size, so that appending never
 * moves what is there and cutting off gives memory back. */
#define CHUNK_SIZE ((uint32_t)64 << 10)

/* The two positions of `.` and `..`; entry cookies count on from here. */
#define COOKIE_FIRST 2

struct node;
struct socket;

/* Images (image.c, image_cache.c). */

struct image {
    const unsigned char *bytes;
    size_t size;
    char *name; /* owned */
    char *path; /* owned; that it lies over */
    size_t number; /* in fs->images */
    bool is_present; /* its blocks, not only its index */
    enum tn_fs_image_memory memory;
    enum image_codec codec;
    uint32_t block_size;
    uint32_t block_count;
    uint32_t entry_count;
    uint32_t text_size;
    const unsigned char *blocks;  /* block records */
    const unsigned char *entries; /* entry records */
    const unsigned char *text;    /* names and link targets */
    uint64_t content_size;        /* sum of the blocks' raw sizes */
    unsigned char *checked;       /* owned; a bit for each block whose checksum
                                     was found right */
};

/* One entry record, decoded. */
struct image_entry {
    const char *name;
    uint32_t name_size;
    uint32_t mode;
    int64_t mtime;
    uint64_t offset;
    uint64_t size;
};

/* Checks header and index whole, so that image_get_entry needs no checks.
 * A status of bridge/status.h; `message` (of `message_size` bytes) then says
 * what is wrong.  `name` is copied. */
int image_open(struct image *out, const char *name, const void *bytes,
               size_t size, char *message, size_t message_size);
void image_close(struct image *image);
void image_get_entry(const struct image *image, uint32_t index,
                     struct image_entry *out);

struct cached_block {
    const struct image *image;
    uint32_t block;
    uint32_t capacity;
    uint64_t last_use; /* value of block_cache.clock */
    unsigned char *bytes;
};

/* Decoded blocks, the least recently used leaves first. */
struct block_cache {
    struct cached_block *slots;
    size_t slot_count;
    size_t slot_capacity;
    size_t latest; /* where the last hit was: the next is likely there too */
    size_t size;   /* sum of the capacities */
    uint64_t clock;
};

/* Copies content of an image; all of it or -EIO (reported) or -ENOMEM. */
int image_read(struct tn_fs *fs, struct image *image, uint64_t offset,
               void *bytes, size_t size);

/* Decodes one block without keeping it; 0 or -EIO (reported), -ENOMEM. */
int image_check_block(struct tn_fs *fs, struct image *image, uint32_t block);
void image_cache_clear(struct block_cache *cache);

/* Nodes (node.c). */

/* A run of content.  Bytes from `capacity` to CHUNK_SIZE are zero. */
struct chunk {
    uint32_t index; /* content offset / CHUNK_SIZE */
    uint32_t capacity;
    unsigned char *bytes; /* owned */
};

/* A regular file.  Allocated bytes beyond `size` are always zero. */
struct content {
    uint64_t size;
    struct image *image; /* where the bytes are; NULL: in chunks */
    uint64_t image_offset;
    struct chunk *chunks; /* owned, sorted by index; what is missing is zero */
    uint32_t chunk_count;
    uint32_t chunk_capacity;
};

/* A name in a directory; `node` is NULL after it was removed. */
struct entry {
    const char *name; /* owned unless is_borrowed (it is an image's text) */
    struct node *node;
    uint64_t cookie; /* ascending in the array, never used again */
    uint32_t hash;
    uint8_t name_size;
    bool is_borrowed;
};

/* An image's directory whose entries are not all in the tree yet. */
struct source {
    struct image *image;
    uint32_t next; /* index of the next entry record to take */
    uint32_t end;
};

struct directory {
    struct node *parent; /* held, but the root's is itself and not held */
    const char *name;    /* the entry's, borrowed; NULL for the root and once
                            removed */
    uint8_t name_size;
    struct entry *entries; /* owned */
    uint32_t entry_count;  /* removed ones too */
    uint32_t entry_capacity;
    uint32_t live_count;
    uint32_t slot_count; /* of the hash table; 0 while there are few entries */
    uint32_t *slots;     /* owned; entry index + 1, 0 is free */
    uint64_t next_cookie;
    struct source *sources; /* owned; lowest layer first */
    uint32_t source_count;
};

struct link {
    const char *target; /* not NUL-terminated */
    uint32_t size;
    bool is_borrowed; /* an image's text */
};

enum device {
    DEVICE_NULL = 1,
    DEVICE_ZERO,
    DEVICE_FULL,
    DEVICE_RANDOM,
    DEVICE_STDIN,
    DEVICE_STDOUT,
    DEVICE_STDERR,
    DEVICE_TERMINAL,
};

/* A ring of TN_FS_PIPE_SIZE bytes. */
struct pipe {
    unsigned char *bytes; /* owned */
    size_t start;
    size_t size;
    uint32_t reader_count; /* open files that may read */
    uint32_t writer_count;
};

/* A file of any type.  It lives while it has a name or is held. */
struct node {
    struct node *next; /* in the list of all nodes */
    struct node *previous;
    uint64_t inode;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
    uint32_t link_count; /* names */
    uint32_t hold_count; /* open files, child directories, the cwd */
    bool is_counted;     /* in fs->writable_count */
    bool is_image;       /* untouched: a higher image may replace it */
    bool is_linkable;    /* from O_TMPFILE: link may give it a first name */
    bool is_descriptors; /* the directory /dev/fd */
    struct timespec atime;
    struct timespec mtime;
    struct timespec ctime;
    union {
        struct content content;
        struct directory directory;
        struct link link;
        struct pipe pipe;
        struct socket *socket; /* owned; NULL: the file is a name of one */
        enum device device;
    };
};

/* Descriptors. */

/* What open makes and dup shares. */
struct open_file {
    uint32_t reference_count;
    int flags;         /* access mode and status flags */
    struct node *node; /* held */
    int64_t position;  /* in a directory: a cookie */
    int lock;          /* LOCK_SH, LOCK_EX or 0 */
};

struct descriptor {
    struct open_file *file; /* NULL: free */
    bool closes_on_exec;
};

struct tn_fs {
    struct tn_fs_config config; /* limits filled in */
    struct node *nodes;         /* all of them */
    struct node *root;
    struct node *cwd; /* held */
    uint64_t next_inode;
    uint32_t node_count;
    uint32_t writable_count;
    uint64_t writable_size;
    uint32_t umask;
    struct descriptor *descriptors; /* owned */
    int descriptor_capacity;
    int descriptor_count; /* open ones */
    int descriptor_hint;  /* none below this is free */
    struct image *images[TN_FS_IMAGE_LIMIT]; /* owned */
    size_t image_count;
    struct block_cache cache;
    struct socket *sockets;  /* all of them */
    uint32_t next_port;      /* that a socket gets by itself */
    struct termios terminal; /* as tcsetattr left it */
    uint64_t image_file_count;
    struct tn_fs_counters counters; /* only those that nothing else knows */
};

static inline bool
node_is(const struct node *node, uint32_t type)
{
    return (node->mode & S_IFMT) == type;
}

/* A node without names or holds; the union is zero.  `time` NULL is now.  NULL
 * when memory is exhausted. */
struct node *node_new(struct tn_fs *fs, uint32_t mode,
                      const struct timespec *time);

/* The same, counted against file_count_limit.  *out is not held. */
int node_new_counted(struct tn_fs *fs, uint32_t mode, struct node **out);
int node_new_directory(struct tn_fs *fs, struct node *parent, uint32_t mode,
                       struct node **out);

void node_hold(struct node *node);

/* Lets go; a node without names and holds is freed, and directories above it
 * that lived only for it. */
void node_release(struct tn_fs *fs, struct node *node);

/* Takes one name away. */
void node_unlink(struct tn_fs *fs, struct node *node);

/* Frees it at once, whatever holds it: a failed creation, or the end. */
void node_free(struct tn_fs *fs, struct node *node);

void node_now(struct tn_fs *fs, struct timespec *out);
void node_touch_change(struct tn_fs *fs, struct node *node); /* ctime */
void node_touch_write(struct tn_fs *fs, struct node *node); /* and mtime */

/* As `relatime` does: only where the access time says less than the others,
 * so that reading costs no clock call. */
void node_touch_read(struct tn_fs *fs, struct node *node);

/* Space of the writable layer: -ENOSPC beyond the limit. */
int node_charge(struct tn_fs *fs, uint64_t size);
void node_discharge(struct tn_fs *fs, uint64_t size);

/* Contents (content.c). */

ptrdiff_t content_read(struct tn_fs *fs, struct node *node, void *bytes,
                       size_t size, uint64_t offset);
ptrdiff_t content_write(struct tn_fs *fs, struct node *node, const void *bytes,
                        size_t size, uint64_t offset);
int content_resize(struct tn_fs *fs, struct node *node, uint64_t size);
int content_reserve(struct tn_fs *fs, struct node *node, uint64_t offset,
                    uint64_t size);
void content_clear(struct tn_fs *fs, struct content *content);

/* Bytes that it takes: in an image its size, else what is allocated. */
uint64_t content_used(const struct content *content);

/* The first offset from `offset` on that is data, or (with `hole`) is not. */
uint64_t content_seek(const struct content *content, uint64_t offset,
                      bool hole);

/* Directories (directory.c). */

/* Takes in what mounted images still have to add.  Call it before any other
 * function of this group. */
int directory_load(struct tn_fs *fs, struct node *directory);

/* Another image's directory on top of what is there. */
int directory_add_source(struct directory *directory, struct image *image,
                         const struct image_entry *entry);

/* NULL where there is no such name; valid until the next change. */
struct entry *directory_find(const struct directory *directory,
                             const char *name, size_t size);

/* Gives `node` a name, which is copied and not there yet; -ENOMEM. */
int directory_add(struct node *directory, const char *name, size_t size,
                  struct node *node);

/* Puts another node under a name that is there.  The old one loses a name. */
void directory_replace(struct tn_fs *fs, struct node *directory,
                       struct entry *entry, struct node *node);

/* Takes a name away; the node loses one. */
void directory_remove(struct tn_fs *fs, struct node *directory,
                      struct entry *entry);

/* The first entry whose cookie is `cookie` or greater; NULL at the end. */
struct entry *directory_next(const struct directory *directory,
                             uint64_t cookie);
void directory_clear(struct directory *directory);

/* Walking paths (walk.c). */

enum walk_flags {
    WALK_FOLLOW = 1, /* also the last name, if it is a symbolic link */
    WALK_CREATE = 2, /* the last name may be missing: node is then NULL; what
                        a slash behind it means is left to the caller */
    WALK_EMPTY = 4,  /* an empty path means the file behind dirfd */
    WALK_KEEP = 8,   /* a link as last name is meant itself, even before a
                        slash, and is then -ENOTDIR */
};

/* What the last part of a path was. */
enum walk_last {
    WALK_NAME,
    WALK_DOT,
    WALK_DOT_DOT,
    WALK_START, /* none: `/`, or a file given by its descriptor */
};

/* Borrowed, valid until the tree changes. */
struct walk {
    struct node *directory; /* where the last name stands; WALK_NAME only */
    struct node *node;      /* what was found */
    const char *name;       /* not NUL-terminated; WALK_NAME only */
    size_t name_size;
    enum walk_last last;
    bool has_slash; /* the path ended in one: a directory is meant */
};

int walk_path(struct tn_fs *fs, int dirfd, const char *path, int flags,
              struct walk *out);

/* Whether a name may be made where the walk ended: 0, -ENOENT in a removed
 * directory, -EACCES in /dev/fd. */
int walk_check_parent(const struct walk *walk);

/* Descriptors (descriptor.c). */

/* -EBADF. */
int descriptor_get(const struct tn_fs *fs, int fd, struct open_file **out);

/* The same, but also -EBADF for one opened with O_PATH. */
int descriptor_get_io(const struct tn_fs *fs, int fd, struct open_file **out);

/* An open file of `node`, which it holds; gives the lowest free
 * descriptor. */
int descriptor_open(struct tn_fs *fs, struct node *node, int flags);

/* -EMFILE or -ENOMEM if descriptor_open could not get a descriptor now. */
int descriptor_reserve(struct tn_fs *fs, int minimum);
void descriptor_close_all(struct tn_fs *fs);

/* Devices and pipes (device.c, pipe.c). */

int device_make_tree(struct tn_fs *fs);
int device_open_streams(struct tn_fs *fs);
int device_check_open(const struct tn_fs *fs, const struct node *node);
ptrdiff_t device_read(struct tn_fs *fs, struct node *node, void *bytes,
                      size_t size);
ptrdiff_t device_write(struct tn_fs *fs, struct node *node, const void *bytes,
                       size_t size);
bool device_is_terminal(const struct tn_fs *fs, const struct node *node);
bool device_can_seek(const struct node *node);
uint64_t device_get_number(const struct node *node); /* st_rdev */
int device_ready(const struct tn_fs *fs, const struct node *node);

void pipe_attach(struct pipe *pipe, int flags);
void pipe_detach(struct pipe *pipe, int flags);
ptrdiff_t pipe_read(struct pipe *pipe, void *bytes, size_t size);
ptrdiff_t pipe_write(struct pipe *pipe, const void *bytes, size_t size);
int pipe_ready(const struct pipe *pipe, int flags);

/* Sockets (socket.c, socket_data.c). */

void socket_free(struct tn_fs *fs, struct socket *socket);
ptrdiff_t socket_read(struct socket *socket, void *bytes, size_t size);
ptrdiff_t socket_write(struct tn_fs *fs, struct socket *socket,
                       const void *bytes, size_t size);
int socket_ready(const struct socket *socket);

/* Whole trees (whole.c). */

/* Makes the directory that the first `size` bytes of `path` name, and all
 * above it; what is there already is fine, whatever it is. */
int whole_make_directories(struct tn_fs *fs, const char *path, size_t size);

#endif /* TN_FS_INTERNAL_H */
