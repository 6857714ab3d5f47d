/* What a bridge sent, for the tests of allocations that fail: counted without
 * any memory. */
#ifndef TN_RECORD_H
#define TN_RECORD_H

#include <stdbool.h>
#include <string.h>

#include "bridge.h"

/* Since it was cleared. */
struct record {
    int reply_count; /* error replies included */
    int busy_count;
    int idle_count;
    bool is_broken;  /* something else than a whole message */
    bool has_answer; /* a result of 42 among it */
};

/* A host's `send`, `random` and `wall_ms`; the context is the record. */
static inline void
record_send(void *context, const char *json, size_t size,
            const struct tn_bytes *buffers, size_t buffer_count)
{
    struct record *record = context;
    (void)buffers;
    (void)buffer_count;
    if (json[0] != '{' || json[size - 1] != '}' || strlen(json) != size) {
        record->is_broken = true;
    }
    record->reply_count += strstr(json, "_reply\",\"version\"") != NULL;
    record->busy_count += strstr(json, "\"busy\"") != NULL;
    record->idle_count += strstr(json, "\"idle\"") != NULL;
    record->has_answer |= strstr(json, "\"text/plain\":\"42\"") != NULL;
}

static inline void
record_random(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 7, size);
}

static inline double
record_wall_ms(void *context)
{
    (void)context;
    return 0;
}
#endif
