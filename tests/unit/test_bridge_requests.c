/* bridge/bridge.h: receive, queue, handle, reply. */
#include <stdlib.h>

#include "alloc.h"
#include "bridge.h"
#include "check.h"

/* A kernel that writes down what happens, one word a message: its type, for
 * status its state, for replies their status, each with the parent's id. */
struct fake {
    struct tn_bridge *bridge;
    struct tn_buffer log;
    struct tn_buffer last; /* the last message, whole */
    size_t sent_count;
    unsigned char random;
    double wall_ms;
    const char *in_handler; /* a message to receive while handling */
    const char *at_end;     /* one to receive after the reply */
    const char *in_send;    /* a message to receive while sending */
    int handler_status;
    int reply_count; /* how often a handler replies */
    size_t buffer_size;
    unsigned stopped; /* a bit for each handled cell, the last lowest */
};

static void
fake_send(void *context, const char *json, size_t size,
          const struct tn_bytes *buffers, size_t buffer_count)
{
    struct fake *fake = context;
    struct tn_json *message;
    (void)buffers;
    (void)buffer_count;
    fake->sent_count++;
    check_int(tn_json_parse(&message, json, size, NULL), TN_OK);
    const struct tn_json_value *root = tn_json_root(message);
    const struct tn_json_value *content = tn_json_get(root, "content");
    const char *state =
        tn_json_string(tn_json_get(content, "execution_state"), NULL);
    const char *status = tn_json_string(tn_json_get(content, "status"), NULL);
    const char *ename = tn_json_string(tn_json_get(content, "ename"), NULL);
    const char *parent = tn_json_string(
        tn_json_get(tn_json_get(root, "parent_header"), "msg_id"), NULL);
    const char *type = tn_json_string(
        tn_json_get(tn_json_get(root, "header"), "msg_type"), NULL);
    (void)tn_buffer_append_format(&fake->log, "%s%s:%s",
                                  fake->log.size != 0 ? " " : "",
                                  parent != NULL ? parent : "-",
                                  state != NULL ? state : type);
    if (status != NULL) {
        (void)tn_buffer_append_format(&fake->log, "=%s",
                                      ename != NULL ? ename : status);
    }
    tn_json_free(message);
    tn_buffer_clear(&fake->last);
    (void)tn_buffer_append(&fake->last, json, size);
    if (fake->in_send != NULL) {
        const char *text = fake->in_send;
        fake->in_send = NULL;
        check_int(tn_bridge_receive(fake->bridge, text, strlen(text), NULL, 0),
                  TN_OK);
    }
}

static void
fake_random(void *context, void *bytes, size_t size)
{
    struct fake *fake = context;
    /* Sixteen bytes, an id's worth, are alike. */
    for (size_t i = 0; i < size; i++) {
        ((unsigned char *)bytes)[i] = (unsigned char)(fake->random + i / 16);
    }
    fake->random = (unsigned char)(fake->random + size / 16);
}

static double
fake_wall_ms(void *context)
{
    return ((struct fake *)context)->wall_ms;
}

static int
reply_ok(struct tn_bridge *bridge, enum tn_message_type type)
{
    struct tn_json_writer *writer = tn_bridge_begin(bridge, type);
    tn_json_key(writer, "status");
    tn_json_write_text(writer, "ok");
    if (type == TN_MESSAGE_SHUTDOWN_REPLY) {
        tn_json_key(writer, "restart");
        tn_json_write_bool(writer, false);
    }
    return tn_bridge_end(bridge, NULL, 0);
}

static int
handle_execute(void *context, struct tn_bridge *bridge,
               const struct tn_request *request)
{
    struct fake *fake = context;
    check(tn_bridge_is_running(bridge));
    check_int(tn_bridge_run(bridge), TN_OK);
    fake->stopped = fake->stopped << 1 | (request->is_stopped ? 1 : 0);
    fake->buffer_size = 0;
    for (size_t i = 0; i < request->buffer_count; i++) {
        fake->buffer_size += request->buffers[i].size;
        check((uintptr_t)request->buffers[i].data % 16 == 0);
    }
    struct tn_json_writer *writer = tn_bridge_begin(bridge, TN_MESSAGE_STREAM);
    tn_json_key(writer, "name");
    tn_json_write_text(writer, "stdout");
    if (fake->in_handler != NULL) {
        /* In the middle of a message, as from a suspended wait. */
        const char *text = fake->in_handler;
        fake->in_handler = NULL;
        check_int(tn_bridge_receive(bridge, text, strlen(text), NULL, 0),
                  TN_OK);
    }
    size_t size;
    const char *code = tn_json_string(
        tn_json_get(request->content, "code"), &size);
    tn_json_key(writer, "text");
    tn_json_write_string(writer, code, size);
    check_int(tn_bridge_end(bridge, NULL, 0), TN_OK);
    for (int i = 0; i < fake->reply_count; i++) {
        check_int(reply_ok(bridge, TN_MESSAGE_EXECUTE_REPLY),
                  i == 0 ? TN_OK : TN_ERROR_STATE);
    }
    if (fake->at_end != NULL) {
        const char *text = fake->at_end;
        fake->at_end = NULL;
        check_int(tn_bridge_receive(bridge, text, strlen(text), NULL, 0),
                  TN_OK);
    }
    if (strcmp(code, "fail") == 0) {
        tn_bridge_abort_queue(bridge);
    }
    return fake->handler_status;
}

static int
handle_interrupt(void *context, struct tn_bridge *bridge,
                 const struct tn_request *request)
{
    (void)context;
    (void)request;
    return reply_ok(bridge, TN_MESSAGE_INTERRUPT_REPLY);
}

static int
handle_shutdown(void *context, struct tn_bridge *bridge,
                const struct tn_request *request)
{
    (void)context;
    (void)request;
    /* Another request's reply, then none at all. */
    check_int(reply_ok(bridge, TN_MESSAGE_INTERRUPT_REPLY), TN_ERROR_STATE);
    return TN_OK;
}

static int
handle_comm(void *context, struct tn_bridge *bridge,
            const struct tn_request *request)
{
    (void)bridge;
    check(tn_json_get(request->metadata, "m") != NULL);
    return ((struct fake *)context)->handler_status;
}

static int
handle_input(void *context, struct tn_bridge *bridge,
             const struct tn_request *request)
{
    struct fake *fake = context;
    (void)bridge;
    (void)tn_buffer_append_format(
        &fake->log, " input(%s)",
        tn_json_string(tn_json_get(request->content, "value"), NULL));
    return TN_OK;
}

static const tn_request_handler handlers[TN_MESSAGE_COUNT] = {
    [TN_MESSAGE_EXECUTE_REQUEST] = handle_execute,
    [TN_MESSAGE_INTERRUPT_REQUEST] = handle_interrupt,
    [TN_MESSAGE_SHUTDOWN_REQUEST] = handle_shutdown,
    [TN_MESSAGE_COMM_MSG] = handle_comm,
    [TN_MESSAGE_INPUT_REPLY] = handle_input,
};

static void
fake_start(struct fake *fake)
{
    *fake = (struct fake){.reply_count = 1};
    struct tn_bridge_config config = {
        .context = fake,
        .send = fake_send,
        .random = fake_random,
        .wall_ms = fake_wall_ms,
        .handlers = handlers,
    };
    check_int(tn_bridge_new(&fake->bridge, &config), TN_OK);
}

static void
fake_end(struct fake *fake)
{
    tn_bridge_free(fake->bridge);
    tn_buffer_clear(&fake->log);
    tn_buffer_clear(&fake->last);
    check_int(tn_alloc_live_count(), 0);
}

static void
post(struct fake *fake, const char *text)
{
    check_int(tn_bridge_receive(fake->bridge, text, strlen(text), NULL, 0),
              TN_OK);
}

/* Checks the log since the last time. */
static void
check_log(struct fake *fake, const char *expected)
{
    check_text(fake->log.size != 0 ? fake->log.data : "", expected);
    tn_buffer_clear(&fake->log);
}

static void
check_error(struct fake *fake, const char *evalue)
{
    struct tn_json *json;
    check_int(tn_json_parse(&json, fake->last.data, fake->last.size, NULL),
              TN_OK);
    const struct tn_json_value *content =
        tn_json_get(tn_json_root(json), "content");
    check_text(tn_json_string(tn_json_get(content, "evalue"), NULL), evalue);
    tn_json_free(json);
}

#define HEADER(id, type)                                                      \
    "{\"header\":{\"msg_id\":\"" id "\",\"msg_type\":\"" type "\"},"
#define EXECUTE(id, code)                                                     \
    HEADER(id, "execute_request") "\"content\":{\"code\":\"" code "\"}}"
#define INTERRUPT(id) HEADER(id, "interrupt_request") "\"content\":{}}"

static void
test_execute(void)
{
    struct fake fake;
    fake_start(&fake);
    post(&fake, EXECUTE("1", "a"));
    post(&fake, EXECUTE("2", "b"));
    check_log(&fake, "");
    check_int(tn_bridge_queue_count(fake.bridge), 2);
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "1:busy 1:stream 1:execute_reply=ok 1:idle "
                     "2:busy 2:stream 2:execute_reply=ok 2:idle");
    check(!tn_bridge_is_running(fake.bridge));
    check_int(tn_bridge_queue_count(fake.bridge), 0);
    fake_end(&fake);
}

/* Between cells the host gets a word; other requests run together. */
static void
test_run_cell(void)
{
    struct fake fake;

    fake_start(&fake);
    post(&fake, EXECUTE("1", "a"));
    post(&fake, HEADER("2", "comm_close") "\"content\":{\"comm_id\":\"c\","
                                          "\"data\":{}}}");
    post(&fake, EXECUTE("3", "b"));
    post(&fake, EXECUTE("4", "c"));
    check_int(tn_bridge_run_cell(fake.bridge), TN_BRIDGE_MORE);
    check_int(tn_bridge_queue_count(fake.bridge), 2);
    check_int(tn_bridge_run_cell(fake.bridge), TN_BRIDGE_MORE);
    check_int(tn_bridge_queue_count(fake.bridge), 1);
    check_int(tn_bridge_run_cell(fake.bridge), TN_OK);
    check_int(tn_bridge_run_cell(fake.bridge), TN_OK);
    check_int(tn_bridge_queue_count(fake.bridge), 0);
    fake_end(&fake);
}

/* The queue that a failed cell dropped is answered in one go. */
static void
test_run_cell_aborted(void)
{
    struct fake fake;

    fake_start(&fake);
    post(&fake, EXECUTE("1", "a"));
    post(&fake, EXECUTE("2", "b"));
    tn_bridge_abort_queue(fake.bridge);
    post(&fake, EXECUTE("3", "c"));
    check_int(tn_bridge_run_cell(fake.bridge), TN_BRIDGE_MORE);
    check_log(&fake, "1:busy 1:execute_reply=aborted 1:idle "
                     "2:busy 2:execute_reply=aborted 2:idle");
    tn_bridge_clear_queue(fake.bridge);
    check_int(tn_bridge_queue_count(fake.bridge), 0);
    check_int(tn_bridge_run_cell(fake.bridge), TN_OK);
    check_log(&fake, "");
    post(&fake, EXECUTE("4", "d"));
    check_int(tn_bridge_run_cell(fake.bridge), TN_OK);
    check_log(&fake, "4:busy 4:stream 4:execute_reply=ok 4:idle");
    fake_end(&fake);
}

static void
test_envelope(void)
{
    struct fake fake;
    fake_start(&fake);
    fake.wall_ms = 1709164800123; /* a leap day */
    post(&fake, "{\"header\":{\"msg_id\":\"\\u0000\\ud800\",\"x\":[1,2.5],"
                "\"msg_type\":\"interrupt_request\"},\"content\":{},"
                "\"buffers\":[]}");
    check_text(fake.last.data,
               "{\"header\":{\"msg_id\":\"03030303030343038303030303030303\","
               "\"session\":\"00000000000040008000000000000000\","
               "\"username\":\"kernel\",\"date\":\"2024-02-29T00:00:00.123Z\","
               "\"msg_type\":\"status\",\"version\":\"5.3\"},"
               "\"parent_header\":{\"msg_id\":\"\\u0000\\ud800\","
               "\"x\":[1,2.5],\"msg_type\":\"interrupt_request\"},"
               "\"content\":{\"execution_state\":\"idle\"},\"metadata\":{}}");
    fake_end(&fake);
}

static void
check_date(double wall_ms, const char *expected)
{
    struct fake fake;
    fake_start(&fake);
    fake.wall_ms = wall_ms;
    post(&fake, "");
    check(strstr(fake.last.data, expected) != NULL);
    fake_end(&fake);
}

static void
test_dates(void)
{
    check_date(0, "\"1970-01-01T00:00:00.000Z\"");
    check_date(-5, "\"1970-01-01T00:00:00.000Z\"");
    check_date(951782399999, "\"2000-02-28T23:59:59.999Z\"");
    check_date(951868800000, "\"2000-03-01T00:00:00.000Z\"");
    check_date(4107542400000, "\"2100-03-01T00:00:00.000Z\"");
    check_date(1798761599000, "\"2026-12-31T23:59:59.000Z\"");
    check_date(1e300, "\"9999-12-31T23:59:59.999Z\"");
    check_date(strtod("nan", NULL), "\"1970-01-01T00:00:00.000Z\"");
}

static void
test_malformed(void)
{
    struct fake fake;
    fake_start(&fake);
    post(&fake, "");
    check_log(&fake, "-:error_reply=MalformedMessage");
    check_error(&fake, "not JSON: a value was expected (at byte 0)");
    post(&fake, "[]");
    check_error(&fake, "a message must be an object");
    post(&fake, "{}");
    check_error(&fake, "header must be an object");
    post(&fake, "{\"header\":{\"msg_id\":\"1\"}}");
    check_error(&fake, "header.msg_type must be a string");
    post(&fake, "{\"header\":{\"msg_type\":\"stream\"}}");
    check_error(&fake, "header.msg_id must be a string");
    tn_buffer_clear(&fake.log);
    post(&fake, "{\"header\":{\"msg_id\":\"7\",\"msg_type\":\"x\","
                "\"date\":1}}");
    check_log(&fake, "7:error_reply=MalformedMessage");
    check_error(&fake, "header.date must be a string");
    post(&fake, HEADER("8", "execute_request") "\"metadata\":[]}");
    check_error(&fake, "metadata must be an object");
    post(&fake, HEADER("8", "execute_request") "\"parent_header\":1}");
    check_error(&fake, "parent_header must be an object");
    post(&fake, HEADER("8", "execute_request") "\"metadata\":{}}");
    check_error(&fake, "execute_request: content must be an object");
    post(&fake, HEADER("8", "execute_request") "\"content\":{}}");
    check_error(&fake, "execute_request: content.code is missing, it must be "
                       "a string");
    check_int(tn_bridge_queue_count(fake.bridge), 0);
    fake_end(&fake);
}

static void
test_unknown(void)
{
    struct fake fake;
    fake_start(&fake);
    post(&fake, HEADER("1", "nonsense") "\"content\":{}}");
    check_log(&fake, "1:error_reply=UnknownMessage");
    check_error(&fake, "nonsense: no such message type");
    check(strstr(fake.last.data, "\"message_type\":\"nonsense\"") != NULL);
    post(&fake, HEADER("2", "stream") "\"content\":{}}");
    check_log(&fake, "2:error_reply=MalformedMessage");
    check_error(&fake, "stream: only the kernel sends this message");
    post(&fake, HEADER("3", "kernel_info_request") "\"content\":{}}");
    check_log(&fake, "3:error_reply=UnsupportedMessage");
    check_error(&fake, "kernel_info_request: this kernel does not handle it");
    post(&fake, HEADER("4", "0123456789012345678901234567890123456789012345"
                            "0123456789012345678901234567890123456789")
                    "\"content\":{}}");
    check_log(&fake, "4:error_reply=UnknownMessage");
    check_error(&fake, "no message type has a name of 86 bytes");
    fake_end(&fake);
}

static void
test_handler_failures(void)
{
    struct fake fake;
    fake_start(&fake);
    fake.reply_count = 0;
    post(&fake, EXECUTE("1", "a"));
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "1:busy 1:stream 1:error_reply=HandlerFailed 1:idle");

    fake.handler_status = TN_ERROR_MEMORY;
    post(&fake, EXECUTE("2", "a"));
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "2:busy 2:stream 2:error_reply=OutOfMemory 2:idle");

    /* One that replied before it failed has replied. */
    fake.reply_count = 2;
    fake.handler_status = TN_ERROR_IO;
    post(&fake, EXECUTE("3", "a"));
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "3:busy 3:stream 3:execute_reply=ok 3:idle");

    post(&fake, HEADER("4", "comm_msg") "\"metadata\":{\"m\":1},\"content\":"
                                        "{\"comm_id\":\"c\",\"data\":{}}}");
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "4:busy 4:error_reply=HandlerFailed 4:idle");

    post(&fake, HEADER("5", "shutdown_request") "\"content\":{}}");
    check_log(&fake, "5:busy 5:error_reply=HandlerFailed 5:idle");
    check_int(tn_bridge_queue_count(fake.bridge), 0);
    fake_end(&fake);
}

static void
test_control(void)
{
    struct fake fake;
    fake_start(&fake);
    post(&fake, EXECUTE("1", "a"));
    post(&fake, INTERRUPT("2"));
    check_log(&fake, "2:busy 2:interrupt_reply=ok 2:idle");

    /* In the middle of a message, and from inside send. */
    fake.in_handler = INTERRUPT("3");
    fake.in_send = INTERRUPT("4");
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "1:busy 4:busy 4:interrupt_reply=ok 4:idle "
                     "3:busy 3:interrupt_reply=ok 3:idle "
                     "1:stream 1:execute_reply=ok 1:idle");

    post(&fake, HEADER("5", "input_reply") "\"content\":{\"value\":\"x\"}}");
    check_log(&fake, " input(x)");
    fake_end(&fake);
}

/* A request that comes while another is handled waits for it. */
static void
test_queue_while_running(void)
{
    struct fake fake;
    fake_start(&fake);
    post(&fake, EXECUTE("1", "a"));
    fake.in_handler = EXECUTE("2", "b");
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "1:busy 1:stream 1:execute_reply=ok 1:idle "
                     "2:busy 2:stream 2:execute_reply=ok 2:idle");
    fake_end(&fake);
}

static void
test_abort(void)
{
    struct fake fake;
    fake_start(&fake);
    post(&fake, EXECUTE("1", "fail"));
    post(&fake, EXECUTE("2", "b"));
    post(&fake, HEADER("3", "comm_msg") "\"metadata\":{\"m\":1},\"content\":"
                                        "{\"comm_id\":\"c\",\"data\":{}}}");
    post(&fake, EXECUTE("4", "c"));
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "1:busy 1:stream 1:execute_reply=ok 1:idle "
                     "2:busy 2:execute_reply=aborted 2:idle "
                     "3:busy 3:idle "
                     "4:busy 4:execute_reply=aborted 4:idle");
    fake_end(&fake);
}

/* What is sent by someone who has seen the failure is not aborted. */
static void
test_abort_after_reply(void)
{
    struct fake fake;
    fake_start(&fake);
    post(&fake, EXECUTE("1", "fail"));
    fake.at_end = EXECUTE("2", "a");
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "1:busy 1:stream 1:execute_reply=ok 1:idle "
                     "2:busy 2:stream 2:execute_reply=ok 2:idle");

    post(&fake, EXECUTE("3", "fail"));
    post(&fake, EXECUTE("4", "a"));
    fake.at_end = EXECUTE("5", "a");
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "3:busy 3:stream 3:execute_reply=ok 3:idle "
                     "4:busy 4:execute_reply=aborted 4:idle "
                     "5:busy 5:stream 5:execute_reply=ok 5:idle");

    /* Outside of any request everything that waits is meant. */
    tn_bridge_abort_queue(fake.bridge);
    post(&fake, EXECUTE("6", "a"));
    tn_bridge_abort_queue(fake.bridge);
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_log(&fake, "6:busy 6:execute_reply=aborted 6:idle");
    fake_end(&fake);
}

/* A Stop that comes while no cell runs is for the first that will. */
static void
test_stop_next(void)
{
    struct fake fake;
    fake_start(&fake);
    tn_bridge_stop_next(fake.bridge); /* nobody's */
    post(&fake, EXECUTE("1", "a"));
    tn_bridge_abort_queue(fake.bridge);
    post(&fake, HEADER("2", "kernel_info_request") "\"content\":{}}");
    post(&fake, EXECUTE("3", "a"));
    post(&fake, EXECUTE("4", "a"));
    tn_bridge_stop_next(fake.bridge);
    tn_bridge_stop_next(fake.bridge);
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_int(fake.stopped, 2); /* of two that ran, the first */
    fake_end(&fake);
}

/* Between requests the last execute_request is the parent. */
static void
test_parent_between(void)
{
    struct fake fake;
    fake_start(&fake);
    for (int i = 0; i < 2; i++) {
        struct tn_json_writer *writer =
            tn_bridge_begin(fake.bridge, TN_MESSAGE_CLEAR_OUTPUT);
        tn_json_key(writer, "wait");
        tn_json_write_bool(writer, true);
        tn_bridge_set_metadata(fake.bridge, "{\"a\":1}", 7);
        check_int(tn_bridge_end(fake.bridge, NULL, 0), TN_OK);
        check_log(&fake, i == 0 ? "-:clear_output" : "1:clear_output");
        check(strstr(fake.last.data, "\"metadata\":{\"a\":1}") != NULL);
        post(&fake, EXECUTE("1", "a"));
        post(&fake, INTERRUPT("2"));
        check_int(tn_bridge_run(fake.bridge), TN_OK);
        tn_buffer_clear(&fake.log);
    }
    check_int(reply_ok(fake.bridge, TN_MESSAGE_EXECUTE_REPLY),
              TN_ERROR_STATE);
    check_log(&fake, "");
    fake_end(&fake);
}

static void
test_buffers(void)
{
    struct fake fake;
    fake_start(&fake);
    struct tn_bytes buffers[3] = {{"abc", 3}, {NULL, 0}, {"0123456789", 10}};
    check_int(tn_bridge_receive(fake.bridge, EXECUTE("1", "a"),
                                strlen(EXECUTE("1", "a")), buffers, 3),
              TN_OK);
    check_int(tn_bridge_run(fake.bridge), TN_OK);
    check_int(fake.buffer_size, 13);
    fake_end(&fake);
}

static void
test_limits(void)
{
    struct fake fake;
    fake_start(&fake);
    struct tn_bytes buffers[2] = {
        {"", TN_BRIDGE_REQUEST_SIZE_LIMIT - 1}, {"", 1}};
    check_int(tn_bridge_receive(fake.bridge, "{}", 2, buffers, 2), TN_OK);
    check_log(&fake, "-:error_reply=LimitExceeded");
    check_error(&fake, "a message may have 268435456 bytes");
    check_int(tn_bridge_receive(fake.bridge, "{}", 2, buffers,
                                TN_BRIDGE_BUFFER_COUNT_LIMIT + 1),
              TN_OK);
    check_log(&fake, "-:error_reply=LimitExceeded");
    check_error(&fake, "a message may have 1024 buffers, not 1025");

    for (size_t i = 0; i < TN_BRIDGE_QUEUE_LIMIT; i++) {
        post(&fake, EXECUTE("1", "a"));
    }
    check_log(&fake, "");
    post(&fake, EXECUTE("2", "a"));
    check_log(&fake, "2:error_reply=LimitExceeded");
    check_error(&fake, "4096 messages are waiting already");
    post(&fake, INTERRUPT("3"));
    check_log(&fake, "3:busy 3:interrupt_reply=ok 3:idle");

    struct tn_buffer text = {0};
    (void)tn_buffer_append_text(&text, "{\"header\":{\"x\":\"");
    for (size_t i = 0; i < TN_BRIDGE_HEADER_SIZE_LIMIT; i++) {
        (void)tn_buffer_append_char(&text, 'x');
    }
    (void)tn_buffer_append_text(&text, "\",\"msg_id\":\"9\"}}");
    post(&fake, text.data);
    tn_buffer_clear(&text);
    check_log(&fake, "-:error_reply=LimitExceeded");
    check_error(&fake, "a header may have 16384 bytes");
    fake_end(&fake);
}

static void
test_depth(void)
{
    struct fake fake;
    fake_start(&fake);
    struct tn_buffer text = {0};
    for (int i = 0; i < 1000; i++) {
        (void)tn_buffer_append_char(&text, '[');
    }
    post(&fake, text.data);
    tn_buffer_clear(&text);
    check_log(&fake, "-:error_reply=LimitExceeded");
    fake_end(&fake);
}

int
main(void)
{
    run_test(test_execute);
    run_test(test_run_cell);
    run_test(test_run_cell_aborted);
    run_test(test_envelope);
    run_test(test_dates);
    run_test(test_malformed);
    run_test(test_unknown);
    run_test(test_handler_failures);
    run_test(test_control);
    run_test(test_queue_while_running);
    run_test(test_abort);
    run_test(test_abort_after_reply);
    run_test(test_stop_next);
    run_test(test_parent_between);
    run_test(test_buffers);
    run_test(test_limits);
    run_test(test_depth);
    return check_report();
}
