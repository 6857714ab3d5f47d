/* Allocation failures in page.wasm's exports, which the page calls as a page
 * does: by blocks of tn_page_alloc, to records and statuses. */
#include "encode_page.c"
#include "main_page.c"
#include "page_import.c"

#include "oom.h"

/* What a call answered, freed; its text has to begin with `expected`. */
static int
finish(struct page_record *record, const char *expected)
{
    if (record == NULL) {
        return TN_ERROR_MEMORY;
    }
    int status = record->status;
    size_t size = strlen(expected);
    check(status != TN_OK || (record->size >= size
                              && memcmp(record->data, expected, size) == 0));
    tn_page_release(record);
    return status;
}

/* One export with text to text. */
struct call {
    struct page_record *(*function)(const char *text, size_t size);
    const char *text;
    const char *expected;
};

static int
call_task(void *context)
{
    const struct call *call = context;
    size_t size = strlen(call->text);
    char *text = tn_page_alloc(size);
    if (text == NULL) {
        return TN_ERROR_MEMORY;
    }
    memcpy(text, call->text, size);
    int status = finish(call->function(text, size), call->expected);
    tn_page_free(text);
    return status;
}

static int
import_task(void *context)
{
    static const char text[] = "%% md\n# T\n";
    (void)context;
    return finish(tn_page_import("a.iomd", 6, text, sizeof text - 1), "{");
}

static int
checksum_task(void *context)
{
    (void)context;
    return finish(tn_page_checksum("a", 1), "d24ec4f1a98c6e5b");
}

static void
test_texts(void)
{
    struct call parse = {tn_page_parse, "%% py skipRunAll\n1\n%% md\n# T\n",
                         "[{\"type\":\"py\""};
    struct call output = {tn_page_output,
                          "{\"output_type\":\"stream\",\"name\":\"stdout\","
                          "\"text\":\"\\u001b[31ma\"}",
                          "<"};
    struct call cell = {tn_page_cell,
                        "{\"index\":1,\"type\":\"md\",\"flags\":[\"a\","
                        "\"b\"],\"source\":\"# T\",\"state\":\"ok\"}",
                        "<section"};
    oom_exhaust("parse", call_task, &parse);
    oom_exhaust("output", call_task, &output);
    oom_exhaust("cell", call_task, &cell);
    oom_exhaust("import", import_task, NULL);
    oom_exhaust("checksum", checksum_task, NULL);
}

/* What is saved: two windows to a frame, the frame to base91. */
static int
write_windows(struct encoder *encoder)
{
    int status = TN_OK;
    for (int i = 0; i < 2 && status == TN_OK; i++) {
        memset(tn_page_encoder_window(encoder), 'a' + i, WINDOW_SIZE);
        status = tn_page_encoder_write(encoder, WINDOW_SIZE, i == 1);
    }
    return status;
}

/* And what is opened: base91 to the frame, the frame to its bytes, at once
 * and as it arrives. */
static int
read_back(struct encoder *encoder, int size)
{
    size_t frame_size = tn_page_encoder_frame_size(encoder);
    const char *text = tn_page_encoder_text(encoder);
    char *frame = tn_page_alloc(frame_size);
    if (frame == NULL) {
        return TN_ERROR_MEMORY;
    }
    int status = tn_page_base91(text, (size_t)size, frame, frame_size);
    check_int(status, (long long)frame_size);
    status = finish(tn_page_decode(frame, frame_size, 2 * WINDOW_SIZE), "aa");
    struct tn_codec_stream *stream = NULL;
    if (status == TN_OK) {
        stream = tn_page_stream_new(frame, frame_size, 2 * WINDOW_SIZE);
        status = stream != NULL ? TN_OK : TN_ERROR_MEMORY;
    }
    while (stream != NULL && status >= 0) {
        static char out[WINDOW_SIZE];
        status = tn_page_stream_read(stream, frame_size, out, sizeof out);
        if (status == 0) {
            break;
        }
    }
    if (stream != NULL) {
        int end = tn_page_stream_end(stream);
        check((end == TN_OK) == (status == TN_OK));
    }
    tn_page_free(frame);
    return status;
}

static int
save_task(void *context)
{
    (void)context;
    struct encoder *encoder = tn_page_encoder_new(2 * WINDOW_SIZE);
    if (encoder == NULL) {
        return TN_ERROR_MEMORY;
    }
    int status = write_windows(encoder);
    if (status == TN_OK) {
        status = tn_page_encoder_checksum(encoder, "a", 1);
        check(status < 0 || status == 16);
    }
    if (status >= 0) {
        status = tn_page_encoder_to_base91(
            encoder, tn_page_encoder_frame(encoder),
            tn_page_encoder_frame_size(encoder));
    }
    if (status >= 0) {
        status = read_back(encoder, status);
    }
    tn_page_encoder_free(encoder);
    return status;
}

static void
test_saving(void)
{
    oom_exhaust("save and open", save_task, NULL);
}

int
main(void)
{
    run_test(test_texts);
    run_test(test_saving);
    return check_report();
}
