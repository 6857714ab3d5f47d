/* Allocation failures in bridge/json.h, json_write.h and buffer.h. */
#include "buffer.h"
#include "json.h"
#include "oom.h"

static const char text[] =
    "{\"a\\u0000\":[1,2.5,\"x\\ud800\\u0000y\",null,true],"
    "\"b\":{\"c\":{\"d\":[[[]]]},\"e\":\"\\n\\\"\"},"
    "\"long\":0.33333333333333333333333333333333333333333333333333333333333"
    "33333333333333}";

static int
parse_and_print(void *context)
{
    struct tn_json *json;
    struct tn_buffer printed = {0};
    (void)context;
    struct tn_json_error error = {0};
    int status = tn_json_parse(&json, text, sizeof(text) - 1, &error);
    check((json != NULL) == (status == TN_OK));
    if (status != TN_OK) {
        check_text(error.reason, "out of memory");
        return status;
    }
    status = tn_json_print(tn_json_root(json), &printed);
    if (status == TN_OK) {
        check_text(printed.data,
                   "{\"a\\u0000\":[1,2.5,\"x\\ud800\\u0000y\",null,true],"
                   "\"b\":{\"c\":{\"d\":[[[]]]},\"e\":\"\\n\\\"\"},"
                   "\"long\":0.3333333333333333}");
    }
    tn_buffer_clear(&printed);
    tn_json_free(json);
    return status;
}

static int
append_and_take(void *context)
{
    struct tn_buffer buffer = {0};
    char *taken;
    size_t size;
    (void)context;
    for (int i = 0; i < 300; i++) {
        (void)tn_buffer_append_format(&buffer, "%d,", i);
    }
    int status = tn_buffer_take(&buffer, &taken, &size);
    check((taken != NULL) == (status == TN_OK));
    tn_free(taken);
    return status;
}

static void
test_json(void)
{
    oom_exhaust("parse and print", parse_and_print, NULL);
}

static void
test_buffer(void)
{
    oom_exhaust("append and take", append_and_take, NULL);
}

int
main(void)
{
    run_test(test_json);
    run_test(test_buffer);
    return check_report();
}
