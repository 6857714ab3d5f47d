/* Files, for the command. */
#define _GNU_SOURCE
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status.h"

/* Read at once; large enough that a 100 MB file is no long loop. */
#define BLOCK_SIZE ((size_t)1 << 20)

int
os_read_file(struct tn_buffer *out, const char *path, size_t limit,
             struct tn_problem *problem)
{
    int status = TN_OK;
    struct stat info;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &info) != 0) {
        status = errno == ENOENT ? TN_ERROR_MISSING : TN_ERROR_IO;
        tn_problem_set(problem, status, path, 0, "%s", strerror(errno));
        goto done;
    }
    if (S_ISDIR(info.st_mode)) {
        status = tn_problem_set(problem, TN_ERROR_IO, path, 0,
                                "this is a directory");
        goto done;
    }
    size_t start = out->size;
    tn_buffer_reserve(out, info.st_size > 0 && (size_t)info.st_size <= limit
                               ? (size_t)info.st_size
                               : 0);
    for (;;) {
        size_t seen = out->size - start;
        if (seen > limit) {
            status = tn_problem_set(problem, TN_ERROR_LIMIT, path, 0,
                                    "larger than the limit of %zu bytes",
                                    limit);
            goto done;
        }
        status = tn_buffer_reserve(out, BLOCK_SIZE);
        if (status != TN_OK) {
            goto done;
        }
        ssize_t count = read(descriptor, out->data + out->size, BLOCK_SIZE);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            status = tn_problem_set(problem, TN_ERROR_IO, path, 0, "%s",
                                    strerror(errno));
            goto done;
        }
        if (count == 0) {
            break;
        }
        out->size += (size_t)count;
        out->data[out->size] = '\0';
    }
done:
    if (descriptor >= 0) {
        close(descriptor);
    }
    return status;
}

static int
write_all(int descriptor, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = write(descriptor, data, size);
        if (count < 0 && errno != EINTR) {
            return -1;
        }
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        }
    }
    return 0;
}

/* 0, or -1 with errno; the descriptor is closed in any case. */
static int
fill_file(int descriptor, const void *data, size_t size)
{
    /* mkstemp makes files that nobody else can read. */
    mode_t mask = umask(0);
    umask(mask);
    int result = write_all(descriptor, data, size);
    if (result == 0) {
        result = fchmod(descriptor, 0666 & ~mask);
    }
    int error = errno;
    if (close(descriptor) != 0) {
        return -1;
    }
    errno = error;
    return result;
}

int
os_write_file(const char *path, const void *data, size_t size,
              struct tn_problem *problem)
{
    struct tn_buffer temporary = {0};
    int status = tn_buffer_append_format(&temporary, "%s.XXXXXX", path);
    if (status != TN_OK) {
        return status;
    }
    int descriptor = mkstemp(temporary.data);
    bool is_written = descriptor >= 0 &&
                      fill_file(descriptor, data, size) == 0 &&
                      rename(temporary.data, path) == 0;
    if (!is_written) {
        status = tn_problem_set(problem, TN_ERROR_IO, path, 0, "%s",
                                strerror(errno));
        if (descriptor >= 0) {
            unlink(temporary.data);
        }
    }
    tn_buffer_clear(&temporary);
    return status;
}

int
os_make_directory(const char *path, struct tn_problem *problem)
{
    struct stat info;
    if (mkdir(path, 0777) == 0) {
        return TN_OK;
    }
    int error = errno;
    if (error == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        return TN_OK;
    }
    return tn_problem_set(problem, TN_ERROR_IO, path, 0, "%s",
                          strerror(error));
}

bool
os_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

int
os_append_dist(struct tn_buffer *out, struct tn_problem *problem)
{
    const char *given = getenv("TINCTURE_DIST");
    if (given != NULL && given[0] != '\0') {
        return tn_buffer_append_text(out, given);
    }
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0) {
        return tn_problem_set(problem, TN_ERROR_IO, "/proc/self/exe", 0,
                              "%s; set TINCTURE_DIST to the directory of "
                              "Tincture's files",
                              strerror(errno));
    }
    path[size] = '\0';
    *strrchr(path, '/') = '\0';
    return tn_buffer_append_text(out, path[0] != '\0' ? path : "/");
}
