/* Calling JavaScript: functions, constructors, operations. */
#include "js.h"

#include "alloc.h"

/* Values for one call: those on the C stack, or a block. */
struct values {
    struct js_value *at;
    size_t count;
    struct js_value few[JS_ARGUMENT_COUNT];
};

static int
reserve(struct values *values, size_t count)
{
    values->at = values->few;
    values->count = 0;
    if (count > JS_ARGUMENT_COUNT) {
        values->at = tn_alloc(count * sizeof(*values->at));
        if (values->at == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

static int
add(struct values *values, PyObject *object)
{
    if (js_value_from_python(object, &values->at[values->count]) < 0) {
        return -1;
    }
    values->count++;
    return 0;
}

static void
add_integer(struct values *values, size_t number)
{
    values->at[values->count++]
        = (struct js_value){.kind = JS_INT, .a = (uint32_t)number};
}

/* What crossed is JavaScript's; else it is freed here. */
static void
drop(struct values *values, bool has_crossed)
{
    for (size_t i = 0; i < values->count && !has_crossed; i++) {
        js_value_clear(&values->at[i]);
    }
    if (values->at != values->few) {
        tn_free(values->at);
    }
}

static PyObject *
take_result(int status, const struct js_value *result)
{
    if (status < 0) {
        js_value_raise(result);
        return NULL;
    }
    return js_value_to_python(result);
}

static int
add_all(struct values *values, PyObject *const *objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (add(values, objects[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
add_named(struct values *values, PyObject *const *objects, PyObject *names)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        if (add(values, PyTuple_GET_ITEM(names, i)) < 0 /* borrowed */
            || add(values, objects[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* A call with arguments by name: the last argument is an object of them. */
static PyObject *
call_named(struct js_object *function, PyObject *const *arguments,
           size_t count, PyObject *names, bool is_new)
{
    struct values values;
    struct js_value result;
    size_t named_count = (size_t)PyTuple_GET_SIZE(names);
    PyObject *self = function->self != NULL ? function->self : Py_None;
    if (reserve(&values, 3 + count + 2 * named_count) < 0) {
        return NULL;
    }
    bool is_ready = add(&values, (PyObject *)function) == 0
                    && (is_new || add(&values, self) == 0);
    if (is_ready) {
        add_integer(&values, named_count);
        is_ready = add_all(&values, arguments, count) == 0
                   && add_named(&values, arguments + count, names) == 0;
    }
    int status = -1;
    if (is_ready) {
        status = js_host_operate(is_new ? JS_NEW_NAMED : JS_CALL_NAMED,
                                 values.at, values.count, &result);
    }
    drop(&values, is_ready);
    return is_ready ? take_result(status, &result) : NULL;
}

PyObject *
js_call(PyObject *callable, PyObject *const *arguments, size_t flagged_count,
        PyObject *keywords)
{
    struct js_object *function = (struct js_object *)callable;
    size_t count = (size_t)PyVectorcall_NARGS(flagged_count);
    struct values values;
    struct js_value result, place, self = {.kind = JS_UNDEFINED};
    if (keywords != NULL && PyTuple_GET_SIZE(keywords) > 0) {
        return call_named(function, arguments, count, keywords, false);
    }
    if (js_object_value(function, &place) < 0
        || (function->self != NULL
            && js_value_from_python(function->self, &self) < 0)
        || reserve(&values, count) < 0) {
        return NULL;
    }
    bool is_ready = add_all(&values, arguments, count) == 0;
    int status = -1;
    if (is_ready) {
        status = js_host_call(place.a, place.b, &self, values.at, count,
                              &result);
    }
    drop(&values, is_ready);
    return is_ready ? take_result(status, &result) : NULL;
}

PyObject *
js_call_new(PyObject *callable, PyObject *const *arguments, Py_ssize_t count,
            PyObject *keywords)
{
    struct values values;
    struct js_value result;
    if (keywords != NULL && PyTuple_GET_SIZE(keywords) > 0) {
        return call_named((struct js_object *)callable, arguments,
                          (size_t)count, keywords, true);
    }
    if (reserve(&values, (size_t)count + 1) < 0) {
        return NULL;
    }
    bool is_ready = add(&values, callable) == 0
                    && add_all(&values, arguments, (size_t)count) == 0;
    int status = -1;
    if (is_ready) {
        status = js_host_operate(JS_NEW, values.at, values.count, &result);
    }
    drop(&values, is_ready);
    return is_ready ? take_result(status, &result) : NULL;
}

PyObject *
js_operate_all(enum js_operation operation, PyObject *const *arguments,
               size_t count)
{
    struct values values;
    struct js_value result;
    if (reserve(&values, count) < 0) {
        return NULL;
    }
    bool is_ready = add_all(&values, arguments, count) == 0;
    int status = -1;
    if (is_ready) {
        status = js_host_operate(operation, values.at, values.count, &result);
    }
    drop(&values, is_ready);
    if (!is_ready) {
        return NULL;
    }
    if (status == 0 && result.kind == JS_MISSING) {
        return Py_NewRef(Py_Ellipsis);
    }
    PyObject *value = take_result(status, &result);
    if (status == JS_HOST_DONE && value != NULL) {
        PyErr_SetObject(PyExc_StopIteration, value);
        Py_CLEAR(value);
    }
    return value;
}

PyObject *
js_operate(enum js_operation operation, struct js_object *object,
           PyObject *first, PyObject *second)
{
    PyObject *const arguments[] = {(PyObject *)object, first, second};
    size_t count = first == NULL ? 1 : second == NULL ? 2 : 3;
    return js_operate_all(operation, arguments, count);
}
