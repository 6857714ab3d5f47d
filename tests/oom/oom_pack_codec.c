/* Allocation failures in the codecs, zstd's own blocks included. */
#include "codec.h"
#include "oom.h"

#define SIZE 100000

static char text[SIZE];
static char *frame;
static size_t frame_size;

static int
encode_task(void *context)
{
    char *out;
    size_t size;
    (void)context;
    int status = tn_codec_encode(&out, &size, text, SIZE, 1);
    check((out != NULL) == (status == TN_OK));
    check(status != TN_OK || tn_codec_is_frame_of(out, size, text, SIZE));
    tn_free(out);
    return status;
}

static int
decode_task(void *context)
{
    char *out;
    (void)context;
    int status = tn_codec_decode(&out, frame, frame_size, SIZE);
    check((out != NULL) == (status == TN_OK));
    check(status != TN_OK || memcmp(out, text, SIZE) == 0);
    tn_free(out);
    return status;
}

/* The frame arrives in two pieces. */
static int
stream_task(void *context)
{
    static char out[SIZE];
    struct tn_codec_stream *stream;
    size_t done = 0;
    (void)context;
    int status = tn_codec_stream_new(&stream, frame, frame_size, SIZE);
    for (size_t part = 1; part <= 2 && status == TN_OK; part++) {
        size_t written = 1;
        while (status == TN_OK && written != 0) {
            status = tn_codec_stream_read(stream, frame_size / 2 * part
                                                      + frame_size % 2,
                                          out + done, SIZE - done, &written);
            done += written;
        }
    }
    check(status != TN_OK || tn_codec_stream_is_whole(stream));
    check(status != TN_OK || memcmp(out, text, SIZE) == 0);
    tn_codec_stream_free(stream);
    return status;
}

static int
gzip_task(void *context)
{
    char *out = NULL;
    size_t size;
    (void)context;
    int status = tn_codec_wrap_gzip(&out, &size, text, SIZE);
    check(status != TN_OK || tn_codec_is_gzip_of(out, size, text, SIZE));
    tn_free(out);
    return status;
}

static void
test_codecs(void)
{
    for (size_t i = 0; i < SIZE; i++) {
        text[i] = (char)(i * i / 7 % 61);
    }
    oom_exhaust("encode", encode_task, NULL);
    check_int(tn_codec_encode(&frame, &frame_size, text, SIZE, 1), TN_OK);
    oom_exhaust("decode", decode_task, NULL);
    oom_exhaust("decode a stream", stream_task, NULL);
    oom_exhaust("gzip", gzip_task, NULL);
    tn_free(frame);
}

int
main(void)
{
    run_test(test_codecs);
    return check_report();
}
