/* C stacks, and calls from JavaScript into Python.
 *
 * Python's own activation runs on the C stack that the linker made.  While it
 * is suspended the page runs on a region of its own, whole and empty at each
 * call, because calls of the page return before anything resumes.
 */
#include "web_stack.h"

#include <emscripten/stack.h>
#include <string.h>

#include "alloc.h"
#include "kernel.h"

/* In compiler-rt, beside what <emscripten/stack.h> declares. */
void _emscripten_stack_restore(uintptr_t stack_pointer);

/* What a call through JavaScript counts in Py_C_RECURSION_LIMIT: Python's
 * frames and JavaScript's between them take some 6 KB, of which a counted call
 * of C is 1.7.  More than the 60 such calls inside each other that this allows
 * overflowed the engine's stack at about 150. */
#define CALL_DEPTH 4

/* The stack pointer is a multiple of this. */
#define STACK_ALIGNMENT ((uintptr_t)16)

void
web_stack_start(void)
{
    web_state()->main_thread = PyThreadState_Get();
}

/* --- Suspension --------------------------------------------------------- */

static uintptr_t
page_stack(struct web_state *web)
{
    if (web->page_region == NULL) {
        web->page_region = tn_alloc(WEB_PAGE_REGION_SIZE);
        if (web->page_region == NULL) {
            web_die("There is no memory for the page's stack.");
        }
    }
    return ((uintptr_t)web->page_region + WEB_PAGE_REGION_SIZE)
           & ~(STACK_ALIGNMENT - 1);
}

uintptr_t
web_stack_suspend(void)
{
    struct web_state *web = web_state();
    uintptr_t stack_pointer = emscripten_stack_get_current();

    if (web->is_suspended) {
        web_die("a second stack was suspended");
    }
    web->is_suspended = true;
    _emscripten_stack_restore(page_stack(web));
    return stack_pointer;
}

void
web_stack_resume(uintptr_t stack_pointer)
{
    struct web_state *web = web_state();

    if (emscripten_stack_get_current() != page_stack(web)) {
        web_die("the C stack moved while Python was suspended");
    }
    _emscripten_stack_restore(stack_pointer);
    web->is_suspended = false;
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
    PyThreadState *thread = PyThreadState_GetUnchecked();

    if (web->kernel == NULL) {
        return TN_ERROR_STATE;
    }
    call->is_attached = thread == NULL;
    call->is_apart = web->is_suspended && web->call_depth == 0;
    if (call->is_attached) {
        thread = web->main_thread;
        PyEval_RestoreThread(thread);
    }
    if (call->is_apart && set_apart(call, thread) < 0) {
        if (call->is_attached) {
            (void)PyEval_SaveThread();
        }
        return TN_ERROR_MEMORY;
    }
    PyThreadState_GetUnchecked()->c_recursion_remaining -= CALL_DEPTH;
    web->call_depth++;
    tn_kernel_begin_call(web->kernel);
    return TN_OK;
}

void
web_call_leave(struct web_call *call)
{
    struct web_state *web = web_state();

    tn_kernel_end_call(web->kernel);
    web->call_depth--;
    PyThreadState_GetUnchecked()->c_recursion_remaining += CALL_DEPTH;
    if (call->is_apart) {
        bring_together(call);
    }
    if (call->is_attached) {
        (void)PyEval_SaveThread();
    }
}

bool
web_call_is_open(void)
{
    return web_state()->call_depth != 0;
}
