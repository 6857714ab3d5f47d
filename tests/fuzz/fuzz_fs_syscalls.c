/* Plays the input as calls, beside a model that is too simple to be wrong.
 *
 * The model has eight names in one directory, each a file that is one array of
 * bytes, and eight descriptors.  Two of the names come from an image, so that
 * copying up is played too.  Whatever differs ends the program.
 */
#include "../unit/fs_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#define NAME_COUNT 8
#define FD_FIRST 3
#define FD_COUNT 8
#define FILE_COUNT 64
#define CONTENT_SIZE 200000
#define BIG_SIZE 70000 /* of the image's files */
#define SMALL_SIZE 3000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model_file {
    unsigned char bytes[CONTENT_SIZE];
    size_t size;
    size_t used; /* bytes behind it are zero */
    int link_count;
};

struct model_open {
    struct model_file *file;
    size_t position;
    bool appends;
};

struct model {
    struct fixture fixture;
    struct tn_fs *fs;
    const uint8_t *data;
    size_t size;
    struct model_file files[FILE_COUNT];
    size_t file_count;
    struct model_file *names[NAME_COUNT];
    struct model_open opens[FILE_COUNT];
    size_t open_count;
    struct model_open *fds[FD_COUNT];
    unsigned char scratch[CONTENT_SIZE];
};

/* Kept between runs, because clearing all of it would take most of the time;
 * what a run used it clears. */
static struct model the_model;
static unsigned char *the_image;
static size_t the_image_size;

static void
expect(long long seen, long long expected)
{
    if (seen != expected) {
        fprintf(stderr, "seen %lld, expected %lld\n", seen, expected);
        abort();
    }
}

static unsigned
take(struct model *model, unsigned count)
{
    if (model->size == 0) {
        return 0;
    }
    model->size--;
    return *model->data++ % count;
}

static size_t
take_offset(struct model *model)
{
    size_t high = take(model, 256);
    return (high << 8 | take(model, 256)) * 3;
}

static const char *
make_path(unsigned name, char out[16])
{
    snprintf(out, 16, "/m/%u", name);
    return out;
}

static struct model_file *
new_file(struct model *model)
{
    return &model->files[model->file_count++];
}

static int
lowest_fd(const struct model *model)
{
    for (int i = 0; i < FD_COUNT; i++) {
        if (model->fds[i] == NULL) {
            return i;
        }
    }
    return -1;
}

static void
resize(struct model_file *file, size_t size)
{
    if (size < file->size) {
        memset(file->bytes + size, 0, file->size - size);
    }
    file->size = size;
    file->used = size > file->used ? size : file->used;
}

static void
play_open(struct model *model)
{
    static const int extras[] = {0, O_CREAT, O_TRUNC, O_APPEND,
                                 O_CREAT | O_EXCL};
    char path[16];
    unsigned name = take(model, NAME_COUNT);
    int flags = O_RDWR | extras[take(model, 5)];
    int fd = lowest_fd(model);
    if (fd < 0 || model->open_count == FILE_COUNT
        || model->file_count == FILE_COUNT) {
        return;
    }
    int seen =
        tn_fs_openat(model->fs, AT_FDCWD, make_path(name, path), flags, 0600);
    if (model->names[name] == NULL && !(flags & O_CREAT)) {
        expect(seen, -ENOENT);
        return;
    }
    if (model->names[name] != NULL && (flags & O_EXCL)) {
        expect(seen, -EEXIST);
        return;
    }
    expect(seen, fd + FD_FIRST);
    if (model->names[name] == NULL) {
        model->names[name] = new_file(model);
        model->names[name]->link_count = 1;
    }
    if (flags & O_TRUNC) {
        resize(model->names[name], 0);
    }
    struct model_open *open = &model->opens[model->open_count++];
    *open = (struct model_open){.file = model->names[name],
                                .appends = (flags & O_APPEND) != 0};
    model->fds[fd] = open;
}

static void
play_close(struct model *model)
{
    unsigned fd = take(model, FD_COUNT);
    int seen = tn_fs_close(model->fs, (int)fd + FD_FIRST);
    expect(seen, model->fds[fd] != NULL ? 0 : -EBADF);
    model->fds[fd] = NULL;
}

static void
play_dup(struct model *model)
{
    unsigned from = take(model, FD_COUNT);
    unsigned to = take(model, FD_COUNT);
    int seen = tn_fs_dup2(model->fs, (int)from + FD_FIRST,
                          (int)to + FD_FIRST);
    expect(seen, model->fds[from] != NULL ? (int)to + FD_FIRST : -EBADF);
    if (model->fds[from] != NULL) {
        model->fds[to] = model->fds[from];
    }
}

static void
play_read(struct model *model)
{
    unsigned fd = take(model, FD_COUNT);
    size_t size = take_offset(model);
    struct model_open *open = model->fds[fd];
    ptrdiff_t seen = tn_fs_read(model->fs, (int)fd + FD_FIRST, model->scratch,
                                size);
    if (open == NULL) {
        expect(seen, -EBADF);
        return;
    }
    size_t rest = open->position < open->file->size
        ? open->file->size - open->position
        : 0;
    size_t count = size < rest ? size : rest;
    expect(seen, (long long)count);
    if (count > 0) {
        expect(memcmp(model->scratch, open->file->bytes + open->position,
                      count), 0);
    }
    open->position += count;
}

static void
play_write(struct model *model)
{
    unsigned fd = take(model, FD_COUNT);
    size_t size = take_offset(model);
    struct model_open *open = model->fds[fd];
    int byte = (int)take(model, 256);
    size_t at = 0;
    if (open != NULL) {
        at = open->appends ? open->file->size : open->position;
        size = size < CONTENT_SIZE - at ? size : CONTENT_SIZE - at;
        memset(model->scratch, byte, size);
    }
    ptrdiff_t seen = tn_fs_write(model->fs, (int)fd + FD_FIRST,
                                 model->scratch, size);
    if (open == NULL) {
        expect(seen, -EBADF);
        return;
    }
    expect(seen, (long long)size);
    if (size > 0) {
        memcpy(open->file->bytes + at, model->scratch, size);
        open->position = at + size;
    }
    if (size > 0 && at + size > open->file->size) {
        resize(open->file, at + size);
    }
}

static void
play_seek(struct model *model)
{
    unsigned fd = take(model, FD_COUNT);
    size_t to = take_offset(model);
    int64_t seen = tn_fs_lseek(model->fs, (int)fd + FD_FIRST, (int64_t)to,
                               SEEK_SET);
    expect(seen, model->fds[fd] != NULL ? (long long)to : -EBADF);
    if (model->fds[fd] != NULL) {
        model->fds[fd]->position = to;
    }
}

static void
play_resize(struct model *model)
{
    unsigned fd = take(model, FD_COUNT);
    size_t size = take_offset(model);
    int seen = tn_fs_ftruncate(model->fs, (int)fd + FD_FIRST, (int64_t)size);
    expect(seen, model->fds[fd] != NULL ? 0 : -EBADF);
    if (model->fds[fd] != NULL) {
        resize(model->fds[fd]->file, size);
    }
}

static void
play_reserve(struct model *model)
{
    unsigned fd = take(model, FD_COUNT);
    size_t at = take_offset(model);
    size_t size = 1 + take(model, 255);
    int seen = tn_fs_fallocate(model->fs, (int)fd + FD_FIRST, 0, (int64_t)at,
                               (int64_t)size);
    expect(seen, model->fds[fd] != NULL ? 0 : -EBADF);
    if (model->fds[fd] != NULL && at + size > model->fds[fd]->file->size) {
        resize(model->fds[fd]->file, at + size);
    }
}

static void
play_unlink(struct model *model)
{
    char path[16];
    unsigned name = take(model, NAME_COUNT);
    int seen =
        tn_fs_unlinkat(model->fs, AT_FDCWD, make_path(name, path), 0);
    expect(seen, model->names[name] != NULL ? 0 : -ENOENT);
    if (model->names[name] != NULL) {
        model->names[name]->link_count--;
        model->names[name] = NULL;
    }
}

static void
play_rename(struct model *model)
{
    char old_path[16];
    char new_path[16];
    unsigned from = take(model, NAME_COUNT);
    unsigned to = take(model, NAME_COUNT);
    int seen = tn_fs_renameat(model->fs, AT_FDCWD, make_path(from, old_path),
                              AT_FDCWD, make_path(to, new_path));
    expect(seen, model->names[from] != NULL ? 0 : -ENOENT);
    if (model->names[from] == NULL
        || model->names[from] == model->names[to]) {
        return;
    }
    if (model->names[to] != NULL) {
        model->names[to]->link_count--;
    }
    model->names[to] = model->names[from];
    model->names[from] = NULL;
}

static void
play_link(struct model *model)
{
    char old_path[16];
    char new_path[16];
    unsigned from = take(model, NAME_COUNT);
    unsigned to = take(model, NAME_COUNT);
    int seen = tn_fs_linkat(model->fs, AT_FDCWD, make_path(from, old_path),
                            AT_FDCWD, make_path(to, new_path), 0);
    if (model->names[from] == NULL) {
        expect(seen, -ENOENT);
    }
    else if (model->names[to] != NULL) {
        expect(seen, -EEXIST);
    }
    else {
        expect(seen, 0);
        model->names[to] = model->names[from];
        model->names[to]->link_count++;
    }
}

/* Everything that can be seen from outside, compared. */
static void
compare_all(struct model *model)
{
    char path[16];
    struct tn_fs_entry entry;
    int name_count = 0;
    for (unsigned i = 0; i < NAME_COUNT; i++) {
        struct tn_fs_stat found;
        char *bytes;
        size_t size;
        int seen = tn_fs_stat(model->fs, make_path(i, path), &found);
        expect(seen, model->names[i] != NULL ? 0 : -ENOENT);
        if (seen < 0) {
            continue;
        }
        name_count++;
        expect(found.size, (long long)model->names[i]->size);
        expect(found.link_count, model->names[i]->link_count);
        expect(tn_fs_read_file(model->fs, path, &bytes, &size), TN_OK);
        expect((long long)size, (long long)model->names[i]->size);
        expect(memcmp(bytes, model->names[i]->bytes, size), 0);
        tn_free(bytes);
    }
    while (lowest_fd(model) < 0) {
        play_close(model); /* without input left it closes the first */
    }
    int fd = tn_fs_openat(model->fs, AT_FDCWD, "/m", O_RDONLY, 0);
    while (tn_fs_readdir(model->fs, fd, &entry) > 0) {
        name_count--;
    }
    expect(name_count, -2);
}

/* Names 0 and 1: one that can be compressed, one that cannot. */
static void
mount_image(struct model *model)
{
    uint32_t random = 7;
    struct model_file *first = new_file(model);
    struct model_file *second = new_file(model);
    resize(first, BIG_SIZE);
    resize(second, SMALL_SIZE);
    memset(first->bytes, 'i', BIG_SIZE);
    for (size_t i = 0; i < SMALL_SIZE; i++) {
        random = random * 1664525u + 1013904223u;
        second->bytes[i] = (unsigned char)(random >> 24);
    }
    if (the_image == NULL) {
        const struct fixture_file files[] = {
            {"0", (const char *)first->bytes, BIG_SIZE, NULL},
            {"1", (const char *)second->bytes, SMALL_SIZE, NULL},
        };
        the_image = fixture_image(files, 2, IMAGE_CODEC_LZ4, 4096,
                                  &the_image_size);
    }
    expect(tn_fs_mount(model->fs, "/m", "model.image", the_image,
                       the_image_size, TN_FS_IMAGE_BORROWED), TN_OK);
    first->link_count = 1;
    second->link_count = 1;
    model->names[0] = first;
    model->names[1] = second;
}

static void
clear_model(struct model *model)
{
    for (size_t i = 0; i < model->file_count; i++) {
        struct model_file *file = &model->files[i];
        memset(file->bytes, 0, file->used);
        file->size = 0;
        file->used = 0;
        file->link_count = 0;
    }
    model->file_count = 0;
    model->open_count = 0;
    memset(model->names, 0, sizeof(model->names));
    memset(model->fds, 0, sizeof(model->fds));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const calls[])(struct model *) = {
        play_open,   play_close,   play_dup,    play_read,
        play_write,  play_seek,    play_resize, play_unlink,
        play_rename, play_reserve, play_link,
    };
    struct model *model = &the_model;
    model->data = data;
    model->size = size;
    fixture_prepare(&model->fixture);
    model->fs = fixture_start(&model->fixture);
    mount_image(model);
    while (model->size > 0) {
        calls[take(model, 11)](model);
    }
    compare_all(model);
    tn_fs_free(model->fs);
    clear_model(model);
    return 0;
}
