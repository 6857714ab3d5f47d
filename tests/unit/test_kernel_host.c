/* The kernel below a host that is none of the two: one that cannot wait, that
 * writes for C code, that interrupts.  What a cell says is looked for in the
 * text of the messages that it sent.
 */
#include <Python.h>

#include "kernel.h"

#include "alloc.h"
#include "check.h"
#include "json.h"
#include "leaks.h"

struct fake_host {
    struct tn_kernel *kernel;
    struct tn_buffer sent; /* every message, one a line */
    int yield_count;
    int wait_count;
    int wake_count;
    int wait_status;
    const char *refusal; /* of yield and wait */
    bool interrupts; /* at the next yield */
    int random_byte;
};

static void
fake_send(void *context, const char *json, size_t size,
          const struct tn_bytes *buffers, size_t buffer_count)
{
    struct fake_host *host = context;
    (void)buffers;
    (void)buffer_count;
    (void)tn_buffer_append(&host->sent, json, size);
    (void)tn_buffer_append_char(&host->sent, '\n');
}

static void
fake_random(void *context, void *bytes, size_t size)
{
    memset(bytes, ((struct fake_host *)context)->random_byte, size);
}

static double
fake_wall_ms(void *context)
{
    (void)context;
    return 0;
}

static void
fake_yield(void *context)
{
    struct fake_host *host = context;
    host->yield_count++;
    if (host->interrupts) {
        host->interrupts = false;
        tn_kernel_interrupt(host->kernel);
    }
}

static int
fake_wait(void *context, double timeout_ms)
{
    struct fake_host *host = context;
    (void)timeout_ms;
    host->wait_count++;
    return host->wait_status;
}

static const char *
fake_refuse_wait(void *context)
{
    return ((struct fake_host *)context)->refusal;
}

static void
fake_wake(void *context)
{
    struct fake_host *host = context;
    host->wake_count++;
}

static void
fake_log(void *context, const char *text, size_t size)
{
    (void)context;
    fprintf(stderr, "%.*s\n", (int)size, text);
}

static struct fake_host fake;
static const struct tn_host functions = {
    .context = &fake,
    .send = fake_send,
    .random = fake_random,
    .wall_ms = fake_wall_ms,
    .yield = fake_yield,
    .wait = fake_wait,
    .wake = fake_wake,
    .refuse_wait = fake_refuse_wait,
    .log = fake_log,
};

static void
post(const char *type, const char *content)
{
    char json[1024];
    int size = snprintf(json, sizeof(json),
                        "{\"header\":{\"msg_id\":\"1\",\"msg_type\":\"%s\"},"
                        "\"content\":%s}",
                        type, content);
    check_int(tn_kernel_post(fake.kernel, json, (size_t)size, NULL, 0), TN_OK);
}

/* Runs one cell; what was sent before is forgotten. */
static void
run_cell(const char *content)
{
    tn_buffer_clear(&fake.sent);
    post("execute_request", content);
    check(tn_kernel_has_work(fake.kernel));
    check_int(tn_kernel_run(fake.kernel), TN_OK);
    check(!tn_kernel_has_work(fake.kernel));
    check(!tn_kernel_is_running(fake.kernel));
}

static bool
was_sent(const char *text)
{
    return fake.sent.data != NULL && strstr(fake.sent.data, text) != NULL;
}

static void
test_start(void)
{
    struct tn_kernel_config config = {.import_site = false};
    check_int(tn_kernel_new(&fake.kernel, &functions, &config), TN_OK);
    struct tn_kernel *second;
    check_int(tn_kernel_new(&second, &functions, &config), TN_ERROR_STATE);
    check(second == NULL);
    run_cell("{\"code\":\"6 * 7\"}");
    check(was_sent("\"text/plain\":\"42\""));
}

static void
test_host_that_cannot_wait(void)
{
    fake.wait_status = TN_ERROR_UNSUPPORTED;
    run_cell("{\"code\":\"input()\"}");
    check(was_sent("input_request"));
    check(was_sent("StdinNotImplementedError"));
    run_cell("{\"code\":\"import time\\ntime.sleep(0.02)\\n'slept'\"}");
    check(was_sent("'slept'"));
    run_cell("{\"code\":\"import asyncio\\nawait asyncio.sleep(0.01, 5)\"}");
    check(was_sent("\"text/plain\":\"5\""));
    run_cell("{\"code\":\"await asyncio.Future()\"}");
    check(was_sent("nothing can end this wait"));
    fake.wait_status = TN_OK;
}

static void
test_plain_run(void)
{
    fake.refusal = "the kernel cannot be suspended";
    fake.yield_count = fake.wait_count = 0;
    run_cell("{\"code\":\"input()\"}");
    check(!was_sent("input_request"));
    check(was_sent("cannot be suspended"));
    run_cell("{\"code\":\"time.sleep(0.02)\\n'slept'\"}");
    check(was_sent("'slept'"));
    check_int(fake.yield_count, 0);
    check_int(fake.wait_count, 0);
    fake.refusal = NULL;
}

static void
test_interrupt(void)
{
    fake.interrupts = true; /* at the turn that follows a wait */
    run_cell("{\"code\":\"time.sleep(600)\"}");
    check(was_sent("KeyboardInterrupt"));
    tn_kernel_interrupt(fake.kernel); /* nothing runs */
    run_cell("{\"code\":\"sum(range(10))\"}");
    check(was_sent("\"text/plain\":\"45\""));
}

static void
test_output_of_c(void)
{
    tn_buffer_clear(&fake.sent);
    tn_kernel_write(fake.kernel, TN_KERNEL_STDOUT, "a\xE2\x82", 3);
    tn_kernel_tick(fake.kernel); /* not running: nothing is due */
    check(!was_sent("stream"));
    run_cell("{\"code\":\"import os\\nprint('from Python')\"}");
    check(was_sent("\xEF\xBF\xBD")); /* the sequence never ended */
    check(was_sent("from Python"));
}

static void
test_tasks(void)
{
    check(tn_kernel_run_tasks(fake.kernel) < 0); /* nothing waits */
    check(tn_kernel_next_task(fake.kernel) < 0);
    run_cell("{\"code\":\"async def late():\\n"
             "    await asyncio.sleep(0.001)\\n    print('late')\\n"
             "task = asyncio.create_task(late())\"}");
    tn_buffer_clear(&fake.sent);
    check(tn_kernel_next_task(fake.kernel) >= 0);
    check(!was_sent("late")); /* it was only asked for */
    for (int i = 0; i < 10000 && !was_sent("late"); i++) {
        check(tn_kernel_run_tasks(fake.kernel) < 100);
    }
    check(was_sent("late"));
    check(tn_kernel_run_tasks(fake.kernel) < 0);
    check(tn_kernel_next_task(fake.kernel) < 0);
    post("execute_request", "{\"code\":\"1\"}");
    check(tn_kernel_run_tasks(fake.kernel) == 0); /* first the message */
    check_int(tn_kernel_run(fake.kernel), TN_OK);
}

/* Python's settings for a copy of memory; its own words are in web.h. */
static int
resume(const char *text, bool is_new)
{
    struct tn_json *settings;
    check_int(tn_json_parse(&settings, text, strlen(text), NULL), TN_OK);
    int status
        = tn_kernel_resume(fake.kernel, tn_json_root(settings), is_new);
    tn_json_free(settings);
    return status;
}

/* The session's id in the first message that was sent. */
static void
copy_session(char id[33])
{
    const char *at = strstr(fake.sent.data, "\"session\":\"");
    memcpy(id, at + 11, 32);
    id[32] = '\0';
}

static void
test_resume(void)
{
    char first[33], second[33];
    run_cell("{\"code\":\"import os, random, sys, time, uuid\\n"
             "random.seed(1); uuid._node = 5; random.random()\"}");
    check(was_sent("0.13436424411240122"));
    copy_session(first);
    check_int(resume("{\"kind\":\"saved\",\"env\":{\"TZ\":\"EST5\","
                     "\"OTHER\":\"no\"}}", false), TN_OK);
    run_cell("{\"code\":\"random.random(), uuid._node, time.tzname[0], "
             "os.environ.get('OTHER')\"}");
    check(was_sent("(0.8474337369372327, 5, 'EST', None)"));
    copy_session(second);
    check_text(second, first);
    fake.random_byte = 9;
    check_int(resume("{\"kind\":\"build\",\"argv\":[\"a\"],"
                     "\"env\":{\"TZ\":\"CET-1\",\"OTHER\":\"yes\"}}", true),
              TN_OK);
    run_cell("{\"code\":\"random.random() == 0.763774618976614, uuid._node, "
             "time.tzname[0], os.environ['OTHER'], sys.argv\"}");
    check(was_sent("(False, None, 'CET', 'yes', ['a'])"));
    copy_session(second);
    check(strcmp(second, first) != 0);
}

static void
test_resume_that_raises(void)
{
    check_int(resume("{}", false), TN_ERROR_IO);
    run_cell("{\"code\":\"6 * 7\"}");
    check(was_sent("\"text/plain\":\"42\""));
}

static void
test_mounted(void)
{
    run_cell("{\"code\":\"os.makedirs('/tmp/tn/site-packages', exist_ok=True)"
             "\\nwith open('/tmp/tn/site-packages/tn_new.py', 'w') as f:\\n"
             "    f.write('x = 3')\"}");
    check_int(tn_kernel_mounted(fake.kernel, "/tmp/tn/site-packages"), TN_OK);
    run_cell("{\"code\":\"import tn_new, shutil; shutil.rmtree('/tmp/tn')\\n"
             "tn_new.x\"}");
    check(was_sent("\"text/plain\":\"3\""));
}

/* Free blocks of Python's allocator become zeros, and it goes on. */
static void
test_trim(void)
{
    char *blocks[64];
    for (size_t i = 0; i < 64; i++) {
        blocks[i] = PyObject_Malloc(8 * (i + 1));
        memset(blocks[i], 'x', 8 * (i + 1));
    }
    char *kept = blocks[10];
    for (size_t i = 0; i < 64; i++) {
        if (i != 10) {
            PyObject_Free(blocks[i]);
        }
    }
    check_int(tn_kernel_trim(fake.kernel), TN_OK);
    check(kept[0] == 'x' && kept[87] == 'x');
    for (size_t i = 8; i < 64; i++) {
        /* The first word links free blocks; another object may have one. */
        check((blocks[i][sizeof(void *)] == 'x') == (i == 10));
    }
    PyObject_Free(kept);
    run_cell("{\"code\":\"len([str(i) * 3 for i in range(100000)])\"}");
    check(was_sent("\"text/plain\":\"100000\""));
}

static void
test_end(void)
{
    check(!tn_kernel_is_shut_down(fake.kernel));
    post("shutdown_request", "{\"restart\":false}");
    check(tn_kernel_is_shut_down(fake.kernel));
    tn_kernel_free(fake.kernel);
    tn_kernel_free(NULL);
    tn_buffer_clear(&fake.sent);
#ifdef TN_ALLOC_TESTING
    check_int(tn_alloc_live_count(), 0);
#endif
}

int
main(void)
{
    run_test(test_start);
    run_test(test_host_that_cannot_wait);
    run_test(test_plain_run);
    run_test(test_interrupt);
    run_test(test_output_of_c);
    run_test(test_tasks);
    run_test(test_resume);
    run_test(test_resume_that_raises);
    run_test(test_mounted);
    run_test(test_trim);
    run_test(test_end);
    return check_report();
}
