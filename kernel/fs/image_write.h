/* Writes images: add files in any order, finish, have the bytes.
 *
 * The same files give the same bytes, whatever the order they came in.
 * Results are a status of bridge/status.h.
 */
#ifndef TN_IMAGE_WRITE_H
#define TN_IMAGE_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "image_format.h"
#include "status.h"

struct tn_image_writer;

/* TN_ERROR_INVALID for a block size that is not a power of two within
 * IMAGE_BLOCK_SIZE_MIN and IMAGE_BLOCK_SIZE_MAX.  The root directory gets mode
 * 0755 and `root_mtime`, in seconds since 1970. */
int tn_image_writer_new(struct tn_image_writer **out, enum image_codec codec,
                        uint32_t block_size, int64_t root_mtime);
void tn_image_writer_free(struct tn_image_writer *writer);

/* `path` is relative, without `.`, `..` and double slashes; `mode` has type
 * (S_IFDIR, S_IFREG or S_IFLNK) and permissions.  `bytes` are a file's content
 * or a link's target.  All is copied.  TN_ERROR_INVALID, TN_ERROR_MEMORY. */
int tn_image_writer_add(struct tn_image_writer *writer, const char *path,
                        uint32_t mode, int64_t mtime, const void *bytes,
                        size_t size);

/* To be called once.  *out is freed with tn_free.
 * TN_ERROR_INVALID  a name is there twice, or stands in no directory
 * TN_ERROR_LIMIT    more than the format holds
 * TN_ERROR_MEMORY */
int tn_image_writer_finish(struct tn_image_writer *writer,
                           TN_OWN unsigned char **out, size_t *out_size);

/* Which path the last TN_ERROR_INVALID was about; borrowed, may be "". */
const char *tn_image_writer_problem(const struct tn_image_writer *writer);

#endif /* TN_IMAGE_WRITE_H */
