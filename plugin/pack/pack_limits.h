/* The limits of the packer, each named in the message that refuses. */
#ifndef TN_PACK_LIMITS_H
#define TN_PACK_LIMITS_H

#include <stddef.h>

/* A notebook's text, whatever its format. */
#define TN_LIMIT_TEXT_SIZE ((size_t)256 << 20)

/* One embedded file; a browser's strings and buffers end soon after. */
#define TN_LIMIT_FILE_SIZE ((size_t)512 << 20)

/* A packed report, when it is read back. */
#define TN_LIMIT_REPORT_SIZE ((size_t)2000 << 20)

#define TN_LIMIT_CHUNK_COUNT ((size_t)100000)
#define TN_LIMIT_FILE_COUNT ((size_t)1000)
#define TN_LIMIT_PART_COUNT ((size_t)4096)

/* A file name, in bytes: what Linux allows. */
#define TN_LIMIT_NAME_SIZE ((size_t)255)

/* A path in a wheel, in bytes. */
#define TN_LIMIT_PATH_SIZE ((size_t)1024)

/* All wheels of a report, unpacked. */
#define TN_LIMIT_WHEELS_SIZE ((size_t)512 << 20)

/* Wheels of a report. */
#define TN_LIMIT_WHEEL_COUNT ((size_t)500)

/* Parentheses in the marker of a requirement. */
#define TN_LIMIT_MARKER_DEPTH 50

/* Deepest nesting of elements in a notebook's own HTML.  Browsers end at 512
 * and then put elements where nobody asked for them. */
#define TN_LIMIT_HTML_DEPTH ((size_t)300)

/* Files up to this size stand in the page in Iodide's form, larger ones are
 * parts of the payload. */
#define TN_INLINE_FILE_SIZE ((size_t)256 << 10)

/* Bytes behind one script element of the payload, some 2 MB of text: whole
 * groups of base64 and of base91. */
#define TN_PART_CHUNK_SIZE ((size_t)3 * 13 * 40000)

/* Of an origin that a report may contact: a host name has 253 bytes. */
#define TN_LIMIT_ORIGIN_SIZE ((size_t)300)
#define TN_LIMIT_PORT 65535

#endif /* TN_PACK_LIMITS_H */
