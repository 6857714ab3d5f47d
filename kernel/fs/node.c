/* Nodes: files of every type, their life, their times and what they cost.
 *
 * A node lives while it has a name (link_count) or is held (hold_count), so
 * that a file that was unlinked while open works until its last close.
 */
#include "fs_internal.h"

struct node *
node_new(struct tn_fs *fs, uint32_t mode, const struct timespec *time)
{
    struct node *node = tn_alloc_zeroed(1, sizeof(*node));
    if (node == NULL) {
        return NULL;
    }
    node->inode = fs->next_inode++;
    node->mode = mode;
    if (time != NULL) {
        node->mtime = *time;
    }
    else {
        node_now(fs, &node->mtime);
    }
    node->atime = node->mtime;
    node->ctime = node->mtime;
    node->next = fs->nodes;
    if (fs->nodes != NULL) {
        fs->nodes->previous = node;
    }
    fs->nodes = node;
    fs->node_count++;
    return node;
}

int
node_new_counted(struct tn_fs *fs, uint32_t mode, struct node **out)
{
    if (fs->writable_count >= fs->config.file_count_limit) {
        return -ENOSPC;
    }
    *out = node_new(fs, mode, NULL);
    if (*out == NULL) {
        return -ENOMEM;
    }
    (*out)->is_counted = true;
    fs->writable_count++;
    return 0;
}

int
node_new_directory(struct tn_fs *fs, struct node *parent, uint32_t mode,
                   struct node **out)
{
    int status = node_new_counted(fs, S_IFDIR | (mode & 07777u), out);
    if (status == 0) {
        (*out)->directory.parent = parent;
        (*out)->directory.next_cookie = COOKIE_FIRST;
        node_hold(parent);
    }
    return status;
}

void
node_hold(struct node *node)
{
    node->hold_count++;
}

static void
free_content(struct tn_fs *fs, struct node *node)
{
    switch (node->mode & S_IFMT) {
    case S_IFREG:
        content_clear(fs, &node->content);
        break;
    case S_IFDIR:
        directory_clear(&node->directory);
        break;
    case S_IFLNK:
        if (!node->link.is_borrowed) {
            node_discharge(fs, node->link.size);
            tn_free((char *)node->link.target);
        }
        break;
    case S_IFIFO:
        tn_free(node->pipe.bytes);
        break;
    case S_IFSOCK:
        if (node->socket != NULL) {
            socket_free(fs, node->socket);
        }
        break;
    default:
        break;
    }
}

void
node_free(struct tn_fs *fs, struct node *node)
{
    free_content(fs, node);
    if (node->previous != NULL) {
        node->previous->next = node->next;
    }
    else {
        fs->nodes = node->next;
    }
    if (node->next != NULL) {
        node->next->previous = node->previous;
    }
    fs->node_count--;
    if (node->is_counted) {
        fs->writable_count--;
    }
    tn_free(node);
}

/* A loop and not recursion, because a chain of removed directories can be as
 * long as memory allows. */
static void
free_if_unused(struct tn_fs *fs, struct node *node)
{
    while (node->link_count == 0 && node->hold_count == 0) {
        struct node *parent = NULL;
        if (node_is(node, S_IFDIR) && node->directory.parent != node) {
            parent = node->directory.parent;
        }
        node_free(fs, node);
        if (parent == NULL) {
            return;
        }
        parent->hold_count--;
        node = parent;
    }
}

void
node_release(struct tn_fs *fs, struct node *node)
{
    assert(node->hold_count > 0);
    node->hold_count--;
    free_if_unused(fs, node);
}

void
node_unlink(struct tn_fs *fs, struct node *node)
{
    assert(node->link_count > 0);
    node->link_count--;
    if (node->link_count > 0 || node->hold_count > 0) {
        node_touch_change(fs, node);
    }
    free_if_unused(fs, node);
}

void
node_now(struct tn_fs *fs, struct timespec *out)
{
    fs->config.now(fs->config.context, out);
}

void
node_touch_change(struct tn_fs *fs, struct node *node)
{
    node_now(fs, &node->ctime);
}

void
node_touch_write(struct tn_fs *fs, struct node *node)
{
    node_now(fs, &node->mtime);
    node->ctime = node->mtime;
}

static bool
is_after(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec > b->tv_sec
        || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

void
node_touch_read(struct tn_fs *fs, struct node *node)
{
    if (!is_after(&node->atime, &node->mtime)
        || !is_after(&node->atime, &node->ctime)) {
        node_now(fs, &node->atime);
    }
}

int
node_charge(struct tn_fs *fs, uint64_t size)
{
    if (size > fs->config.writable_size_limit - fs->writable_size) {
        return -ENOSPC;
    }
    fs->writable_size += size;
    return 0;
}

void
node_discharge(struct tn_fs *fs, uint64_t size)
{
    assert(size <= fs->writable_size);
    fs->writable_size -= size;
}
