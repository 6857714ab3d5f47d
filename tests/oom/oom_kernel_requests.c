/* Allocation failures in the kernel while Python runs and its words go out:
 * every request is answered, once, in whole messages, and the kernel goes on.
 * The allocator is that of bridge/; Python's own is not made to fail. */
#include <Python.h>

#include "kernel.h"
#include "leaks.h"
#include "oom.h"
#include "record.h"

static struct record record;
static struct tn_kernel *kernel;

static void
record_nothing(void *context)
{
    (void)context;
}

static int
record_wait(void *context, double timeout_ms)
{
    (void)context;
    (void)timeout_ms;
    return TN_ERROR_UNSUPPORTED;
}

static void
record_log(void *context, const char *text, size_t size)
{
    (void)context;
    fprintf(stderr, "%.*s\n", (int)size, text);
}

static const struct tn_host host = {
    .context = &record,
    .send = record_send,
    .random = record_random,
    .wall_ms = record_wall_ms,
    .yield = record_nothing,
    .wait = record_wait,
    .wake = record_nothing,
    .log = record_log,
};

static void
test_start(void)
{
    struct tn_kernel_config config = {.import_site = false};
    int status = TN_ERROR_MEMORY;
    size_t count = 0;
    while (status == TN_ERROR_MEMORY) {
        tn_alloc_fail_from(++count);
        status = tn_kernel_new(&kernel, &host, &config);
        tn_alloc_fail_from(0);
        check((kernel == NULL) == (status != TN_OK));
    }
    check_int(status, TN_OK);
    printf("     start: %zu allocations failed\n", count - 1);
}

/* Posts and runs one request, with failures as they are set. */
static void
ask(const char *request)
{
    record = (struct record){0};
    (void)tn_kernel_post(kernel, request, strlen(request), NULL, 0);
    check_int(tn_kernel_run(kernel), TN_OK);
    check_int(record.reply_count, 1);
    check_int(record.busy_count, record.idle_count);
    check(!record.is_broken);
    check(!tn_kernel_is_running(kernel));
    check(!tn_kernel_has_work(kernel));
}

/* With memory again, it answers. */
static void
check_recovery(void)
{
    tn_alloc_fail_from(0);
    ask("{\"header\":{\"msg_id\":\"2\",\"msg_type\":\"execute_request\"},"
        "\"content\":{\"code\":\"print(1)\\n6 * 7\"}}");
    check(record.has_answer);
}

static void
exhaust(const char *type, const char *content)
{
    char request[1024];
    snprintf(request, sizeof(request),
             "{\"header\":{\"msg_id\":\"1\",\"msg_type\":\"%s\"},"
             "\"content\":%s}",
             type, content);
    ask(request);
    check_recovery();
    tn_alloc_fail_from(0);
    ask(request);
    size_t count = tn_alloc_asked_count();
    for (size_t i = 1; i <= count; i++) {
        tn_alloc_fail_only(i);
        ask(request);
        check_recovery();
        tn_alloc_fail_from(i);
        ask(request);
        check_recovery();
    }
    printf("     %s: %zu allocations failed\n", type, 2 * count);
}

static void
test_requests(void)
{
    exhaust("kernel_info_request", "{}");
    exhaust("execute_request",
            "{\"code\":\"import sys\\nprint('text' * 99)\\n"
            "print('more', file=sys.stderr)\\n6 * 7\"}");
    exhaust("execute_request", "{\"code\":\"def f(): 1 / 0\\nf()\"}");
    exhaust("execute_request",
            "{\"code\":\"class A:\\n    def _repr_mimebundle_(self, **_):"
            "\\n        return {'text/html': '<b>' * 99, 'image/png': "
            "b'a' * 99}\\nA()\"}");
    exhaust("execute_request",
            "{\"code\":\"1\",\"user_expressions\":{\"a\":\"2\",\"b\":\"c\"}}");
    exhaust("complete_request", "{\"code\":\"sys.st\",\"cursor_pos\":6}");
    exhaust("inspect_request", "{\"code\":\"sys\",\"cursor_pos\":3}");
    exhaust("is_complete_request", "{\"code\":\"if 1:\"}");
}

/* No block was lost in all this. */
static void
test_end(void)
{
    tn_kernel_free(kernel);
    check_int(tn_alloc_live_count(), 0);
}

int
main(void)
{
    run_test(test_start);
    run_test(test_requests);
    run_test(test_end);
    return check_report();
}
