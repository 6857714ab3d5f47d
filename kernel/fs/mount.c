/* Mounting images over directories of the tree. */
#include "fs_internal.h"

#include <stdio.h>

static void
report(const struct tn_fs *fs, const char *message)
{
    if (fs->config.report != NULL) {
        fs->config.report(fs->config.context, message);
    }
}

static int
status_of(int error)
{
    switch (error) {
    case -ENOMEM:
        return TN_ERROR_MEMORY;
    case -ENOSPC:
        return TN_ERROR_LIMIT;
    default:
        return TN_ERROR_STATE;
    }
}

/* The directory to mount on, made with all above it where it is missing. */
static int
find_directory(struct tn_fs *fs, const char *path, struct node **out)
{
    struct walk walk;
    int error = whole_make_directories(fs, path, strlen(path));
    if (error == 0) {
        error = walk_path(fs, AT_FDCWD, path, WALK_FOLLOW, &walk);
    }
    if (error == 0
        && (!node_is(walk.node, S_IFDIR) || walk.node->is_descriptors)) {
        error = -ENOTDIR;
    }
    if (error < 0) {
        return status_of(error);
    }
    *out = walk.node;
    return TN_OK;
}

int
tn_fs_mount(struct tn_fs *fs, const char *path, const char *name,
            const void *bytes, size_t size, enum tn_fs_image_memory memory)
{
    char message[400] = "";
    struct image_entry root;
    struct node *directory = NULL;
    struct image *image = tn_alloc_zeroed(1, sizeof(*image));
    int status = image == NULL ? TN_ERROR_MEMORY : TN_OK;

    if (status == TN_OK && fs->image_count >= TN_FS_IMAGE_LIMIT) {
        snprintf(message, sizeof(message), "%.100s: %d images are mounted, "
                 "more are not possible", name, TN_FS_IMAGE_LIMIT);
        status = TN_ERROR_LIMIT;
    }
    if (status == TN_OK) {
        status = image_open(image, name, bytes, size, message,
                            sizeof(message));
    }
    if (status == TN_OK) {
        status = find_directory(fs, path, &directory);
        if (status != TN_OK) {
            snprintf(message, sizeof(message),
                     "%.100s: cannot be mounted on %.200s", name, path);
        }
    }
    if (status == TN_OK) {
        image->path = tn_copy_text(path, strlen(path));
        status = image->path == NULL ? TN_ERROR_MEMORY : TN_OK;
    }
    if (status == TN_OK) {
        image_get_entry(image, 0, &root);
        if (directory_add_source(&directory->directory, image, &root) < 0) {
            status = TN_ERROR_MEMORY;
        }
    }
    if (status != TN_OK) {
        if (message[0] != '\0') {
            report(fs, message);
        }
        if (image != NULL) {
            image_close(image);
        }
        tn_free(image);
        return status;
    }
    image->memory = memory;
    image->number = fs->image_count;
    fs->images[fs->image_count++] = image;
    fs->counters.image_size += image->content_size;
    fs->image_file_count += image->entry_count - 1;
    return TN_OK;
}

int
tn_fs_image_at(const struct tn_fs *fs, size_t index, struct tn_fs_image *out)
{
    if (index >= fs->image_count) {
        return TN_ERROR_MISSING;
    }
    const struct image *image = fs->images[index];
    *out = (struct tn_fs_image){
        .path = image->path,
        .name = image->name,
        .bytes = image->bytes,
        .size = image->size,
        .index_size = (size_t)(image->text - image->bytes) + image->text_size,
        .is_present = image->is_present,
    };
    return TN_OK;
}

int
tn_fs_set_image_present(struct tn_fs *fs, size_t index, bool is_present)
{
    if (index >= fs->image_count) {
        return TN_ERROR_MISSING;
    }
    fs->images[index]->is_present = is_present;
    return TN_OK;
}

int
tn_fs_check_images(struct tn_fs *fs)
{
    int result = 0;
    for (size_t i = 0; i < fs->image_count; i++) {
        struct image *image = fs->images[i];
        for (uint32_t block = 0; block < image->block_count; block++) {
            int status = image_check_block(fs, image, block);
            if (status == -ENOMEM) {
                return status;
            }
            result = status < 0 ? status : result;
        }
    }
    return result;
}
