/* JsException: a JavaScript error as a Python exception. */
#include "js.h"

#include <stddef.h>

struct js_exception {
    PyBaseExceptionObject base;
    PyObject *object; /* struct js_object of the error */
};

PyObject *
js_error_object(PyObject *exception)
{
    PyTypeObject *type = js_state()->error_type;
    return PyObject_TypeCheck(exception, type)
               ? ((struct js_exception *)exception)->object
               : NULL;
}

PyObject *
js_error_new(PyObject *object)
{
    struct js_object *inner = (struct js_object *)object;
    PyTypeObject *type = js_state()->error_type;
    if (inner->error != NULL) {
        return Py_NewRef(inner->error);
    }
    PyObject *arguments = PyTuple_New(0);
    if (arguments == NULL) {
        return NULL;
    }
    PyObject *exception = type->tp_new(type, arguments, NULL);
    Py_DECREF(arguments);
    if (exception != NULL) {
        ((struct js_exception *)exception)->object = Py_NewRef(object);
        inner->error = exception;
    }
    return exception;
}

static int
exception_clear(PyObject *op)
{
    struct js_exception *exception = (struct js_exception *)op;
    if (exception->object != NULL) {
        ((struct js_object *)exception->object)->error = NULL;
        Py_CLEAR(exception->object);
    }
    return ((PyTypeObject *)PyExc_Exception)->tp_clear(op);
}

static int
exception_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return ((PyTypeObject *)PyExc_Exception)->tp_traverse(op, visit, arg);
}

static void
exception_dealloc(PyObject *op)
{
    struct js_exception *exception = (struct js_exception *)op;
    if (exception->object != NULL) {
        ((struct js_object *)exception->object)->error = NULL;
        Py_CLEAR(exception->object);
    }
    PyTypeObject *type = Py_TYPE(op);
    ((PyTypeObject *)PyExc_Exception)->tp_dealloc(op);
    Py_DECREF(type);
}

/* What is not an exception's is the error's. */
static PyObject *
exception_getattro(PyObject *op, PyObject *name)
{
    PyObject *object = ((struct js_exception *)op)->object;
    if (object == NULL || _PyType_Lookup(Py_TYPE(op), name) != NULL) {
        return PyObject_GenericGetAttr(op, name);
    }
    PyObject *dict = ((PyBaseExceptionObject *)op)->dict;
    if (dict != NULL) {
        PyObject *found;
        if (PyDict_GetItemRef(dict, name, &found) != 0) {
            return found;
        }
    }
    return PyObject_GetAttr(object, name);
}

static PyObject *
exception_str(PyObject *op)
{
    PyObject *object = ((struct js_exception *)op)->object;
    return object != NULL ? PyObject_Repr(object) : PyUnicode_New(0, 0);
}

PyDoc_STRVAR(exception_doc,
"A JavaScript error.  Its attributes are the error's: name, message, stack\n"
"and whatever else it has.");

static PyType_Slot exception_slots[] = {
    {Py_tp_doc, (void *)exception_doc},
    {Py_tp_dealloc, exception_dealloc},
    {Py_tp_clear, exception_clear},
    {Py_tp_traverse, exception_traverse},
    {Py_tp_getattro, exception_getattro},
    {Py_tp_str, exception_str},
    {Py_tp_repr, exception_str},
    {0, NULL},
};

PyType_Spec js_error_spec = {
    .name = "pyodide.ffi.JsException",
    .basicsize = (int)sizeof(struct js_exception),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = exception_slots,
};
