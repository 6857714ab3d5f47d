/* What a snapshot of memory needs of the file system: images whose contents
 * come later, and images that give way to smaller ones.
 */
#include "fs_fixture.h"

#include "check.h"

#define BLOCK_SIZE 1024

static struct fixture fixture;
static int load_count;
static int load_status;

static const struct fixture_file files[] = {
    {"lib/", NULL, 0, NULL},
    {"lib/a.py", "import b", 8, NULL},
    {"lib/b.py", "x = 1", 5, NULL},
    {"lib/empty", "", 0, NULL},
    {"lib/link", NULL, 0, "a.py"},
    {"lib/other", NULL, 0, "b.py"},
    {"lib/sub/", NULL, 0, NULL},
    {"lib/sub/c.py", "y = 2", 5, NULL},
    {"lib/sub/d.py", "z = 3", 5, NULL},
    {"top", "top", 3, NULL},
};

/* Without a.py, empty, other and d.py. */
static const struct fixture_file fewer[] = {
    {"lib/", NULL, 0, NULL},
    {"lib/b.py", "x = 1", 5, NULL},
    {"lib/link", NULL, 0, "a.py"},
    {"lib/sub/", NULL, 0, NULL},
    {"lib/sub/c.py", "y = 2", 5, NULL},
    {"top", "top", 3, NULL},
};

/* All of them, without the bytes of a.py and d.py. */
static const struct fixture_file emptied[] = {
    {"lib/", NULL, 0, NULL},
    {"lib/a.py", "", 0, NULL},
    {"lib/b.py", "x = 1", 5, NULL},
    {"lib/empty", "", 0, NULL},
    {"lib/link", NULL, 0, "a.py"},
    {"lib/other", NULL, 0, "b.py"},
    {"lib/sub/", NULL, 0, NULL},
    {"lib/sub/c.py", "y = 2", 5, NULL},
    {"lib/sub/d.py", "", 0, NULL},
    {"top", "top", 3, NULL},
};
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int
load_image(void *context, size_t index)
{
    (void)context;
    load_count++;
    if (load_status == TN_OK) {
        check_int(tn_fs_set_image_present(fixture.fs, index, true), TN_OK);
    }
    return load_status;
}

static unsigned char *
make_image(const struct fixture_file *which, size_t count, size_t *size)
{
    return fixture_image(which, count, IMAGE_CODEC_NONE, BLOCK_SIZE, size);
}

static struct tn_fs *
start(void)
{
    size_t size = 0;
    fixture_prepare(&fixture);
    fixture.config.load_image = load_image;
    load_count = 0;
    load_status = TN_OK;
    struct tn_fs *fs = fixture_start(&fixture);
    unsigned char *image = make_image(files, COUNT(files), &size);
    check_int(tn_fs_mount(fs, "/image", "test.image", image, size,
                          TN_FS_IMAGE_OWNED), TN_OK);
    return fs;
}

static bool
is_there(struct tn_fs *fs, const char *path)
{
    struct tn_fs_stat found;
    return tn_fs_lstat(fs, path, &found) == 0;
}

static void
test_contents_come_later(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_image image;
    check(fixture_has(fs, "/image/top", "top"));
    check_int(load_count, 0);
    check_int(tn_fs_set_image_present(fs, 0, false), TN_OK);
    check_int(tn_fs_set_image_present(fs, 1, false), TN_ERROR_MISSING);
    check_int(tn_fs_image_at(fs, 0, &image), TN_OK);
    check(!image.is_present && image.index_size < image.size);
    /* Names, sizes, links and what is empty need no contents. */
    check(is_there(fs, "/image/lib/sub/c.py"));
    check(fixture_has(fs, "/image/lib/empty", ""));
    check_int(load_count, 0);
    check(fixture_has(fs, "/image/lib/sub/c.py", "y = 2"));
    check(fixture_has(fs, "/image/lib/link", "import b"));
    check_int(load_count, 1);
    tn_fs_free(fs);
}

static void
test_contents_that_never_come(void)
{
    struct tn_fs *fs = start();
    char bytes[10];
    check_int(tn_fs_set_image_present(fs, 0, false), TN_OK);
    load_status = TN_ERROR_MISSING;
    int fd = tn_fs_openat(fs, AT_FDCWD, "/image/top", O_RDONLY, 0);
    check_int(tn_fs_read(fs, fd, bytes, 3), -EIO);
    check_text(fixture.report, "test.image: its files are not in memory");
    check_int(load_count, 1);
    check_int(tn_fs_check_images(fs), -EIO);
    load_status = TN_OK; /* it is asked for again */
    check_int(tn_fs_read(fs, fd, bytes, 3), 3);
    tn_fs_free(fs);
}

static int
replace(struct tn_fs *fs, const struct fixture_file *which, size_t count)
{
    size_t size;
    unsigned char *image = make_image(which, count, &size);
    int status = tn_fs_replace_image(fs, 0, "small.image", image, size,
                                     TN_FS_IMAGE_OWNED);
    if (status != TN_OK) {
        tn_free(image);
    }
    return status;
}

static void
check_fewer(struct tn_fs *fs)
{
    struct tn_fs_image image;
    check(fixture_has(fs, "/image/lib/b.py", "x = 1"));
    check(fixture_has(fs, "/image/lib/sub/c.py", "y = 2"));
    check(fixture_has(fs, "/image/top", "top"));
    check(is_there(fs, "/image/lib/link"));
    check(!fixture_has(fs, "/image/lib/link", "import b"));
    check(!is_there(fs, "/image/lib/a.py"));
    check(!is_there(fs, "/image/lib/empty"));
    check(!is_there(fs, "/image/lib/other"));
    check(!is_there(fs, "/image/lib/sub/d.py"));
    check_int(tn_fs_image_at(fs, 0, &image), TN_OK);
    check_text(image.name, "small.image");
    check_text(image.path, "/image");
}

/* How much of the old image the tree has taken in makes no difference. */
static void
test_replace(void)
{
    static const char *const looks[] = {"/", "/image/top", "/image/lib/a.py",
                                        "/image/lib/sub/c.py"};
    for (size_t i = 0; i < COUNT(looks); i++) {
        struct tn_fs *fs = start();
        check(is_there(fs, looks[i]));
        check(is_there(fs, "/image"));
        check_int(replace(fs, fewer, COUNT(fewer)), TN_OK);
        check_fewer(fs);
        char name[100];
        check_int(tn_fs_chdir(fs, "/image/lib/sub"), 0);
        check(tn_fs_getcwd(fs, name, sizeof(name)) > 0);
        check_text(name, "/image/lib/sub");
        check_int(replace(fs, fewer, COUNT(fewer)), TN_OK);
        check_fewer(fs);
        tn_fs_free(fs);
    }
}

static void
check_emptied(struct tn_fs *fs)
{
    check(fixture_has(fs, "/image/lib/a.py", ""));
    check(fixture_has(fs, "/image/lib/sub/d.py", ""));
    check(fixture_has(fs, "/image/lib/link", ""));
    check(fixture_has(fs, "/image/lib/b.py", "x = 1"));
    check(fixture_has(fs, "/image/lib/other", "x = 1"));
    check(fixture_has(fs, "/image/lib/sub/c.py", "y = 2"));
    check(fixture_has(fs, "/image/top", "top"));
}

static void
test_replace_empties_files(void)
{
    static const char *const looks[] = {"/", "/image/top", "/image/lib/a.py",
                                        "/image/lib/sub/d.py"};
    for (size_t i = 0; i < COUNT(looks); i++) {
        struct tn_fs *fs = start();
        check(is_there(fs, looks[i]));
        check_int(replace(fs, emptied, COUNT(emptied)), TN_OK);
        check_emptied(fs);
        check_int(replace(fs, emptied, COUNT(emptied)), TN_OK);
        check_emptied(fs);
        check_int(fixture_put(fs, "/image/lib/a.py", "again"), TN_OK);
        check(fixture_has(fs, "/image/lib/a.py", "again"));
        tn_fs_free(fs);
    }
}

static void
check_refused(struct tn_fs *fs, const struct fixture_file *which,
              size_t count, int status, const char *report)
{
    check_int(replace(fs, which, count), status);
    check_text(fixture.report, report);
    check(fixture_has(fs, "/image/lib/sub/d.py", "z = 3"));
    check(fixture_has(fs, "/image/lib/link", "import b"));
    tn_fs_free(fs);
}

static void
test_replace_wants_a_part(void)
{
    static const struct fixture_file without_directory[] = {
        {"lib/", NULL, 0, NULL},
        {"top", "top", 3, NULL},
    };
    static const struct fixture_file with_more[] = {
        {"lib/", NULL, 0, NULL},
        {"lib/new.py", "", 0, NULL},
        {"lib/sub/", NULL, 0, NULL},
        {"top", "top", 3, NULL},
    };
    static const struct fixture_file with_other[] = {
        {"lib/", NULL, 0, NULL},
        {"lib/sub/", NULL, 0, NULL},
        {"top", "longer", 6, NULL},
    };
    struct tn_fs *fs = start();
    check(is_there(fs, "/image/lib/sub"));
    check_refused(fs, without_directory, COUNT(without_directory),
                  TN_ERROR_INVALID,
                  "test.image: cannot be replaced: sub is missing");
    fs = start();
    check(is_there(fs, "/image/lib/sub"));
    check_refused(fs, with_more, COUNT(with_more), TN_ERROR_INVALID,
                  "test.image: cannot be replaced: new.py is new");
    fs = start();
    check(is_there(fs, "/image/lib/sub"));
    check_refused(fs, with_other, COUNT(with_other), TN_ERROR_INVALID,
                  "test.image: cannot be replaced: top differs");
    fs = start();
    check_int(tn_fs_replace_image(fs, 1, "x", "", 0, TN_FS_IMAGE_BORROWED),
              TN_ERROR_MISSING);
    check_int(tn_fs_replace_image(fs, 0, "x", "", 0, TN_FS_IMAGE_BORROWED),
              TN_ERROR_INVALID);
    check_text(fixture.report, "x: not an image");
    tn_fs_free(fs);
}

static void
test_replace_spares_what_is_used(void)
{
    struct tn_fs *fs = start();
    int fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/a.py", O_RDONLY, 0);
    check_refused(fs, fewer, COUNT(fewer), TN_ERROR_STATE,
                  "test.image: cannot be replaced: a.py is in use");
    check(fd >= 0);
    fs = start();
    fd = tn_fs_openat(fs, AT_FDCWD, "/image/lib/a.py", O_RDONLY, 0);
    check_refused(fs, emptied, COUNT(emptied), TN_ERROR_STATE,
                  "test.image: cannot be replaced: a.py is in use");
    check(fd >= 0);
    fs = start();
    check_int(tn_fs_linkat(fs, AT_FDCWD, "/image/lib/a.py", AT_FDCWD, "/a", 0),
              0);
    check_refused(fs, fewer, COUNT(fewer), TN_ERROR_STATE,
                  "test.image: cannot be replaced: a.py is in use");
    fs = start();
    check_int(tn_fs_renameat(fs, AT_FDCWD, "/image/lib/b.py", AT_FDCWD, "/b"),
              0);
    check_refused(fs, fewer, COUNT(fewer), TN_ERROR_STATE,
                  "test.image: cannot be replaced: some of its files were "
                  "moved");
    fs = start();
    check_int(fixture_put(fs, "/image/lib/a.py", "import b"), TN_OK);
    check_refused(fs, fewer, COUNT(fewer), TN_ERROR_STATE,
                  "test.image: cannot be replaced: a.py was changed");
    fs = start();
    check_int(fixture_put(fs, "/image/lib/b.py", "changed"), TN_OK);
    check_int(replace(fs, fewer, COUNT(fewer)), TN_OK);
    check(fixture_has(fs, "/image/lib/b.py", "changed"));
    tn_fs_free(fs);
}

int
main(void)
{
    run_test(test_contents_come_later);
    run_test(test_contents_that_never_come);
    run_test(test_replace);
    run_test(test_replace_empties_files);
    run_test(test_replace_wants_a_part);
    run_test(test_replace_spares_what_is_used);
    return check_report();
}
