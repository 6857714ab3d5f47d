/* The second Stop.
 *
 * The first raises KeyboardInterrupt once, and what the program does then is
 * its own business: `finally` and `__exit__` run, `except` may go on.  Where
 * that hangs, or swallows the exception in a loop, one more of the same would
 * not help.  So after the second the program gets a KeyboardInterrupt on each
 * line that it begins, until the cell has ended: a handler or a cleanup raises
 * on its first line, which is not protected by its own `try`, so that every
 * frame is left.
 *
 * Only the program's own lines raise, and those of packages: the kernel and
 * the standard library (asyncio, contextlib) leave their state whole.
 */
#include "internal.h"

/* A Stop that comes later after the one before is a first one again. */
#define INSIST_WINDOW_MS 10000.0

/* What the paths of the standard library contain; packages are below it. */
#define STDLIB_MARK "/lib/python3."
#define PACKAGES_MARK "/site-packages/"

static bool
is_of_program(PyFrameObject *frame)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    const char *name = PyUnicode_AsUTF8(code->co_filename);
    bool result = true;
    if (name == NULL) {
        PyErr_Clear(); /* a name with a lone surrogate is nobody else's */
    }
    else if (strncmp(name, "<frozen ", strlen("<frozen ")) == 0) {
        result = false;
    }
    else if (strstr(name, STDLIB_MARK) != NULL) {
        result = strstr(name, PACKAGES_MARK) != NULL;
    }
    Py_DECREF(code);
    return result;
}

/* A Py_tracefunc. */
static int
refuse_line(PyObject *Py_UNUSED(object), PyFrameObject *frame, int event,
            PyObject *Py_UNUSED(argument))
{
    if (event != PyTrace_LINE || !is_of_program(frame)) {
        return 0;
    }
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return -1;
}

void
insist_count(struct tn_kernel *kernel)
{
    double now_ms = kernel->host->wall_ms(kernel->host->context);
    bool is_second = kernel->stop_count > 0
                     && now_ms - kernel->stop_ms < INSIST_WINDOW_MS;
    kernel->stop_count = is_second ? kernel->stop_count + 1 : 1;
    kernel->stop_ms = now_ms;
    if (is_second && !kernel->insists) {
        kernel->insists = true;
        PyEval_SetTrace(refuse_line, NULL);
    }
}

void
insist_end(struct tn_kernel *kernel)
{
    kernel->stop_count = 0;
    if (kernel->insists) {
        kernel->insists = false;
        PyObject *exception = PyErr_GetRaisedException();
        PyEval_SetTrace(NULL, NULL);
        PyErr_SetRaisedException(exception);
    }
}
