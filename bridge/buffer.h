/* Growable bytes with a sticky error, and borrowed views of bytes. */
#ifndef TN_BUFFER_H
#define TN_BUFFER_H

#include <stddef.h>

/* A borrowed run of bytes; never NUL-terminated by promise. */
struct tn_bytes {
    const void *data;
    size_t size;
};

/* Zero-initialise (`struct tn_buffer b = {0};`), append, then clear or take.
 * After the first failed append every later one does nothing and returns the
 * same status, so that only the last one needs a check. */
struct tn_buffer {
    char *data; /* NUL-terminated once anything was appended */
    size_t size;
    size_t capacity;
    int error; /* the first failure, TN_OK before */
};

int tn_buffer_append(struct tn_buffer *buffer, const void *data, size_t size);
int tn_buffer_append_text(struct tn_buffer *buffer, const char *text);
int tn_buffer_append_char(struct tn_buffer *buffer, char character);
int tn_buffer_append_format(struct tn_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for `size` more bytes without changing the content. */
int tn_buffer_reserve(struct tn_buffer *buffer, size_t size);

/* Moves the content out; the buffer is empty afterwards.  Returns the sticky
 * error, and then *out is NULL.  The result is freed with tn_free. */
int tn_buffer_take(struct tn_buffer *buffer, char **out, size_t *out_size);

/* Frees the content and the error; the buffer can be used again. */
void tn_buffer_clear(struct tn_buffer *buffer);

/* Like clear, but keeps the memory, so that as much as was reserved before
 * can be appended without an allocation that could fail. */
void tn_buffer_reset(struct tn_buffer *buffer);

/* Overwrites with zeros what is reserved and holds no content. */
void tn_buffer_trim(struct tn_buffer *buffer);

#endif /* TN_BUFFER_H */
