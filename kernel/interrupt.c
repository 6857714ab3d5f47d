/* Interrupts, and the turn that the eval breaker gives the host.
 *
 * An interrupt is a SIGINT, real or simulated: CPython then calls the
 * kernel's handler between two bytecodes, or out of a system call, and that
 * raises KeyboardInterrupt if a cell is running.
 *
 * A Stop is meant for one execution, and for the queue behind it.  One that
 * was pressed before a cell begins waits at its request
 * (tn_bridge_stop_next); one that a cell has not heard when it ends is over
 * with it, and then what waited behind that cell is aborted.
 *
 * A WebAssembly build has no signals and no second thread that could say
 * "now"; there hosts/web_breaker.c calls tn_kernel_tick.
 */
#include "internal.h"

#include <signal.h>

int
interrupt_bind(struct tn_kernel *kernel)
{
    PyObject *signals = PyImport_ImportModule("_signal");
    if (signals == NULL) {
        return -1;
    }
    kernel->get_signal = PyObject_GetAttrString(signals, "getsignal");
    kernel->set_signal = PyObject_GetAttrString(signals, "signal");
    kernel->sigint = PyLong_FromLong(SIGINT);
    Py_DECREF(signals);
    bool is_bound = kernel->get_signal != NULL && kernel->set_signal != NULL
                    && kernel->sigint != NULL;
    return is_bound ? interrupt_install(kernel) : -1;
}

int
interrupt_install(struct tn_kernel *kernel)
{
    /* A cell may have set a handler of its own; it is in force for that cell,
     * as in Jupyter. */
    PyObject *handler = PyObject_CallOneArg(kernel->get_signal,
                                            kernel->sigint);
    bool is_ours = handler == kernel->sigint_handler;
    Py_XDECREF(handler);
    if (handler == NULL || is_ours) {
        return handler != NULL ? 0 : -1;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(
        kernel->set_signal, kernel->sigint, kernel->sigint_handler, NULL);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

void
interrupt_enter(struct tn_kernel *kernel, bool is_cell)
{
    kernel->is_in_cell = is_cell;
    kernel->is_interrupted = kernel->is_late = false;
    atomic_store(&kernel->is_executing, true);
}

void
interrupt_leave(struct tn_kernel *kernel)
{
    atomic_store(&kernel->is_executing, false);
    insist_end(kernel);
    /* One that came too late must not hit the next cell: the handler takes it
     * now and does nothing.  What handlers of other signals raise is told. */
    if (PyErr_CheckSignals() < 0 && !kernel->is_shut_down) {
        (void)errors_publish(kernel);
    }
    PyErr_Clear();
    atomic_store(&kernel->is_stop_asked, false);
    kernel->is_in_cell = false;
}

/* True when the event loop ends what it waits for by itself.  -1. */
static int
offer_to_loop(struct tn_kernel *kernel, PyObject *frame)
{
    PyObject *taken = PyObject_CallMethod(kernel->entry, "take_interrupt",
                                          "(O)", frame);
    int result = taken != NULL ? PyObject_IsTrue(taken) : -1;
    Py_XDECREF(taken);
    return result;
}

PyObject *
interrupt_handle(struct tn_kernel *kernel, PyObject *frame)
{
    if (!atomic_load(&kernel->is_executing)) {
        kernel->is_late |= atomic_load(&kernel->is_stop_asked);
        Py_RETURN_NONE;
    }
    if (kernel->holds_interrupt) {
        kernel->is_interrupt_held = true;
        Py_RETURN_NONE;
    }
    kernel->is_interrupted = true;
    /* Python's own raise_signal and interrupt_main are no Stop. */
    bool is_stop = atomic_exchange(&kernel->is_stop_asked, false);
    /* The request that asked for this may still wait at the host; it gets its
     * reply now, and must not interrupt a second time. */
    kernel->is_hearing = true;
    atomic_store(&kernel->is_executing, false);
    tn_kernel_tick(kernel);
    atomic_store(&kernel->is_executing, true);
    kernel->is_hearing = false;
    if (is_stop) {
        insist_count(kernel);
    }
    int is_taken = offer_to_loop(kernel, frame);
    if (is_taken > 0) {
        Py_RETURN_NONE;
    }
    if (is_taken == 0) {
        PyErr_SetNone(PyExc_KeyboardInterrupt);
    }
    return NULL;
}

/* A KeyboardInterrupt out of a finaliser or a weak reference's callback, of
 * which an import makes many, would be printed and forgotten, and the cell
 * would run on: it is raised again where it can be heard.  This must be C, or
 * that would be inside the hook. */
PyObject *
interrupt_handle_unraisable(struct tn_kernel *kernel, PyObject *args)
{
    PyObject *type = PyObject_GetAttrString(args, "exc_type");
    if (type == NULL) {
        return NULL;
    }
    bool is_interrupt = type == PyExc_KeyboardInterrupt
                        && atomic_load(&kernel->is_executing);
    Py_DECREF(type);
    if (is_interrupt) {
        PyErr_SetInterruptEx(SIGINT);
        Py_RETURN_NONE;
    }
    PyObject *hook = PySys_GetObject("__unraisablehook__"); /* borrowed */
    if (hook == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.__unraisablehook__");
        return NULL;
    }
    Py_INCREF(hook);
    PyObject *result = PyObject_CallOneArg(hook, args);
    Py_DECREF(hook);
    return result;
}

static void
ask_to_stop(struct tn_kernel *kernel)
{
    atomic_store(&kernel->is_stop_asked, true);
    PyErr_SetInterruptEx(SIGINT);
}

void
tn_kernel_interrupt(struct tn_kernel *kernel)
{
    if (atomic_load(&kernel->is_executing)) {
        ask_to_stop(kernel);
    }
}

void
tn_kernel_stop(struct tn_kernel *kernel)
{
    if (atomic_load(&kernel->is_executing) || kernel->is_hearing) {
        ask_to_stop(kernel);
    }
    if (!kernel->is_in_cell) {
        tn_bridge_stop_next(kernel->bridge);
    }
}

void
tn_kernel_hold_interrupt(struct tn_kernel *kernel)
{
    kernel->holds_interrupt = true;
}

void
tn_kernel_release_interrupt(struct tn_kernel *kernel)
{
    kernel->holds_interrupt = false;
    if (kernel->is_interrupt_held) {
        kernel->is_interrupt_held = false;
        PyErr_SetInterruptEx(SIGINT);
    }
}

void
tn_kernel_tick(struct tn_kernel *kernel)
{
    if (!kernel->is_handling && !kernel->host->waits_on_all_threads) {
        return;
    }
    streams_flush(kernel);
    if (wait_refusal(kernel) == NULL) {
        kernel->host->yield(kernel->host->context);
    }
}
