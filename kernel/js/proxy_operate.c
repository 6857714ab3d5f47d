/* What JavaScript does to Python objects: calls, attributes, items and the
 * rest of enum proxy_operation.
 */
#include "proxy.h"

#include <string.h>

#include "alloc.h"

/* Arguments of a call that need no block of memory. */
#define ARGUMENT_COUNT 8

/* Where the numbers of names begin, and how their table grows. */
#define FIRST_NAME 1u
#define NAME_STEP 256u

/* --- Results ------------------------------------------------------------- */

/* Text and objects of JavaScript are borrowed by the value; the last such
 * result lives until JavaScript calls again. */
static void
hold(PyObject *result, const struct js_value *value)
{
    struct proxy_state *state = proxy_state();
    PyObject *before = state->held;
    bool is_borrowed = value->kind == JS_TEXT || value->kind == JS_OBJECT;
    state->held = is_borrowed ? result : NULL;
    if (!is_borrowed) {
        Py_DECREF(result);
    }
    Py_XDECREF(before);
}

static int
fail(struct js_value *out)
{
    js_value_from_exception(out);
    return -1;
}

int
proxy_finish(PyObject *result, struct js_value *out)
{
    if (result == NULL) {
        return fail(out);
    }
    if (js_value_from_python(result, out) < 0) {
        Py_DECREF(result);
        return fail(out);
    }
    hold(result, out);
    return PROXY_DONE;
}

static int
finish_bool(int outcome, struct js_value *out)
{
    if (outcome < 0) {
        return fail(out);
    }
    *out = (struct js_value){.kind = outcome ? JS_TRUE : JS_FALSE};
    return PROXY_DONE;
}

/* Of what has no result. */
static int
finish_status(int status, struct js_value *out)
{
    if (status < 0) {
        return fail(out);
    }
    *out = (struct js_value){.kind = JS_UNDEFINED};
    return PROXY_DONE;
}

/* `result` is NULL without an exception where there is nothing. */
static int
finish_optional(PyObject *result, struct js_value *out)
{
    if (result == NULL && !PyErr_Occurred()) {
        *out = (struct js_value){.kind = JS_UNDEFINED};
        return PROXY_ABSENT;
    }
    return proxy_finish(result, out);
}

PyObject *
proxy_helper(PyObject *name)
{
    struct proxy_state *state = proxy_state();
    if (state->helpers == NULL) {
        state->helpers = PyImport_ImportModule("tincture.js_proxies");
        if (state->helpers == NULL) {
            return NULL;
        }
    }
    return PyObject_GetAttr(state->helpers, name);
}

/* --- Calls --------------------------------------------------------------- */

/* A coroutine that JavaScript gets goes on by itself, as an asynchronous
 * function of JavaScript does. */
static PyObject *
schedule(PyObject *coroutine)
{
    PyObject *name = PyUnicode_InternFromString("schedule");
    PyObject *helper = name != NULL ? proxy_helper(name) : NULL;
    PyObject *task = NULL;
    if (helper != NULL) {
        task = PyObject_CallOneArg(helper, coroutine);
    }
    Py_XDECREF(name);
    Py_XDECREF(helper);
    Py_DECREF(coroutine);
    return task;
}

/* Values to a vector of strong references.  On failure none is left. */
static int
take_arguments(PyObject **arguments, const struct js_value *values,
               size_t count)
{
    int status = 0;
    size_t taken = 0;
    for (; taken < count; taken++) {
        arguments[taken] = js_value_to_python(&values[taken]);
        if (arguments[taken] == NULL) {
            status = -1;
            break;
        }
    }
    while (status < 0 && taken > 0) {
        Py_DECREF(arguments[--taken]);
    }
    return status;
}

static PyObject *
take_names(const struct js_value *values, size_t count)
{
    PyObject *names = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; names != NULL && i < count; i++) {
        PyObject *name = js_value_to_python(&values[i]);
        if (name == NULL) {
            Py_CLEAR(names);
            break;
        }
        PyUnicode_InternInPlace(&name);
        PyTuple_SET_ITEM(names, (Py_ssize_t)i, name);
    }
    return names;
}

/* `room` has one place before the first argument, which the callee may use. */
static PyObject *
call_with(PyObject *callable, PyObject **room, const struct js_value *values,
          size_t count, size_t name_count)
{
    PyObject **arguments = room + 1;
    PyObject *names = NULL;
    PyObject *result = NULL;
    room[0] = NULL;
    if (take_arguments(arguments, values, count) < 0) {
        return NULL;
    }
    if (name_count != 0) {
        names = take_names(values + count, name_count);
    }
    if (names != NULL || name_count == 0) {
        result = PyObject_Vectorcall(
            callable, arguments,
            (count - name_count) | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
    }
    for (size_t i = 0; i < count; i++) {
        Py_DECREF(arguments[i]);
    }
    Py_XDECREF(names);
    return result;
}

static PyObject *
call(PyObject *callable, const struct js_value *values, size_t count,
     size_t name_count)
{
    PyObject *few[1 + ARGUMENT_COUNT];
    if (count <= ARGUMENT_COUNT) {
        return call_with(callable, few, values, count, name_count);
    }
    PyObject **room = tn_alloc((1 + count) * sizeof(*room));
    if (room == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = call_with(callable, room, values, count, name_count);
    tn_free(room);
    return result;
}

int
proxy_call(uint32_t handle, struct js_value *values, size_t count,
           size_t name_count)
{
    PyObject *callable = proxy_object(handle);
    PyObject *result = NULL;
    if (callable != NULL) {
        result = call(callable, values, count, name_count);
        Py_DECREF(callable);
    }
    if (result != NULL && PyCoro_CheckExact(result)) {
        result = schedule(result);
    }
    return proxy_finish(result, values);
}

/* --- Attributes ---------------------------------------------------------- */

/* Methods are made anew each time that they are asked for. */
static bool
is_same(PyObject *one, PyObject *other)
{
    if (one == other) {
        return true;
    }
    if (PyMethod_Check(one) && other != NULL && PyMethod_Check(other)) {
        return PyMethod_GET_SELF(one) == PyMethod_GET_SELF(other)
               && PyMethod_GET_FUNCTION(one) == PyMethod_GET_FUNCTION(other);
    }
    if (PyCFunction_CheckExact(one) && other != NULL
        && PyCFunction_CheckExact(other)) {
        return PyCFunction_GET_SELF(one) == PyCFunction_GET_SELF(other)
               && PyCFunction_GET_FUNCTION(one)
                      == PyCFunction_GET_FUNCTION(other);
    }
    return false;
}

int
proxy_get(uint32_t handle, uint32_t name, uint32_t cached,
          struct js_value *values)
{
    const struct proxy_state *state = proxy_state();
    PyObject *object = proxy_object(handle);
    PyObject *result = NULL;
    if (object == NULL) {
        return fail(values);
    }
    if (name < FIRST_NAME || name >= state->name_count) {
        Py_DECREF(object);
        PyErr_SetString(PyExc_SystemError, "a name without a number");
        return fail(values);
    }
    (void)PyObject_GetOptionalAttr(object, state->names[name], &result);
    Py_DECREF(object);
    if (result != NULL && cached != 0
        && is_same(result, proxy_peek(cached))) {
        Py_DECREF(result);
        return PROXY_SAME;
    }
    return finish_optional(result, values);
}

/* -1. */
static int
add_name(struct proxy_state *state, PyObject *name)
{
    if (state->name_count % NAME_STEP == 0) {
        size_t count = state->name_count + NAME_STEP;
        PyObject **names = tn_alloc_zeroed(count, sizeof(*names));
        if (names == NULL) {
            return -1;
        }
        if (state->name_count != 0) {
            memcpy(names, state->names, state->name_count * sizeof(*names));
        }
        tn_free(state->names);
        state->names = names;
        state->name_count += state->name_count == 0 ? FIRST_NAME : 0;
    }
    PyObject *number = PyLong_FromUnsignedLong(state->name_count);
    if (number == NULL
        || PyDict_SetItem(state->name_numbers, name, number) < 0) {
        Py_XDECREF(number);
        return -1;
    }
    Py_DECREF(number);
    state->names[state->name_count++] = Py_NewRef(name);
    return 0;
}

uint32_t
proxy_name(const struct js_value *text)
{
    struct proxy_state *state = proxy_state();
    PyObject *number = NULL;
    uint32_t result = 0;
    PyObject *name = js_value_to_python(text);
    if (state->name_numbers == NULL) {
        state->name_numbers = PyDict_New();
    }
    if (name != NULL && state->name_numbers != NULL) {
        PyUnicode_InternInPlace(&name);
        int status = PyDict_GetItemRef(state->name_numbers, name, &number);
        if (status > 0) {
            result = (uint32_t)PyLong_AsUnsignedLong(number);
        }
        else if (status == 0 && add_name(state, name) == 0) {
            result = state->name_count - 1;
        }
    }
    Py_XDECREF(number);
    Py_XDECREF(name);
    PyErr_Clear();
    return result;
}

/* --- Operations ---------------------------------------------------------- */

/* One operation; `object` is borrowed and NULL where the handle was 0. */
struct request {
    PyObject *object;
    struct js_value *values;
    size_t count;
    PyObject *first;  /* values[0] in Python, borrowed, or NULL */
    PyObject *second; /* values[1] */
};

/* The key where there is no such item is not an error. */
static int
get_item(const struct request *request)
{
    PyObject *item = PyObject_GetItem(request->object, request->first);
    if (item == NULL
        && (PyErr_ExceptionMatches(PyExc_KeyError)
            || PyErr_ExceptionMatches(PyExc_IndexError))) {
        PyErr_Clear();
    }
    return finish_optional(item, request->values);
}

static int
get_attribute(const struct request *request)
{
    PyObject *attribute = NULL;
    (void)PyObject_GetOptionalAttr(request->object, request->first,
                                   &attribute);
    return finish_optional(attribute, request->values);
}

static int
send_value(const struct request *request)
{
    PyObject *sent = request->first != NULL ? request->first : Py_None;
    PyObject *result = NULL;
    PySendResult outcome = PyIter_Send(request->object, sent, &result);
    int status = proxy_finish(result, request->values);
    return status == PROXY_DONE && outcome == PYGEN_RETURN ? PROXY_ABSENT
                                                           : status;
}

/* "module.Name", without the module where everybody knows it. */
static PyObject *
type_name(PyObject *object)
{
    PyObject *type = (PyObject *)Py_TYPE(object);
    PyObject *name = PyType_GetQualName((PyTypeObject *)type);
    PyObject *module = PyObject_GetAttrString(type, "__module__");
    if (name == NULL || module == NULL) {
        Py_XDECREF(name);
        Py_XDECREF(module);
        return NULL;
    }
    bool is_known = !PyUnicode_Check(module)
                    || PyUnicode_EqualToUTF8(module, "builtins")
                    || PyUnicode_EqualToUTF8(module, "__main__");
    if (!is_known) {
        Py_SETREF(name, PyUnicode_FromFormat("%U.%U", module, name));
    }
    Py_DECREF(module);
    return name;
}

static int
raise_object(const struct request *request)
{
    if (PyExceptionInstance_Check(request->object)) {
        PyErr_SetRaisedException(Py_NewRef(request->object));
    }
    else {
        PyErr_SetString(PyExc_TypeError, "this is no exception");
    }
    return fail(request->values);
}

static int
expose(const struct request *request)
{
    struct js_value *out = request->values;
    uint32_t flags;
    uint32_t handle = proxy_expose(request->object, &flags);
    if (handle == 0) {
        return fail(out);
    }
    *out = (struct js_value){.kind = JS_PROXY, .a = handle};
    out->b = flags;
    return PROXY_DONE;
}

/* The function gets the object, if there is one, and the other values. */
static int
help(const struct request *request)
{
    PyObject *helper = proxy_helper(request->first);
    PyObject *result = NULL;
    PyObject *few[1 + ARGUMENT_COUNT];
    PyObject **room = few;
    size_t count = request->count - 1;
    if (helper == NULL) {
        return fail(request->values);
    }
    if (count + 1 > ARGUMENT_COUNT) {
        room = tn_alloc((2 + count) * sizeof(*room));
    }
    if (room == NULL) {
        PyErr_NoMemory();
    }
    else if (take_arguments(room + 1, request->values + 1, count) == 0) {
        bool has_object = request->object != NULL;
        room[0] = request->object;
        result = PyObject_Vectorcall(helper, room + (has_object ? 0 : 1),
                                     count + (has_object ? 1 : 0), NULL);
        for (size_t i = 0; i < count; i++) {
            Py_DECREF(room[1 + i]);
        }
    }
    if (room != few) {
        tn_free(room);
    }
    Py_DECREF(helper);
    return proxy_finish(result, request->values);
}

/* Those that change or ask something. */
static int
operate_plainly(enum proxy_operation operation, const struct request *request)
{
    PyObject *object = request->object;
    struct js_value *out = request->values;
    switch (operation) {
    case PROXY_SET_ATTRIBUTE:
        return finish_status(
            PyObject_SetAttr(object, request->first, request->second), out);
    case PROXY_DELETE_ATTRIBUTE:
        return finish_status(PyObject_DelAttr(object, request->first), out);
    case PROXY_HAS_ATTRIBUTE:
        return finish_bool(
            PyObject_HasAttrWithError(object, request->first), out);
    case PROXY_SET_ITEM:
        return finish_status(
            PyObject_SetItem(object, request->first, request->second), out);
    case PROXY_DELETE_ITEM:
        return finish_status(PyObject_DelItem(object, request->first), out);
    case PROXY_CONTAINS:
        return finish_bool(PySequence_Contains(object, request->first), out);
    case PROXY_GET_BUFFER:
        return proxy_get_buffer(object, out) < 0 ? fail(out) : PROXY_DONE;
    case PROXY_TO_JS:
        return proxy_write_tape(object, out, request->count) < 0 ? fail(out)
                                                                 : PROXY_DONE;
    default:
        PyErr_SetString(PyExc_SystemError, "an operation without a number");
        return fail(out);
    }
}

static int
operate(enum proxy_operation operation, const struct request *request)
{
    PyObject *object = request->object;
    struct js_value *out = request->values;
    switch (operation) {
    case PROXY_GET_ATTRIBUTE:
        return get_attribute(request);
    case PROXY_GET_ITEM:
        return get_item(request);
    case PROXY_SIZE: {
        Py_ssize_t size = PyObject_Size(object);
        return proxy_finish(size < 0 ? NULL : PyLong_FromSsize_t(size), out);
    }
    case PROXY_ITERATE:
        return proxy_finish(PyObject_GetIter(object), out);
    case PROXY_SEND:
        return send_value(request);
    case PROXY_TEXT:
        return proxy_finish(PyObject_Str(object), out);
    case PROXY_TYPE_NAME:
        return proxy_finish(type_name(object), out);
    case PROXY_RAISE:
        return raise_object(request);
    case PROXY_COPY:
        return expose(request);
    case PROXY_HELP:
        return help(request);
    default:
        return operate_plainly(operation, request);
    }
}

/* How many of the values are Python's before the operation begins. */
static size_t
operand_count(enum proxy_operation operation, size_t count)
{
    switch (operation) {
    case PROXY_TO_JS:
        return 0;
    case PROXY_HELP:
        return 1;
    default:
        return count < 2 ? count : 2;
    }
}

int
proxy_operate(enum proxy_operation operation, uint32_t handle,
              struct js_value *values, size_t count)
{
    PyObject *operands[2] = {NULL, NULL};
    struct request request = {.values = values, .count = count};
    size_t taken = operand_count(operation, count);
    if (operation == PROXY_RELEASE_BUFFER || operation == PROXY_FREE_TAPE) {
        uint32_t record = (uint32_t)(values->kind == JS_NUMBER
                                         ? (int64_t)values->number
                                         : (int64_t)values->a);
        (operation == PROXY_FREE_TAPE ? proxy_free_tape
                                      : proxy_release_buffer)(record);
        return finish_status(0, values);
    }
    if (handle != 0) {
        request.object = proxy_object(handle);
    }
    if ((handle != 0 && request.object == NULL)
        || take_arguments(operands, values, taken) < 0) {
        Py_XDECREF(request.object);
        return fail(values);
    }
    request.first = operands[0];
    request.second = operands[1];
    int status = operate(operation, &request);
    Py_XDECREF(operands[0]);
    Py_XDECREF(operands[1]);
    Py_XDECREF(request.object);
    return status;
}
