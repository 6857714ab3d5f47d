/* Fuzzes bridge/bridge.h: each line of the input is a message.  Whatever they
 * are, every one is answered as it should be: one reply for a request, one
 * error_reply for what is refused, none for the rest; and all that is sent is
 * JSON.  Handlers do, rightly or wrongly, what the first letter of the code
 * says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bridge.h"
#include "json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More lines in one input show nothing new, and take their time. */
#define LINE_LIMIT 8

struct count {
    struct tn_bridge *bridge;
    size_t replies; /* sent, error replies included */
    size_t owed;    /* handled requests, which have a reply */
    size_t failed;  /* handled messages without reply that failed */
    size_t handled; /* all that came to a handler */
    size_t inner;   /* of these, those received inside a handler */
    size_t busy;
    size_t idle;
};

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

static bool
ends_with(const char *text, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size >= end_size
           && memcmp(text + size - end_size, end, end_size) == 0;
}

/* Goes by where the bridge puts things, for a tree of every message would
 * make this fuzzer four times slower. */
static void
count_send(void *context, const char *json, size_t size,
           const struct tn_bytes *buffers, size_t buffer_count)
{
    static const char type_key[] = "\"msg_type\":\"";
    struct count *count = context;
    struct tn_json_error error;
    struct tn_buffer rewritten = {0};
    (void)buffers;
    require(buffer_count <= 1);
    require(json_check(json, size, &rewritten, &error) == TN_OK);
    tn_buffer_clear(&rewritten);

    const char *name = strstr(json, type_key);
    require(name != NULL);
    name += sizeof(type_key) - 1;
    enum tn_message_type type = tn_message_find(name, strcspn(name, "\""));
    require(type != TN_MESSAGE_NONE);
    count->replies +=
        tn_message_describe(type)->direction == TN_DIRECTION_REPLY;
    if (type == TN_MESSAGE_STATUS) {
        bool is_idle = ends_with(
            json, size,
            "\"content\":{\"execution_state\":\"idle\"},\"metadata\":{}}");
        *(is_idle ? &count->idle : &count->busy) += 1;
    }
}

static void
count_random(void *context, void *bytes, size_t size)
{
    (void)context;
    memset(bytes, 1, size);
}

static double
count_wall_ms(void *context)
{
    (void)context;
    return 1.7e12;
}

static int
reply(struct tn_bridge *bridge, enum tn_message_type type)
{
    struct tn_json_writer *writer = tn_bridge_begin(bridge, type);
    tn_json_key(writer, "status");
    tn_json_write_text(writer,
                       type == TN_MESSAGE_IS_COMPLETE_REPLY ? "unknown"
                                                            : "aborted");
    return tn_bridge_end(bridge, NULL, 0);
}

/* Writes a message, and receives another in the middle of it. */
static void
write_stream(struct count *count, const char *text, size_t size)
{
    static const char inner[] =
        "{\"header\":{\"msg_id\":\"i\",\"msg_type\":\"interrupt_request\"},"
        "\"content\":{}}";
    struct tn_bridge *bridge = count->bridge;
    struct tn_json_writer *writer = tn_bridge_begin(bridge, TN_MESSAGE_STREAM);
    tn_json_key(writer, "name");
    tn_json_write_text(writer, "stderr");
    count->inner++;
    require(tn_bridge_receive(bridge, inner, sizeof(inner) - 1, NULL, 0)
            == TN_OK);
    tn_json_key(writer, "text");
    tn_json_write_string(writer, text, size);
    tn_bridge_set_metadata(bridge, "{}", 2);
    struct tn_bytes buffer = {text, size};
    require(tn_bridge_end(bridge, &buffer, 1) == TN_OK);
}

/* Replies as the letter says; returns what the handler returns. */
static int
misbehave(struct tn_bridge *bridge, char letter, enum tn_message_type type)
{
    switch (letter) {
    case '0':
        return TN_OK; /* no reply */
    case '1':
        return TN_ERROR_IO;
    case '2':
        (void)reply(bridge, type);
        return reply(bridge, type); /* a second one */
    case '3':
        (void)tn_bridge_begin(bridge, TN_MESSAGE_CLEAR_OUTPUT); /* no end */
        return TN_ERROR_MEMORY;
    case '4':
        (void)reply(bridge, TN_MESSAGE_INTERRUPT_REPLY);
        return tn_bridge_run(bridge);
    case '5':
        tn_bridge_abort_queue(bridge);
        return reply(bridge, type);
    default:
        return reply(bridge, type);
    }
}

static int
handle(void *context, struct tn_bridge *bridge,
       const struct tn_request *request)
{
    struct count *count = context;
    enum tn_message_type type = tn_message_describe(request->type)->reply;
    size_t size;
    const char *code =
        tn_json_string(tn_json_get(request->content, "code"), &size);
    require(request->header != NULL && request->content != NULL);
    count->handled++;
    if (type == TN_MESSAGE_NONE) {
        bool fails = request->metadata != NULL;
        count->failed += fails;
        return fails ? TN_ERROR_INVALID : TN_OK;
    }
    count->owed++;
    if (code == NULL) {
        return reply(bridge, type);
    }
    write_stream(count, code, size);
    return misbehave(bridge, code[0], type);
}

/* Every type, so that one that only the kernel sends would be seen too. */
#define TN_MESSAGE(id, name, direction, reply) [TN_MESSAGE_##id] = handle,
#define TN_FIELD(key, kind, need)
#define TN_CHOICE(key, choices, need)
#define TN_MESSAGE_END
static const tn_request_handler handlers[TN_MESSAGE_COUNT] = {
#include "messages.def"
};

/* Receives one line; counts it in `refused` when it was neither queued nor
 * handled. */
static void
receive(struct count *count, const char *line, size_t size, size_t *refused)
{
    struct tn_bytes buffers[2] = {{line, size / 2}, {NULL, 0}};
    size_t queued_before = tn_bridge_queue_count(count->bridge);
    size_t handled_before = count->handled;
    require(tn_bridge_receive(count->bridge, line, size, buffers, size % 3)
            == TN_OK);
    bool is_queued = tn_bridge_queue_count(count->bridge) != queued_before;
    bool is_handled = count->handled != handled_before;
    *refused += !is_queued && !is_handled;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct count count = {0};
    struct tn_bridge_config config = {
        .context = &count,
        .send = count_send,
        .random = count_random,
        .wall_ms = count_wall_ms,
        .handlers = handlers,
    };
    require(tn_bridge_new(&count.bridge, &config) == TN_OK);
    const char *next = (const char *)data;
    const char *end = next + size;
    size_t refused = 0;
    for (int i = 0; i < LINE_LIMIT && next < end; i++) {
        const char *newline = memchr(next, '\n', (size_t)(end - next));
        const char *line_end = newline != NULL ? newline : end;
        receive(&count, next, (size_t)(line_end - next), &refused);
        next = newline != NULL ? newline + 1 : end;
    }

    size_t queued = tn_bridge_queue_count(count.bridge);
    size_t before = count.handled - count.inner;
    require(tn_bridge_run(count.bridge) == TN_OK);
    require(tn_bridge_queue_count(count.bridge) == 0);
    /* What was queued and came to no handler has been aborted. */
    size_t aborted = queued - (count.handled - count.inner - before);
    require(count.replies == refused + count.owed + count.failed + aborted);
    require(count.busy == count.idle);
    tn_bridge_free(count.bridge);
    return 0;
}
