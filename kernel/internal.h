/* What the files of the kernel share.  Only they include this.
 *
 * A function here that returns a PyObject pointer gives a strong reference,
 * or NULL with an exception set; one that returns int and says "-1" sets an
 * exception with it.  Everything is called with Python's lock held, where
 * nothing else is said.
 */
#ifndef TN_KERNEL_INTERNAL_H
#define TN_KERNEL_INTERNAL_H

#include <Python.h>

#include <stdatomic.h>

#include "alloc.h"
#include "bridge.h"
#include "kernel.h"

/* Text of one stream that is collected before it leaves as a message, when no
 * tick, flush or other message sends it sooner. */
#define KERNEL_STREAM_BATCH_SIZE ((size_t)64 << 10)

/* Text of one stream that was written and not yet sent. */
struct kernel_stream {
    struct tn_buffer text;
};

struct kernel_streams {
    struct kernel_stream streams[2]; /* by enum tn_kernel_stream */
    size_t cell_size;                /* written since the cell began */
    bool is_cut;                     /* the limit was passed and said so */
    bool is_eager;                   /* lines leave without waiting */
    double sent_ms;                  /* when a line left so last */
    bool is_collecting;              /* inside host->collect */
};

struct tn_kernel {
    const struct tn_host *host;
    struct tn_bridge *bridge;

    PyObject *module;    /* _tincture, what Python calls */
    PyObject *entry;     /* tincture.entry, what C calls */
    PyObject *namespace; /* the dictionary of __main__ */
    PyObject *sigint_handler; /* _tincture.handle_interrupt */
    PyObject *sigint;         /* SIGINT, for the next two */
    PyObject *get_signal;     /* _signal.getsignal */
    PyObject *set_signal;     /* _signal.signal */

    struct kernel_streams streams;
    unsigned long thread; /* that made the kernel; only this one waits */

    long long execution_count; /* of the last cell that was stored */
    long long code_count;      /* names code that is not stored */

    /* Set by an input_reply while input_is_wanted; freed with tn_free. */
    char *input_text;
    size_t input_size;
    bool input_is_wanted;
    bool allow_stdin; /* of the running request */

    /* Read and written by tn_kernel_interrupt, which any thread may call. */
    atomic_bool is_executing;
    atomic_bool is_stop_asked; /* and not heard yet */
    bool is_in_cell;           /* what executes is an execute_request */
    bool is_interrupted;       /* it has heard an interrupt */
    bool is_hearing;           /* the host has its turn before that one */
    bool is_late;              /* a Stop found it at its end */
    bool holds_interrupt;      /* tn_kernel_hold_interrupt */
    bool is_interrupt_held;    /* and one came */

    /* Set by any thread, and then the next wait does not begin. */
    atomic_bool is_woken;

    /* The Stops that this cell has heard, and when it heard the last. */
    int stop_count;
    double stop_ms;
    bool insists; /* insist.c: each line raises */

    bool is_handling; /* inside tn_kernel_run or tn_kernel_run_tasks */
    bool is_shut_down;
};

/* start.c */

/* Logs the exception that is set, which is then gone, after what the kernel
 * was doing. */
void kernel_log_exception(struct tn_kernel *kernel, const char *doing);

/* module.c */

/* The module _tincture, bound to `kernel`. */
PyObject *module_new(struct tn_kernel *kernel);

/* convert.c */

/* A new Python object equal to the value.  NULL in: None. */
PyObject *convert_from_json(const struct tn_json_value *value);

/* Appends `object` as JSON text: None, bool, int, float, str, list, tuple,
 * dict and their subclasses, else TypeError.  nan and inf become their
 * repr as a string, other keys than strings what json.dumps makes of them.
 * Runs no Python code.  -1. */
int convert_to_json(PyObject *object, struct tn_buffer *out);

/* Writes `text`, a str, as a member's key.  -1. */
int convert_write_key(struct tn_json_writer *writer, PyObject *text);

/* Text as UTF-8 in which lone surrogates stand as three bytes each. */
PyObject *convert_encode(PyObject *text);
PyObject *convert_decode(const char *text, size_t size);

/* value.c */

/* Appends `object` as the tagged JSON of README.md.  `buffers`, a list, gets
 * the bytes objects it refers to.  -1. */
int value_to_json(struct tn_kernel *kernel, PyObject *object,
                  struct tn_buffer *out, PyObject *buffers);

/* The same for a host that can be given handles: one for any object.  -1. */
int value_expose(struct tn_kernel *kernel, PyObject *object,
                 struct tn_buffer *out, PyObject *buffers);

/* publish.c */

/* Sends one message whose content is the dict `content`; `metadata` is a dict
 * or NULL, `buffers` a sequence of objects with the buffer interface or
 * NULL.  Text written before leaves before it.  -1. */
int publish_message(struct tn_kernel *kernel, enum tn_message_type type,
                    PyObject *content, PyObject *metadata, PyObject *buffers);

/* The same with one more member, whose value is JSON text already.  Without
 * it `extra_key` is NULL. */
int publish_message_with(struct tn_kernel *kernel, enum tn_message_type type,
                         PyObject *content, PyObject *metadata,
                         PyObject *buffers, const char *extra_key,
                         const struct tn_buffer *extra_json);

/* streams.c */

/* -1 when memory is exhausted. */
int streams_write(struct tn_kernel *kernel, enum tn_kernel_stream stream,
                  const void *data, size_t size);

/* Sends what was written.  An unfinished UTF-8 sequence at the end stays. */
void streams_flush(struct tn_kernel *kernel);

/* A cell begins: its output is counted from 0. */
void streams_begin_cell(struct tn_kernel *kernel);

/* It has ended: everything is sent, an unfinished sequence too. */
void streams_end_cell(struct tn_kernel *kernel);
void streams_clear(struct tn_kernel *kernel);

/* wait.c */

/* Waits at the host for at most `timeout_ms` (negative: no limit), with
 * Python's lock released, then gives it a turn.  A negative status when this
 * host cannot wait now; never an exception. */
int wait_for_host(struct tn_kernel *kernel, double timeout_ms);

/* NULL where this stack can be suspended, else why not: a reason for
 * people. */
const char *wait_refusal(const struct tn_kernel *kernel);

/* True on a thread that may wait at the host. */
bool wait_is_allowed(const struct tn_kernel *kernel);

/* True on the thread that made the kernel. */
bool wait_is_possible(const struct tn_kernel *kernel);

/* Ends a wait at the host, also one that is about to begin. */
void wait_wake(struct tn_kernel *kernel);

PyObject *wait_sleep(struct tn_kernel *kernel, double seconds);
PyObject *wait_input(struct tn_kernel *kernel, PyObject *prompt,
                     bool is_password);
int wait_take_input(void *context, struct tn_bridge *bridge,
                    const struct tn_request *request);

/* interrupt.c */

/* Makes SIGINT, real or simulated, call the kernel's handler.  -1. */
int interrupt_install(struct tn_kernel *kernel);

/* The same for the first time.  -1. */
int interrupt_bind(struct tn_kernel *kernel);

/* From here to interrupt_leave an interrupt raises KeyboardInterrupt. */
void interrupt_enter(struct tn_kernel *kernel, bool is_cell);
void interrupt_leave(struct tn_kernel *kernel);

/* The signal handler itself; `frame` is the one that was interrupted. */
PyObject *interrupt_handle(struct tn_kernel *kernel, PyObject *frame);

/* sys.unraisablehook: `args` is what that gets. */
PyObject *interrupt_handle_unraisable(struct tn_kernel *kernel,
                                      PyObject *args);

/* insist.c */

/* An interrupt was heard.  From the second one on, each line of the program
 * raises KeyboardInterrupt until insist_end. */
void insist_count(struct tn_kernel *kernel);
void insist_end(struct tn_kernel *kernel);

/* errors.c */

/* What a caught exception becomes: a dict with ename, evalue and traceback, a
 * list of lines.  Takes over the reference to the exception.  -1 only when
 * memory is exhausted. */
PyObject *errors_describe(struct tn_kernel *kernel,
                          TN_OWN PyObject *exception);

/* Sends what is raised as an error event; nothing is raised any more.  -1. */
int errors_publish(struct tn_kernel *kernel);

/* Handlers, by file. */

int execute_handle(void *context, struct tn_bridge *bridge,
                   const struct tn_request *request);

/* answer.c: requests that tincture.entry answers whole. */
int answer_handle(void *context, struct tn_bridge *bridge,
                  const struct tn_request *request);
int answer_comm(void *context, struct tn_bridge *bridge,
                const struct tn_request *request);
int answer_interrupt(void *context, struct tn_bridge *bridge,
                     const struct tn_request *request);
int answer_shutdown(void *context, struct tn_bridge *bridge,
                    const struct tn_request *request);

#endif /* TN_KERNEL_INTERNAL_H */
