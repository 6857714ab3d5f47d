/* The file system as a whole: made, counted, freed. */
#include "fs_internal.h"

/* Chunk numbers have 32 bits, so no offset can be beyond this. */
#define FILE_SIZE_MAX ((uint64_t)1 << 47)

static void
fill_defaults(struct tn_fs_config *config)
{
    if (config->writable_size_limit == 0) {
        config->writable_size_limit = TN_FS_WRITABLE_SIZE_DEFAULT;
    }
    if (config->file_size_limit == 0) {
        config->file_size_limit = TN_FS_FILE_SIZE_DEFAULT;
    }
    if (config->file_size_limit > FILE_SIZE_MAX) {
        config->file_size_limit = FILE_SIZE_MAX;
    }
    if (config->file_count_limit == 0) {
        config->file_count_limit = TN_FS_FILE_COUNT_DEFAULT;
    }
    if (config->descriptor_limit <= 0) {
        config->descriptor_limit = TN_FS_DESCRIPTOR_COUNT_DEFAULT;
    }
    if (config->cache_size_limit == 0) {
        config->cache_size_limit = TN_FS_CACHE_SIZE_DEFAULT;
    }
}

/* A terminal as it is after login: lines are edited and echoed. */
static void
fill_terminal(struct termios *terminal)
{
    terminal->c_iflag = ICRNL | IXON;
    terminal->c_oflag = OPOST | ONLCR;
    terminal->c_cflag = CS8 | CREAD | B38400;
    terminal->c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN;
    terminal->c_cc[VINTR] = 3;
    terminal->c_cc[VQUIT] = 28;
    terminal->c_cc[VERASE] = 127;
    terminal->c_cc[VKILL] = 21;
    terminal->c_cc[VEOF] = 4;
    terminal->c_cc[VMIN] = 1;
}

static int
make_root(struct tn_fs *fs)
{
    struct node *root = node_new(fs, S_IFDIR | 0755, NULL);
    if (root == NULL) {
        return -ENOMEM;
    }
    root->link_count = 1;
    root->directory.parent = root;
    root->directory.next_cookie = COOKIE_FIRST;
    node_hold(root); /* as cwd */
    fs->root = root;
    fs->cwd = root;
    return 0;
}

int
tn_fs_new(struct tn_fs **out, const struct tn_fs_config *config)
{
    *out = NULL;
    if (config->now == NULL) {
        return TN_ERROR_INVALID;
    }
    struct tn_fs *fs = tn_alloc_zeroed(1, sizeof(*fs));
    if (fs == NULL) {
        return TN_ERROR_MEMORY;
    }
    fs->config = *config;
    fill_defaults(&fs->config);
    fill_terminal(&fs->terminal);
    fs->next_inode = 1;
    fs->umask = 022;
    int error = make_root(fs);
    if (error == 0) {
        error = device_make_tree(fs);
    }
    if (error == 0) {
        error = tn_fs_mkdirat(fs, AT_FDCWD, "/tmp", 0755);
    }
    if (error == 0) {
        error = tn_fs_fchmodat(fs, AT_FDCWD, "/tmp", 01777, 0);
    }
    if (error == 0) {
        error = device_open_streams(fs);
    }
    if (error < 0) {
        tn_fs_free(fs);
        return error == -ENOMEM ? TN_ERROR_MEMORY : TN_ERROR_LIMIT;
    }
    *out = fs;
    return TN_OK;
}

void
tn_fs_free(struct tn_fs *fs)
{
    if (fs == NULL) {
        return;
    }
    descriptor_close_all(fs);
    while (fs->nodes != NULL) {
        node_free(fs, fs->nodes);
    }
    image_cache_clear(&fs->cache);
    for (size_t i = 0; i < fs->image_count; i++) {
        struct image *image = fs->images[i];
        if (image->memory == TN_FS_IMAGE_OWNED) {
            tn_free((void *)(uintptr_t)image->bytes);
        }
        image_close(image);
        tn_free(image);
    }
    tn_free(fs);
}

void
tn_fs_get_counters(const struct tn_fs *fs, struct tn_fs_counters *out)
{
    *out = fs->counters;
    out->writable_size = fs->writable_size;
    out->writable_count = fs->writable_count;
    out->node_count = fs->node_count;
    out->descriptor_count = fs->descriptor_count;
}
