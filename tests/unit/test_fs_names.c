/* Paths and directories: walking, making, removing, moving, listing. */
#include "fs_fixture.h"

#include <dirent.h>

#include "check.h"

static struct fixture fixture;

static struct tn_fs *
start(void)
{
    fixture_prepare(&fixture);
    return fixture_start(&fixture);
}

static int
make(struct tn_fs *fs, const char *path)
{
    return tn_fs_mkdirat(fs, AT_FDCWD, path, 0755);
}

static int
move(struct tn_fs *fs, const char *from, const char *to)
{
    return tn_fs_renameat(fs, AT_FDCWD, from, AT_FDCWD, to);
}

static int
status_of(struct tn_fs *fs, const char *path)
{
    struct tn_fs_stat found;
    return tn_fs_stat(fs, path, &found);
}

static void
test_walk(void)
{
    struct tn_fs *fs = start();
    char path[5000];
    check_int(make(fs, "/a"), 0);
    check_int(make(fs, "/a/b/"), 0);
    check_int(fixture_put(fs, "/a/b/f", "x"), TN_OK);
    check_int(status_of(fs, "//a/./b/../b//f"), 0);
    check_int(status_of(fs, "/../../a/b"), 0);
    check_int(status_of(fs, "/a/b/"), 0);
    check_int(status_of(fs, "/a/b/f/"), -ENOTDIR);
    check_int(status_of(fs, "/a/b/f/g"), -ENOTDIR);
    check_int(status_of(fs, "/a/b/f/.."), -ENOTDIR);
    check_int(status_of(fs, "/a/x/y"), -ENOENT);
    check_int(status_of(fs, ""), -ENOENT);
    memset(path, 'n', sizeof(path));
    path[0] = '/';
    path[TN_FS_NAME_LIMIT + 1] = '\0';
    check_int(make(fs, path), 0);
    path[TN_FS_NAME_LIMIT + 1] = 'n';
    path[TN_FS_NAME_LIMIT + 2] = '\0';
    check_int(make(fs, path), -ENAMETOOLONG);
    memset(path, '/', sizeof(path));
    path[TN_FS_PATH_LIMIT - 1] = '\0';
    check_int(status_of(fs, path), 0);
    path[TN_FS_PATH_LIMIT - 1] = '/';
    path[TN_FS_PATH_LIMIT] = '\0';
    check_int(status_of(fs, path), -ENAMETOOLONG);
    tn_fs_free(fs);
}

static void
test_relative_to_a_descriptor(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    check_int(fixture_put(fs, "/a/f", "x"), TN_OK);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/a", O_RDONLY | O_DIRECTORY, 0);
    check_int(tn_fs_fstatat(fs, fd, "f", &found, 0), 0);
    check_int(tn_fs_fstatat(fs, fd, "/a/f", &found, 0), 0);
    check_int(tn_fs_fstatat(fs, fd, "", &found, 0), -ENOENT);
    check_int(tn_fs_fstatat(fs, fd, "", &found, AT_EMPTY_PATH), 0);
    check(S_ISDIR(found.mode));
    check_int(tn_fs_fstatat(fs, 77, "f", &found, 0), -EBADF);
    check_int(tn_fs_fstatat(fs, 77, "/a", &found, 0), 0);
    int file = tn_fs_openat(fs, fd, "f", O_RDONLY, 0);
    check_int(tn_fs_fstatat(fs, file, "f", &found, 0), -ENOTDIR);
    check_int(tn_fs_fstatat(fs, fd, "f", &found, 0x4000), -EINVAL);
    tn_fs_free(fs);
}

static void
test_symbolic_links(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    char text[16] = "";
    check_int(fixture_put(fs, "/a/f", "x"), TN_OK);
    check_int(tn_fs_symlinkat(fs, "a", AT_FDCWD, "/dir"), 0);
    check_int(tn_fs_symlinkat(fs, "../a/f", AT_FDCWD, "/a/link"), 0);
    check(fixture_has(fs, "/dir/link", "x"));
    check_int(tn_fs_lstat(fs, "/dir", &found), 0);
    check(S_ISLNK(found.mode) && found.size == 1);
    check_int(tn_fs_lstat(fs, "/dir/", &found), 0);
    check(S_ISDIR(found.mode));
    check_int(tn_fs_readlinkat(fs, AT_FDCWD, "/a/link", text, 4), 4);
    check_text(text, "../a");
    check_int(tn_fs_readlinkat(fs, AT_FDCWD, "/a/f", text, 4), -EINVAL);
    check_int(tn_fs_symlinkat(fs, "", AT_FDCWD, "/e"), -ENOENT);
    check_int(tn_fs_symlinkat(fs, "x", AT_FDCWD, "/dir"), -EEXIST);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/a/link", O_RDONLY | O_NOFOLLOW, 0),
              -ELOOP);
    /* Through a dangling link a file is made where it points. */
    check_int(tn_fs_symlinkat(fs, "/a/made", AT_FDCWD, "/later"), 0);
    check_int(fixture_put(fs, "/later", "made"), TN_OK);
    check(fixture_has(fs, "/a/made", "made"));
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/later", 0), 0);
    check(fixture_has(fs, "/a/made", "made"));
    tn_fs_free(fs);
}

static void
test_link_loops_end(void)
{
    struct tn_fs *fs = start();
    char name[16];
    char target[16];
    check_int(tn_fs_symlinkat(fs, "self", AT_FDCWD, "/self"), 0);
    check_int(status_of(fs, "/self"), -ELOOP);
    check_int(status_of(fs, "/self/x"), -ELOOP);
    check_int(tn_fs_symlinkat(fs, "/tmp", AT_FDCWD, "/l0"), 0);
    for (int i = 1; i <= TN_FS_SYMLINK_LIMIT; i++) {
        snprintf(target, sizeof(target), "l%d", i - 1);
        snprintf(name, sizeof(name), "/l%d", i);
        check_int(tn_fs_symlinkat(fs, target, AT_FDCWD, name), 0);
    }
    snprintf(name, sizeof(name), "/l%d/", TN_FS_SYMLINK_LIMIT - 1);
    check_int(status_of(fs, name), 0);
    snprintf(name, sizeof(name), "/l%d/", TN_FS_SYMLINK_LIMIT);
    check_int(status_of(fs, name), -ELOOP);
    tn_fs_free(fs);
}

static void
test_hard_links(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_stat found;
    check_int(fixture_put(fs, "/a", "x"), TN_OK);
    check_int(tn_fs_linkat(fs, AT_FDCWD, "/a", AT_FDCWD, "/b", 0), 0);
    check_int(tn_fs_linkat(fs, AT_FDCWD, "/a", AT_FDCWD, "/b", 0), -EEXIST);
    check_int(tn_fs_linkat(fs, AT_FDCWD, "/tmp", AT_FDCWD, "/c", 0), -EPERM);
    check_int(tn_fs_stat(fs, "/b", &found), 0);
    check_int(found.link_count, 2);
    check_int(fixture_put(fs, "/b", "shared"), TN_OK);
    check(fixture_has(fs, "/a", "shared"));
    check_int(move(fs, "/a", "/b"), 0);
    check_int(status_of(fs, "/a"), 0);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/a", 0), 0);
    check(fixture_has(fs, "/b", "shared"));
    for (int i = 0; i < TN_FS_LINK_LIMIT - 1; i++) {
        char name[32];
        snprintf(name, sizeof(name), "/tmp/l%d", i);
        if (tn_fs_linkat(fs, AT_FDCWD, "/b", AT_FDCWD, name, 0) != 0) {
            check_int(i, TN_FS_LINK_LIMIT);
        }
    }
    check_int(tn_fs_linkat(fs, AT_FDCWD, "/b", AT_FDCWD, "/d", 0), -EMLINK);
    tn_fs_free(fs);
}

static void
test_rename_rules(void)
{
    struct tn_fs *fs = start();
    check_int(make(fs, "/d"), 0);
    check_int(make(fs, "/d/e"), 0);
    check_int(make(fs, "/empty"), 0);
    check_int(fixture_put(fs, "/f", "f"), TN_OK);
    check_int(fixture_put(fs, "/g", "g"), TN_OK);
    check_int(move(fs, "/d", "/d/e/x"), -EINVAL);
    check_int(move(fs, "/d", "/d/x"), -EINVAL);
    check_int(move(fs, "/d/e", "/d"), -ENOTEMPTY);
    check_int(move(fs, "/empty", "/d"), -ENOTEMPTY);
    check_int(move(fs, "/f", "/empty"), -EISDIR);
    check_int(move(fs, "/empty", "/f"), -ENOTDIR);
    check_int(move(fs, "/f", "/new/"), -ENOTDIR);
    check_int(move(fs, "/f/", "/new"), -ENOTDIR);
    check_int(move(fs, "/d/.", "/x"), -EBUSY);
    check_int(move(fs, "/", "/x"), -EBUSY);
    check_int(move(fs, "/none", "/x"), -ENOENT);
    check_int(move(fs, "/f", "/none/x"), -ENOENT);
    check_int(move(fs, "/d", "/d"), 0);
    check_int(move(fs, "/f", "/g"), 0);
    check_int(status_of(fs, "/f"), -ENOENT);
    check(fixture_has(fs, "/g", "f"));
    check_int(move(fs, "/d/e", "/empty"), 0);
    check_int(status_of(fs, "/d/e"), -ENOENT);
    check_int(fixture_put(fs, "/empty/in", "x"), TN_OK);
    check_int(move(fs, "/empty", "/d/moved/"), 0);
    check(fixture_has(fs, "/d/moved/../moved/in", "x"));
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/d", AT_REMOVEDIR), -ENOTEMPTY);
    tn_fs_free(fs);
}

static void
test_removed_directory(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_entry entry;
    char path[64];
    check_int(make(fs, "/a"), 0);
    check_int(make(fs, "/a/b"), 0);
    check_int(tn_fs_chdir(fs, "/a/b"), 0);
    int fd = tn_fs_openat(fs, AT_FDCWD, ".", O_RDONLY, 0);
    check_int(tn_fs_getcwd(fs, path, sizeof(path)), 5);
    check_text(path, "/a/b");
    check_int(tn_fs_getcwd(fs, path, 4), -ERANGE);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/a/b", AT_REMOVEDIR), 0);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/a", AT_REMOVEDIR), 0);
    check_int(tn_fs_getcwd(fs, path, sizeof(path)), -ENOENT);
    check_int(make(fs, "new"), -ENOENT);
    check_int(tn_fs_openat(fs, AT_FDCWD, "new", O_CREAT | O_RDWR, 0),
              -ENOENT);
    check_int(tn_fs_readdir(fs, fd, &entry), -ENOENT);
    check_int(tn_fs_chdir(fs, ".."), 0);
    check_int(tn_fs_chdir(fs, ".."), 0);
    check_int(tn_fs_getcwd(fs, path, sizeof(path)), 2);
    check_text(path, "/");
    check_int(tn_fs_fchdir(fs, fd), 0);
    check_int(tn_fs_fchdir(fs, 1), -ENOTDIR);
    tn_fs_free(fs);
}

static int
count_entries(struct tn_fs *fs, int fd)
{
    struct tn_fs_entry entry;
    int count = 0;
    while (tn_fs_readdir(fs, fd, &entry) > 0) {
        count++;
    }
    return count;
}

static void
test_listing_stays_in_place(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_entry entry;
    char path[300];
    int64_t third = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof(path), "/tmp/n%d", i);
        check_int(fixture_put(fs, path, ""), TN_OK);
    }
    int fd = tn_fs_openat(fs, AT_FDCWD, "/tmp", O_RDONLY | O_DIRECTORY, 0);
    for (int i = 0; i < 1002; i++) {
        check_int(tn_fs_readdir(fs, fd, &entry), 1);
        if (i == 2) {
            third = entry.next_position;
        }
        if (i >= 2) {
            /* What was read goes, and others come, between the calls. */
            char wanted[16];
            snprintf(wanted, sizeof(wanted), "n%d", i - 2);
            check_text(entry.name, wanted);
            check_int(entry.type, DT_REG);
            snprintf(path, sizeof(path), "/tmp/%.200s", entry.name);
            check_int(tn_fs_unlinkat(fs, AT_FDCWD, path, 0), 0);
            snprintf(path, sizeof(path), "/tmp/later%d", i);
            check_int(fixture_put(fs, path, ""), TN_OK);
        }
    }
    check_int(count_entries(fs, fd), 1000);
    check_int(tn_fs_lseek(fs, fd, third, SEEK_SET), third);
    check_int(count_entries(fs, fd), 1000);
    check_int(tn_fs_lseek(fs, fd, 0, SEEK_SET), 0);
    check_int(count_entries(fs, fd), 1002);
    tn_fs_free(fs);
}

static void
test_a_hundred_thousand_names(void)
{
    struct tn_fs *fs = start();
    struct tn_fs_entry entry;
    char path[300];
    int made = 0;
    check_int(make(fs, "/many"), 0);
    for (int i = 0; i < 100000; i++) {
        snprintf(path, sizeof(path), "/many/file%d", i);
        made += tn_fs_mknodat(fs, AT_FDCWD, path, 0644) == 0;
    }
    check_int(made, 100000);
    check_int(status_of(fs, "/many/file99999"), 0);
    check_int(status_of(fs, "/many/file100000"), -ENOENT);
    int fd = tn_fs_openat(fs, AT_FDCWD, "/many", O_RDONLY, 0);
    int removed = 0;
    while (tn_fs_readdir(fs, fd, &entry) > 0) {
        removed += entry.name[0] != '.'
            && tn_fs_unlinkat(fs, fd, entry.name, 0) == 0;
    }
    check_int(removed, 100000);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/many", AT_REMOVEDIR), 0);
    tn_fs_free(fs);
}

/* Freeing and naming must not recurse. */
static void
test_deep_tree(void)
{
    struct tn_fs *fs = start();
    static char path[300000];
    int status = 0;
    for (int i = 0; i < 100000 && status == 0; i++) {
        status = make(fs, "d");
        status = status == 0 ? tn_fs_chdir(fs, "d") : status;
    }
    check_int(status, 0);
    check_int(tn_fs_getcwd(fs, path, sizeof(path)), 200001);
    for (int i = 0; i < 1000 && status == 0; i++) {
        status = tn_fs_chdir(fs, "..");
        status = status == 0
            ? tn_fs_unlinkat(fs, AT_FDCWD, "d", AT_REMOVEDIR)
            : status;
    }
    check_int(status, 0);
    tn_fs_free(fs);
}

static void
test_existing_names(void)
{
    struct tn_fs *fs = start();
    check_int(fixture_put(fs, "/f", "x"), TN_OK);
    check_int(make(fs, "/f"), -EEXIST);
    check_int(make(fs, "/"), -EEXIST);
    check_int(make(fs, "/f/x"), -ENOTDIR);
    check_int(tn_fs_mknodat(fs, AT_FDCWD, "/f", 0644), -EEXIST);
    check_int(tn_fs_mknodat(fs, AT_FDCWD, "/p", S_IFIFO | 0644), -EPERM);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/f", O_CREAT | O_EXCL, 0644),
              -EEXIST);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/f/", O_CREAT, 0644), -EISDIR);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/f", O_DIRECTORY, 0), -ENOTDIR);
    check_int(tn_fs_openat(fs, AT_FDCWD, "/tmp", O_WRONLY, 0), -EISDIR);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp", 0), -EISDIR);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/f", AT_REMOVEDIR), -ENOTDIR);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/", AT_REMOVEDIR), -EBUSY);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/.", AT_REMOVEDIR), -EINVAL);
    check_int(tn_fs_unlinkat(fs, AT_FDCWD, "/tmp/..", AT_REMOVEDIR),
              -ENOTEMPTY);
    tn_fs_free(fs);
}

int
main(void)
{
    run_test(test_walk);
    run_test(test_relative_to_a_descriptor);
    run_test(test_symbolic_links);
    run_test(test_link_loops_end);
    run_test(test_hard_links);
    run_test(test_rename_rules);
    run_test(test_removed_directory);
    run_test(test_listing_stays_in_place);
    run_test(test_a_hundred_thousand_names);
    run_test(test_deep_tree);
    run_test(test_existing_names);
    return check_report();
}
