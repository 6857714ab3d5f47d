/* Mounts whatever comes as an image and looks at all of it, puts a copy in its
 * place and looks again; and offers it in place of an image that is sound.
 *
 * The first byte says which checksums are made right before, because with a
 * wrong one the reader stops at once: 1 those of header and index, 2 those of
 * blocks.
 */
#include "../unit/fs_fixture.h"

#include <stdlib.h>

#include "xxh64.h"

#define DEPTH_LIMIT 20
#define LOOK_LIMIT 2000 /* files of one image */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct look {
    struct tn_fs *fs;
    int count;
};

/* False when it ends before its own index does. */
static bool
get_index_size(const unsigned char *image, size_t size, size_t *out)
{
    if (size < IMAGE_HEADER_SIZE) {
        return false;
    }
    uint64_t index_size =
        (uint64_t)image_u32(image + IMAGE_HEADER_BLOCK_COUNT)
            * IMAGE_BLOCK_RECORD_SIZE
        + (uint64_t)image_u32(image + IMAGE_HEADER_ENTRY_COUNT)
            * IMAGE_ENTRY_RECORD_SIZE
        + image_u32(image + IMAGE_HEADER_TEXT_SIZE);
    *out = (size_t)index_size;
    return index_size <= size - IMAGE_HEADER_SIZE;
}

static void
repair_blocks(unsigned char *image, size_t size)
{
    size_t index_size;
    if (!get_index_size(image, size, &index_size)) {
        return;
    }
    for (uint32_t i = 0; i < image_u32(image + IMAGE_HEADER_BLOCK_COUNT);
         i++) {
        unsigned char *record = image + IMAGE_HEADER_SIZE
            + (size_t)i * IMAGE_BLOCK_RECORD_SIZE;
        uint64_t offset = image_u64(record + IMAGE_BLOCK_OFFSET);
        uint32_t stored = image_u32(record + IMAGE_BLOCK_STORED_SIZE);
        if (offset <= size && stored <= size - offset) {
            image_set_u64(record + IMAGE_BLOCK_CHECKSUM,
                          tn_xxh64(image + offset, stored));
        }
    }
}

static void
repair_header(unsigned char *image, size_t size)
{
    size_t index_size;
    if (!get_index_size(image, size, &index_size)) {
        return;
    }
    memcpy(image, IMAGE_MAGIC, IMAGE_MAGIC_SIZE);
    image_set_u32(image + IMAGE_HEADER_VERSION, IMAGE_VERSION);
    image_set_u64(image + IMAGE_HEADER_IMAGE_SIZE, size);
    image_set_u64(image + IMAGE_HEADER_INDEX_CHECKSUM,
                  tn_xxh64(image + IMAGE_HEADER_SIZE, index_size));
    image_set_u64(image + IMAGE_HEADER_HEADER_CHECKSUM,
                  tn_xxh64(image, IMAGE_HEADER_HEADER_CHECKSUM));
}

static void
look_at_file(struct look *look, const char *path)
{
    char bytes[5000];
    struct tn_fs_stat found;
    int fd = tn_fs_openat(look->fs, AT_FDCWD, path, O_RDWR, 0);
    if (fd < 0 || tn_fs_fstat(look->fs, fd, &found) < 0) {
        return;
    }
    tn_fs_read(look->fs, fd, bytes, sizeof(bytes));
    tn_fs_pread(look->fs, fd, bytes, 100, found.size / 2);
    tn_fs_pread(look->fs, fd, bytes, 100, found.size - 50);
    if (found.size < 100000) {
        tn_fs_write(look->fs, fd, "x", 1);
    }
    tn_fs_close(look->fs, fd);
}

static void
look_at_directory(struct look *look, const char *path, int depth)
{
    struct tn_fs_entry entry;
    struct tn_fs_stat found;
    char child[600];
    int fd = tn_fs_openat(look->fs, AT_FDCWD, path, O_RDONLY, 0);
    while (fd >= 0 && look->count++ < LOOK_LIMIT
           && tn_fs_readdir(look->fs, fd, &entry) > 0) {
        if (strcmp(entry.name, ".") == 0 || strcmp(entry.name, "..") == 0) {
            continue;
        }
        /* A long path is cut and then not found, which is fine. */
        snprintf(child, sizeof(child), "%.300s/%.255s", path, entry.name);
        tn_fs_stat(look->fs, child, &found);
        if (tn_fs_lstat(look->fs, child, &found) < 0) {
            continue;
        }
        if (S_ISLNK(found.mode)) {
            tn_fs_readlinkat(look->fs, AT_FDCWD, child, child, 100);
        }
        else if (S_ISREG(found.mode)) {
            look_at_file(look, child);
        }
        else if (S_ISDIR(found.mode) && depth < DEPTH_LIMIT) {
            look_at_directory(look, child, depth + 1);
        }
    }
    tn_fs_close(look->fs, fd);
}

/* In place of an image with other files.  Most often that is refused. */
static void
offer(struct tn_fs *fs, const unsigned char *image, size_t size)
{
    static const struct fixture_file files[] = {
        {"a", "a", 1, NULL}, {"dir/", NULL, 0, NULL}, {"dir/b", "b", 1, NULL},
    };
    struct tn_fs_stat found;
    size_t sound_size;
    unsigned char *sound =
        fixture_image(files, 3, IMAGE_CODEC_NONE, 1024, &sound_size);
    size_t index = 0;
    struct tn_fs_image mounted;
    while (tn_fs_image_at(fs, index, &mounted) == TN_OK) {
        index++;
    }
    tn_fs_mount(fs, "/sound", "sound.image", sound, sound_size,
                TN_FS_IMAGE_OWNED);
    tn_fs_stat(fs, "/sound/dir/b", &found);
    if (tn_fs_replace_image(fs, index, "offered.image", image, size,
                            TN_FS_IMAGE_BORROWED) != TN_OK
        && (!fixture_has(fs, "/sound/a", "a")
            || !fixture_has(fs, "/sound/dir/b", "b"))) {
        abort();
    }
}

/* What the tree still has of the first copy is freed memory. */
static unsigned char *
exchange(struct look *look, unsigned char *image, size_t size)
{
    unsigned char *copy = tn_alloc(size);
    memcpy(copy, image, size);
    if (tn_fs_replace_image(look->fs, 0, "copy.image", copy, size,
                            TN_FS_IMAGE_BORROWED) != TN_OK) {
        abort();
    }
    tn_free(image);
    look->count = 0;
    look_at_directory(look, "/i", 0);
    return copy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fixture fixture;
    struct look look = {.count = 0};
    if (size < 1) {
        return 0;
    }
    /* A copy of exactly this size, so that a read beyond it is seen. */
    unsigned char *image = tn_alloc(size - 1);
    memcpy(image, data + 1, size - 1);
    if (data[0] & 2) {
        repair_blocks(image, size - 1);
    }
    if (data[0] & 1) {
        repair_header(image, size - 1);
    }
    fixture_prepare(&fixture);
    fixture.config.writable_size_limit = 1 << 20;
    fixture.config.cache_size_limit = 16384;
    look.fs = fixture_start(&fixture);
    int status = tn_fs_mount(look.fs, "/i", "fuzz.image", image, size - 1,
                             TN_FS_IMAGE_BORROWED);
    if (status == TN_OK) {
        tn_fs_check_images(look.fs);
        look_at_directory(&look, "/i", 0);
        image = exchange(&look, image, size - 1);
    }
    else if (fixture.report_count != 1) {
        abort();
    }
    offer(look.fs, image, size - 1);
    tn_fs_free(look.fs);
    tn_free(image);
    return 0;
}
