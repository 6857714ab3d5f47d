/* Base64 of the native host, on RFC 4648's vectors and on what is none. */
#include "hosts/base64.h"

#include <stdlib.h>

#include "check.h"
#include "status.h"

static const char *const vectors[][2] = {
    {"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},
    {"foo", "Zm9v"},    {"foob", "Zm9vYg=="},  {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "+//+"},
};

static void
test_vectors(void)
{
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const char *bytes = vectors[i][0];
        const char *text = vectors[i][1];
        struct tn_buffer out = {0};
        check_int(base64_encode(bytes, strlen(bytes), &out), TN_OK);
        check_text(out.data != NULL ? out.data : "", text);
        tn_buffer_clear(&out);
        check_int(base64_decode(text, strlen(text), &out), TN_OK);
        check_text(out.data != NULL ? out.data : "", bytes);
        tn_buffer_clear(&out);
    }
}

static void
test_every_byte(void)
{
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)i;
    }
    struct tn_buffer text = {0};
    struct tn_buffer back = {0};
    check_int(base64_encode(bytes, sizeof(bytes), &text), TN_OK);
    check_int(base64_decode(text.data, text.size, &back), TN_OK);
    check_int(back.size, sizeof(bytes));
    check(memcmp(back.data, bytes, sizeof(bytes)) == 0);
    tn_buffer_clear(&text);
    tn_buffer_clear(&back);
}

static int
decode(const char *text, size_t size)
{
    struct tn_buffer out = {0};
    int status = base64_decode(text, size, &out);
    tn_buffer_clear(&out);
    return status;
}

static void
test_malformed(void)
{
    check_int(decode("Zg", 2), TN_OK); /* padding may be missing */
    check_int(decode("Z", 1), TN_ERROR_INVALID);
    check_int(decode("Zm9vY", 5), TN_ERROR_INVALID);
    check_int(decode("Zm 9", 4), TN_ERROR_INVALID);
    check_int(decode("Zm9\n", 4), TN_ERROR_INVALID);
    check_int(decode("Zm9\0", 4), TN_ERROR_INVALID);
    check_int(decode("====", 4), TN_ERROR_INVALID);
    check_int(decode("Z=g=", 4), TN_ERROR_INVALID);
    check_int(decode("Zm-_", 4), TN_ERROR_INVALID);
}

int
main(void)
{
    run_test(test_vectors);
    run_test(test_every_byte);
    run_test(test_malformed);
    return check_report();
}
