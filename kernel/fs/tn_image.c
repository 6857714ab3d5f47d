/* tn-image: makes, lists, checks and extracts image files.
 *
 *   tn-image create OUT DIRECTORY [--codec lz4|none] [--block-size BYTES]
 *                                 [--mtime SECONDS]
 *   tn-image list IMAGE
 *   tn-image check IMAGE
 *   tn-image extract IMAGE DIRECTORY
 *
 * This is the only file of kernel/fs that calls the operating system.  The
 * exit status is 0, 1 when something is wrong with files, 2 for wrong usage.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "buffer.h"
#include "fs.h"
#include "image_write.h"

/* 1980-01-01, the earliest time that a ZIP file can hold, so that what is
 * read from an image can be packed again. */
#define MTIME_DEFAULT 315532800

#define DEPTH_LIMIT 200

static int
complain(const char *subject, const char *problem)
{
    fprintf(stderr, "tn-image: %s: %s\n", subject, problem);
    return 1;
}

static const char *
describe(int status)
{
    switch (status) {
    case TN_ERROR_MEMORY:
        return "memory is exhausted";
    case TN_ERROR_LIMIT:
        return "more than an image can hold";
    case TN_ERROR_INVALID:
        return "cannot be put in an image";
    default:
        return "failed";
    }
}

/* What the commands have in common. */

static int
read_stream(const char *path, FILE *stream, struct tn_buffer *out)
{
    char bytes[65536];
    size_t count;
    while ((count = fread(bytes, 1, sizeof(bytes), stream)) > 0) {
        if (tn_buffer_append(out, bytes, count) < 0) {
            return complain(path, describe(TN_ERROR_MEMORY));
        }
    }
    return ferror(stream) ? complain(path, strerror(errno)) : 0;
}

static int
read_file(const char *path, struct tn_buffer *out)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        return complain(path, strerror(errno));
    }
    int result = read_stream(path, stream, out);
    fclose(stream);
    return result;
}

static int
write_file(const char *path, const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    if (stream == NULL) {
        return complain(path, strerror(errno));
    }
    bool is_written = fwrite(bytes, 1, size, stream) == size;
    bool is_closed = fclose(stream) == 0;
    return is_written && is_closed ? 0 : complain(path, strerror(errno));
}

static int
join_path(char out[PATH_MAX], const char *directory, const char *name)
{
    const char *slash = *directory != '\0' ? "/" : "";
    int size = snprintf(out, PATH_MAX, "%s%s%s", directory, slash, name);
    return size < 0 || size >= PATH_MAX
        ? complain(name, "its path is too long")
        : 0;
}

/* create. */

struct create {
    struct tn_image_writer *writer;
    const char *directory;
    int64_t mtime;
};

static int add_directory(const struct create *create, const char *path,
                         int depth);

/* Permissions become 755 or 644, so that the umask of whoever unpacked the
 * files does not change the image. */
static int
add_entry(const struct create *create, const char *path, uint32_t mode,
          const char *bytes, size_t size)
{
    bool is_open = !S_ISREG(mode) || (mode & 0100) != 0;
    uint32_t new_mode = (mode & S_IFMT) | (is_open ? 0755 : 0644);
    if (S_ISLNK(mode)) {
        new_mode = S_IFLNK | 0777;
    }
    int status = tn_image_writer_add(create->writer, path, new_mode,
                                     create->mtime, bytes, size);
    return status < 0 ? complain(path, describe(status)) : 0;
}

static int
add_link(const struct create *create, const char *path, const char *full)
{
    char target[PATH_MAX];
    ssize_t size = readlink(full, target, sizeof(target));
    if (size < 0) {
        return complain(full, strerror(errno));
    }
    return add_entry(create, path, S_IFLNK, target, (size_t)size);
}

static int
add_path(const struct create *create, const char *path, int depth)
{
    char full[PATH_MAX];
    struct stat found;
    if (join_path(full, create->directory, path) != 0) {
        return 1;
    }
    if (lstat(full, &found) != 0) {
        return complain(full, strerror(errno));
    }
    if (S_ISLNK(found.st_mode)) {
        return add_link(create, path, full);
    }
    if (S_ISDIR(found.st_mode)) {
        int result = add_entry(create, path, found.st_mode, NULL, 0);
        return result != 0 ? result : add_directory(create, path, depth + 1);
    }
    if (!S_ISREG(found.st_mode)) {
        return complain(full, "is neither file, directory nor link");
    }
    struct tn_buffer content = {0};
    int result = read_file(full, &content);
    if (result == 0) {
        result = add_entry(create, path, found.st_mode, content.data,
                           content.size);
    }
    tn_buffer_clear(&content);
    return result;
}

static int
add_children(const struct create *create, const char *path, DIR *stream,
             int depth)
{
    struct dirent *entry;
    int result = 0;
    while (result == 0 && (entry = readdir(stream)) != NULL) {
        char child[PATH_MAX];
        if (strcmp(entry->d_name, ".") == 0
            || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        result = join_path(child, path, entry->d_name);
        if (result == 0) {
            result = add_path(create, child, depth);
        }
    }
    return result;
}

static int
add_directory(const struct create *create, const char *path, int depth)
{
    char full[PATH_MAX];
    if (depth > DEPTH_LIMIT) {
        return complain(path, "is too deep");
    }
    if (join_path(full, create->directory, path) != 0) {
        return 1;
    }
    DIR *stream = opendir(full);
    if (stream == NULL) {
        return complain(full, strerror(errno));
    }
    int result = add_children(create, path, stream, depth);
    closedir(stream);
    return result;
}

/* Under another name first, so that OUT is never half an image. */
static int
write_image(const char *path, const unsigned char *image, size_t size)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof(part), "%s.part", path) >= PATH_MAX) {
        return complain(path, "is too long");
    }
    if (write_file(part, image, size) != 0) {
        remove(part);
        return 1;
    }
    return rename(part, path) == 0 ? 0 : complain(path, strerror(errno));
}

static int
finish_image(const struct create *create, const char *path)
{
    unsigned char *image;
    size_t size;
    int status = tn_image_writer_finish(create->writer, &image, &size);
    if (status == TN_ERROR_INVALID) {
        return complain(tn_image_writer_problem(create->writer),
                        describe(status));
    }
    if (status < 0) {
        return complain(path, describe(status));
    }
    int result = write_image(path, image, size);
    tn_free(image);
    return result;
}

static int
parse_number(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0') {
        return -1;
    }
    *out = value;
    return 0;
}

struct options {
    enum image_codec codec;
    int64_t block_size;
    int64_t mtime;
};

static int
parse_option(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--codec") == 0 && strcmp(value, "lz4") == 0) {
        options->codec = IMAGE_CODEC_LZ4;
        return 0;
    }
    if (strcmp(name, "--codec") == 0 && strcmp(value, "none") == 0) {
        options->codec = IMAGE_CODEC_NONE;
        return 0;
    }
    if (strcmp(name, "--block-size") == 0) {
        return parse_number(value, &options->block_size);
    }
    if (strcmp(name, "--mtime") == 0) {
        return parse_number(value, &options->mtime);
    }
    return -1;
}

static int
show_usage(void)
{
    fputs("usage: tn-image create OUT DIRECTORY [--codec lz4|none]\n"
          "                       [--block-size BYTES] [--mtime SECONDS]\n"
          "       tn-image list IMAGE\n"
          "       tn-image check IMAGE\n"
          "       tn-image extract IMAGE DIRECTORY\n",
          stderr);
    return 2;
}

static int
run_create(char **arguments, int count)
{
    struct options options = {IMAGE_CODEC_LZ4, IMAGE_BLOCK_SIZE_DEFAULT,
                              MTIME_DEFAULT};
    if (count < 2 || count % 2 != 0) {
        return show_usage();
    }
    for (int i = 2; i < count; i += 2) {
        if (parse_option(&options, arguments[i], arguments[i + 1]) != 0) {
            return show_usage();
        }
    }
    if (options.block_size < IMAGE_BLOCK_SIZE_MIN
        || options.block_size > IMAGE_BLOCK_SIZE_MAX) {
        return complain("--block-size", "is not possible");
    }
    struct create create = {.directory = arguments[1],
                            .mtime = options.mtime};
    int status = tn_image_writer_new(&create.writer, options.codec,
                                     (uint32_t)options.block_size,
                                     options.mtime);
    if (status < 0) {
        return complain("--block-size", describe(status));
    }
    int result = add_directory(&create, "", 0);
    if (result == 0) {
        result = finish_image(&create, arguments[0]);
    }
    tn_image_writer_free(create.writer);
    return result;
}

/* list, check, extract: an image is mounted on / of a file system. */

static void
get_now(void *context, struct timespec *out)
{
    (void)context;
    *out = (struct timespec){.tv_sec = MTIME_DEFAULT};
}

static void
report(void *context, const char *message)
{
    (void)context;
    fprintf(stderr, "tn-image: %s\n", message);
}

#define MOUNT_PATH "/image"

struct opened {
    struct tn_buffer bytes;
    struct tn_fs *fs;
};

static int
open_image(const char *path, struct opened *out)
{
    const struct tn_fs_config config = {.now = get_now, .report = report};
    const char *slash = strrchr(path, '/');
    *out = (struct opened){.fs = NULL};
    if (read_file(path, &out->bytes) != 0) {
        return 1;
    }
    if (tn_fs_new(&out->fs, &config) < 0) {
        return complain(path, describe(TN_ERROR_MEMORY));
    }
    int status = tn_fs_mount(out->fs, MOUNT_PATH,
                             slash != NULL ? slash + 1 : path, out->bytes.data,
                             out->bytes.size, TN_FS_IMAGE_BORROWED);
    if (status == TN_ERROR_MEMORY) {
        complain(path, describe(status));
    }
    return status < 0;
}

static void
close_image(struct opened *opened)
{
    tn_fs_free(opened->fs);
    tn_buffer_clear(&opened->bytes);
}

/* Is called for each path, directories before what is in them; `path` begins
 * behind MOUNT_PATH. */
typedef int (*visitor)(void *context, struct tn_fs *fs, const char *full,
                       const char *path, const struct tn_fs_stat *found);

static int visit_tree(struct tn_fs *fs, const char *directory, visitor visit,
                      void *context);

static int
visit_path(struct tn_fs *fs, const char *full, visitor visit, void *context)
{
    struct tn_fs_stat found;
    int status = tn_fs_lstat(fs, full, &found);
    if (status < 0) {
        return complain(full, strerror(-status));
    }
    int result = visit(context, fs, full, full + sizeof(MOUNT_PATH), &found);
    if (S_ISDIR(found.mode)) {
        result |= visit_tree(fs, full, visit, context);
    }
    return result;
}

static int
visit_tree(struct tn_fs *fs, const char *directory, visitor visit,
           void *context)
{
    struct tn_fs_entry entry;
    char full[PATH_MAX];
    int result = 0;
    int fd = tn_fs_openat(fs, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        return complain(directory, strerror(-fd));
    }
    while (tn_fs_readdir(fs, fd, &entry) > 0) {
        if (strcmp(entry.name, ".") != 0 && strcmp(entry.name, "..") != 0) {
            result |= join_path(full, directory, entry.name) != 0
                ? 1
                : visit_path(fs, full, visit, context);
        }
    }
    tn_fs_close(fs, fd);
    return result;
}

static int
list_path(void *context, struct tn_fs *fs, const char *full, const char *path,
          const struct tn_fs_stat *found)
{
    char target[PATH_MAX] = "";
    (void)context;
    if (S_ISLNK(found->mode)) {
        ptrdiff_t size = tn_fs_readlinkat(fs, AT_FDCWD, full, target,
                                          sizeof(target) - 1);
        target[size > 0 ? size : 0] = '\0';
    }
    printf("%06" PRIo32 " %10" PRId64 " %s%s%s\n", found->mode,
           S_ISDIR(found->mode) ? 0 : found->size, path,
           *target != '\0' ? " -> " : "", target);
    return 0;
}

/* Files and directories first, links at the end: nothing is ever written
 * through a link that came out of the image. */
struct extract {
    const char *directory;
    bool is_link_pass;
};

static int
extract_file(struct tn_fs *fs, const char *full, const char *out,
             uint32_t mode)
{
    char *bytes;
    size_t size;
    if (tn_fs_read_file(fs, full, &bytes, &size) < 0) {
        return complain(full, "cannot be read");
    }
    int result = write_file(out, bytes, size);
    tn_free(bytes);
    if (result == 0 && chmod(out, mode & 0777) != 0) {
        result = complain(out, strerror(errno));
    }
    return result;
}

static int
extract_link(struct tn_fs *fs, const char *full, const char *out)
{
    char target[PATH_MAX];
    ptrdiff_t size =
        tn_fs_readlinkat(fs, AT_FDCWD, full, target, sizeof(target) - 1);
    if (size < 0) {
        return complain(full, strerror((int)-size));
    }
    target[size] = '\0';
    return symlink(target, out) == 0 ? 0 : complain(out, strerror(errno));
}

static int
extract_path(void *context, struct tn_fs *fs, const char *full,
             const char *path, const struct tn_fs_stat *found)
{
    const struct extract *extract = context;
    char out[PATH_MAX];
    if (S_ISLNK(found->mode) != extract->is_link_pass) {
        return 0;
    }
    if (join_path(out, extract->directory, path) != 0) {
        return 1;
    }
    if (S_ISLNK(found->mode)) {
        return extract_link(fs, full, out);
    }
    if (!S_ISDIR(found->mode)) {
        return extract_file(fs, full, out, found->mode);
    }
    return mkdir(out, 0755) == 0 || errno == EEXIST
        ? 0
        : complain(out, strerror(errno));
}

static int
run_extract(struct tn_fs *fs, const char *directory)
{
    struct extract extract = {.directory = directory};
    if (mkdir(directory, 0755) != 0 && errno != EEXIST) {
        return complain(directory, strerror(errno));
    }
    int result = visit_tree(fs, MOUNT_PATH, extract_path, &extract);
    extract.is_link_pass = true;
    return result | visit_tree(fs, MOUNT_PATH, extract_path, &extract);
}

static int
run_reader(const char *command, char **arguments, int count)
{
    struct opened opened;
    bool is_extract = strcmp(command, "extract") == 0;
    if (count != (is_extract ? 2 : 1)) {
        return show_usage();
    }
    int result = open_image(arguments[0], &opened);
    if (result == 0) {
        if (strcmp(command, "list") == 0) {
            result = visit_tree(opened.fs, MOUNT_PATH, list_path, NULL);
        }
        else if (is_extract) {
            result = run_extract(opened.fs, arguments[1]);
        }
        else {
            result = tn_fs_check_images(opened.fs) < 0;
        }
    }
    close_image(&opened);
    return result;
}

int
main(int argument_count, char **arguments)
{
    const char *command = argument_count > 1 ? arguments[1] : "";
    if (strcmp(command, "create") == 0) {
        return run_create(arguments + 2, argument_count - 2);
    }
    if (strcmp(command, "list") == 0 || strcmp(command, "check") == 0
        || strcmp(command, "extract") == 0) {
        return run_reader(command, arguments + 2, argument_count - 2);
    }
    return show_usage();
}
