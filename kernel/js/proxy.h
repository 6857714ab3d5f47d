/* Python objects that JavaScript holds. */
#ifndef TN_JS_PROXY_H
#define TN_JS_PROXY_H

#include <Python.h>

#include <stdint.h>

/* A new handle, which owns a reference, for an object that has no JavaScript
 * value of its own; 0 with an exception.  `*out_flags` says what it can do. */
uint32_t proxy_expose(PyObject *object, uint32_t *out_flags);

/* A new reference to the object; NULL with an exception when it is gone. */
PyObject *proxy_object(uint32_t handle);

#endif /* TN_JS_PROXY_H */
