/* What a new instance does before it runs anything: it shows the engine that
 * a call through a pointer may call several functions.
 *
 * V8 compiles the eval loop after some hundred instructions of Python, and
 * puts into it what was called through pointers until then.  When the first
 * other function is called there, it throws that code away, and Python is
 * slower for the 0.2 s until the loop is compiled again: mostly in the first
 * cell.  A place that has called more than four functions is left as it is.
 * So the places where that happened (truth, iter() and next()) are given more
 * kinds of objects here, before the loop is compiled for the first time.  What
 * the engine keeps of it is the instance's; in Python nothing is left.
 */
#include <Python.h>

#include "web.h"

/* One of each type; all but the set have something in them. */
static PyObject *
sample_values(void)
{
    PyObject *range_type = (PyObject *)&PyRange_Type;

    return Py_BuildValue("[(i)[i]{s:i}syNNNNNN]", 1, 1, "a", 1, "a", "a",
                         PySet_New(NULL), PyFloat_FromDouble(0.5),
                         PyLong_FromLong(1), PyComplex_FromDoubles(0.0, 1.0),
                         PyByteArray_FromStringAndSize("a", 1),
                         PyObject_CallFunction(range_type, "i", 1));
}

static void
drop(PyObject *object)
{
    Py_XDECREF(object);
    PyErr_Clear();
}

/* What instructions do with a value, by the functions that its type names. */
static void
use(PyObject *value)
{
    PyObject *iterator = PyObject_GetIter(value);

    if (iterator != NULL) {
        drop(PyObject_GetIter(iterator));
        drop(PyIter_Next(iterator));
    }
    drop(iterator);
    (void)PyObject_IsTrue(value);
    PyErr_Clear();
}

/* Instructions that call next(), and enough of others that the engine has
 * reason to compile both eval loops, beside the rest of the start. */
static PyObject *
run_loops(void)
{
    PyObject *module = PyImport_ImportModule("tincture.entry");
    PyObject *result = NULL;

    if (module != NULL) {
        result = PyObject_CallMethod(module, "run_loops", NULL);
    }
    Py_XDECREF(module);
    return result;
}

void
web_teach_engine(void)
{
    PyObject *values = sample_values();

    Py_ssize_t count = values != NULL ? PyList_GET_SIZE(values) : 0;

    for (Py_ssize_t i = 0; i < count; i++) {
        use(PyList_GET_ITEM(values, i)); /* borrowed */
    }
    drop(values);
    drop(run_loops());
}
