/* C stacks, and calls from JavaScript into Python.
 *
 * The main strand runs on the C stack that the linker made.  While that is
 * suspended the page runs on a region of its own, whole and empty at each
 * call, because calls of the page return before anything resumes.
 */
#include "web_stack.h"

#include <string.h>

#include "alloc.h"
#include "kernel.h"
#include "web_thread.h"

/* What a call through JavaScript counts in Py_C_RECURSION_LIMIT: Python's
 * frames and JavaScript's between them take some 6 KB, of which a counted call
 * of C is 1.7.  More than the 60 such calls inside each other that this allows
 * overflowed the engine's stack at about 150. */
#define CALL_DEPTH 4

/* The stack pointer is a multiple of this. */
#define STACK_ALIGNMENT ((uintptr_t)16)

/* CPython's _PY_GIL_DROP_REQUEST_BIT of a thread state's eval_breaker. */
#define DROP_REQUEST ((uintptr_t)1)

void
web_stack_start(void)
{
    web_state()->main_thread = PyThreadState_Get();
}

uintptr_t
web_stack_of_page(void)
{
    struct web_state *web = web_state();

    if (web->page_region == NULL) {
        web->page_region = tn_alloc(WEB_PAGE_REGION_SIZE);
        if (web->page_region == NULL) {
            web_die("There is no memory for the page's stack.");
        }
    }
    return ((uintptr_t)web->page_region + WEB_PAGE_REGION_SIZE)
           & ~(STACK_ALIGNMENT - 1);
}

void
web_stack_trim(void)
{
    const struct web_state *web = web_state();

    if (web->page_region != NULL) {
        memset(web->page_region, 0, WEB_PAGE_REGION_SIZE);
    }
}

/* --- Calls -------------------------------------------------------------- */

void
web_attach(struct web_attachment *attachment)
{
    PyThreadState *main = web_state()->main_thread;
    PyThreadState *holder = PyThreadState_GetUnchecked();

    attachment->is_taken = holder != main;
    attachment->holder = holder;
    attachment->requests = 0;
    if (holder != NULL) {
        /* Who was asked to drop the lock waits until somebody else has it,
         * which is not to be waited for here: not by the main thread either,
         * whose turn for the page came before it could answer. */
        attachment->requests = holder->eval_breaker & DROP_REQUEST;
        holder->eval_breaker &= ~DROP_REQUEST;
    }
    if (!attachment->is_taken) {
        return;
    }
    if (holder != NULL) {
        (void)PyEval_SaveThread();
    }
    PyEval_RestoreThread(main);
}

void
web_detach(const struct web_attachment *attachment)
{
    PyThreadState *holder = attachment->holder;

    if (!attachment->is_taken) {
        /* Where it has made threads, they need the lock. */
        if (web_strand_count() > 0 && !web_state()->is_running) {
            (void)PyEval_SaveThread();
            return;
        }
    }
    else {
        (void)PyEval_SaveThread();
        if (holder != NULL) {
            PyEval_RestoreThread(holder);
        }
    }
    if (holder != NULL) {
        holder->eval_breaker |= attachment->requests;
    }
}

/* Takes what the suspended code has in its thread's state out of the way.
 * -1 without memory for a context. */
static int
set_apart(struct web_call *call, PyThreadState *thread)
{
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *context = PyContext_CopyCurrent();

    if (context == NULL || PyContext_Enter(context) < 0) {
        PyErr_SetRaisedException(exception);
        Py_XDECREF(context);
        return -1;
    }
    call->thread = thread;
    call->exception = exception;
    call->context = context;
    call->handled = thread->exc_info;
    call->own_handled = (_PyErr_StackItem){0};
    thread->exc_info = &call->own_handled;
    /* The engine's stack and the C stack are other ones. */
    call->python_depth = thread->py_recursion_limit
                         - thread->py_recursion_remaining;
    call->c_depth = Py_C_RECURSION_LIMIT - thread->c_recursion_remaining;
    thread->py_recursion_remaining += call->python_depth;
    thread->c_recursion_remaining += call->c_depth;
    return 0;
}

static void
bring_together(struct web_call *call)
{
    PyThreadState *thread = call->thread;

    thread->py_recursion_remaining -= call->python_depth;
    thread->c_recursion_remaining -= call->c_depth;
    thread->exc_info = call->handled;
    Py_XDECREF(call->own_handled.exc_value);
    if (PyContext_Exit(call->context) < 0) {
        web_die("a call left Python's context behind");
    }
    Py_DECREF(call->context);
    PyErr_SetRaisedException(call->exception);
}

int
web_call_enter(struct web_call *call)
{
    struct web_state *web = web_state();
    bool is_nested = web->call_depth > 0 || web_strand_running() != NULL;

    if (web->kernel == NULL) {
        return TN_ERROR_STATE;
    }
    call->attachment.is_taken = false;
    call->is_apart = !is_nested && web->is_running;
    if (!is_nested) {
        web_attach(&call->attachment);
    }
    if (call->is_apart && set_apart(call, web->main_thread) < 0) {
        web_detach(&call->attachment);
        return TN_ERROR_MEMORY;
    }
    if (call->is_apart) {
        tn_kernel_hold_interrupt(web->kernel);
    }
    PyThreadState_GetUnchecked()->c_recursion_remaining -= CALL_DEPTH;
    web->call_depth++;
    return TN_OK;
}

void
web_call_leave(struct web_call *call)
{
    struct web_state *web = web_state();

    tn_kernel_flush(web->kernel);
    web->call_depth--;
    PyThreadState_GetUnchecked()->c_recursion_remaining += CALL_DEPTH;
    if (call->is_apart) {
        bring_together(call);
        tn_kernel_release_interrupt(web->kernel);
    }
    if (web->call_depth == 0 && web_strand_running() == NULL) {
        web_detach(&call->attachment);
    }
}

bool
web_call_is_open(void)
{
    return web_state()->call_depth != 0;
}
