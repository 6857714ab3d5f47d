/* Fuzzes bridge/json.h: what is parsed prints as text that parses and prints
 * the same again, and any bytes at all can be written as a string. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buffer.h"
#include "json.h"
#include "json_write.h"
#include "status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

/* Looks every member up by its key, and measures everything. */
static size_t
visit(const struct tn_json_value *value)
{
    size_t total = tn_json_count(value);
    size_t size;
    const char *string = tn_json_string(value, &size);
    if (string != NULL) {
        require(string[size] == '\0');
        total += size;
    }
    bool is_object = tn_json_kind_of(value) == TN_JSON_OBJECT;
    for (const struct tn_json_value *item = tn_json_first(value); item != NULL;
         item = tn_json_next(item)) {
        const char *key = tn_json_key_of(item);
        require(!is_object || tn_json_get(value, key) != NULL);
        total += visit(item);
    }
    return total;
}

static void
parse_and_print(const char *text, size_t size, struct tn_buffer *printed)
{
    struct tn_json *json;
    require(tn_json_parse(&json, text, size, NULL) == TN_OK);
    (void)visit(tn_json_root(json));
    require(tn_json_print(tn_json_root(json), printed) == TN_OK);
    tn_json_free(json);
}

static void
check_parsing(const char *text, size_t size)
{
    struct tn_json *json;
    struct tn_json_error error = {0};
    int status = tn_json_parse(&json, text, size, &error);
    if (status != TN_OK) {
        require(json == NULL && error.reason != NULL && error.offset <= size);
        return;
    }
    tn_json_free(json);

    struct tn_buffer once = {0};
    struct tn_buffer twice = {0};
    parse_and_print(text, size, &once);
    parse_and_print(once.data, once.size, &twice);
    require(once.size == twice.size
            && memcmp(once.data, twice.data, once.size) == 0);
    tn_buffer_clear(&once);
    tn_buffer_clear(&twice);
}

static void
check_writing(const char *text, size_t size)
{
    struct tn_buffer written = {0};
    struct tn_buffer printed = {0};
    struct tn_json_writer writer;
    tn_json_writer_init(&writer, &written);
    tn_json_begin_object(&writer);
    tn_json_key_sized(&writer, text, size);
    tn_json_write_string(&writer, text, size);
    tn_json_end_object(&writer);
    require(written.error == TN_OK);
    parse_and_print(written.data, written.size, &printed);
    tn_buffer_clear(&written);
    tn_buffer_clear(&printed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_parsing((const char *)data, size);
    check_writing((const char *)data, size);
    return 0;
}
