/* Allocation failures in bridge/bridge.h: whatever fails, a message that was
 * received is answered, once, and what is sent is whole. */
#include "bridge.h"
#include "oom.h"
#include "record.h"

#define HEADER(id, type)                                                      \
    "{\"header\":{\"msg_id\":\"" id "\",\"msg_type\":\"" type "\"},"

/* Writes a long event, then the reply; gives up at what fails first. */
static int
handle_execute(void *context, struct tn_bridge *bridge,
               const struct tn_request *request)
{
    (void)context;
    struct tn_json_writer *writer = tn_bridge_begin(bridge, TN_MESSAGE_STREAM);
    tn_json_key(writer, "name");
    tn_json_write_text(writer, "stdout");
    tn_json_key(writer, "text");
    tn_json_write_string(writer, request->buffers[0].data,
                         request->buffers[0].size);
    tn_bridge_set_metadata(bridge, "{\"a\":1}", 7);
    int status = tn_bridge_end(bridge, request->buffers, 1);
    if (status != TN_OK) {
        return status;
    }
    writer = tn_bridge_begin(bridge, TN_MESSAGE_EXECUTE_REPLY);
    tn_json_key(writer, "status");
    tn_json_write_text(writer, "ok");
    return tn_bridge_end(bridge, NULL, 0);
}

static const tn_request_handler handlers[TN_MESSAGE_COUNT] = {
    [TN_MESSAGE_EXECUTE_REQUEST] = handle_execute,
};

/* Receives one message and runs it.  The result is the first failure: a reply
 * that speaks of exhausted memory counts, through the record. */
static int
receive_and_run(struct record *record, const char *text)
{
    static const char data[] = "0123456789012345678901234567890123456789";
    struct tn_bytes buffer = {data, sizeof(data) - 1};
    struct tn_bridge_config config = {
        .context = record,
        .send = record_send,
        .random = record_random,
        .wall_ms = record_wall_ms,
        .handlers = handlers,
    };
    struct tn_bridge *bridge;
    *record = (struct record){0};
    int status = tn_bridge_new(&bridge, &config);
    if (status != TN_OK) {
        check(bridge == NULL);
        return status;
    }
    status = tn_bridge_receive(bridge, text, strlen(text), &buffer, 1);
    /* The bridge's own messages are never lost. */
    check_int(tn_bridge_run(bridge), TN_OK);
    check_int(tn_bridge_queue_count(bridge), 0);
    check_int(record->reply_count, 1);
    check_int(record->busy_count, record->idle_count);
    check(!record->is_broken);
    tn_bridge_free(bridge);
    return status;
}

static int
task_execute(void *context)
{
    return receive_and_run(context,
                           HEADER("1", "execute_request") "\"content\":"
                                                          "{\"code\":\"a\"}}");
}

static int
task_refused(void *context)
{
    return receive_and_run(context, HEADER("1", "execute_request")
                                        "\"content\":{\"code\":1}}");
}

static int
task_not_json(void *context)
{
    return receive_and_run(context, "nonsense");
}

static int
task_unknown(void *context)
{
    return receive_and_run(context,
                           HEADER("1", "nonsense") "\"content\":{}}");
}

static void
test_requests(void)
{
    struct record record;
    oom_exhaust("execute", task_execute, &record);
    check_int(record.busy_count, 1);
    oom_exhaust("refused", task_refused, &record);
    oom_exhaust("not JSON", task_not_json, &record);
    oom_exhaust("unknown", task_unknown, &record);
    check_int(record.busy_count, 0);
}

/* A handler that fails for want of memory is answered for as well. */
static void
test_handler(void)
{
    static const char text[] = HEADER("1", "execute_request") "\"content\":{"
                                                              "\"code\":"
                                                              "\"a\"}}";
    struct tn_bytes buffer = {"a", 1};
    struct tn_bridge *bridge;
    struct record record = {0};
    struct tn_bridge_config config = {
        .context = &record,
        .send = record_send,
        .random = record_random,
        .wall_ms = record_wall_ms,
        .handlers = handlers,
    };
    check_int(tn_bridge_new(&bridge, &config), TN_OK);
    for (size_t i = 1; i < 20; i++) {
        record.reply_count = record.busy_count = record.idle_count = 0;
        check_int(tn_bridge_receive(bridge, text, sizeof(text) - 1,
                                    &buffer, 1),
                  TN_OK);
        tn_alloc_fail_from(i);
        check_int(tn_bridge_run(bridge), TN_OK);
        tn_alloc_fail_from(0);
        check_int(record.reply_count, 1);
        check_int(record.busy_count, 1);
        check_int(record.idle_count, 1);
    }
    check(!record.is_broken);
    tn_bridge_free(bridge);
    check_int(tn_alloc_live_count(), 0);
}

int
main(void)
{
    run_test(test_requests);
    run_test(test_handler);
    return check_report();
}
