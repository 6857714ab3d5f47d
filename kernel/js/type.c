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
