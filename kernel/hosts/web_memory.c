/* mmap: anonymous memory, and files as copies that are written back.
 *
 * Linear memory has no pages to protect or share, so a mapping of a file is a
 * copy of its bytes.  Where it is shared and writable, msync and munmap write
 * it back.  CPython's pymalloc takes its arenas from anonymous mappings.
 */
#include <emscripten/syscalls.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "alloc.h"
#include "web.h"

/* Anonymous memory is aligned to this only: pymalloc aligns its pools itself,
 * and alignment to whole 64 KiB pages would waste most of one each time. */
#define MAP_ALIGNMENT 4096

struct web_map {
    struct web_map *next;
    void *memory;
    size_t size;
    int64_t offset;
    int fd; /* of our own; -1 where nothing is written back */
};

/* The link that points to the mapping at `address`; NULL where none is. */
static struct web_map **
find_map(const void *address)
{
    struct web_map **link = &web_state()->maps;

    while (*link != NULL && (*link)->memory != address) {
        link = &(*link)->next;
    }
    return *link != NULL ? link : NULL;
}

/* Bytes beyond the end of the file are not written: they would make it
 * longer. */
static int
write_back(const struct web_map *map)
{
    struct tn_fs_stat stat;
    size_t size = map->size;
    ptrdiff_t written;
    int status;

    if (map->fd < 0) {
        return 0;
    }
    status = tn_fs_fstat(web_fs(), map->fd, &stat);
    if (status < 0) {
        return status;
    }
    if (stat.size <= map->offset) {
        return 0;
    }
    if (stat.size - map->offset < (int64_t)size) {
        size = (size_t)(stat.size - map->offset);
    }
    written = tn_fs_pwrite(web_fs(), map->fd, map->memory, size, map->offset);
    return written < 0 ? (int)written : 0;
}

/* Fills a mapping from its file and keeps the file open if changes are to be
 * written back. */
static int
map_file(struct web_map *map, int protection, int flags, int fd)
{
    struct tn_fs_stat stat;
    ptrdiff_t size;
    int status = tn_fs_fstat(web_fs(), fd, &stat);

    if (status < 0) {
        return status;
    }
    if ((stat.mode & 0170000) != 0100000) {
        return -ENODEV;
    }
    size = tn_fs_pread(web_fs(), fd, map->memory, map->size, map->offset);
    if (size < 0) {
        return (int)size;
    }
    if ((flags & MAP_TYPE) == MAP_SHARED && (protection & PROT_WRITE)) {
        map->fd = tn_fs_dup(web_fs(), fd);
        if (map->fd < 0) {
            return map->fd;
        }
    }
    return 0;
}

/* A mapping of `size` zero bytes.  NULL when memory is exhausted. */
static struct web_map *
new_map(size_t size, int64_t offset)
{
    struct web_map *map = tn_alloc_zeroed(1, sizeof *map);

    if (map == NULL) {
        return NULL;
    }
    map->size = size;
    map->offset = offset;
    map->fd = -1;
    if (size > SIZE_MAX - MAP_ALIGNMENT
        || posix_memalign(&map->memory, MAP_ALIGNMENT, size) != 0) {
        tn_free(map);
        return NULL;
    }
    memset(map->memory, 0, size);
    return map;
}

static void
free_map(struct web_map *map)
{
    if (map->fd >= 0) {
        tn_fs_close(web_fs(), map->fd);
    }
    free(map->memory);
    tn_free(map);
}

/* The address is a wish, except with MAP_FIXED; offsets come in units of
 * 4096 bytes. */
intptr_t
__syscall_mmap2(void *address, size_t size, int protection, int flags, int fd,
                off_t page_offset)
{
    struct web_map *map;

    (void)address;
    if (size == 0 || (flags & MAP_FIXED)) {
        return -EINVAL;
    }
    map = new_map(size, page_offset * 4096);
    if (map == NULL) {
        return -ENOMEM;
    }
    if (!(flags & MAP_ANONYMOUS)) {
        int status = map_file(map, protection, flags, fd);

        if (status < 0) {
            free_map(map);
            return status;
        }
    }
    map->next = web_state()->maps;
    web_state()->maps = map;
    return (intptr_t)map->memory;
}

/* Whole mappings only: nothing that runs here unmaps a part of one. */
int
__syscall_munmap(void *address, size_t size)
{
    struct web_map **link = find_map(address);
    struct web_map *map;

    if (link == NULL || (*link)->size != size) {
        return -EINVAL;
    }
    map = *link;
    write_back(map); /* POSIX gives munmap no way to report this */
    *link = map->next;
    free_map(map);
    return 0;
}

int
__syscall_msync(void *address, size_t size, int flags)
{
    struct web_map **link = find_map(address);

    (void)size;
    (void)flags;
    return link == NULL ? -ENOMEM : write_back(*link);
}

/* Mappings keep their size; whoever asks maps anew and copies. */
int
__syscall_mremap(void *address, size_t old_size, size_t new_size, int flags,
                 void *new_address)
{
    (void)address;
    (void)old_size;
    (void)new_size;
    (void)flags;
    (void)new_address;
    return -ENOMEM;
}

int
__syscall_mprotect(size_t start, size_t size, int protection)
{
    (void)start;
    (void)size;
    (void)protection;
    return 0;
}

int
__syscall_madvise(void *address, size_t size, int advice)
{
    (void)address;
    (void)size;
    (void)advice;
    return 0;
}
