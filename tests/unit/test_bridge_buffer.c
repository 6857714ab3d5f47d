/* bridge/alloc.h, buffer.h and utf8.h. */
#include <stdint.h>

#include "alloc.h"
#include "buffer.h"
#include "check.h"
#include "status.h"
#include "utf8.h"

static void
test_alloc(void)
{
    size_t before = tn_alloc_live_count();
    void *nothing = tn_alloc(0);
    check(nothing != NULL);
    char *text = tn_copy_text("ab", 1);
    check_text(text, "a");
    text = tn_realloc(text, 100);
    check_text(text, "a");
    unsigned char *zeroed = tn_alloc_zeroed(4, 2);
    check(zeroed != NULL && zeroed[0] == 0 && zeroed[7] == 0);
    check_int(tn_alloc_live_count(), before + 3);
    tn_free(nothing);
    tn_free(text);
    tn_free(zeroed);
    tn_free(NULL);
    check_int(tn_alloc_live_count(), before);
    check(tn_alloc_zeroed(SIZE_MAX, 2) == NULL);
    check(tn_copy_text("", SIZE_MAX) == NULL);
}

static void
test_alloc_failing(void)
{
    tn_alloc_fail_from(2);
    void *first = tn_alloc(1);
    check(first != NULL);
    check(tn_alloc(1) == NULL);
    check(tn_alloc_zeroed(1, 1) == NULL);
    check(tn_realloc(first, 2) == NULL);
    tn_alloc_fail_from(0);
    tn_free(first);
    check_int(tn_alloc_live_count(), 0);
}

static void
test_append(void)
{
    struct tn_buffer buffer = {0};
    check_int(tn_buffer_append(&buffer, "ab", 2), TN_OK);
    check_int(tn_buffer_append_text(&buffer, "cd"), TN_OK);
    check_int(tn_buffer_append_char(&buffer, 'e'), TN_OK);
    check_int(tn_buffer_append_format(&buffer, "%d-%s", 7, "f"), TN_OK);
    check_int(tn_buffer_append(&buffer, NULL, 0), TN_OK);
    check_text(buffer.data, "abcde7-f");
    check_int(buffer.size, 8);
    for (int i = 0; i < 1000; i++) {
        (void)tn_buffer_append_format(&buffer, "%d,", i);
    }
    check_int(buffer.size, 8 + 3890);
    check_int(buffer.error, TN_OK);

    char *data = buffer.data;
    tn_buffer_reset(&buffer);
    check(buffer.data == data && buffer.size == 0 && data[0] == '\0');

    /* What was there is still behind the end, until it is trimmed. */
    (void)tn_buffer_append_text(&buffer, "gone, all of it");
    tn_buffer_reset(&buffer);
    (void)tn_buffer_append_text(&buffer, "kept");
    check(data[6] == 'a');
    tn_buffer_trim(&buffer);
    check_text(data, "kept");
    for (size_t i = 4; i < buffer.capacity; i++) {
        check(data[i] == '\0');
    }
    tn_buffer_clear(&buffer);
    check(buffer.data == NULL && buffer.capacity == 0);
    check_int(tn_alloc_live_count(), 0);
}

static void
test_sticky_error(void)
{
    struct tn_buffer buffer = {0};
    (void)tn_buffer_append_text(&buffer, "kept");
    check_int(tn_buffer_reserve(&buffer, SIZE_MAX), TN_ERROR_MEMORY);
    check_int(tn_buffer_append_char(&buffer, 'x'), TN_ERROR_MEMORY);
    check_int(tn_buffer_append_format(&buffer, "x"), TN_ERROR_MEMORY);
    check_text(buffer.data, "kept");

    char *taken;
    size_t size;
    check_int(tn_buffer_take(&buffer, &taken, &size), TN_ERROR_MEMORY);
    check(taken == NULL && size == 0 && buffer.error == TN_OK);
    check_int(tn_alloc_live_count(), 0);
}

static void
test_take(void)
{
    struct tn_buffer buffer = {0};
    char *taken;
    size_t size;
    check_int(tn_buffer_take(&buffer, &taken, &size), TN_OK);
    check_text(taken, "");
    check_int(size, 0);
    tn_free(taken);

    (void)tn_buffer_append(&buffer, "a\0b", 3);
    check_int(tn_buffer_take(&buffer, &taken, &size), TN_OK);
    check_int(size, 3);
    check(memcmp(taken, "a\0b", 4) == 0);
    check(buffer.data == NULL && buffer.size == 0);
    tn_free(taken);
    check_int(tn_alloc_live_count(), 0);
}

static void
test_utf8(void)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xc1\xbf", 0},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xc3", 0},
        {"\xc3(", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0},
        {"\xee\x80\x80", 3},
        {"\xe2\x82", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_int(tn_utf8_length(cases[i].text, strlen(cases[i].text)),
                  cases[i].length);
    }
    check(tn_utf8_is_surrogate("\xed\xa0\x80", 3));
    check(tn_utf8_is_surrogate("\xed\xbf\xbf", 3));
    check(!tn_utf8_is_surrogate("\xed\xbf\xbf", 2));
    check(!tn_utf8_is_surrogate("\xed\x9f\xbf", 3));
}

/* Every code point is encoded as what tn_utf8_length takes. */
static void
test_utf8_encode(void)
{
    unsigned wrong = 0;
    for (unsigned code = 0; code < 0x110000; code++) {
        char bytes[4];
        size_t size = tn_utf8_encode(code, bytes);
        bool is_surrogate = code >= 0xd800 && code < 0xe000;
        if (tn_utf8_length(bytes, size) != (is_surrogate ? 0 : size)
            || tn_utf8_is_surrogate(bytes, size) != is_surrogate) {
            wrong++;
        }
    }
    check_int(wrong, 0);
    char bytes[4];
    check_int(tn_utf8_encode(0x20ac, bytes), 3);
    check(memcmp(bytes, "\xe2\x82\xac", 3) == 0);
}

int
main(void)
{
    run_test(test_alloc);
    run_test(test_alloc_failing);
    run_test(test_append);
    run_test(test_sticky_error);
    run_test(test_take);
    run_test(test_utf8);
    run_test(test_utf8_encode);
    return check_report();
}
