/* Waiting: time.sleep, input, and the event loop's select all end here, at
 * the host's `wait`, so that the page stays alive and an interrupt gets
 * through.  Where the host cannot wait, sleeping burns time and asking for
 * input is an error.
 */
#include "internal.h"

#include <math.h>

/* A sentence that says what cannot wait, and wait_refusal. */
#define REFUSAL_CAPACITY 256

/* Monotonic. */
static double
now_ms(void)
{
    PyTime_t now;
    if (PyTime_MonotonicRaw(&now) < 0) {
        return 0;
    }
    return PyTime_AsSecondsDouble(now) * 1000;
}

bool
wait_is_possible(const struct tn_kernel *kernel)
{
    return PyThread_get_thread_ident() == kernel->thread;
}

bool
wait_is_allowed(const struct tn_kernel *kernel)
{
    return kernel->host->waits_on_all_threads || wait_is_possible(kernel);
}

const char *
wait_refusal(const struct tn_kernel *kernel)
{
    const struct tn_host *host = kernel->host;
    return host->refuse_wait != NULL ? host->refuse_wait(host->context) : NULL;
}

int
wait_for_host(struct tn_kernel *kernel, double timeout_ms)
{
    streams_flush(kernel);
    if (wait_refusal(kernel) != NULL) {
        return TN_ERROR_UNSUPPORTED;
    }
    int status = TN_OK;
    if (!atomic_exchange(&kernel->is_woken, false)) {
        Py_BEGIN_ALLOW_THREADS
        status = kernel->host->wait(kernel->host->context, timeout_ms);
        Py_END_ALLOW_THREADS
    }
    if (status >= 0) {
        kernel->host->yield(kernel->host->context);
    }
    return status;
}

void
wait_wake(struct tn_kernel *kernel)
{
    /* Set first: a wait that is about to begin looks at it. */
    atomic_store(&kernel->is_woken, true);
    kernel->host->wake(kernel->host->context);
}

PyObject *
wait_sleep(struct tn_kernel *kernel, double seconds)
{
    if (isnan(seconds)) {
        PyErr_SetString(PyExc_ValueError,
                        "Invalid value NaN (not a number)");
        return NULL;
    }
    if (seconds < 0) {
        PyErr_SetString(PyExc_ValueError,
                        "sleep length must be non-negative");
        return NULL;
    }
    double end_ms = now_ms() + seconds * 1000;
    do {
        double rest_ms = end_ms - now_ms();
        if (rest_ms > 0) {
            /* Without a host that waits this loop is the waiting. */
            (void)wait_for_host(kernel, rest_ms);
        }
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
    } while (now_ms() < end_ms);
    Py_RETURN_NONE;
}

/* Raises tincture.errors.StdinNotImplementedError. */
static PyObject *
refuse_input(struct tn_kernel *kernel, const char *reason)
{
    PyObject *error = PyObject_GetAttrString(kernel->entry,
                                             "StdinNotImplementedError");
    if (error != NULL) {
        PyErr_SetString(error, reason);
        Py_DECREF(error);
    }
    return NULL;
}

static PyObject *
refuse_waiting(struct tn_kernel *kernel)
{
    const char *refusal = wait_refusal(kernel);
    char reason[REFUSAL_CAPACITY];
    (void)snprintf(reason, sizeof(reason),
                   "input() cannot wait for an answer here: %s",
                   refusal != NULL ? refusal : "the host cannot wait");
    return refuse_input(kernel, reason);
}

static int
request_input(struct tn_kernel *kernel, PyObject *prompt, bool is_password)
{
    PyObject *content = Py_BuildValue("{sOsO}", "prompt", prompt, "password",
                                      is_password ? Py_True : Py_False);
    if (content == NULL) {
        return -1;
    }
    int status = publish_message(kernel, TN_MESSAGE_INPUT_REQUEST, content,
                                 NULL, NULL);
    Py_DECREF(content);
    return status;
}

static void
forget_input(struct tn_kernel *kernel)
{
    tn_free(kernel->input_text);
    kernel->input_text = NULL;
    kernel->input_is_wanted = false;
}

static PyObject *
await_reply(struct tn_kernel *kernel)
{
    while (kernel->input_text == NULL) {
        if (wait_for_host(kernel, -1) < 0) {
            return refuse_waiting(kernel);
        }
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
    }
    return convert_decode(kernel->input_text, kernel->input_size);
}

PyObject *
wait_input(struct tn_kernel *kernel, PyObject *prompt, bool is_password)
{
    if (!wait_is_possible(kernel)) {
        return refuse_input(kernel, "input() works in the main thread only");
    }
    if (!kernel->is_handling || !kernel->allow_stdin) {
        return refuse_input(kernel,
                            "input() was called, but nobody is there to "
                            "answer (allow_stdin is false)");
    }
    if (kernel->input_is_wanted) {
        return refuse_input(kernel, "another input() is waiting already");
    }
    if (wait_refusal(kernel) != NULL) {
        return refuse_waiting(kernel);
    }
    PyObject *text = NULL;
    kernel->input_is_wanted = true;
    if (request_input(kernel, prompt, is_password) == 0) {
        text = await_reply(kernel);
    }
    forget_input(kernel);
    return text;
}

/* Runs inside tn_kernel_post, so without touching Python. */
int
wait_take_input(void *context, struct tn_bridge *bridge,
                const struct tn_request *request)
{
    struct tn_kernel *kernel = context;
    (void)bridge;
    if (!kernel->input_is_wanted || kernel->input_text != NULL) {
        return TN_OK; /* nobody asked, or the answer is there already */
    }
    const char *text = tn_json_string(tn_json_get(request->content, "value"),
                                      &kernel->input_size);
    kernel->input_text = tn_copy_text(text, kernel->input_size);
    return kernel->input_text != NULL ? TN_OK : TN_ERROR_MEMORY;
}
