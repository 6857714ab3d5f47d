/* The file system in memory: read-only images below, one writable layer above,
 * devices, pipes, sockets and the descriptor table, answering POSIX's system
 * calls.
 *
 * Everything is reached from one `struct tn_fs` in ordinary memory, so a copy
 * of memory is a copy of every file, name, open descriptor and position.
 * There is no OS call below this header; clock, randomness and the three
 * standard streams come from the host's callbacks.
 *
 * Terms.  A function here is named after the call that it answers and returns
 * that call's non-negative result, or a NEGATIVE errno of <errno.h> (-ENOENT).
 * Flags, modes and structs are those of <fcntl.h>, <sys/stat.h>, <poll.h>,
 * <sys/uio.h> and <termios.h> of the C library that it is compiled with, so
 * that an Emscripten host passes them through unchanged.  Only mount, new and
 * the whole-file calls at the end return a status of bridge/status.h.
 *
 * Paths are NUL-terminated bytes, borrowed for the call; any byte but '/' and
 * NUL may stand in a name.  `dirfd` is a descriptor or AT_FDCWD.
 *
 * The calling process looks like root: permission bits are kept and shown but
 * stop nobody, except that X_OK wants at least one of the x bits.
 *
 * Nothing here ever waits.  Where POSIX would block for another process, which
 * could never come, the answer is -EAGAIN: an empty pipe with writers, a full
 * pipe with readers, a flock held through another open file.  A host that
 * has other stacks to run may do so and call again.
 *
 * Not thread-safe: a host with threads locks around it.
 */
#ifndef TN_FS_H
#define TN_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "status.h"

/* Limits that no configuration changes. */
#define TN_FS_NAME_LIMIT 255    /* bytes of one name: ENAMETOOLONG */
#define TN_FS_PATH_LIMIT 4096   /* bytes of a path with its NUL */
#define TN_FS_SYMLINK_LIMIT 40  /* links followed in one walk: ELOOP */
#define TN_FS_LINK_LIMIT 65000  /* names of one file: EMLINK */
#define TN_FS_PIPE_SIZE 65536   /* bytes that wait in one pipe */
#define TN_FS_VECTOR_LIMIT 1024 /* parts of one readv or writev: EINVAL */
#define TN_FS_IMAGE_LIMIT 64    /* images mounted at once */
#define TN_FS_BLOCK_SIZE 4096   /* the unit of statvfs and st_blksize */

/* What a configuration with a 0 in that place gets. */
#define TN_FS_WRITABLE_SIZE_DEFAULT ((uint64_t)1 << 30)
#define TN_FS_FILE_SIZE_DEFAULT ((uint64_t)1 << 40)
#define TN_FS_FILE_COUNT_DEFAULT ((uint32_t)1 << 20)
#define TN_FS_DESCRIPTOR_COUNT_DEFAULT 1024
#define TN_FS_CACHE_SIZE_DEFAULT ((size_t)4 << 20)

struct tn_fs;
struct flock;
struct iovec;
struct msghdr;
struct pollfd;
struct sockaddr;

struct tn_fs_config {
    void *context; /* passed to every callback below */

    /* The wall clock, for file times.  Required. */
    void (*now)(void *context, struct timespec *out);

    /* Fills `bytes`: /dev/random and /dev/urandom.  NULL: they give EIO. */
    void (*random)(void *context, void *bytes, size_t size);

    /* Descriptor 0.  Returns the number of bytes read, 0 at the end, or a
     * negative errno (-EINTR, -EAGAIN).  It may wait.  NULL: always 0. */
    ptrdiff_t (*read_stdin)(void *context, void *bytes, size_t size);

    /* Descriptors 1 and 2, as `stream`.  Returns what was taken or a negative
     * errno.  NULL: all is taken and dropped. */
    ptrdiff_t (*write_output)(void *context, int stream, const void *bytes,
                              size_t size);

    /* Whether read_stdin would not wait, for poll.  NULL: always. */
    bool (*stdin_is_ready)(void *context);

    /* One sentence about a damaged image, without newline: `block 17 of
     * core.image: checksum differs`.  NULL: nobody is told. */
    void (*report)(void *context, const char *message);

    /* Puts the content of an image in its place that was left out of a copy of
     * memory, and says so by tn_fs_set_image_present: at the first use of an
     * image that is not present.  A negative status: that cannot be done, and
     * the read is -EIO.  NULL: images are always present. */
    int (*load_image)(void *context, size_t index);

    /* The terminal behind 0, 1, 2 and /dev/tty; with 0 columns there is none
     * and isatty says no. */
    unsigned short terminal_columns;
    unsigned short terminal_rows;

    uint64_t writable_size_limit; /* bytes of all writable data: ENOSPC */
    uint64_t file_size_limit;     /* offset in one file: EFBIG */
    uint32_t file_count_limit;    /* files outside images: ENOSPC */
    int descriptor_limit;         /* EMFILE */
    size_t cache_size_limit;      /* bytes of decoded image blocks kept */
};

struct tn_fs_stat {
    uint64_t device;
    uint64_t inode; /* unique for ever, never used again */
    uint32_t mode;
    uint32_t link_count;
    uint32_t uid;
    uint32_t gid;
    uint64_t special_device; /* st_rdev */
    int64_t size;
    uint32_t block_size;  /* st_blksize */
    uint64_t block_count; /* st_blocks, of 512 bytes: what is really used */
    struct timespec atime;
    struct timespec mtime;
    struct timespec ctime;
};

/* Both layers together: the images' content counts as used space, the rest of
 * the writable limit as free. */
struct tn_fs_statvfs {
    uint64_t block_size;      /* f_bsize and f_frsize */
    uint64_t block_count;     /* f_blocks */
    uint64_t free_count;      /* f_bfree and f_bavail */
    uint64_t file_count;      /* f_files: those that exist and could exist */
    uint64_t free_file_count; /* f_ffree and f_favail */
    uint64_t name_limit;      /* f_namemax */
    uint64_t id;              /* f_fsid */
    unsigned long flags;      /* f_flag: 0, writable */
};

struct tn_fs_entry {
    uint64_t inode;
    int64_t next_position; /* d_off: lseek there to go on behind this entry */
    unsigned char type;    /* DT_REG, DT_DIR ... */
    unsigned char name_size;
    char name[TN_FS_NAME_LIMIT + 1]; /* NUL-terminated */
};

/* Since tn_fs_new. */
struct tn_fs_counters {
    uint64_t cache_hit_count;
    uint64_t cache_miss_count;   /* blocks decoded into the cache */
    uint64_t direct_block_count; /* blocks decoded into a caller's memory */
    uint64_t damaged_block_count;
    uint64_t writable_size;  /* bytes of writable data now */
    uint64_t image_size;     /* bytes of content in all images */
    uint32_t writable_count; /* files outside images now */
    uint32_t node_count;     /* files known in memory now */
    int descriptor_count;    /* open now */
};

/* Makes the tree (/, /dev, /tmp) and opens descriptors 0, 1 and 2.  `config`
 * is copied.  TN_ERROR_MEMORY; TN_ERROR_INVALID without a clock. */
int tn_fs_new(struct tn_fs **out, const struct tn_fs_config *config);

/* Closes everything and frees all memory, owned images too.  NULL is fine. */
void tn_fs_free(struct tn_fs *fs);

/* Images. */

enum tn_fs_image_memory {
    TN_FS_IMAGE_BORROWED, /* stays as it is until after tn_fs_free */
    TN_FS_IMAGE_OWNED,    /* from tn_alloc, and freed by tn_fs_free */
};

/* Lays an image over the directory `path`, which is made if it is missing.
 * Directories of the same name merge.  For other names the writable layer
 * wins over images, and an image over those mounted before it.  `name` is
 * copied and names the image in messages.  Header and index are checked whole;
 * blocks when they are read.  On failure nothing is mounted, an OWNED image
 * still belongs to the caller, and the reason was reported:
 * TN_ERROR_INVALID    the image is damaged or not an image
 * TN_ERROR_UNSUPPORTED  a version or codec that this build does not know
 * TN_ERROR_STATE      `path` is not a directory
 * TN_ERROR_LIMIT      more than TN_FS_IMAGE_LIMIT
 * TN_ERROR_MEMORY */
int tn_fs_mount(struct tn_fs *fs, const char *path, const char *name,
                const void *image, size_t size,
                enum tn_fs_image_memory memory);

/* What is known of a mounted image; all borrowed. */
struct tn_fs_image {
    const char *path; /* that it lies over, as it was given */
    const char *name;
    const void *bytes;
    size_t size;
    size_t index_size; /* of what is always needed: header, entries, names */
    bool is_present;   /* the rest, the files' contents, is there too */
};

/* The index-th image, counting from 0, whose memory a snapshot may leave out;
 * TN_ERROR_MISSING past the last. */
int tn_fs_image_at(const struct tn_fs *fs, size_t index,
                   struct tn_fs_image *out);

/* Whether the contents of the index-th image are in memory; at first they
 * are.  TN_ERROR_MISSING past the last. */
int tn_fs_set_image_present(struct tn_fs *fs, size_t index, bool is_present);

/* Puts another image in the place of the index-th: one with all of its
 * directories and some of its files, unchanged or emptied.  The others vanish;
 * `name` is copied.  The old image's memory, where it is owned, is freed.  On
 * failure nothing has changed and the reason was reported:
 * TN_ERROR_INVALID    not such an image
 * TN_ERROR_STATE      a file that would lose its bytes is open or moved, or
 *                     one that would vanish was changed
 * TN_ERROR_MISSING    there is no index-th image
 * TN_ERROR_MEMORY */
int tn_fs_replace_image(struct tn_fs *fs, size_t index, const char *name,
                        const void *image, size_t size,
                        enum tn_fs_image_memory memory);

/* Reads the whole image once and reports every damaged block.  0, or -EIO
 * when there was one. */
int tn_fs_check_images(struct tn_fs *fs);

void tn_fs_get_counters(const struct tn_fs *fs, struct tn_fs_counters *out);

/* Descriptors. */

/* Knows O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND,
 * O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_NONBLOCK, O_PATH and O_TMPFILE;
 * ignores the others, as kernels do.  Gives the lowest free descriptor. */
int tn_fs_openat(struct tn_fs *fs, int dirfd, const char *path, int flags,
                 unsigned mode);
int tn_fs_close(struct tn_fs *fs, int fd);
int tn_fs_dup(struct tn_fs *fs, int fd);

/* dup2(fd, fd) gives fd, dup3(fd, fd) -EINVAL. */
int tn_fs_dup2(struct tn_fs *fs, int fd, int new_fd);
int tn_fs_dup3(struct tn_fs *fs, int fd, int new_fd, int flags);

/* Sockets reach this program only: a pair, names in the file system
 * (AF_UNIX), and the ports of this host (AF_INET and AF_INET6, 127.0.0.0/8 and
 * ::1); another address is -EADDRNOTAVAIL or -ENETUNREACH.  Streams and
 * datagrams.  Options are kept and change nothing, out-of-band data and
 * control messages are -EOPNOTSUPP.  `size` is as in the call: how long an
 * address is, and how much room there is for one.  Addresses are those of
 * <sys/socket.h>.  A full or empty socket is -EAGAIN. */
int tn_fs_socket(struct tn_fs *fs, int domain, int type, int protocol);
int tn_fs_socketpair(struct tn_fs *fs, int domain, int type, int protocol,
                     int out_fds[2]);
int tn_fs_bind(struct tn_fs *fs, int fd, const struct sockaddr *address,
               unsigned size);
int tn_fs_listen(struct tn_fs *fs, int fd, int backlog);
int tn_fs_connect(struct tn_fs *fs, int fd, const struct sockaddr *address,
                  unsigned size);
int tn_fs_accept4(struct tn_fs *fs, int fd, struct sockaddr *address,
                  unsigned *size, int flags);
int tn_fs_getsockname(struct tn_fs *fs, int fd, struct sockaddr *address,
                      unsigned *size);
int tn_fs_getpeername(struct tn_fs *fs, int fd, struct sockaddr *address,
                      unsigned *size);
int tn_fs_shutdown(struct tn_fs *fs, int fd, int how);
int tn_fs_getsockopt(struct tn_fs *fs, int fd, int level, int name,
                     void *value, unsigned *size);
int tn_fs_setsockopt(struct tn_fs *fs, int fd, int level, int name,
                     const void *value, unsigned size);
ptrdiff_t tn_fs_sendmsg(struct tn_fs *fs, int fd,
                        const struct msghdr *message, int flags);
ptrdiff_t tn_fs_recvmsg(struct tn_fs *fs, int fd, struct msghdr *message,
                        int flags);

/* out_fds[0] is the end to read.  Takes O_CLOEXEC and O_NONBLOCK. */
int tn_fs_pipe2(struct tn_fs *fs, int out_fds[2], int flags);

ptrdiff_t tn_fs_read(struct tn_fs *fs, int fd, void *bytes, size_t size);
ptrdiff_t tn_fs_write(struct tn_fs *fs, int fd, const void *bytes,
                      size_t size);
ptrdiff_t tn_fs_pread(struct tn_fs *fs, int fd, void *bytes, size_t size,
                      int64_t offset);
ptrdiff_t tn_fs_pwrite(struct tn_fs *fs, int fd, const void *bytes,
                       size_t size, int64_t offset);
ptrdiff_t tn_fs_readv(struct tn_fs *fs, int fd, const struct iovec *parts,
                      int part_count);
ptrdiff_t tn_fs_writev(struct tn_fs *fs, int fd, const struct iovec *parts,
                       int part_count);
ptrdiff_t tn_fs_preadv(struct tn_fs *fs, int fd, const struct iovec *parts,
                       int part_count, int64_t offset);
ptrdiff_t tn_fs_pwritev(struct tn_fs *fs, int fd, const struct iovec *parts,
                        int part_count, int64_t offset);

/* SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA (3) and SEEK_HOLE (4).  On a
 * directory SEEK_SET takes 0 or a next_position. */
int64_t tn_fs_lseek(struct tn_fs *fs, int fd, int64_t offset, int whence);

/* F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL (O_APPEND and
 * O_NONBLOCK).  Anything else is -EINVAL. */
int tn_fs_fcntl(struct tn_fs *fs, int fd, int command, int argument);

/* F_GETLK, F_SETLK, F_SETLKW.  Record locks stand between processes, and
 * there is one process, so they are always granted. */
int tn_fs_fcntl_lock(struct tn_fs *fs, int fd, int command,
                     struct flock *lock);

/* LOCK_SH, LOCK_EX, LOCK_UN of <sys/file.h>; these stand between open files,
 * so they can be refused, with -EAGAIN. */
int tn_fs_flock(struct tn_fs *fs, int fd, int operation);

/* FIONREAD, FIONBIO, FIOCLEX, FIONCLEX; on a terminal TIOCGWINSZ, TCGETS,
 * TCSETS, TCSETSW, TCSETSF (struct termios of <termios.h>) and TIOCGPGRP.
 * Else -ENOTTY.  `argument` is what the request wants it to point to. */
int tn_fs_ioctl(struct tn_fs *fs, int fd, unsigned long request,
                void *argument);

/* Whether the descriptor is a terminal: 1, or -ENOTTY, or -EBADF. */
int tn_fs_isatty(struct tn_fs *fs, int fd);

/* Fills `revents` and returns how many are not 0; never waits, so a host
 * that has a timeout to keep calls it again. */
int tn_fs_poll(struct tn_fs *fs, struct pollfd *polls, size_t count);

/* All is in memory already: these check the descriptor only. */
int tn_fs_fsync(struct tn_fs *fs, int fd);
int tn_fs_fdatasync(struct tn_fs *fs, int fd);

/* Files. */

/* Flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH. */
int tn_fs_fstatat(struct tn_fs *fs, int dirfd, const char *path,
                  struct tn_fs_stat *out, int flags);
int tn_fs_stat(struct tn_fs *fs, const char *path, struct tn_fs_stat *out);
int tn_fs_lstat(struct tn_fs *fs, const char *path, struct tn_fs_stat *out);
int tn_fs_fstat(struct tn_fs *fs, int fd, struct tn_fs_stat *out);
int tn_fs_statvfs(struct tn_fs *fs, const char *path,
                  struct tn_fs_statvfs *out);
int tn_fs_fstatvfs(struct tn_fs *fs, int fd, struct tn_fs_statvfs *out);

int tn_fs_truncate(struct tn_fs *fs, const char *path, int64_t size);
int tn_fs_ftruncate(struct tn_fs *fs, int fd, int64_t size);

/* Mode 0 or FALLOC_FL_KEEP_SIZE (1): takes the space now. */
int tn_fs_fallocate(struct tn_fs *fs, int fd, int mode, int64_t offset,
                    int64_t size);

/* Two times (access, change), UTIME_NOW and UTIME_OMIT in tv_nsec as POSIX
 * says; `times` NULL is now, `path` NULL means the file behind `dirfd`. */
int tn_fs_utimensat(struct tn_fs *fs, int dirfd, const char *path,
                    const struct timespec times[2], int flags);
int tn_fs_fchmodat(struct tn_fs *fs, int dirfd, const char *path,
                   unsigned mode, int flags);
int tn_fs_fchmod(struct tn_fs *fs, int fd, unsigned mode);

/* (uint32_t)-1 leaves that one as it is. */
int tn_fs_fchownat(struct tn_fs *fs, int dirfd, const char *path, uint32_t uid,
                   uint32_t gid, int flags);
int tn_fs_fchown(struct tn_fs *fs, int fd, uint32_t uid, uint32_t gid);

/* F_OK, or R_OK, W_OK, X_OK of <unistd.h>. */
int tn_fs_faccessat(struct tn_fs *fs, int dirfd, const char *path, int mode,
                    int flags);

/* Names. */

int tn_fs_mkdirat(struct tn_fs *fs, int dirfd, const char *path,
                  unsigned mode);

/* Regular files only (S_IFREG or no type); others -EPERM. */
int tn_fs_mknodat(struct tn_fs *fs, int dirfd, const char *path,
                  unsigned mode);

/* Flags: AT_REMOVEDIR. */
int tn_fs_unlinkat(struct tn_fs *fs, int dirfd, const char *path, int flags);
int tn_fs_renameat(struct tn_fs *fs, int old_dirfd, const char *old_path,
                   int new_dirfd, const char *new_path);

/* Flags: AT_SYMLINK_FOLLOW, AT_EMPTY_PATH. */
int tn_fs_linkat(struct tn_fs *fs, int old_dirfd, const char *old_path,
                 int new_dirfd, const char *new_path, int flags);
int tn_fs_symlinkat(struct tn_fs *fs, const char *target, int dirfd,
                    const char *path);

/* Gives the number of bytes put in `out`, which is not NUL-terminated. */
ptrdiff_t tn_fs_readlinkat(struct tn_fs *fs, int dirfd, const char *path,
                           char *out, size_t size);

/* The next entry of an open directory, `.` and `..` first: 1, or 0 at the end.
 * Entries added or removed between calls never make it repeat or skip one
 * that was there all the time.  A getdents asks for room for the longest
 * record before each call. */
int tn_fs_readdir(struct tn_fs *fs, int fd, struct tn_fs_entry *out);

int tn_fs_chdir(struct tn_fs *fs, const char *path);
int tn_fs_fchdir(struct tn_fs *fs, int fd);

/* Gives the size with the NUL, -ERANGE if it does not fit, -ENOENT where the
 * directory was removed. */
int tn_fs_getcwd(struct tn_fs *fs, char *out, size_t size);

/* Gives the old mask. */
int tn_fs_umask(struct tn_fs *fs, unsigned mask);

/* Whole files, for hosts (status of bridge/status.h). */

/* Writes or replaces one file, making missing directories above it.
 * TN_ERROR_MEMORY, TN_ERROR_LIMIT where space ran out, TN_ERROR_INVALID for
 * a path that cannot be a file's. */
int tn_fs_write_file(struct tn_fs *fs, const char *path, const void *bytes,
                     size_t size);

/* *out is the caller's, freed with tn_free, and has a NUL behind `*out_size`
 * bytes.  TN_ERROR_MISSING, TN_ERROR_INVALID for something else than a
 * regular file, TN_ERROR_IO for a damaged one, TN_ERROR_MEMORY. */
int tn_fs_read_file(struct tn_fs *fs, const char *path, TN_OWN char **out,
                    size_t *out_size);

#endif /* TN_FS_H */
