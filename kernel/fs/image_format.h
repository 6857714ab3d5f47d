/* The layout of an image file; FORMAT.md explains it.
 *
 * All numbers are little-endian and are read byte by byte through image_u32()
 * and its kin, so nothing here depends on alignment or on the host.
 */
#ifndef TN_IMAGE_FORMAT_H
#define TN_IMAGE_FORMAT_H

#include <stdint.h>

#define IMAGE_MAGIC "TNIMAGE\n"
#define IMAGE_MAGIC_SIZE 8
#define IMAGE_VERSION 1

enum image_codec {
    IMAGE_CODEC_NONE = 0,
    IMAGE_CODEC_LZ4 = 1,
};

/* Offsets in the header. */
enum {
    IMAGE_HEADER_MAGIC = 0,            /* 8 bytes */
    IMAGE_HEADER_VERSION = 8,          /* u32 */
    IMAGE_HEADER_CODEC = 12,           /* u32, enum image_codec */
    IMAGE_HEADER_BLOCK_SIZE = 16,      /* u32, a power of two */
    IMAGE_HEADER_BLOCK_COUNT = 20,     /* u32 */
    IMAGE_HEADER_ENTRY_COUNT = 24,     /* u32 */
    IMAGE_HEADER_TEXT_SIZE = 28,       /* u32, bytes of names and targets */
    IMAGE_HEADER_IMAGE_SIZE = 32,      /* u64, bytes of the whole file */
    IMAGE_HEADER_INDEX_CHECKSUM = 40,  /* u64, of all index bytes */
    IMAGE_HEADER_HEADER_CHECKSUM = 48, /* u64, of the 48 bytes before */
    IMAGE_HEADER_SIZE = 56,
};

/* The index follows the header: block_count block records, entry_count entry
 * records, text_size bytes of text.  The stored blocks follow the index. */
enum {
    IMAGE_BLOCK_OFFSET = 0,       /* u64, from the start of the image */
    IMAGE_BLOCK_STORED_SIZE = 8,  /* u32; equal to raw: not compressed */
    IMAGE_BLOCK_RAW_SIZE = 12,    /* u32, at most block_size */
    IMAGE_BLOCK_CHECKSUM = 16,    /* u64, of the stored bytes */
    IMAGE_BLOCK_RECORD_SIZE = 24,
};

/* Entry 0 is the root.  Entries stand in breadth-first order, so that the
 * children of one directory are neighbours; they are sorted by the bytes of
 * their names.
 *   directory  offset: index of the first child   size: number of children
 *   file       offset: place in the content       size: bytes
 *   link       offset: place in the text          size: bytes of the target
 * A place in the content is block number * block_size + place in block. */
enum {
    IMAGE_ENTRY_NAME_OFFSET = 0, /* u32, in the text */
    IMAGE_ENTRY_NAME_SIZE = 4,   /* u16 */
    IMAGE_ENTRY_MODE = 6,        /* u16, type and permissions as in POSIX */
    IMAGE_ENTRY_MTIME = 8,       /* i64, seconds since 1970 */
    IMAGE_ENTRY_OFFSET = 16,     /* u64 */
    IMAGE_ENTRY_SIZE = 24,       /* u64 */
    IMAGE_ENTRY_RECORD_SIZE = 32,
};

/* POSIX's numbers, which every system shares, under names of our own: the
 * format must not change with a C library. */
enum {
    IMAGE_MODE_TYPE = 0170000,
    IMAGE_MODE_DIRECTORY = 0040000,
    IMAGE_MODE_FILE = 0100000,
    IMAGE_MODE_LINK = 0120000,
};

#define IMAGE_BLOCK_SIZE_DEFAULT ((uint32_t)64 << 10)
#define IMAGE_BLOCK_SIZE_MIN ((uint32_t)1 << 10)
#define IMAGE_BLOCK_SIZE_MAX ((uint32_t)4 << 20)
#define IMAGE_ENTRY_COUNT_LIMIT ((uint32_t)1 << 22)
#define IMAGE_BLOCK_COUNT_LIMIT ((uint32_t)1 << 22)
#define IMAGE_TEXT_SIZE_LIMIT ((uint32_t)1 << 28)
#define IMAGE_NAME_SIZE_LIMIT 255
#define IMAGE_TARGET_SIZE_LIMIT 4095

static inline uint32_t
image_u16(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static inline uint32_t
image_u32(const unsigned char *bytes)
{
    return image_u16(bytes) | image_u16(bytes + 2) << 16;
}

static inline uint64_t
image_u64(const unsigned char *bytes)
{
    return (uint64_t)image_u32(bytes) | (uint64_t)image_u32(bytes + 4) << 32;
}

static inline void
image_set_u16(unsigned char *bytes, uint32_t value)
{
    bytes[0] = (unsigned char)value;
    bytes[1] = (unsigned char)(value >> 8);
}

static inline void
image_set_u32(unsigned char *bytes, uint32_t value)
{
    image_set_u16(bytes, value);
    image_set_u16(bytes + 2, value >> 16);
}

static inline void
image_set_u64(unsigned char *bytes, uint64_t value)
{
    image_set_u32(bytes, (uint32_t)value);
    image_set_u32(bytes + 4, (uint32_t)(value >> 32));
}

#endif /* TN_IMAGE_FORMAT_H */
