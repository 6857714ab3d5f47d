/* Growable bytes: buffer.h over alloc.h. */
#include "buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "status.h"

/* Small enough to waste nothing on a short text, large enough that a status
 * message grows its buffer twice at most. */
#define FIRST_CAPACITY ((size_t)64)

int
tn_buffer_reserve(struct tn_buffer *buffer, size_t size)
{
    assert(buffer->data != NULL || buffer->size == 0);
    if (buffer->error != TN_OK) {
        return buffer->error;
    }
    /* One more for the NUL. */
    if (size > SIZE_MAX / 2 || buffer->size > SIZE_MAX / 2 - size - 1) {
        return buffer->error = TN_ERROR_MEMORY;
    }
    size_t needed = buffer->size + size + 1;
    if (needed <= buffer->capacity) {
        return TN_OK;
    }
    size_t capacity = buffer->capacity + buffer->capacity / 2;
    if (capacity < FIRST_CAPACITY) {
        capacity = FIRST_CAPACITY;
    }
    if (capacity < needed) {
        capacity = needed;
    }
    char *data = tn_realloc(buffer->data, capacity);
    if (data == NULL) {
        return buffer->error = TN_ERROR_MEMORY;
    }
    data[buffer->size] = '\0';
    buffer->data = data;
    buffer->capacity = capacity;
    return TN_OK;
}

int
tn_buffer_append(struct tn_buffer *buffer, const void *data, size_t size)
{
    int status = tn_buffer_reserve(buffer, size);
    if (status != TN_OK) {
        return status;
    }
    if (size != 0) {
        memcpy(buffer->data + buffer->size, data, size);
    }
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return TN_OK;
}

int
tn_buffer_append_text(struct tn_buffer *buffer, const char *text)
{
    return tn_buffer_append(buffer, text, strlen(text));
}

int
tn_buffer_append_char(struct tn_buffer *buffer, char character)
{
    int status = tn_buffer_reserve(buffer, 1);
    if (status != TN_OK) {
        return status;
    }
    buffer->data[buffer->size++] = character;
    buffer->data[buffer->size] = '\0';
    return TN_OK;
}

int
tn_buffer_append_format(struct tn_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        return buffer->error = TN_ERROR_INVALID;
    }

    int status = tn_buffer_reserve(buffer, (size_t)length);
    if (status != TN_OK) {
        return status;
    }
    va_start(arguments, format);
    (void)vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format,
                    arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
    return TN_OK;
}

int
tn_buffer_take(struct tn_buffer *buffer, char **out, size_t *out_size)
{
    /* An empty buffer gives an empty text, not NULL. */
    int status = tn_buffer_reserve(buffer, 0);
    *out = NULL;
    *out_size = 0;
    if (status == TN_OK) {
        *out = buffer->data;
        *out_size = buffer->size;
        buffer->data = NULL;
    }
    tn_buffer_clear(buffer);
    return status;
}

void
tn_buffer_clear(struct tn_buffer *buffer)
{
    tn_free(buffer->data);
    *buffer = (struct tn_buffer){0};
}

void
tn_buffer_reset(struct tn_buffer *buffer)
{
    buffer->size = 0;
    buffer->error = TN_OK;
    if (buffer->data != NULL) {
        buffer->data[0] = '\0';
    }
}

void
tn_buffer_trim(struct tn_buffer *buffer)
{
    if (buffer->size < buffer->capacity) {
        memset(buffer->data + buffer->size, 0,
               buffer->capacity - buffer->size);
    }
}
