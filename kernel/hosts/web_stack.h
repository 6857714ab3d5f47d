/* C stacks, and calls from JavaScript into Python.  A part of web.h for those
 * that know Python.
 *
 * The engine keeps the frames of a suspended activation, but not its C stack
 * in linear memory.  So that pointer is switched around every suspension
 * (web_thread.h): what the page calls meanwhile runs on a region of its own.
 */
#ifndef TN_WEB_STACK_H
#define TN_WEB_STACK_H

#include <Python.h>

#include "web.h"

/* The C stack of what the page calls while Python is suspended.  The deepest
 * of the programs in tests/wasm/recursion_cases.mjs needs less. */
#define WEB_PAGE_REGION_SIZE ((size_t)512 << 10)

/* Which thread's state had Python's lock before a call took it. */
struct web_attachment {
    bool is_taken;         /* by web_attach */
    PyThreadState *holder; /* that had it before, or NULL */
    uintptr_t requests;    /* what others have asked of the holder */
};

/* One call from JavaScript; lives in the caller's frame. */
struct web_call {
    struct web_attachment attachment;
    bool is_apart; /* the members below are what the suspended code had */
    PyThreadState *thread;
    PyObject *exception;
    PyObject *context;
    _PyErr_StackItem *handled;
    _PyErr_StackItem own_handled;
    int python_depth;
    int c_depth;
};

/* Before Python runs for JavaScript, which waits for the result, whatever
 * Python does: it may be idle, suspended in the page's turn or in a wait, or
 * have called that JavaScript.  After it the caller has Python's lock and no
 * exception is set; what a suspended cell had (its exception, the handled
 * one, its context, how deep it is) stays as it was.
 *
 * Until web_call_leave nothing is suspended, for a frame of JavaScript stands
 * in between: a yield does nothing, waiting is TN_ERROR_UNSUPPORTED, sleeping
 * burns time.
 *
 * Calls nest; each success is followed by one web_call_leave, in the opposite
 * order.  TN_ERROR_STATE before Python has started; TN_ERROR_MEMORY. */
int web_call_enter(struct web_call *call);

/* After it, with no exception set: the caller has taken what there was. */
void web_call_leave(struct web_call *call);

/* True while a frame of JavaScript stands on the stack above Python. */
bool web_call_is_open(void);

/* The main thread's state, as it is now: after Python has started. */
void web_stack_start(void);

/* Python's lock for the main thread's state, in a call of the page: a strand
 * that is suspended with it gets it back by web_detach.  Waits for nobody. */
void web_attach(struct web_attachment *attachment);
void web_detach(const struct web_attachment *attachment);

/* Where the C stack's pointer stands while the main strand is suspended. */
uintptr_t web_stack_of_page(void);

/* Overwrites stacks with zeros, while Python is at rest. */
void web_stack_trim(void);

#endif /* TN_WEB_STACK_H */
