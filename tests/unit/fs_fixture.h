/* What the tests of kernel/fs share: a file system with a clock that ticks,
 * streams that remember, and images made in memory. */
#ifndef TN_FS_FIXTURE_H
#define TN_FS_FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "fs.h"
#include "image_write.h"

struct fixture {
    struct tn_fs_config config;
    struct tn_fs *fs;
    time_t seconds;     /* of the clock; each look adds one */
    char output[256];   /* what went to 1 and 2 */
    size_t output_size;
    const char *input;  /* what 0 still has to give */
    char report[256];   /* the last one */
    int report_count;
};

static inline void
fixture_now(void *context, struct timespec *out)
{
    struct fixture *fixture = context;
    *out = (struct timespec){.tv_sec = fixture->seconds++};
}

static inline void
fixture_random(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 0x5a, size);
}

static inline ptrdiff_t
fixture_read(void *context, void *bytes, size_t size)
{
    struct fixture *fixture = context;
    size_t rest = fixture->input != NULL ? strlen(fixture->input) : 0;
    size = size < rest ? size : rest;
    if (size > 0) {
        memcpy(bytes, fixture->input, size);
        fixture->input += size;
    }
    return (ptrdiff_t)size;
}

static inline bool
fixture_is_ready(void *context)
{
    const struct fixture *fixture = context;
    return fixture->input != NULL && *fixture->input != '\0';
}

static inline ptrdiff_t
fixture_write(void *context, int stream, const void *bytes, size_t size)
{
    struct fixture *fixture = context;
    size_t room = sizeof(fixture->output) - 1 - fixture->output_size;
    (void)stream;
    size = size < room ? size : room;
    memcpy(fixture->output + fixture->output_size, bytes, size);
    fixture->output_size += size;
    return (ptrdiff_t)size;
}

static inline void
fixture_report(void *context, const char *message)
{
    struct fixture *fixture = context;
    snprintf(fixture->report, sizeof(fixture->report), "%s", message);
    fixture->report_count++;
}

/* Change `config` between prepare and start. */
static inline void
fixture_prepare(struct fixture *fixture)
{
    *fixture = (struct fixture){.seconds = 1000000000};
    fixture->config = (struct tn_fs_config){
        .context = fixture,
        .now = fixture_now,
        .random = fixture_random,
        .read_stdin = fixture_read,
        .write_output = fixture_write,
        .stdin_is_ready = fixture_is_ready,
        .report = fixture_report,
    };
}

static inline struct tn_fs *
fixture_start(struct fixture *fixture)
{
    return tn_fs_new(&fixture->fs, &fixture->config) == TN_OK ? fixture->fs
                                                               : NULL;
}

/* A file of an image to be; a path that ends in a slash is a directory, and
 * one with a `link` a symbolic link. */
struct fixture_file {
    const char *path;
    const char *content;
    size_t size;
    const char *link;
};

static inline int
fixture_add_file(struct tn_image_writer *writer,
                 const struct fixture_file *file)
{
    char path[512];
    size_t size = strlen(file->path);
    snprintf(path, sizeof(path), "%s", file->path);
    if (file->link != NULL) {
        return tn_image_writer_add(writer, path, S_IFLNK | 0777, 5,
                                   file->link, strlen(file->link));
    }
    if (path[size - 1] == '/') {
        path[size - 1] = '\0';
        return tn_image_writer_add(writer, path, S_IFDIR | 0755, 5, NULL, 0);
    }
    return tn_image_writer_add(writer, path, S_IFREG | 0644, 5, file->content,
                               file->size);
}

/* The image's bytes, freed with tn_free, or NULL. */
static inline unsigned char *
fixture_image(const struct fixture_file *files, size_t count,
              enum image_codec codec, uint32_t block_size, size_t *out_size)
{
    struct tn_image_writer *writer;
    unsigned char *image = NULL;
    int status = tn_image_writer_new(&writer, codec, block_size, 5);
    if (status < 0) {
        return NULL;
    }
    for (size_t i = 0; status == TN_OK && i < count; i++) {
        status = fixture_add_file(writer, &files[i]);
    }
    if (status == TN_OK) {
        status = tn_image_writer_finish(writer, &image, out_size);
    }
    tn_image_writer_free(writer);
    return image;
}

/* Whether a file holds exactly this text. */
static inline bool
fixture_has(struct tn_fs *fs, const char *path, const char *text)
{
    char *bytes;
    size_t size;
    if (tn_fs_read_file(fs, path, &bytes, &size) != TN_OK) {
        return false;
    }
    bool same = size == strlen(text) && memcmp(bytes, text, size) == 0;
    tn_free(bytes);
    return same;
}

static inline int
fixture_put(struct tn_fs *fs, const char *path, const char *text)
{
    return tn_fs_write_file(fs, path, text, strlen(text));
}

#endif /* TN_FS_FIXTURE_H */
