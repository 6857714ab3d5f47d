/* Buffers: many bytes at once. */
#include "js.h"

PyObject *
js_buffer_bytes(struct js_object *buffer)
{
    PyObject *size = js_operate(JS_BUFFER_SIZE, buffer, NULL, NULL);
    if (size == NULL) {
        return NULL;
    }
    Py_ssize_t count = PyNumber_AsSsize_t(size, PyExc_OverflowError);
    Py_DECREF(size);
    PyObject *bytes
        = count >= 0 ? PyBytes_FromStringAndSize(NULL, count) : NULL;
    if (bytes != NULL && count > 0) {
        Py_buffer view = {.buf = PyBytes_AS_STRING(bytes), .len = count};
        if (js_buffer_copy(buffer, &view, false) < 0) {
            Py_CLEAR(bytes);
        }
    }
    return bytes;
}

/* The address of the bytes, for an operation that copies. */
int
js_buffer_copy(struct js_object *buffer, Py_buffer *view, bool into_javascript)
{
    struct js_value arguments[3], result;
    if (js_object_value(buffer, &arguments[0]) < 0) {
        return -1;
    }
    arguments[1] = (struct js_value){
        .kind = JS_NUMBER, .number = (double)(uintptr_t)view->buf};
    arguments[2] = (struct js_value){.kind = JS_NUMBER,
                                     .number = (double)view->len};
    if (js_host_operate(into_javascript ? JS_COPY_IN : JS_COPY_OUT, arguments,
                        3, &result)
        < 0) {
        js_value_raise(&result);
        return -1;
    }
    return 0;
}
