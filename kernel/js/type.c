/* The Python types of JavaScript objects: a base for each ability, and one
 * class for each combination of them that was met.
 */
#include "js.h"

static PyObject *
make_type(uint32_t abilities)
{
    struct js_state *state = js_state();
    PyType_Slot call[] = {{Py_tp_call, PyVectorcall_Call}, {0, NULL}};
    PyType_Slot none[] = {{0, NULL}};
    PyType_Spec spec = {
        .name = "pyodide.ffi.JsProxy",
        .basicsize = (int)sizeof(struct js_object),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = none,
    };
    if (abilities & JS_IS_CALLABLE) {
        spec.flags |= Py_TPFLAGS_HAVE_VECTORCALL;
        spec.slots = call;
    }
    return PyType_FromSpecWithBases(&spec, (PyObject *)state->object_type);
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
