/* The native host: one JSON message a line on stdin and stdout.
 *
 *     tincture-kernel [--home DIRECTORY]
 *
 * Binary buffers stand in the line as base64, in a member `buffers` beside
 * `header` and `content`.  The kernel ends at the end of stdin or after a
 * shutdown_request, and when nobody reads its stdout any more.
 *
 * Two threads: the main one has Python and is the only one that calls the
 * kernel; the side thread reads lines, beats every 10 ms while the main one
 * is busy, and empties the pipes that stand in for fd 1 and 2, so that C code
 * that prints neither mixes with the protocol nor blocks.  An interrupt is
 * queued like any line and also sent as SIGINT, which ends a system call.
 */
#include <Python.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "base64.h"
#include "json.h"
#include "kernel.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#define HAS_SANITIZER 1
#endif
#endif

#ifdef HAS_SANITIZER
/* An allocation that is too large is a MemoryError. */
const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* CPython does not free everything when it ends.  What the kernel's own
 * allocations leave behind, main counts. */
const char *
__lsan_default_suppressions(void)
{
    return "leak:libpython3";
}

const char *
__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif

#define READ_SIZE ((size_t)64 << 10)

/* The side thread's poll set. */
enum { POLL_STDIN, POLL_STDOUT, POLL_STDERR, POLL_WAKE, POLL_COUNT };

struct line {
    struct line *next;
    size_t size;
    char text[]; /* without its newline */
};

struct host {
    struct tn_kernel *kernel;
    pthread_t main_thread;
    pthread_t side_thread;

    int in_fd;         /* the protocol's */
    int out_fd;
    int log_fd;        /* the stderr that the process was given */
    int pipes[2];      /* what is written to fd 1 and 2 */
    int main_wake[2];  /* a byte for every line, for the main thread */
    int side_wake[2];  /* the main thread became busy, or ends */

    atomic_bool is_busy;    /* the main thread handles something */
    atomic_bool is_ending;  /* the side thread must return */
    atomic_bool is_deaf;    /* nobody reads what is sent */
    atomic_bool is_beating; /* a pending call is on its way */

    pthread_mutex_t lock; /* for what follows */
    struct line *first;
    struct line **last;
    bool is_at_end;              /* of stdin */
    struct tn_buffer printed[2]; /* from the pipes */
};

/* A host whose main thread has no memory for a line cannot go on. */
static void
fail(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
    _exit(70);
}

/* False when nobody reads any more. */
static bool
write_all(int fd, const char *data, size_t size)
{
    while (size != 0) {
        ssize_t count = write(fd, data, size);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        }
    }
    return true;
}

static void
wake(int fd)
{
    (void)!write(fd, "", 1); /* a full pipe wakes as well */
}

/* Empties a pipe that does not block. */
static void
drain(int fd)
{
    char bytes[256];
    while (read(fd, bytes, sizeof(bytes)) > 0) {
    }
}

/* The host's functions, on the main thread */

static void
host_send(void *context, const char *json, size_t size,
          const struct tn_bytes *buffers, size_t buffer_count)
{
    struct host *host = context;
    struct tn_buffer line = {0};
    if (buffer_count == 0) {
        (void)tn_buffer_append(&line, json, size);
    }
    else {
        /* The envelope is an object: open it at its last brace. */
        (void)tn_buffer_append(&line, json, size - 1);
        (void)tn_buffer_append_text(&line, ",\"buffers\":[");
        for (size_t i = 0; i < buffer_count; i++) {
            (void)tn_buffer_append_text(&line, i == 0 ? "\"" : ",\"");
            (void)tn_base64_append(&line, buffers[i].data, buffers[i].size);
            (void)tn_buffer_append_char(&line, '"');
        }
        (void)tn_buffer_append_text(&line, "]}");
    }
    if (tn_buffer_append_char(&line, '\n') < 0) {
        fail("no memory for a message\n");
    }
    if (!write_all(host->out_fd, line.data, line.size)) {
        atomic_store(&host->is_deaf, true);
        tn_kernel_interrupt(host->kernel);
    }
    tn_buffer_clear(&line);
}

static void
host_random(void *context, void *bytes, size_t size)
{
    (void)context;
    unsigned char *rest = bytes;
    while (size != 0) {
        ssize_t count = getrandom(rest, size, 0);
        if (count > 0) {
            rest += count;
            size -= (size_t)count;
        }
    }
}

static double
host_wall_ms(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
host_log(void *context, const char *text, size_t size)
{
    struct host *host = context;
    (void)write_all(host->log_fd, text, size);
    (void)write_all(host->log_fd, "\n", 1);
}

/* The bytes of the line's `buffers`, one after another; `sizes` has room for
 * as many as there are.  A negative status when one is not base64. */
static int
decode_buffers(const struct tn_json_value *buffers, struct tn_buffer *data,
               size_t *sizes)
{
    const struct tn_json_value *item = tn_json_first(buffers);
    for (size_t i = 0; item != NULL; item = tn_json_next(item), i++) {
        size_t size;
        const char *text = tn_json_string(item, &size);
        size_t start = data->size;
        int status = text != NULL ? tn_base64_decode(data, text, size)
                                  : TN_ERROR_INVALID;
        if (status < 0) {
            return status;
        }
        sizes[i] = data->size - start;
    }
    return TN_OK;
}

static int
post_with_buffers(struct host *host, const struct line *line,
                  const struct tn_json_value *buffers)
{
    size_t count = tn_json_count(buffers);
    struct tn_buffer data = {0};
    size_t *sizes = tn_alloc_zeroed(count, sizeof(*sizes));
    struct tn_bytes *bytes = tn_alloc_zeroed(count, sizeof(*bytes));
    int status = TN_ERROR_MEMORY;
    if (sizes == NULL || bytes == NULL) {
        goto done;
    }
    status = decode_buffers(buffers, &data, sizes);
    if (status < 0) {
        goto done;
    }
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        bytes[i].data = data.data != NULL ? data.data + offset : "";
        bytes[i].size = sizes[i];
        offset += sizes[i];
    }
    status = tn_kernel_post(host->kernel, line->text, line->size, bytes,
                            count);

done:
    tn_buffer_clear(&data);
    tn_free(sizes);
    tn_free(bytes);
    return status;
}

/* What is wrong with a line is for the kernel to say; only buffers that are
 * not base64 are left out. */
static void
post_line(struct host *host, const struct line *line)
{
    struct tn_json *json = NULL;
    const struct tn_json_value *buffers = NULL;
    if (tn_json_parse(&json, line->text, line->size, NULL) == TN_OK) {
        buffers = tn_json_get(tn_json_root(json), "buffers");
    }
    int status = TN_ERROR_INVALID;
    if (tn_json_count(buffers) != 0) {
        status = post_with_buffers(host, line, buffers);
    }
    if (status == TN_ERROR_INVALID) {
        status = tn_kernel_post(host->kernel, line->text, line->size, NULL, 0);
    }
    tn_json_free(json);
    if (status == TN_ERROR_MEMORY) {
        fail("no memory for a line\n");
    }
}

static struct line *
take_lines(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    struct line *line = host->first;
    host->first = NULL;
    host->last = &host->first;
    pthread_mutex_unlock(&host->lock);
    return line;
}

static void
host_yield(void *context)
{
    struct host *host = context;
    drain(host->main_wake[0]);
    struct line *line = take_lines(host);
    while (line != NULL) {
        struct line *next = line->next;
        post_line(host, line);
        tn_free(line);
        line = next;
    }
}

static int
host_wait(void *context, double timeout_ms)
{
    struct host *host = context;
    pthread_mutex_lock(&host->lock);
    bool is_idle = host->first == NULL;
    bool is_at_end = host->is_at_end;
    pthread_mutex_unlock(&host->lock);
    if (!is_idle) {
        return TN_OK;
    }
    if (is_at_end && timeout_ms < 0) {
        return TN_ERROR_STATE; /* nothing will ever come */
    }
    struct pollfd wanted = {.fd = host->main_wake[0], .events = POLLIN};
    double seconds = floor(timeout_ms / 1000);
    struct timespec timeout = {
        .tv_sec = (time_t)seconds,
        .tv_nsec = (long)((timeout_ms - 1000 * seconds) * 1e6),
    };
    /* Also returns at a signal, and the kernel then looks at its own. */
    (void)ppoll(&wanted, 1, timeout_ms < 0 ? NULL : &timeout, NULL);
    return TN_OK;
}

static void
host_wake(void *context)
{
    struct host *host = context;
    wake(host->main_wake[1]);
}

/* Moves what is in a pipe to its buffer; the lock is held. */
static void
read_pipe(struct host *host, int stream)
{
    char bytes[4096];
    ssize_t count;
    while ((count = read(host->pipes[stream], bytes, sizeof(bytes))) > 0) {
        (void)tn_buffer_append(&host->printed[stream], bytes, (size_t)count);
    }
}

static void
host_collect(void *context)
{
    struct host *host = context;
    for (int i = 0; i < 2; i++) {
        pthread_mutex_lock(&host->lock);
        read_pipe(host, i);
        struct tn_buffer printed = host->printed[i];
        host->printed[i] = (struct tn_buffer){0};
        pthread_mutex_unlock(&host->lock);
        if (printed.size != 0) {
            tn_kernel_write(host->kernel, i == 0 ? TN_KERNEL_STDOUT
                                                 : TN_KERNEL_STDERR,
                            printed.data, printed.size);
        }
        tn_buffer_clear(&printed);
    }
}

/* The side thread */

static bool
is_interrupt(const char *text, size_t size)
{
    struct tn_json *json = NULL;
    if (tn_json_parse(&json, text, size, NULL) < 0) {
        return false;
    }
    size_t name_size = 0;
    const char *name = tn_json_string(
        tn_json_get(tn_json_get(tn_json_root(json), "header"), "msg_type"),
        &name_size);
    bool result = name != NULL
                  && (strcmp(name, "interrupt_request") == 0
                      || strcmp(name, "shutdown_request") == 0);
    tn_json_free(json);
    return result;
}

static void
queue_line(struct host *host, const char *text, size_t size)
{
    struct line *line = tn_alloc(sizeof(*line) + size);
    if (line == NULL) {
        fail("no memory for a line\n");
        return;
    }
    line->next = NULL;
    line->size = size;
    memcpy(line->text, text, size);
    bool must_signal = is_interrupt(text, size);
    pthread_mutex_lock(&host->lock);
    *host->last = line;
    host->last = &line->next;
    /* Within the lock, so that the line is never handled, and its interrupt
     * over, before the signal is there. */
    if (must_signal && atomic_load(&host->is_busy)) {
        pthread_kill(host->main_thread, SIGINT);
    }
    pthread_mutex_unlock(&host->lock);
    wake(host->main_wake[1]);
}

static void
queue_lines(struct host *host, struct tn_buffer *text)
{
    size_t start = 0;
    for (;;) {
        const char *begin = text->data + start;
        const char *end = memchr(begin, '\n', text->size - start);
        if (end == NULL) {
            break;
        }
        if (end != begin) {
            queue_line(host, begin, (size_t)(end - begin));
        }
        start += (size_t)(end - begin) + 1;
    }
    struct tn_buffer rest = {0};
    (void)tn_buffer_append(&rest, text->data + start, text->size - start);
    tn_buffer_clear(text);
    *text = rest;
}

/* False at the end. */
static bool
read_input(struct host *host, struct tn_buffer *text)
{
    if (tn_buffer_reserve(text, READ_SIZE) < 0) {
        fail("no memory for a line\n");
    }
    char bytes[READ_SIZE];
    ssize_t count = read(host->in_fd, bytes, sizeof(bytes));
    if (count < 0 && errno == EINTR) {
        return true;
    }
    if (count <= 0) {
        pthread_mutex_lock(&host->lock);
        host->is_at_end = true;
        pthread_mutex_unlock(&host->lock);
        wake(host->main_wake[1]);
        return false;
    }
    (void)tn_buffer_append(text, bytes, (size_t)count);
    if (memchr(bytes, '\n', (size_t)count) != NULL) {
        queue_lines(host, text);
    }
    return true;
}

/* A pending call: on the main thread, out of the eval loop. */
static int
beat(void *context)
{
    struct host *host = context;
    atomic_store(&host->is_beating, false);
    tn_kernel_tick(host->kernel);
    return 0;
}

static void
beat_if_busy(struct host *host)
{
    if (atomic_load(&host->is_busy)
        && !atomic_exchange(&host->is_beating, true)
        && Py_AddPendingCall(beat, host) < 0) {
        atomic_store(&host->is_beating, false);
    }
}

static double
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void *
run_side(void *context)
{
    struct host *host = context;
    struct tn_buffer text = {0};
    double next_beat_ms = 0;
    struct pollfd polls[POLL_COUNT] = {
        [POLL_STDIN] = {.fd = host->in_fd, .events = POLLIN},
        [POLL_STDOUT] = {.fd = host->pipes[0], .events = POLLIN},
        [POLL_STDERR] = {.fd = host->pipes[1], .events = POLLIN},
        [POLL_WAKE] = {.fd = host->side_wake[0], .events = POLLIN},
    };
    while (!atomic_load(&host->is_ending)) {
        bool is_busy = atomic_load(&host->is_busy);
        double rest_ms = fmax(next_beat_ms - now_ms(), 0);
        (void)poll(polls, POLL_COUNT, is_busy ? (int)ceil(rest_ms) : -1);
        drain(host->side_wake[0]);
        if (polls[POLL_STDIN].revents != 0 && !read_input(host, &text)) {
            polls[POLL_STDIN].fd = -1; /* poll leaves it out from now on */
        }
        pthread_mutex_lock(&host->lock);
        read_pipe(host, 0);
        read_pipe(host, 1);
        pthread_mutex_unlock(&host->lock);
        if (now_ms() >= next_beat_ms) {
            beat_if_busy(host);
            next_beat_ms = now_ms() + TN_KERNEL_YIELD_INTERVAL_MS;
        }
    }
    tn_buffer_clear(&text);
    return NULL;
}

/* Start and end */

static int
make_pipe(int fds[2], int write_flags)
{
    if (pipe2(fds, O_CLOEXEC) < 0) {
        return -1;
    }
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    fcntl(fds[1], F_SETFL, write_flags);
    return 0;
}

/* Puts a pipe in place of `fd` and returns the end to read. */
static int
redirect(int fd)
{
    int fds[2];
    if (make_pipe(fds, 0) < 0 || dup2(fds[1], fd) < 0) {
        return -1;
    }
    close(fds[1]);
    return fds[0];
}

static bool
open_host(struct host *host)
{
    host->main_thread = pthread_self();
    host->last = &host->first;
    pthread_mutex_init(&host->lock, NULL);
    host->in_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    host->out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    host->log_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (host->in_fd < 0 || host->out_fd < 0 || host->log_fd < 0
        || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0) {
        return false;
    }
    close(nothing);
#ifdef HAS_SANITIZER
    /* The API takes the descriptor as a pointer. */
    __sanitizer_set_report_fd((void *)(intptr_t)host->log_fd);
#endif
    host->pipes[0] = redirect(STDOUT_FILENO);
    host->pipes[1] = redirect(STDERR_FILENO);
    return host->pipes[0] >= 0 && host->pipes[1] >= 0
           && make_pipe(host->main_wake, O_NONBLOCK) == 0
           && make_pipe(host->side_wake, O_NONBLOCK) == 0
           && pthread_create(&host->side_thread, NULL, run_side, host) == 0;
}

/* What the process writes from here on goes where it was meant to. */
static void
close_host(struct host *host)
{
    atomic_store(&host->is_ending, true);
    wake(host->side_wake[1]);
    pthread_join(host->side_thread, NULL);
    dup2(host->log_fd, STDERR_FILENO);
    dup2(host->log_fd, STDOUT_FILENO);
    struct line *line = take_lines(host);
    while (line != NULL) {
        struct line *next = line->next;
        tn_free(line);
        line = next;
    }
    tn_buffer_clear(&host->printed[0]);
    tn_buffer_clear(&host->printed[1]);
    pthread_mutex_destroy(&host->lock);
}

static void
set_busy(struct host *host, bool is_busy)
{
    atomic_store(&host->is_busy, is_busy);
    if (is_busy) {
        wake(host->side_wake[1]);
    }
}

/* True while there is anything to come. */
static bool
is_open(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    bool result = !host->is_at_end || host->first != NULL;
    pthread_mutex_unlock(&host->lock);
    return result && !atomic_load(&host->is_deaf)
           && !tn_kernel_is_shut_down(host->kernel);
}

static void
serve(struct host *host)
{
    while (is_open(host)) {
        set_busy(host, true);
        host_yield(host);
        (void)tn_kernel_run(host->kernel);
        /* Where no task is due, nothing runs that an interrupt could end: one
         * that comes right behind a cell is nobody's. */
        double delay_ms = tn_kernel_next_task(host->kernel);
        if (delay_ms == 0) {
            delay_ms = tn_kernel_run_tasks(host->kernel);
        }
        set_busy(host, false);
        if (!tn_kernel_is_shut_down(host->kernel) && delay_ms != 0) {
            Py_BEGIN_ALLOW_THREADS
            (void)host_wait(host, delay_ms);
            Py_END_ALLOW_THREADS
        }
    }
}

int
main(int argc, char **argv)
{
    struct host host = {0};
    struct tn_host functions = {
        .context = &host,
        .send = host_send,
        .random = host_random,
        .wall_ms = host_wall_ms,
        .yield = host_yield,
        .wait = host_wait,
        .wake = host_wake,
        .collect = host_collect,
        .log = host_log,
    };
    struct tn_kernel_config config = {.import_site = true};
    if (argc == 3 && strcmp(argv[1], "--home") == 0) {
        config.home = argv[2];
    }
    else if (argc != 1) {
        fprintf(stderr, "usage: %s [--home DIRECTORY]\n", argv[0]);
        return 2;
    }
    if (!open_host(&host)) {
        fail("the kernel's pipes cannot be made\n");
    }
    int status = tn_kernel_new(&host.kernel, &functions, &config);
    if (status == TN_OK) {
        serve(&host);
    }
    close_host(&host);
    tn_kernel_free(host.kernel);
#ifdef TN_ALLOC_TESTING
    if (tn_alloc_live_count() != 0) {
        fprintf(stderr, "%zu blocks were not freed\n", tn_alloc_live_count());
        status = TN_ERROR_STATE;
    }
#endif
    return status == TN_OK ? 0 : 1;
}
