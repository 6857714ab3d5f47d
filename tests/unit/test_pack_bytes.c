/* Unit tests of xxh64.h, base64.h, base91.h, codec.h and text.h. */
#include "alloc.h"
#include "base64.h"
#include "base91.h"
#include "check.h"
#include "codec.h"
#include "status.h"
#include "text.h"
#include "xxh64.h"

static void
checksum(const char *text, const char *expected)
{
    char digits[TN_XXH64_TEXT_SIZE];
    tn_xxh64_text(text, strlen(text), digits);
    check_text(digits, expected);
}

/* From the reference implementation. */
static void
test_xxh64(void)
{
    checksum("", "ef46db3751d8e999");
    checksum("a", "d24ec4f1a98c6e5b");
    checksum("abc", "44bc2cf5ad770999");
    checksum("Nobody inspects the spammish repetition", "fbcea83c8a378bf1");
}

static void
base64(const char *bytes, const char *text)
{
    struct tn_buffer out = {0};
    check_int(tn_base64_append(&out, bytes, strlen(bytes)), TN_OK);
    check_text(out.size != 0 ? out.data : "", text);
    tn_buffer_clear(&out);
    check_int(tn_base64_decode(&out, text, strlen(text)), TN_OK);
    check_text(out.size != 0 ? out.data : "", bytes);
    tn_buffer_clear(&out);
}

static void
not_base64(const char *text)
{
    struct tn_buffer out = {0};
    check_int(tn_base64_decode(&out, text, strlen(text)), TN_ERROR_INVALID);
    tn_buffer_clear(&out);
}

static void
test_base64(void)
{
    base64("", "");
    base64("f", "Zg==");
    base64("fo", "Zm8=");
    base64("foo", "Zm9v");
    base64("foob\xff\xfe", "Zm9vYv/+");
    not_base64("Z");
    not_base64("Zg=");
    not_base64("Zg==Zg==");
    not_base64("Zm9*");
    not_base64("====");
    struct tn_buffer out = {0};
    check_int(tn_base64_decode(&out, " Zm\n9v\r\n", 8), TN_OK);
    check_text(out.data, "foo");
    tn_buffer_clear(&out);
}

static void
base91(const char *bytes, const char *text)
{
    struct tn_buffer out = {0};
    char back[64];
    size_t size = strlen(bytes);
    size_t seen;
    check_int(tn_base91_append(&out, bytes, size), TN_OK);
    check_text(out.size != 0 ? out.data : "", text);
    tn_buffer_clear(&out);
    check_int(tn_base91_decode(back, size, &seen, text, strlen(text)), TN_OK);
    check_int((int)seen, (int)size);
    check(memcmp(back, bytes, size) == 0);
}

static void
not_base91(const char *text, size_t limit)
{
    char back[64];
    size_t seen;
    check_int(tn_base91_decode(back, limit, &seen, text, strlen(text)),
              TN_ERROR_INVALID);
}

static void
test_base91(void)
{
    base91("", "");
    base91("a", "(\"");
    base91("ab", "c($!");
    base91("the quick brown fox jumps over",
           "k9w*Ws5YPbZQn=3KcLrSCr^#acyccJI-,cxY@!");
    /* Too many characters, too few, foreign ones, bits that mean nothing. */
    not_base91("c($!!!", 2);
    not_base91("c($", 2);
    not_base91("c($!", 1);
    not_base91("c(&!", 2);
    not_base91("<($!", 2);
    not_base91("c>$!", 2);
    not_base91("c($\x7f", 2);
    not_base91("c($\xc3", 2);
    not_base91("c($~", 2);
    not_base91("~~~~", 3);
    /* Breaks count nowhere. */
    char back[64];
    size_t seen;
    static const char broken[] = "\n k9w*Ws5YPbZQn=3K cL\r\nrS\tCr^#acyccJI-,c"
                                 "xY @!\n";
    check_int(tn_base91_decode(back, 30, &seen, broken, strlen(broken)),
              TN_OK);
    check_int((int)seen, 30);
    check(memcmp(back, "the quick brown fox jumps over", 30) == 0);
}

/* Every length around a group, every byte, and every damaged character. */
static void
test_base91_lengths(void)
{
    unsigned char bytes[64];
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct tn_buffer out = {0};
        unsigned char back[64];
        size_t seen;
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (unsigned char)(i * 77 + size * 13 + 128);
        }
        check_int(tn_base91_append(&out, bytes, size), TN_OK);
        for (size_t i = 0; i < out.size; i++) {
            check(out.data[i] > ' ' && out.data[i] < 127);
            check(strchr("<>&", out.data[i]) == NULL);
            char kept = out.data[i];
            out.data[i] = '<';
            check_int(tn_base91_decode(back, size, &seen, out.data, out.size),
                      TN_ERROR_INVALID);
            out.data[i] = kept;
        }
        check_int(tn_base91_decode(back, size, &seen,
                                   out.data != NULL ? out.data : "",
                                   out.size),
                  TN_OK);
        check_int((int)seen, (int)size);
        check(memcmp(back, bytes, size) == 0);
        tn_buffer_clear(&out);
    }
}

static void
test_zstd(void)
{
    static const char text[] = "the same words, the same words, the same";
    char *frame;
    char *data;
    size_t size;
    check_int(tn_codec_encode(&frame, &size, text, sizeof text,
                              TN_CODEC_LEVEL),
              TN_OK);
    check(tn_codec_is_frame_of(frame, size, text, sizeof text));
    check(!tn_codec_is_frame_of(frame, size, text, sizeof text - 1));
    check(!tn_codec_is_frame_of(frame, size - 1, text, sizeof text));
    check(!tn_codec_is_frame_of(text, sizeof text, text, sizeof text));
    check_int(tn_codec_decode(&data, frame, size, sizeof text), TN_OK);
    check_text(data, text);
    tn_free(data);
    check_int(tn_codec_decode(&data, frame, size, sizeof text - 1),
              TN_ERROR_INVALID);
    check_int(tn_codec_decode(&data, frame, size - 1, sizeof text),
              TN_ERROR_INVALID);
    frame[size / 2] ^= 1;
    check_int(tn_codec_decode(&data, frame, size, sizeof text),
              TN_ERROR_INVALID);
    check(data == NULL);
    tn_free(frame);
    check_int(tn_codec_encode(&frame, &size, "", 0, 1), TN_OK);
    check_int(tn_codec_decode(&data, frame, size, 0), TN_OK);
    tn_free(data);
    tn_free(frame);
}

/* Decodes as the page does: what has arrived, a few bytes at a time. */
static int
decode_slowly(char *out, size_t out_limit, const char *frame,
              size_t frame_size, size_t size)
{
    struct tn_codec_stream *stream;
    size_t given = 0;
    int status = tn_codec_stream_new(&stream, frame, frame_size, size);
    for (size_t there = 0; status == TN_OK && there <= frame_size; there++) {
        size_t count = 1;
        while (status == TN_OK && count != 0) {
            size_t rest = out_limit - given < 7 ? out_limit - given : 7;
            status = tn_codec_stream_read(stream, there, out + given, rest,
                                          &count);
            given += count;
        }
    }
    if (status == TN_OK && !tn_codec_stream_is_whole(stream)) {
        status = TN_ERROR_INVALID;
    }
    tn_codec_stream_free(stream);
    return status;
}

static void
test_zstd_stream(void)
{
    char text[3000];
    char seen[sizeof text];
    char *frame;
    size_t size;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i * i % 251);
    }
    check_int(tn_codec_encode(&frame, &size, text, sizeof text, 3), TN_OK);
    check_int(decode_slowly(seen, sizeof seen, frame, size, sizeof text),
              TN_OK);
    check(memcmp(seen, text, sizeof text) == 0);
    check_int(decode_slowly(seen, sizeof seen, frame, size - 1, sizeof text),
              TN_ERROR_INVALID);
    check_int(decode_slowly(seen, sizeof seen, frame, size, sizeof text - 1),
              TN_ERROR_INVALID);
    check_int(
        decode_slowly(seen, sizeof seen, frame, size, (size_t)1 << 30),
        TN_ERROR_INVALID);
    frame[0] ^= 1;
    check_int(decode_slowly(seen, sizeof seen, frame, size, sizeof text),
              TN_ERROR_INVALID);
    tn_free(frame);
}

static void
test_gzip(void)
{
    char *gzip;
    size_t size;
    check_int(tn_codec_wrap_gzip(&gzip, &size, "abc", 3), TN_OK);
    check(tn_codec_is_gzip_of(gzip, size, "abc", 3));
    check(!tn_codec_is_gzip_of(gzip, size, "abd", 3));
    check_int(size, 10 + 5 + 3 + 8);
    check(memcmp(gzip + 18, "\xc2\x41\x24\x35", 4) == 0);
    tn_free(gzip);
}

static void
text_check(const char *text, size_t size, const char *expected)
{
    struct tn_problem problem = {0};
    int status = tn_text_check(text, size, "f", &problem);
    check_int(status, expected[0] == '\0' ? TN_OK : TN_ERROR_INVALID);
    check_text(problem.text, expected);
}

static void
test_text(void)
{
    text_check("a\n\xc3\xa4", 4, "");
    text_check("a\n\n\xff", 4, "f:3: not UTF-8 (byte 0xff)");
    text_check("\xed\xa0\x80", 3, "f:1: not UTF-8 (byte 0xed)");
    text_check("a\0b", 3, "f:1: a NUL character: not a text file?");
    struct tn_buffer out = {0};
    check_int(tn_text_append_lines(&out, "\xef\xbb\xbf" "a\r\nb\rc\n\r", 11),
              TN_OK);
    check_text(out.data, "a\nb\nc\n\n");
    tn_buffer_clear(&out);
}

static void
test_names(void)
{
    check(tn_text_is_file_name("a b.csv", 7));
    check(tn_text_is_file_name(".hidden", 7));
    check(tn_text_is_file_name("...", 3));
    check(!tn_text_is_file_name("", 0));
    check(!tn_text_is_file_name(".", 1));
    check(!tn_text_is_file_name("..", 2));
    check(!tn_text_is_file_name("a/b", 3));
    check(!tn_text_is_file_name("a\\b", 3));
    check(!tn_text_is_file_name("a\0b", 3));
    check(!tn_text_is_file_name("a\nb", 3));
    check(!tn_text_is_file_name("\xff", 1));
    check_text(tn_text_mimetype("x.CSV"), "text/csv");
    check_text(tn_text_mimetype("x"), "application/octet-stream");
}

int
main(void)
{
    run_test(test_xxh64);
    run_test(test_base64);
    run_test(test_base91);
    run_test(test_base91_lengths);
    run_test(test_zstd);
    run_test(test_zstd_stream);
    run_test(test_gzip);
    run_test(test_text);
    run_test(test_names);
    return check_report();
}
