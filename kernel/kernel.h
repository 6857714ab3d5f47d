/* The kernel: a CPython that answers the bridge's messages.
 *
 * A host (hosts/web.c, hosts/stdio.c, a test) implements struct tn_host,
 * makes one kernel, posts messages to it and runs it; everything else, output
 * included, leaves through `send`.  There is one kernel in a process, because
 * there is one CPython in it.
 *
 * Every function here is called on the thread that made the kernel, except
 * where it says otherwise.
 */
#ifndef TN_KERNEL_H
#define TN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "status.h"

/* How often the eval breaker lets the host have a turn. */
#define TN_KERNEL_YIELD_INTERVAL_MS 10

/* Text that one cell may write to stdout and stderr together.  What comes
 * after it is dropped, and one notice on stderr says so. */
#define TN_KERNEL_CELL_OUTPUT_LIMIT ((size_t)16 << 20)

struct tn_kernel;
struct _object; /* Python's PyObject */

struct tn_host {
    void *context; /* passed to every function below */

    /* Delivers one whole message; what it points to is valid for the call.
     * Must not call back into the kernel. */
    void (*send)(void *context, const char *json, size_t size,
                 const struct tn_bytes *buffers, size_t buffer_count);

    /* Fills `bytes` with randomness. */
    void (*random)(void *context, void *bytes, size_t size);

    /* Milliseconds since 1970-01-01 UTC. */
    double (*wall_ms)(void *context);

    /* A turn for the host, about every TN_KERNEL_YIELD_INTERVAL_MS while
     * Python runs and after every wait.  Here, and only here while Python
     * runs, the host may call tn_kernel_post, tn_kernel_interrupt and
     * tn_kernel_write. */
    void (*yield)(void *context);

    /* Waits until a message was posted, or can be posted by the next yield,
     * or tn_kernel_interrupt was called, or `timeout_ms` have passed; a
     * negative timeout is none.  It may return earlier, the kernel then asks
     * again.  A negative status: this host cannot wait.  A host with threads
     * must not call the kernel from here, for Python's lock is released; one
     * without may. */
    int (*wait)(void *context, double timeout_ms);

    /* Ends a wait, or, where nothing runs, has tn_kernel_run_tasks called
     * soon: a task has something to do.  Called with Python's lock held, from
     * any thread. */
    void (*wake)(void *context);
    /* NULL while yield and wait can do what they say, else why not: a reason
     * for people.  The function may be NULL: they always can. */
    const char *(*refuse_wait)(void *context);

    /* `wait` may be called on every thread of Python's, not only on the one
     * that made the kernel; then `yield` may be, too. */
    bool waits_on_all_threads;

    /* Where C code's own fd 1 and 2 end in pipes: passes what is in them to
     * tn_kernel_write.  The kernel calls it where the order of output
     * matters.  NULL where such text arrives by itself. */
    void (*collect)(void *context);

    /* Gives a handle, which owns a reference, for a Python object that the
     * host can use where it lies, and says what it can do; 0 with Python's
     * exception set.  NULL where the host is elsewhere. */
    uint32_t (*expose)(void *context, struct _object *object,
                       uint32_t *out_abilities);

    /* Text for the developer's console, only where no message can say it. */
    void (*log)(void *context, const char *text, size_t size);
};

struct tn_kernel_config {
    /* The working directory and $HOME, made when it is missing. */
    const char *home;

    /* sys.argv; NULL and 0 for [""]. */
    const char *const *argv;
    size_t argument_count;

    /* sys.prefix and the directory of the standard library; both NULL: as
     * the native Python was installed. */
    const char *prefix;
    const char *stdlib;

    /* Run site.py, which finds site-packages. */
    bool import_site;
};

/* Starts Python.  `config` is borrowed for the call, what `host` points to
 * for good.  TN_ERROR_MEMORY; TN_ERROR_STATE when this process has a kernel;
 * TN_ERROR_IO when Python cannot start, after a log that says why. */
int tn_kernel_new(struct tn_kernel **out, const struct tn_host *host,
                  const struct tn_kernel_config *config);

/* Ends Python.  A restart is a fresh process or memory; this is for tests
 * that look for leaks. */
void tn_kernel_free(struct tn_kernel *kernel);

/* Takes one message: the JSON envelope and its buffers, all copied.
 * Interrupts and input replies act at once, everything else waits for
 * tn_kernel_run.  What the sender did wrong is answered with an error_reply
 * and is not a failure.  TN_ERROR_MEMORY. */
int tn_kernel_post(struct tn_kernel *kernel, const char *json, size_t size,
                   const struct tn_bytes *buffers, size_t buffer_count);

/* Handles queued messages until none is left; within a handler it does
 * nothing. */
int tn_kernel_run(struct tn_kernel *kernel);

/* The same, but returns TN_BRIDGE_MORE (bridge.h) before a further cell, so
 * that the host can keep the state between cells; it then calls again. */
int tn_kernel_run_cell(struct tn_kernel *kernel);

/* Forgets what is queued: after a state that was kept is brought back. */
void tn_kernel_clear_queue(struct tn_kernel *kernel);

struct tn_json_value; /* json.h */

/* Python goes on in a copy of its memory; `settings` are those of
 * tn_web_resume (hosts/web.h).  With `is_new` the copy was made for everybody,
 * and messages get a session of their own.  TN_ERROR_STATE while a message is
 * handled; TN_ERROR_IO after a log that says what Python raised. */
int tn_kernel_resume(struct tn_kernel *kernel,
                     const struct tn_json_value *settings, bool is_new);

/* An image was laid over the directory `path` while no message is handled:
 * Python finds the modules in it.  TN_ERROR_IO as above. */
int tn_kernel_mounted(struct tn_kernel *kernel, const char *path);

/* Collects garbage and overwrites free memory of Python's allocator and of
 * the kernel; malloc's is left to the host.  Fails as tn_kernel_resume. */
int tn_kernel_trim(struct tn_kernel *kernel);

/* True while a message is handled, and also while it waits. */
bool tn_kernel_is_running(const struct tn_kernel *kernel);

/* Appends the names of Python's threads beside the main one, a JSON array of
 * strings.  TN_ERROR_IO after a log that says what Python raised. */
int tn_kernel_threads(struct tn_kernel *kernel, struct tn_buffer *out);

/* True when tn_kernel_run would do something. */
bool tn_kernel_has_work(const struct tn_kernel *kernel);

/* True once a shutdown_request was answered. */
bool tn_kernel_is_shut_down(const struct tn_kernel *kernel);

/* In how many milliseconds to call tn_kernel_run_tasks; negative: not before
 * the next message.  Neither yields nor waits. */
double tn_kernel_next_task(struct tn_kernel *kernel);

/* Runs what asyncio tasks of earlier cells have due, when nothing is queued.
 * The result says in how many milliseconds to call tn_kernel_run and this
 * again; negative: not before the next message. */
double tn_kernel_run_tasks(struct tn_kernel *kernel);

/* Raises KeyboardInterrupt in the running cell; without one it does nothing.
 * May be called from any thread and from a signal handler. */
void tn_kernel_interrupt(struct tn_kernel *kernel);

/* The same where the caller knows what waits: while no cell runs, what runs is
 * interrupted (a callback, tasks), and the cell that is to begin next does not
 * begin, but ends with a KeyboardInterrupt. */
void tn_kernel_stop(struct tn_kernel *kernel);

/* Between these two, calls that are no part of the suspended cell run on its
 * thread's state: an interrupt waits for the cell. */
void tn_kernel_hold_interrupt(struct tn_kernel *kernel);
void tn_kernel_release_interrupt(struct tn_kernel *kernel);

/* From the eval breaker: sends output that is due and gives the host its
 * turn.  A WebAssembly build calls it by itself; a host with threads
 * schedules it with Py_AddPendingCall. */
void tn_kernel_tick(struct tn_kernel *kernel);

/* Sends what was printed so far, before somebody acts who does not go through
 * messages.  Python's lock is not needed. */
void tn_kernel_flush(struct tn_kernel *kernel);

enum tn_kernel_stream {
    TN_KERNEL_STDOUT,
    TN_KERNEL_STDERR,
};

/* Lines leave as soon as they are written, for a host that may be ended in
 * the middle of a cell without a word.  Not so at first. */
void tn_kernel_set_eager(struct tn_kernel *kernel, bool eager);

/* Text that was written and has not left yet, NULL and 0 if there is none:
 * the last words of a kernel that ended in the middle of its work.  Touches
 * nothing, so it may be called then. */
const char *tn_kernel_unsent(const struct tn_kernel *kernel,
                             enum tn_kernel_stream stream, size_t *out_size);

/* What C code wrote to its fd 1 or 2.  The bytes join the stream's text. */
void tn_kernel_write(struct tn_kernel *kernel, enum tn_kernel_stream stream,
                     const void *data, size_t size);

#endif /* TN_KERNEL_H */
