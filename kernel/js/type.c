/* The Python types of JavaScript objects: one class for each combination of
 * abilities that was met, made by py/tincture/js_types.py.
 */
#include "js.h"

static PyObject *
make_type(uint32_t abilities)
{
    PyObject *types = PyImport_ImportModule("tincture.js_types");
    if (types == NULL) {
        return NULL;
    }
    PyObject *type = PyObject_CallMethod(types, "make_type", "(k)",
                                         (unsigned long)abilities);
    Py_DECREF(types);
    if (type != NULL
        && (!PyType_Check(type)
            || !PyType_IsSubtype((PyTypeObject *)type,
                                 js_state()->object_type))) {
        PyErr_SetString(PyExc_SystemError, "make_type gave no JsProxy");
        Py_CLEAR(type);
    }
    return type;
}

static PyTypeObject *
find_in_dict(uint32_t abilities)
{
    PyObject *types = js_state()->types;
    PyObject *key = PyLong_FromUnsignedLong(abilities);
    if (key == NULL) {
        return NULL;
    }
    PyObject *type = NULL;
    if (PyDict_GetItemRef(types, key, &type) == 0) {
        type = make_type(abilities);
        if (type != NULL && PyDict_SetItem(types, key, type) < 0) {
            Py_CLEAR(type);
        }
    }
    Py_DECREF(key);
    Py_XDECREF(type); /* the dictionary keeps it */
    return (PyTypeObject *)type;
}

PyTypeObject *
js_type_integer(void)
{
    struct js_state *state = js_state();
    if (state->integer_type == NULL) {
        PyObject *types = PyImport_ImportModule("tincture.js_types");
        PyObject *type = NULL;
        if (types != NULL) {
            type = PyObject_GetAttrString(types, "JsBigInt");
            Py_DECREF(types);
        }
        state->integer_type = (PyTypeObject *)type;
    }
    return state->integer_type;
}

static PyObject *
check_instance(PyObject *class, PyObject *object)
{
    const struct js_state *state = js_state();
    bool is_one = PyObject_TypeCheck(object, (PyTypeObject *)class)
                  || (class == (PyObject *)state->object_type
                      && PyObject_TypeCheck(object, state->error_type));
    return PyBool_FromLong(is_one);
}

static PyObject *
check_subclass(PyObject *class, PyObject *other)
{
    const struct js_state *state = js_state();
    if (!PyType_Check(other)) {
        PyErr_SetString(PyExc_TypeError, "issubclass() arg 1 must be a class");
        return NULL;
    }
    PyTypeObject *type = (PyTypeObject *)other;
    bool is_one = PyType_IsSubtype(type, (PyTypeObject *)class)
                  || (class == (PyObject *)state->object_type
                      && PyType_IsSubtype(type, state->error_type));
    return PyBool_FromLong(is_one);
}

static PyMethodDef meta_methods[] = {
    {"__instancecheck__", check_instance, METH_O, NULL},
    {"__subclasscheck__", check_subclass, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot meta_slots[] = {
    {Py_tp_methods, meta_methods},
    {0, NULL},
};

static PyType_Spec meta_spec = {
    .name = "_tincture_js.JsProxyType",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = meta_slots,
};

PyObject *
js_type_make_meta(PyObject *module)
{
    return PyType_FromModuleAndSpec(module, &meta_spec,
                                    (PyObject *)&PyType_Type);
}

PyTypeObject *
js_type_find(uint32_t abilities)
{
    struct js_state *state = js_state();
    uint32_t at = (abilities * 2654435761u >> 20) & (JS_TYPE_COUNT - 1);
    if (state->recent_types[at].abilities != abilities
        || state->recent_types[at].type == NULL) {
        PyTypeObject *type = find_in_dict(abilities);
        if (type == NULL) {
            return NULL;
        }
        state->recent_types[at].abilities = abilities;
        state->recent_types[at].type = type;
    }
    return state->recent_types[at].type;
}
