/* Many values at once: the items of an array, the bytes of a buffer. */
#include "js.h"

#include <string.h>

#include "alloc.h"

/* Values that cross in one go. */
#define BATCH_COUNT 256

static int
read_batch(struct js_object *array, size_t start, size_t count,
           struct js_value *batch)
{
    struct js_value arguments[4], result;
    if (js_object_value(array, &arguments[0]) < 0) {
        return -1;
    }
    arguments[1] = (struct js_value){.kind = JS_INT, .a = (uint32_t)start};
    arguments[2] = (struct js_value){.kind = JS_INT, .a = (uint32_t)count};
    arguments[3] = (struct js_value){.kind = JS_NUMBER,
                                     .number = (double)(uintptr_t)batch};
    if (js_host_operate(JS_READ, arguments, 4, &result) < 0) {
        js_value_raise(&result);
        return -1;
    }
    return 0;
}

/* Every value is taken, also behind one that cannot be had. */
static int
append_batch(PyObject *list, size_t start, const struct js_value *batch,
             size_t count)
{
    int status = 0;
    for (size_t i = 0; i < count; i++) {
        PyObject *item = js_value_to_python(&batch[i]);
        if (item == NULL) {
            status = -1;
            item = Py_NewRef(Py_None);
        }
        PyList_SET_ITEM(list, (Py_ssize_t)(start + i), item);
    }
    return status;
}

PyObject *
js_bulk_read(struct js_object *array)
{
    PyObject *length = js_operate(JS_LENGTH, array, NULL, NULL);
    if (length == NULL) {
        return NULL;
    }
    Py_ssize_t count = PyNumber_AsSsize_t(length, PyExc_OverflowError);
    Py_DECREF(length);
    if (count < 0) {
        return NULL;
    }
    struct js_value *batch = tn_alloc(BATCH_COUNT * sizeof(*batch));
    if (batch == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *list = PyList_New(count);
    for (Py_ssize_t at = 0; list != NULL && at < count; at += BATCH_COUNT) {
        Py_ssize_t rest = count - at;
        size_t size = (size_t)(rest < BATCH_COUNT ? rest : BATCH_COUNT);
        if (read_batch(array, (size_t)at, size, batch) < 0
            || append_batch(list, (size_t)at, batch, size) < 0) {
            Py_CLEAR(list);
        }
    }
    tn_free(batch);
    return list;
}

/* The address of the bytes, for an operation that copies. */
int
js_bulk_copy(struct js_object *buffer, Py_buffer *view, bool into_javascript)
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
