/* SHA-256, by which wheels name what is in them and indexes name wheels. */
#ifndef TN_SHA256_H
#define TN_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define TN_SHA256_SIZE 32
/* Hexadecimal digits and the NUL behind them. */
#define TN_SHA256_TEXT_SIZE (2 * TN_SHA256_SIZE + 1)

void tn_sha256(const void *data, size_t size, uint8_t out[TN_SHA256_SIZE]);

/* The same as lower-case hexadecimal digits. */
void tn_sha256_text(const void *data, size_t size,
                    char out[TN_SHA256_TEXT_SIZE]);

#endif /* TN_SHA256_H */
