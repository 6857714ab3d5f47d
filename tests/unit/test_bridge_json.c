/* bridge/json.h and json_write.h. */
#include <math.h>
#include <stdint.h>

#include "alloc.h"
#include "buffer.h"
#include "check.h"
#include "json.h"
#include "json_write.h"
#include "status.h"

/* Parses text that ends where `size` says, in a block of just that size, so
 * that the sanitizer sees a byte read too far. */
static int
parse(struct tn_json **out, const char *text, size_t size,
      struct tn_json_error *error)
{
    char *exact = tn_alloc(size);
    memcpy(exact, text, size);
    int status = tn_json_parse(out, exact, size, error);
    tn_free(exact);
    return status;
}

static void
check_round(const char *text, const char *expected)
{
    struct tn_json *json;
    struct tn_buffer out = {0};
    check_int(parse(&json, text, strlen(text), NULL), TN_OK);
    if (json != NULL) {
        check_int(tn_json_print(tn_json_root(json), &out), TN_OK);
        check_text(out.data, expected);
    }
    tn_buffer_clear(&out);
    tn_json_free(json);
}

static void
check_refused(const char *text, size_t offset, const char *reason)
{
    struct tn_json *json;
    struct tn_json_error error = {0};
    check_int(parse(&json, text, strlen(text), &error), TN_ERROR_INVALID);
    check(json == NULL);
    check_int(error.offset, offset);
    check_text(error.reason, reason);
}

static void
test_round(void)
{
    check_round("null", "null");
    check_round(" \t\r\n[ true , false ,null ] ", "[true,false,null]");
    check_round("{\"a\" : {\"b\":[]} , \"\":{}}",
                "{\"a\":{\"b\":[]},\"\":{}}");
    check_round("{\"a\":1,\"a\":2,\"A\":3}", "{\"a\":1,\"a\":2,\"A\":3}");
    check_round("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u00e9\\u20ac\"",
                "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\xc3\xa9\xe2\x82\xac\"");
    check_round("\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"");
}

static void
test_numbers(void)
{
    check_round("[0,-0,1,-1,1.5,1e3,1E+3,1e-7,0.1]",
                "[0,-0,1,-1,1.5,1000,1000,1e-07,0.1]");
    check_round("[9007199254740993,1e999,-1e999]",
                "[9007199254740992,1e999,-1e999]");
    /* Longer than cJSON's own buffer once was. */
    check_round("[1000000000000000000000000000000000000000000000000000000000"
                "0000000000000000000000000000,"
                "0.333333333333333333333333333333333333333333333333333333333"
                "33333333333333333333333333]",
                "[1e+85,0.3333333333333333]");
    check_refused("01", 1, "more text after the value");
    check_refused("1.", 0, "a number without digits after its dot");
    check_refused("1.e3", 0, "a number without digits after its dot");
    check_refused("1e", 0, "a number without its exponent");
    check_refused("1e+", 0, "a number without its exponent");
    check_refused("-", 0, "a number without digits");
    check_refused("+1", 0, "a value was expected");
    check_refused(".5", 0, "a value was expected");
    check_refused("NaN", 0, "a value was expected");
}

static void
test_refused(void)
{
    check_refused("", 0, "a value was expected");
    check_refused("  ", 2, "a value was expected");
    check_refused("\xef\xbb\xbf{}", 0, "a value was expected");
    check_refused("nul", 0, "a value was expected");
    check_refused("truex", 4, "more text after the value");
    check_refused("{} {}", 3, "more text after the value");
    check_refused("[1,]", 3, "a value was expected");
    check_refused("[1 2]", 3, "a comma or ] was expected");
    check_refused("[1}", 2, "a comma or ] was expected");
    check_refused("[", 1, "a value was expected");
    check_refused("{\"a\":1,}", 7, "a key was expected");
    check_refused("{a:1}", 1, "a key was expected");
    check_refused("{\"a\" 1}", 5, "a colon was expected after the key");
    check_refused("{\"a\":1 \"b\"", 7, "a comma or } was expected");
    check_refused("\"abc", 0, "a string without an end");
    check_refused("[\"abc\\", 5, "no such escape in a string");
    check_refused("\"\\x\"", 1, "no such escape in a string");
    check_refused("\"\\u12g4\"", 1, "\\u needs four hexadecimal digits");
    check_refused("\"a\nb\"", 2, "a control character in a string");
    check_refused("\"\xff\"", 1, "not valid UTF-8");
    check_refused("\"\xed\xa0\x80\"", 1, "not valid UTF-8");
    check_refused("\"\xc0\x80\"", 1, "not valid UTF-8");
    check_refused("\"\xe2\x82\"", 1, "not valid UTF-8");
}

static void
test_nul_in_text(void)
{
    struct tn_json *json;
    struct tn_json_error error = {0};
    check_int(parse(&json, "[1]\0", 4, &error), TN_ERROR_INVALID);
    check_int(error.offset, 3);
    check_int(parse(&json, "\0", 1, &error), TN_ERROR_INVALID);
    check_int(parse(&json, "\"\\\0\"", 4, &error), TN_ERROR_INVALID);
    check_int(parse(&json, "\"\0\"", 3, &error), TN_ERROR_INVALID);
    check_int(error.offset, 1);
}

static void
test_strings(void)
{
    static const char text[] = "[\"a\\u0000b\",\"\\ud800\\ud800\\udc00\","
                               "\"\\udfffx\",\"\\ud800\\u0041\",\"\"]";
    struct tn_json *json;
    size_t size;
    check_int(parse(&json, text, sizeof(text) - 1, NULL), TN_OK);
    const struct tn_json_value *item = tn_json_first(tn_json_root(json));
    const char *string = tn_json_string(item, &size);
    check_int(size, 3);
    check(memcmp(string, "a\0b", 4) == 0);
    item = tn_json_next(item);
    string = tn_json_string(item, &size);
    check_int(size, 7);
    check_text(string, "\xed\xa0\x80\xf0\x90\x80\x80");
    item = tn_json_next(item);
    check_text(tn_json_string(item, NULL), "\xed\xbf\xbfx");
    item = tn_json_next(item);
    check_text(tn_json_string(item, NULL), "\xed\xa0\x80" "A");
    item = tn_json_next(item);
    check_text(tn_json_string(item, &size), "");
    check_int(size, 0);
    check(tn_json_next(item) == NULL);
    tn_json_free(json);
    check_round(text, "[\"a\\u0000b\",\"\\ud800\xf0\x90\x80\x80\","
                      "\"\\udfffx\",\"\\ud800A\",\"\"]");
    check_round("{\"\\u0000\":\"\\u0001\",\"a\\u0000\\ud800\":0}",
                "{\"\\u0000\":\"\\u0001\",\"a\\u0000\\ud800\":0}");
}

static void
test_members(void)
{
    static const char text[] = "{\"a\":1,\"A\":\"x\",\"a\":2,"
                               "\"l\":[true,null],\"\\u0000\":false}";
    struct tn_json *json;
    size_t size = 7;
    check_int(parse(&json, text, sizeof(text) - 1, NULL), TN_OK);
    const struct tn_json_value *root = tn_json_root(json);
    check_int(tn_json_kind_of(root), TN_JSON_OBJECT);
    check_int(tn_json_count(root), 5);
    check(tn_json_number(tn_json_get(root, "a"), 0) == 1);
    check_text(tn_json_string(tn_json_get(root, "A"), NULL), "x");
    check(tn_json_get(root, "b") == NULL);
    check(tn_json_get(NULL, "a") == NULL);
    const struct tn_json_value *list = tn_json_get(root, "l");
    check_int(tn_json_kind_of(list), TN_JSON_ARRAY);
    check(tn_json_get(list, "") == NULL);
    check(tn_json_is_true(tn_json_first(list)));
    check_int(tn_json_kind_of(tn_json_next(tn_json_first(list))),
              TN_JSON_NULL);
    check_text(tn_json_key_of(list), "l");
    check_text(tn_json_key_of(tn_json_first(list)), "");
    check_text(tn_json_key_of(tn_json_next(list)), "\xc0\x80");

    check(tn_json_string(list, &size) == NULL && size == 0);
    check(tn_json_number(list, 4) == 4);
    check(!tn_json_is_true(list));
    check(tn_json_string(NULL, NULL) == NULL);
    check(tn_json_number(NULL, 5) == 5);
    check(!tn_json_is_true(NULL));
    check(tn_json_first(NULL) == NULL && tn_json_next(NULL) == NULL);
    check_int(tn_json_count(NULL), 0);
    check_int(tn_json_kind_of(NULL), TN_JSON_NULL);
    tn_json_free(json);
    tn_json_free(NULL);
}

static void
test_depth(void)
{
    char text[2 * (TN_JSON_DEPTH_LIMIT + 1)];
    struct tn_json *json;
    struct tn_json_error error = {0};
    for (size_t depth = TN_JSON_DEPTH_LIMIT; depth <= TN_JSON_DEPTH_LIMIT + 1;
         depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        int expected =
            depth <= TN_JSON_DEPTH_LIMIT ? TN_OK : TN_ERROR_LIMIT;
        check_int(parse(&json, text, 2 * depth, &error), expected);
        tn_json_free(json);
    }
    check_text(error.reason, "nested too deeply");
    check_int(error.offset, TN_JSON_DEPTH_LIMIT);
}

static void
test_write(void)
{
    struct tn_buffer out = {0};
    struct tn_json_writer writer;
    tn_json_writer_init(&writer, &out);
    tn_json_begin_object(&writer);
    tn_json_key(&writer, "list");
    tn_json_begin_array(&writer);
    tn_json_write_int(&writer, INT64_MIN);
    tn_json_write_int(&writer, INT64_MAX);
    tn_json_write_bool(&writer, true);
    tn_json_write_bool(&writer, false);
    tn_json_write_null(&writer);
    tn_json_write_raw(&writer, "{\"x\":1}", 7);
    tn_json_begin_array(&writer);
    tn_json_end_array(&writer);
    tn_json_end_array(&writer);
    tn_json_key_sized(&writer, "k\0y", 3);
    tn_json_write_text(&writer, "v");
    tn_json_key(&writer, "empty");
    tn_json_begin_object(&writer);
    tn_json_end_object(&writer);
    tn_json_end_object(&writer);
    check_int(out.error, TN_OK);
    check_text(out.data,
               "{\"list\":[-9223372036854775808,9223372036854775807,true,"
               "false,null,{\"x\":1},[]],\"k\\u0000y\":\"v\",\"empty\":{}}");
    tn_buffer_clear(&out);
}

static void
check_string_as(const char *text, size_t size, const char *expected)
{
    struct tn_buffer out = {0};
    struct tn_json_writer writer;
    char *exact = tn_alloc(size);
    memcpy(exact, text, size);
    tn_json_writer_init(&writer, &out);
    tn_json_write_string(&writer, exact, size);
    check_text(out.data, expected);
    tn_buffer_clear(&out);
    tn_free(exact);
}

static void
test_write_string(void)
{
    check_string_as("", 0, "\"\"");
    check_string_as("a\0\"\\\n\x01\x7f", 7,
                    "\"a\\u0000\\\"\\\\\\n\\u0001\x7f\"");
    check_string_as("\xed\xa0\x80\xed\xbf\xbf", 6, "\"\\ud800\\udfff\"");
    check_string_as("\xe2\x82\xac\xf0\x9f\x98\x80", 7,
                    "\"\xe2\x82\xac\xf0\x9f\x98\x80\"");
    /* Every invalid byte on its own. */
    check_string_as("\xff", 1, "\"\xef\xbf\xbd\"");
    check_string_as("\xc0\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_string_as("\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_string_as("\xed\xa0", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
check_double_as(double number, const char *expected)
{
    struct tn_buffer out = {0};
    struct tn_json_writer writer;
    tn_json_writer_init(&writer, &out);
    tn_json_write_double(&writer, number);
    check_text(out.data, expected);
    tn_buffer_clear(&out);
}

static void
test_write_double(void)
{
    check_double_as(0, "0");
    check_double_as(-0.0, "-0");
    check_double_as(3, "3");
    check_double_as(0.1, "0.1");
    check_double_as(0.1 + 0.2, "0.30000000000000004");
    check_double_as(1.0 / 3, "0.3333333333333333");
    check_double_as(5e-324, "5e-324");
    check_double_as(1.7976931348623157e308, "1.7976931348623157e+308");
    check_double_as(123456789012345680, "1.2345678901234568e+17");
    check_double_as((double)NAN, "null");
    check_double_as((double)INFINITY, "null");
    check_double_as(-(double)INFINITY, "null");
}

int
main(void)
{
    run_test(test_round);
    run_test(test_numbers);
    run_test(test_refused);
    run_test(test_nul_in_text);
    run_test(test_strings);
    run_test(test_members);
    run_test(test_depth);
    run_test(test_write);
    run_test(test_write_string);
    run_test(test_write_double);
    check_int(tn_alloc_live_count(), 0);
    return check_report();
}
