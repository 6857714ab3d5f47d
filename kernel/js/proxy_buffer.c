/* Python buffers for JavaScript, which looks at them in place. */
#include "proxy.h"

#include <string.h>

#include "alloc.h"

static void
set_number(struct js_value *value, double number)
{
    *value = (struct js_value){.kind = JS_NUMBER, .number = number};
}

static void
set_bool(struct js_value *value, int truth)
{
    *value = (struct js_value){.kind = truth ? JS_TRUE : JS_FALSE};
}

static void
set_text(struct js_value *value, const char *text)
{
    *value = (struct js_value){.kind = JS_TEXT,
                               .a = (uint32_t)(uintptr_t)text};
    value->b = (uint32_t)strlen(text);
    value->c = 1;
}

/* The bytes between the lowest element and the end of the highest one, and
 * where the lowest is: strides can be negative. */
static void
find_extent(const Py_buffer *view, Py_ssize_t *out_low, Py_ssize_t *out_span)
{
    Py_ssize_t low = 0;
    Py_ssize_t high = view->itemsize;
    for (int i = 0; i < view->ndim; i++) {
        Py_ssize_t reach = (view->shape[i] - 1) * view->strides[i];
        if (view->shape[i] == 0) {
            low = 0;
            high = 0;
            break;
        }
        *(reach < 0 ? &low : &high) += reach;
    }
    *out_low = low;
    *out_span = high - low;
}

static void
describe(const Py_buffer *view, struct js_value *values)
{
    Py_ssize_t low, span;
    double address = (double)(uintptr_t)view->buf;
    find_extent(view, &low, &span);
    set_number(&values[0], (double)(uintptr_t)view);
    set_number(&values[1], address);
    set_number(&values[2], address + (double)low);
    set_number(&values[3], (double)span);
    set_number(&values[4], (double)view->len);
    set_number(&values[5], (double)view->itemsize);
    set_bool(&values[6], view->readonly);
    set_bool(&values[7], PyBuffer_IsContiguous(view, 'C'));
    set_bool(&values[8], PyBuffer_IsContiguous(view, 'F'));
    set_text(&values[9], view->format != NULL ? view->format : "B");
    set_number(&values[10], view->ndim);
    for (int i = 0; i < view->ndim; i++) {
        struct js_value *shape = &values[PROXY_BUFFER_HEAD + i];
        set_number(shape, (double)view->shape[i]);
        set_number(shape + view->ndim, (double)view->strides[i]);
    }
}

int
proxy_get_buffer(PyObject *object, struct js_value *values)
{
    Py_buffer *view = tn_alloc(sizeof(*view));
    if (view == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    /* One that cannot be written to says so. */
    if (PyObject_GetBuffer(object, view, PyBUF_FULL_RO) < 0) {
        tn_free(view);
        return -1;
    }
    bool is_indirect = false;
    for (int i = 0; view->suboffsets != NULL && i < view->ndim; i++) {
        is_indirect = is_indirect || view->suboffsets[i] >= 0;
    }
    if (is_indirect) {
        PyBuffer_Release(view);
        tn_free(view);
        PyErr_SetString(PyExc_BufferError,
                        "a buffer with suboffsets has no view in JavaScript");
        return -1;
    }
    describe(view, values);
    return 0;
}

void
proxy_release_buffer(uint32_t record)
{
    Py_buffer *view = (Py_buffer *)(uintptr_t)record;
    PyBuffer_Release(view);
    tn_free(view);
}
