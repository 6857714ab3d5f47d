/* XXH64, the checksum of images. */
#ifndef TN_CHECKSUM_H
#define TN_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* XXH64 with seed 0 of `size` bytes. */
uint64_t tn_checksum(const void *bytes, size_t size);

#endif /* TN_CHECKSUM_H */
