/* Images: writing, mounting, merging, changing what they hold, damage. */
#include "fs_fixture.h"

#include "check.h"
#include "xxh64.h"

#define BLOCK_SIZE 1024

static struct fixture fixture;
static char big[10000];

/* `big` stands in `lib/big`: ten blocks. */
static const struct fixture_file files[] = {
    {"lib/", NULL, 0, NULL},
    {"lib/a.py", "import b", 8, NULL},
    {"lib/b.py", "x = 1", 5, NULL},
    {"lib/big", big, sizeof(big), NULL},
    {"lib/empty", "", 0, NULL},
    {"lib/link", NULL, 0, "a.py"},
    {"lib/sub/", NULL, 0, NULL},
    {"lib/sub/c.py", "y = 2", 5, NULL},
    {"top", "top", 3, NULL},
};
#define FILE_COUNT (sizeof(files) / sizeof(*files))

static void
fill_big(void)
{
    /* Half of it can be compressed, half cannot. */
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof(big); i++) {
        random = random * 1664525u + 1013904223u;
        big[i] = (char)(i < sizeof(big) / 2 ? i / 100 : random >> 24);
    }
}

static unsigned char *
make_image(enum image_codec codec, size_t *size)
{
    fill_big();
    return fixture_image(files, FILE_COUNT, codec, BLOCK_SIZE, size);
}

/* A file system with that image on /image; it owns the image. */
static struct tn_fs *
start(enum image_codec codec)
{
    size_t size = 0;
    fixture_prepare(&fixture);
    struct tn_fs *fs = fixture_start(&fixture);
    unsigned char *image = make_image(codec, &size);
    check(image != NULL);
    check_int(tn_fs_mount(fs, "/image", "test.image", image, size,
                          TN_FS_IMAGE_OWNED), TN_OK);
    return fs;
}

static int
status_of(struct tn_fs *fs, const char *path)
{
    struct tn_fs_stat found;
    return tn_fs_stat(fs, path, &found);
}

static void
test_checksum(void)
{
    /* XXH64 of these texts, from its specification's test program. */
    check(tn_xxh64("", 0) == 0xef46db3751d8e999u);
    check(tn_xxh64("a", 1) == 0xd24ec4f1a98c6e5bu);
    check(tn_xxh64("abc", 3) == 0x44bc2cf5ad770999u);
    check(tn_xxh64("Nobody inspects the spammish repetition", 39)
          == 0xfbcea83c8a378bf1u);
}

static void
test_read(void)
{
    static const enum image_codec codecs[] = {IMAGE_CODEC_NONE,
                                              IMAGE_CODEC_LZ4};
    for (size_t i = 0; i < 2; i++) {
        struct tn_fs *fs = start(codecs[i]);
        struct tn_fs_stat found;
        char seen[sizeof(big)];
        check(fixture_has(fs, "/image/lib/a.py", "import b"));
        check(fixture_has(fs, "/image/lib/link", "import b"));
        check(fixture_has(fs, "/image/lib/sub/c.py", "y = 2"));
        check(fixture_has(fs, "/image/lib/empty", ""));
        check(fixture_has(fs, "/image/top", "top"));
        check_int(tn_fs_stat(fs, "/image/lib/big", &found), 0);
        check(found.size == sizeof(big) && found.mtime.tv_sec == 5);
        check_int(found.mode, S_IFREG | 0644);
        int fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/big", O_RDONLY, 0);
        check_int(tn_fs_read(fs, fd, seen, sizeof(seen)), sizeof(seen));
        check(memcmp(seen, big, sizeof(big)) == 0);
        for (int64_t at = 0; at < 9900; at += 333) {
            check_int(tn_fs_pread(fs, fd, seen, 100, at), 100);
            check(memcmp(seen, big + at, 100) == 0);
        }
        check_int(tn_fs_check_images(fs), 0);
        check_int(fixture.report_count, 0);
        tn_fs_free(fs);
    }
}

static void
test_cache_counts(void)
{
    struct tn_fs_counters counters;
    char seen[100];
    fixture_prepare(&fixture);
    fixture.config.cache_size_limit = 3 * BLOCK_SIZE;
    struct tn_fs *fs = fixture_start(&fixture);
    size_t size;
    unsigned char *image = make_image(IMAGE_CODEC_LZ4, &size);
    check_int(tn_fs_mount(fs, "/image", "test.image", image, size,
                          TN_FS_IMAGE_OWNED), TN_OK);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/big", O_RDONLY, 0);
    for (int i = 0; i < 10; i++) {
        check_int(tn_fs_pread(fs, fd, seen, 100, 1024), 100);
    }
    tn_fs_get_counters(fs, &counters);
    check_int(counters.cache_miss_count, 1);
    check_int(counters.cache_hit_count, 9);
    for (int i = 0; i < 4; i++) {
        check_int(tn_fs_pread(fs, fd, seen, 100, i * 1024), 100);
    }
    tn_fs_get_counters(fs, &counters);
    check_int(counters.cache_miss_count, 4);
    check_int(counters.cache_hit_count, 10);
    check_int(tn_fs_pread(fs, fd, seen, 100, 3 * 1024), 100);
    check_int(tn_fs_pread(fs, fd, seen, 100, 0), 100);
    tn_fs_get_counters(fs, &counters);
    check_int(counters.cache_miss_count, 5);
    check_int(counters.direct_block_count, 0);
    check_int(tn_fs_pread(fs, fd, big, 1024, 1024), 1024);
    tn_fs_get_counters(fs, &counters);
    check_int(counters.direct_block_count, 1);
    tn_fs_free(fs);
}

static void
test_same_files_same_bytes(void)
{
    struct fixture_file turned[FILE_COUNT];
    size_t size;
    size_t other_size;
    unsigned char *image = make_image(IMAGE_CODEC_LZ4, &size);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        turned[i] = files[FILE_COUNT - 1 - i];
    }
    unsigned char *other = fixture_image(turned, FILE_COUNT, IMAGE_CODEC_LZ4,
                                         BLOCK_SIZE, &other_size);
    check_int(size, other_size);
    check(memcmp(image, other, size) == 0);
    tn_free(image);
    tn_free(other);
}

static void
test_writer_refuses(void)
{
    static const struct fixture_file wrong[][2] = {
        {{"a", "", 0, NULL}, {"a", "", 0, NULL}},
        {{"a", "", 0, NULL}, {"a/b", "", 0, NULL}},
        {{"a", "", 0, NULL}, {"b/c", "", 0, NULL}},
        {{"a", "", 0, NULL}, {"../b", "", 0, NULL}},
        {{"a", "", 0, NULL}, {"b//c", "", 0, NULL}},
        {{"a", "", 0, NULL}, {"/b", "", 0, NULL}},
        {{"a", "", 0, NULL}, {"b", "", 0, ""}},
    };
    size_t size;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        check(fixture_image(wrong[i], 2, IMAGE_CODEC_LZ4, BLOCK_SIZE, &size)
              == NULL);
    }
    check(fixture_image(files, 1, IMAGE_CODEC_LZ4, 1000, &size) == NULL);
    check(fixture_image(files, 1, IMAGE_CODEC_LZ4, 1 << 30, &size) == NULL);
}

static void
test_changing_copies_up(void)
{
    struct tn_fs *fs = start(IMAGE_CODEC_LZ4);
    struct tn_fs_counters before;
    struct tn_fs_counters after;
    char seen[sizeof(big)];
    tn_fs_get_counters(fs, &before);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/big", O_RDWR, 0);
    check_int(tn_fs_fchmod(fs, fd, 0600), 0);
    tn_fs_get_counters(fs, &after);
    check_int(after.writable_size, before.writable_size);
    check_int(tn_fs_pwrite(fs, fd, "xyz", 3, 5000), 3);
    tn_fs_get_counters(fs, &after);
    check(after.writable_size >= before.writable_size + sizeof(big));
    check_int(tn_fs_pread(fs, fd, seen, sizeof(seen), 0), sizeof(seen));
    check(memcmp(seen, big, 5000) == 0);
    check(memcmp(seen + 5000, "xyz", 3) == 0);
    check(memcmp(seen + 5003, big + 5003, sizeof(big) - 5003) == 0);
    check_int(tn_fs_truncate(fs, "/image/lib/a.py", 6), 0);
    check(fixture_has(fs, "/image/lib/a.py", "import"));
    check_int(fixture_put(fs, "/image/lib/b.py", "new"), TN_OK);
    check(fixture_has(fs, "/image/lib/b.py", "new"));
    check_int(fixture_put(fs, "/image/lib/sub/d.py", "z"), TN_OK);
    check(fixture_has(fs, "/image/lib/sub/d.py", "z"));
    tn_fs_free(fs);
}

static void
test_removing_and_moving(void)
{
    struct tn_fs *fs = start(IMAGE_CODEC_LZ4);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/image/lib/a.py", 0), 0);
    check_int(status_of(fs, "/image/lib/a.py"), -ENOENT);
    check_int(status_of(fs, "/image/lib/link"), -ENOENT);
    check_int(tn_fs_renameat(fs, AT_FDCWD, "/image/lib/sub", AT_FDCWD,
                             "/tmp/sub"), 0);
    check(fixture_has(fs, "/tmp/sub/c.py", "y = 2"));
    check_int(status_of(fs, "/image/lib/sub"), -ENOENT);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/sub", AT_REMOVEDIR),
              -ENOTEMPTY);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/sub/c.py", 0), 0);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/sub", AT_REMOVEDIR), 0);
    check_int(fixture_put(fs, "/image/lib/sub/c.py", "again"), TN_OK);
    check(fixture_has(fs, "/image/lib/sub/c.py", "again"));
    tn_fs_free(fs);
}

static void
mount_files(struct tn_fs *fs, const char *path,
            const struct fixture_file *which, size_t count)
{
    size_t size;
    unsigned char *image =
        fixture_image(which, count, IMAGE_CODEC_NONE, BLOCK_SIZE, &size);
    check_int(tn_fs_mount(fs, path, "other.image", image, size,
                          TN_FS_IMAGE_OWNED), TN_OK);
}

static void
test_layers_merge(void)
{
    static const struct fixture_file upper[] = {
        {"lib/", NULL, 0, NULL},
        {"lib/a.py", "upper a", 7, NULL},
        {"lib/b.py", "upper b", 7, NULL},
        {"lib/sub/", NULL, 0, NULL},
        {"lib/sub/new.py", "new", 3, NULL},
        {"top/", NULL, 0, NULL},
        {"top/in", "in", 2, NULL},
    };
    struct tn_fs *fs = start(IMAGE_CODEC_LZ4);
    check_int(fixture_put(fs, "/image/lib/b.py", "mine"), TN_OK);
    check_int(fixture_put(fs, "/image/lib/sub/mine", "mine"), TN_OK);
    mount_files(fs, "/image", upper, 7);
    check(fixture_has(fs, "/image/lib/a.py", "upper a"));
    check(fixture_has(fs, "/image/lib/b.py", "mine"));
    check(fixture_has(fs, "/image/lib/sub/c.py", "y = 2"));
    check(fixture_has(fs, "/image/lib/sub/new.py", "new"));
    check(fixture_has(fs, "/image/lib/sub/mine", "mine"));
    check(fixture_has(fs, "/image/top/in", "in"));
    mount_files(fs, "/image/lib/sub", upper, 7);
    check(fixture_has(fs, "/image/lib/sub/lib/sub/new.py", "new"));
    tn_fs_free(fs);
}

static void
test_mount_places(void)
{
    struct tn_fs *fs = start(IMAGE_CODEC_LZ4);
    size_t size;
    struct tn_fs_image image;
    unsigned char *bytes = make_image(IMAGE_CODEC_LZ4, &size);
    check_int(tn_fs_mount(fs, "/image/top", "x", bytes, size,
                          TN_FS_IMAGE_BORROWED), TN_ERROR_STATE);
    check_text(fixture.report, "x: cannot be mounted on /image/top");
    check_int(tn_fs_mount(fs, "/dev/fd", "x", bytes, size,
                          TN_FS_IMAGE_BORROWED), TN_ERROR_STATE);
    check_int(tn_fs_mount(fs, "/", "root", bytes, size,
                          TN_FS_IMAGE_BORROWED), TN_OK);
    check(fixture_has(fs, "/top", "top"));
    check_int(tn_fs_image_at(fs, 1, &image), TN_OK);
    check_text(image.name, "root");
    check_text(image.path, "/");
    check(image.bytes == bytes && image.size == size);
    check_int(tn_fs_image_at(fs, 2, &image), TN_ERROR_MISSING);
    int status = TN_OK;
    for (int i = 2; i <= TN_FS_IMAGE_LIMIT && status == TN_OK; i++) {
        status = tn_fs_mount(fs, "/more", "m", bytes, size,
                             TN_FS_IMAGE_BORROWED);
    }
    check_int(status, TN_ERROR_LIMIT);
    tn_fs_free(fs);
    tn_free(bytes);
}

static void
test_statvfs_knows_both_layers(void)
{
    struct tn_fs_statvfs before;
    struct tn_fs_statvfs after;
    fixture_prepare(&fixture);
    struct tn_fs *fs = fixture_start(&fixture);
    check_int(tn_fs_statvfs(fs, "/", &before), 0);
    check_int(before.block_count, TN_FS_WRITABLE_SIZE_DEFAULT / 4096);
    tn_fs_free(fs);
    fs = start(IMAGE_CODEC_LZ4);
    check_int(tn_fs_statvfs(fs, "/image/lib", &after), 0);
    check_int(after.block_count - before.block_count, 3);
    check_int(after.free_count, before.free_count);
    check_int(after.file_count - before.file_count, FILE_COUNT);
    check_int(tn_fs_statvfs(fs, "/none", &after), -ENOENT);
    tn_fs_free(fs);
}

static int
mount_bytes(const unsigned char *image, size_t size)
{
    struct tn_fs *fs = fixture_start(&fixture);
    int status = tn_fs_mount(fs, "/image", "bad.image", image, size,
                             TN_FS_IMAGE_BORROWED);
    tn_fs_free(fs);
    return status;
}

static void
test_damaged_header_and_index(void)
{
    size_t size;
    unsigned char *image = make_image(IMAGE_CODEC_LZ4, &size);
    fixture_prepare(&fixture);
    size_t index_size = IMAGE_HEADER_SIZE
        + image_u32(image + IMAGE_HEADER_BLOCK_COUNT) * IMAGE_BLOCK_RECORD_SIZE
        + image_u32(image + IMAGE_HEADER_ENTRY_COUNT) * IMAGE_ENTRY_RECORD_SIZE
        + image_u32(image + IMAGE_HEADER_TEXT_SIZE);
    for (size_t i = 0; i < index_size; i++) {
        image[i] ^= 1;
        fixture.report_count = 0;
        int status = mount_bytes(image, size);
        check(status == TN_ERROR_INVALID || status == TN_ERROR_UNSUPPORTED);
        check_int(fixture.report_count, 1);
        image[i] ^= 1;
    }
    check_int(mount_bytes(image, size), TN_OK);
    check_int(mount_bytes(image, size - 1), TN_ERROR_INVALID);
    char wanted[100];
    snprintf(wanted, sizeof(wanted),
             "bad.image: header: says %zu bytes, the file has %zu", size,
             size - 1);
    check_text(fixture.report, wanted);
    check_int(mount_bytes(image, 10), TN_ERROR_INVALID);
    check_text(fixture.report, "bad.image: not an image");
    check_int(mount_bytes(image, 0), TN_ERROR_INVALID);
    tn_free(image);
}

static void
test_damaged_block(void)
{
    size_t size;
    struct tn_fs_counters counters;
    fixture_prepare(&fixture);
    struct tn_fs *fs = fixture_start(&fixture);
    unsigned char *image = make_image(IMAGE_CODEC_LZ4, &size);
    image[size - 1] ^= 1;
    check_int(tn_fs_mount(fs, "/image", "core.image", image, size,
                          TN_FS_IMAGE_OWNED), TN_OK);
    char bytes[sizeof(big)];
    int fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/sub/c.py", O_RDONLY, 0);
    check_int(tn_fs_read(fs, fd, bytes, 10), -EIO);
    check_text(fixture.report, "block 10 of core.image: checksum differs");
    check(fixture_has(fs, "/image/lib/a.py", "import b"));
    check_int(tn_fs_check_images(fs), -EIO);
    tn_fs_get_counters(fs, &counters);
    check_int(counters.damaged_block_count, 2);
    fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/sub/c.py", O_WRONLY, 0);
    check_int(tn_fs_write(fs, fd, "x", 1), -EIO);
    fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/sub/c.py",
                      O_WRONLY | O_TRUNC, 0);
    check_int(tn_fs_write(fs, fd, "x", 1), 1);
    check(fixture_has(fs, "/image/lib/sub/c.py", "x"));
    tn_fs_free(fs);
}

int
main(void)
{
    run_test(test_checksum);
    run_test(test_read);
    run_test(test_cache_counts);
    run_test(test_same_files_same_bytes);
    run_test(test_writer_refuses);
    run_test(test_changing_copies_up);
    run_test(test_removing_and_moving);
    run_test(test_layers_merge);
    run_test(test_mount_places);
    run_test(test_statvfs_knows_both_layers);
    run_test(test_damaged_header_and_index);
    run_test(test_damaged_block);
    return check_report();
}
