/* Exceptions as results: what an `error` event says of one.
 *
 * The text is made in Python (py/tincture/tracebacks.py).  Where that fails,
 * for want of memory or because the exception itself raises, a plainer
 * description is made here, so that there always is one.
 */
#include "internal.h"

/* The class's name, without running any code of the class. */
static PyObject *
name_of(PyObject *exception)
{
    const char *name = Py_TYPE(exception)->tp_name;
    const char *dot = strrchr(name, '.');
    return PyUnicode_FromString(dot != NULL ? dot + 1 : name);
}

/* str(exception), or what says that there is none. */
static PyObject *
text_of(PyObject *exception)
{
    PyObject *text = PyObject_Str(exception);
    if (text == NULL) {
        PyErr_Clear();
        text = PyUnicode_FromString("<the exception could not be described>");
    }
    return text;
}

static PyObject *
describe_plainly(PyObject *exception)
{
    PyObject *name = name_of(exception);
    PyObject *text = text_of(exception);
    PyObject *result = NULL;
    if (name != NULL && text != NULL) {
        result = Py_BuildValue("{sOsOs[N]}", "ename", name, "evalue", text,
                               "traceback",
                               PyUnicode_FromFormat("%U: %U", name, text));
    }
    Py_XDECREF(name);
    Py_XDECREF(text);
    return result;
}

PyObject *
errors_describe(struct tn_kernel *kernel, TN_OWN PyObject *exception)
{
    insist_end(kernel); /* Python code tells of it */
    PyObject *result = PyObject_CallMethod(kernel->entry, "describe_exception",
                                           "(O)", exception);
    if (result == NULL) {
        PyErr_Clear();
        result = describe_plainly(exception);
    }
    Py_DECREF(exception);
    return result;
}

int
errors_publish(struct tn_kernel *kernel)
{
    PyObject *error = errors_describe(kernel, PyErr_GetRaisedException());
    if (error == NULL) {
        return -1;
    }
    int status = publish_message(kernel, TN_MESSAGE_ERROR, error, NULL, NULL);
    Py_DECREF(error);
    return status;
}
