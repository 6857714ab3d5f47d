/* Fuzzes the decoder of base91: the first byte says how many bytes are wanted.
 * What it accepts is the one text of these bytes, breaks aside. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "base91.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    size_t limit = data[0];
    const char *text = (const char *)data + 1;
    char *bytes = tn_alloc(limit + 1);
    size_t seen;
    if (bytes == NULL) {
        return 0;
    }
    if (tn_base91_decode(bytes, limit, &seen, text, size - 1) == TN_OK) {
        struct tn_buffer again = {0};
        size_t at = 0;
        assert(seen <= limit);
        assert(tn_base91_append(&again, bytes, seen) == TN_OK);
        for (size_t i = 0; i < size - 1; i++) {
            if (memchr(" \t\n\r\f", text[i], 5) == NULL) {
                assert(at < again.size && again.data[at] == text[i]);
                at++;
            }
        }
        assert(at == again.size);
        tn_buffer_clear(&again);
    }
    tn_free(bytes);
    return 0;
}
