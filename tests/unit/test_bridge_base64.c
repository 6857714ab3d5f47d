/* Base64, on RFC 4648's vectors and on what is none. */
#include "base64.h"

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
        check_int(tn_base64_append(&out, bytes, strlen(bytes)), TN_OK);
        check_text(out.data != NULL ? out.data : "", text);
        tn_buffer_clear(&out);
        check_int(tn_base64_decode(&out, text, strlen(text)), TN_OK);
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
    check_int(tn_base64_append(&text, bytes, sizeof(bytes)), TN_OK);
    check_int(tn_base64_decode(&back, text.data, text.size), TN_OK);
    check_int(back.size, sizeof(bytes));
    check(memcmp(back.data, bytes, sizeof(bytes)) == 0);
    tn_buffer_clear(&text);
    tn_buffer_clear(&back);
}

static int
decode(const char *text, size_t size)
{
    struct tn_buffer out = {0};
    int status = tn_base64_decode(&out, text, size);
    tn_buffer_clear(&out);
    return status;
}

static void
test_malformed(void)
{
    check_int(decode("Zg", 2), TN_OK); /* padding may be missing */
    check_int(decode("Z", 1), TN_ERROR_INVALID);
    check_int(decode("Zm9vY", 5), TN_ERROR_INVALID);
    check_int(decode("Zm9v\n Zg==", 10), TN_OK); /* nor do spaces count */
    check_int(decode("Zm9v Z", 6), TN_ERROR_INVALID);
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
