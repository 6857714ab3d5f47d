/* Buffers: many bytes at once. */
#include "js.h"

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
