/* Python objects that JavaScript holds, by handle. */
#include "proxy.h"

static PyObject *held;

uint32_t
proxy_expose(PyObject *object, uint32_t *out_flags)
{
    *out_flags = PyCallable_Check(object) ? 1 : 0;
    if (held == NULL) {
        held = PyList_New(1);
    }
    if (held == NULL || PyList_Append(held, object) < 0) {
        return 0;
    }
    return (uint32_t)PyList_GET_SIZE(held) - 1;
}

PyObject *
proxy_object(uint32_t handle)
{
    return PyList_GetItemRef(held, (Py_ssize_t)handle);
}
