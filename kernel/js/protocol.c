/* What makes an object callable, iterable, subscriptable: one base type for
 * each of Python's protocols.  py/tincture/js_types.py makes the public
 * classes of them.
 */
#include "js.h"

static struct js_object *
cast(PyObject *op)
{
    return (struct js_object *)op;
}

/* --- Callable ------------------------------------------------------------ */

static PyType_Slot callable_slots[] = {
    {Py_tp_call, PyVectorcall_Call},
    {0, NULL},
};

/* --- Sized and containers ------------------------------------------------ */

static Py_ssize_t
object_length(PyObject *op)
{
    struct js_value place, result;
    if (js_object_value(cast(op), &place) < 0) {
        return -1;
    }
    int status = js_host_get(place.a, place.b, JS_NAME_LENGTH, &result);
    if (status < 0) {
        js_value_raise(&result);
        return -1;
    }
    if (status > 0) {
        return (Py_ssize_t)status;
    }
    PyObject *length = js_value_to_python(&result);
    if (length == NULL) {
        return -1;
    }
    Py_ssize_t count = PyNumber_AsSsize_t(length, PyExc_OverflowError);
    Py_DECREF(length);
    if (count < 0 && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError,
                        "the length of this JavaScript object is negative");
    }
    return count;
}

static PyType_Slot sized_slots[] = {
    {Py_mp_length, object_length},
    {0, NULL},
};

static int
object_contains(PyObject *op, PyObject *item)
{
    PyObject *found = js_operate(JS_CONTAINS, cast(op), item, NULL);
    int truth = found != NULL ? PyObject_IsTrue(found) : -1;
    Py_XDECREF(found);
    return truth;
}

static PyType_Slot container_slots[] = {
    {Py_sq_contains, object_contains},
    {0, NULL},
};

/* --- Items by index ------------------------------------------------------ */

/* The number under which JavaScript finds an item; 0 where the index is too
 * large for that, or negative. */
static uint32_t
index_name(PyObject *index)
{
    if (!PyUnstable_Long_IsCompact((PyLongObject *)index)) {
        return 0;
    }
    Py_ssize_t number = PyUnstable_Long_CompactValue((PyLongObject *)index);
    return number >= 0 ? JS_NAME_INDEX | (uint32_t)number : 0;
}

static PyObject *
get_index(PyObject *op, PyObject *index)
{
    struct js_value arguments[2], result;
    uint32_t name = index_name(index);
    int status;
    if (js_object_value(cast(op), &arguments[0]) < 0) {
        return NULL;
    }
    if (name != 0) {
        status = js_host_get(arguments[0].a, arguments[0].b, name, &result);
    }
    else if (js_value_from_python(index, &arguments[1]) < 0) {
        return NULL;
    }
    else {
        status = js_host_operate(JS_GET_INDEX, arguments, 2, &result);
    }
    if (status < 0) {
        js_value_raise(&result);
        return NULL;
    }
    if (status > 0) {
        return PyLong_FromLong(status);
    }
    if (result.kind == JS_MISSING) {
        PyErr_SetString(PyExc_IndexError, "array index out of range");
        return NULL;
    }
    return js_value_to_python(&result);
}

static PyObject *
indexed_subscript(PyObject *op, PyObject *index)
{
    if (PyLong_CheckExact(index)) {
        return get_index(op, index);
    }
    if (PySlice_Check(index)) {
        return PyObject_CallMethod(op, "_get_slice", "(O)", index);
    }
    PyObject *number = PyNumber_Index(index);
    PyObject *item = number != NULL ? get_index(op, number) : NULL;
    Py_XDECREF(number);
    return item;
}

/* Done and not there, or an exception. */
static int
finish_change(PyObject *result, PyObject *error, PyObject *what)
{
    if (result == NULL) {
        return -1;
    }
    int is_done = result != Py_False;
    Py_DECREF(result);
    if (!is_done) {
        PyErr_SetObject(error, what);
    }
    return is_done ? 0 : -1;
}

static int
indexed_assign(PyObject *op, PyObject *index, PyObject *value)
{
    if (PySlice_Check(index)) {
        PyObject *result
            = PyObject_CallMethod(op, "_set_slice", "(OO)", index,
                                  value != NULL ? value : Py_Ellipsis);
        Py_XDECREF(result);
        return result != NULL ? 0 : -1;
    }
    PyObject *number = PyNumber_Index(index);
    if (number == NULL) {
        return -1;
    }
    PyObject *result
        = value != NULL ? js_operate(JS_SET_INDEX, cast(op), number, value)
                        : js_operate(JS_DELETE_INDEX, cast(op), number, NULL);
    int status = finish_change(result, PyExc_IndexError, number);
    Py_DECREF(number);
    return status;
}

static PyType_Slot indexed_slots[] = {
    {Py_mp_subscript, indexed_subscript},
    {Py_mp_ass_subscript, indexed_assign},
    {0, NULL},
};

/* --- Items by key -------------------------------------------------------- */

static PyObject *
keyed_subscript(PyObject *op, PyObject *key)
{
    struct js_value arguments[2], result;
    if (js_object_value(cast(op), &arguments[0]) < 0
        || js_value_from_python(key, &arguments[1]) < 0) {
        return NULL;
    }
    int status = js_host_operate(JS_GET_KEY, arguments, 2, &result);
    if (status < 0) {
        js_value_raise(&result);
        return NULL;
    }
    if (result.kind == JS_MISSING) {
        PyErr_SetObject(PyExc_KeyError, key);
        return NULL;
    }
    return js_value_to_python(&result);
}

static PyType_Slot keyed_slots[] = {
    {Py_mp_subscript, keyed_subscript},
    {0, NULL},
};

static int
keyed_assign(PyObject *op, PyObject *key, PyObject *value)
{
    PyObject *result
        = value != NULL ? js_operate(JS_SET_KEY, cast(op), key, value)
                        : js_operate(JS_DELETE_KEY, cast(op), key, NULL);
    return finish_change(result, PyExc_KeyError, key);
}

static PyType_Slot mutable_slots[] = {
    {Py_mp_ass_subscript, keyed_assign},
    {Py_mp_subscript, keyed_subscript},
    {0, NULL},
};

/* --- Iteration ----------------------------------------------------------- */

static PyObject *
object_iterate(PyObject *op)
{
    return js_operate(JS_ITERATE, cast(op), NULL, NULL);
}

static PyType_Slot iterable_slots[] = {
    {Py_tp_iter, object_iterate},
    {0, NULL},
};

/* The next value; NULL without an exception at the end, whose value, if it has
 * one, goes with a StopIteration. */
static PyObject *
object_next(PyObject *op)
{
    struct js_value iterator, result;
    if (js_object_value(cast(op), &iterator) < 0) {
        return NULL;
    }
    int status = js_host_operate(JS_NEXT, &iterator, 1, &result);
    if (status < 0) {
        js_value_raise(&result);
        return NULL;
    }
    PyObject *value = js_value_to_python(&result);
    if (status == JS_HOST_DONE && value != NULL) {
        if (value != Py_None) {
            PyErr_SetObject(PyExc_StopIteration, value);
        }
        Py_CLEAR(value);
    }
    return value;
}

static PyType_Slot iterator_slots[] = {
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, object_next},
    {0, NULL},
};

/* --- The types ----------------------------------------------------------- */

static const struct {
    const char *name;
    PyType_Slot *slots;
    unsigned int flags;
} protocols[] = {
    {"_tincture_js.Callable", callable_slots, Py_TPFLAGS_HAVE_VECTORCALL},
    {"_tincture_js.Sized", sized_slots, 0},
    {"_tincture_js.Container", container_slots, 0},
    {"_tincture_js.Indexed", indexed_slots, 0},
    {"_tincture_js.Keyed", keyed_slots, 0},
    {"_tincture_js.MutableKeyed", mutable_slots, 0},
    {"_tincture_js.Iterable", iterable_slots, 0},
    {"_tincture_js.Iterator", iterator_slots, 0},
};

int
js_protocol_add(PyObject *module)
{
    PyObject *base = (PyObject *)js_state()->object_type;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(protocols); i++) {
        PyType_Spec spec = {
            .name = protocols[i].name,
            .basicsize = (int)sizeof(struct js_object),
            .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE
                     | Py_TPFLAGS_DISALLOW_INSTANTIATION | protocols[i].flags,
            .slots = protocols[i].slots,
        };
        PyObject *type = PyType_FromSpecWithBases(&spec, base);
        if (type == NULL) {
            return -1;
        }
        int status = PyModule_AddType(module, (PyTypeObject *)type);
        Py_DECREF(type);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}
