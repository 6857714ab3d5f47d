/* XXH64 with seed 0, the checksum of images, payload parts and zstd frames. */
#ifndef TN_XXH64_H
#define TN_XXH64_H

#include <stddef.h>
#include <stdint.h>

/* 16 digits and a NUL. */
#define TN_XXH64_TEXT_SIZE 17

uint64_t tn_xxh64(const void *data, size_t size);

/* The checksum as 16 lower-case hexadecimal digits. */
void tn_xxh64_text(const void *data, size_t size,
                   char text[TN_XXH64_TEXT_SIZE]);

#endif /* TN_XXH64_H */
