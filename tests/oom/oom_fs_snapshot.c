/* Every allocation fails once while an image gives way to a smaller one: then
 * the old one must still be there, whole. */
#include "fs_fixture.h"

#include "oom.h"

#define BLOCK_SIZE 1024

static struct fixture fixture;

static const struct fixture_file files[] = {
    {"a", "old", 3, NULL},         {"dir/", NULL, 0, NULL},
    {"dir/b", "text", 4, NULL},    {"dir/deep/", NULL, 0, NULL},
    {"dir/deep/d", "d", 1, NULL},  {"dir/link", NULL, 0, "b"},
};
static const struct fixture_file fewer[] = {
    {"dir/", NULL, 0, NULL},
    {"dir/b", "text", 4, NULL},
    {"dir/deep/", NULL, 0, NULL},
};

/* Reading the tree needs memory too; the test's own look has it. */
static bool
has(const char *path, const char *text)
{
    tn_alloc_fail_from(0);
    return fixture_has(fixture.fs, path, text);
}

static int
replace(void *context)
{
    size_t old_size, new_size;
    unsigned char *old_image =
        fixture_image(files, 6, IMAGE_CODEC_NONE, BLOCK_SIZE, &old_size);
    unsigned char *new_image =
        fixture_image(fewer, 3, IMAGE_CODEC_NONE, BLOCK_SIZE, &new_size);
    int status = old_image == NULL || new_image == NULL ? TN_ERROR_MEMORY
                                                        : TN_OK;
    struct tn_fs *fs = NULL;
    (void)context;
    fixture_prepare(&fixture);
    if (status == TN_OK) {
        status = tn_fs_new(&fs, &fixture.config);
        fixture.fs = fs;
    }
    if (status == TN_OK) {
        status = tn_fs_mount(fs, "/i", "old.image", old_image, old_size,
                             TN_FS_IMAGE_BORROWED);
    }
    if (status == TN_OK) {
        struct tn_fs_stat found;
        status = tn_fs_stat(fs, "/i/dir/b", &found) < 0 ? TN_ERROR_MEMORY
                                                        : TN_OK;
    }
    if (status == TN_OK) {
        status = tn_fs_replace_image(fs, 0, "new.image", new_image, new_size,
                                     TN_FS_IMAGE_BORROWED);
        check(has("/i/dir/b", "text"));
        check(has("/i/a", "old") == (status != TN_OK));
        check(has("/i/dir/deep/d", "d") == (status != TN_OK));
        check(has("/i/dir/link", "text") == (status != TN_OK));
    }
    tn_fs_free(fs);
    tn_free(old_image);
    tn_free(new_image);
    return status;
}

static void
test_every_allocation(void)
{
    oom_exhaust("replacing an image", replace, NULL);
}

int
main(void)
{
    run_test(test_every_allocation);
    return check_report();
}
