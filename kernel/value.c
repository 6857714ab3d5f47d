/* The value of a cell as tagged JSON, for callers that want it itself and
 * not its display.
 *
 * null, true, numbers and strings stand for themselves; everything else is an
 * object with a tag `t`:
 *
 *     {"t": "list", "v": [...]}            list, tuple, set, frozenset
 *     {"t": "dict", "v": [[key, value], ...]}
 *     {"t": "bytes", "buffer": 0}          an index into the message's buffers
 *     {"t": "int", "v": "12345678901234567890"}    beyond 2^53
 *     {"t": "float", "v": "nan"}           or inf, -inf, -0
 *     {"t": "object", "type": "...", "repr": "...", "html": "..."}
 *     {"t": "handle", "v": 7, "abilities": 3}    for a host that can use it
 *
 * `object` also stands for what lies deeper than VALUE_DEPTH_LIMIT or behind
 * the VALUE_ITEM_LIMIT-th item, and so ends circular references.
 */
#include "internal.h"

#include <math.h>

#define VALUE_DEPTH_LIMIT 50
#define VALUE_ITEM_LIMIT 100000

/* Whole numbers up to here are exact in JavaScript. */
#define VALUE_INT_LIMIT (1LL << 53)

struct value_context {
    struct tn_kernel *kernel;
    struct tn_json_writer writer;
    PyObject *buffers; /* list */
    unsigned depth;
    size_t item_count;
};

static int write_value(struct value_context *context, PyObject *object);

static void
open_tag(struct value_context *context, const char *tag)
{
    tn_json_begin_object(&context->writer);
    tn_json_key(&context->writer, "t");
    tn_json_write_text(&context->writer, tag);
}

static void
close_tag(struct value_context *context)
{
    tn_json_end_object(&context->writer);
}

static int
write_string(struct value_context *context, PyObject *text)
{
    PyObject *bytes = convert_encode(text);
    if (bytes == NULL) {
        return -1;
    }
    tn_json_write_string(&context->writer, PyBytes_AS_STRING(bytes),
                         (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return 0;
}

/* Numbers beyond 2^53, in decimal as far as Python's own limit on digits
 * allows and in hexadecimal (which reads back as well) beyond it. */
static int
write_big_int(struct value_context *context, PyObject *number)
{
    PyObject *text = PyLong_Type.tp_repr(number);
    if (text == NULL && PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear();
        text = PyNumber_ToBase(number, 16);
    }
    if (text == NULL) {
        return -1;
    }
    open_tag(context, "int");
    tn_json_key(&context->writer, "v");
    int status = write_string(context, text);
    close_tag(context);
    Py_DECREF(text);
    return status;
}

static int
write_int(struct value_context *context, PyObject *object)
{
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow || number > VALUE_INT_LIMIT || number < -VALUE_INT_LIMIT) {
        return write_big_int(context, object);
    }
    tn_json_write_int(&context->writer, number);
    return 0;
}

static void
write_float(struct value_context *context, double number)
{
    const char *name = NULL;
    if (isnan(number)) {
        name = "nan";
    }
    else if (isinf(number)) {
        name = number > 0 ? "inf" : "-inf";
    }
    else if (number == 0 && signbit(number)) {
        name = "-0";
    }
    if (name == NULL) {
        tn_json_write_double(&context->writer, number);
        return;
    }
    open_tag(context, "float");
    tn_json_key(&context->writer, "v");
    tn_json_write_text(&context->writer, name);
    close_tag(context);
}

/* Lists, tuples and sets.  The items are copied first: describing one of
 * them may run Python code that changes the collection. */
static int
write_items(struct value_context *context, PyObject *collection)
{
    PyObject *items = PySequence_Tuple(collection);
    if (items == NULL) {
        return -1;
    }
    int status = 0;
    open_tag(context, "list");
    tn_json_key(&context->writer, "v");
    tn_json_begin_array(&context->writer);
    for (Py_ssize_t i = 0; status == 0 && i < PyTuple_GET_SIZE(items); i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i); /* borrowed; kept */
        status = write_value(context, item);
    }
    if (status == 0) {
        tn_json_end_array(&context->writer);
        close_tag(context);
    }
    Py_DECREF(items);
    return status;
}

static int
write_pair(struct value_context *context, PyObject *pair)
{
    PyObject *key = PyTuple_GET_ITEM(pair, 0);   /* borrowed; kept */
    PyObject *value = PyTuple_GET_ITEM(pair, 1); /* borrowed; kept */
    tn_json_begin_array(&context->writer);
    if (write_value(context, key) < 0 || write_value(context, value) < 0) {
        return -1;
    }
    tn_json_end_array(&context->writer);
    return 0;
}

static int
write_dict(struct value_context *context, PyObject *dict)
{
    PyObject *pairs = PyDict_Items(dict);
    if (pairs == NULL) {
        return -1;
    }
    int status = 0;
    open_tag(context, "dict");
    tn_json_key(&context->writer, "v");
    tn_json_begin_array(&context->writer);
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(pairs); i++) {
        PyObject *pair = PyList_GET_ITEM(pairs, i); /* borrowed; kept */
        status = write_pair(context, pair);
    }
    if (status == 0) {
        tn_json_end_array(&context->writer);
        close_tag(context);
    }
    Py_DECREF(pairs);
    return status;
}

static int
write_bytes(struct value_context *context, PyObject *object)
{
    PyObject *bytes = PyBytes_FromObject(object);
    if (bytes == NULL) {
        return -1;
    }
    Py_ssize_t index = PyList_GET_SIZE(context->buffers);
    int status = PyList_Append(context->buffers, bytes);
    Py_DECREF(bytes);
    if (status < 0) {
        return -1;
    }
    open_tag(context, "bytes");
    tn_json_key(&context->writer, "buffer");
    tn_json_write_int(&context->writer, index);
    close_tag(context);
    return 0;
}

/* tincture.entry.describe_value makes the members; it does not fail but for
 * want of memory or by an interrupt. */
static int
write_other(struct value_context *context, PyObject *object)
{
    PyObject *members = PyObject_CallMethod(
        context->kernel->entry, "describe_value", "(O)", object);
    if (members == NULL) {
        return -1;
    }
    int status = 0;
    Py_ssize_t position = 0;
    PyObject *key, *text; /* nothing below runs Python code */
    open_tag(context, "object");
    while (status == 0
           && PyDict_Next(members, &position, &key, &text)) { /* borrowed */
        const char *name = PyUnicode_AsUTF8(key);
        if (name == NULL) {
            status = -1;
            break;
        }
        tn_json_key(&context->writer, name);
        status = write_string(context, text);
    }
    close_tag(context);
    Py_DECREF(members);
    return status;
}

static bool
is_collection(PyObject *object)
{
    return PyList_Check(object) || PyTuple_Check(object)
           || PyAnySet_Check(object);
}

static int
write_nested(struct value_context *context, PyObject *object)
{
    if (context->depth >= VALUE_DEPTH_LIMIT
        || context->item_count > VALUE_ITEM_LIMIT) {
        return write_other(context, object);
    }
    context->depth++;
    int status = PyDict_Check(object) ? write_dict(context, object)
                                      : write_items(context, object);
    context->depth--;
    return status;
}

static int
write_value(struct value_context *context, PyObject *object)
{
    context->item_count++;
    if (object == Py_None) {
        tn_json_write_null(&context->writer);
        return 0;
    }
    if (PyBool_Check(object)) {
        tn_json_write_bool(&context->writer, object == Py_True);
        return 0;
    }
    if (PyUnicode_Check(object)) {
        return write_string(context, object);
    }
    if (PyLong_Check(object)) {
        return write_int(context, object);
    }
    if (PyFloat_Check(object)) {
        write_float(context, PyFloat_AS_DOUBLE(object));
        return 0;
    }
    if (PyBytes_Check(object) || PyByteArray_Check(object)) {
        return write_bytes(context, object);
    }
    if (PyDict_Check(object) || is_collection(object)) {
        return write_nested(context, object);
    }
    return write_other(context, object);
}

/* A collection longer than the limit would be cut item by item; as a whole
 * it is shorter and says more. */
static bool
is_too_long(PyObject *object)
{
    return (PyDict_Check(object) || is_collection(object))
           && PyObject_Size(object) > VALUE_ITEM_LIMIT;
}

int
value_to_json(struct tn_kernel *kernel, PyObject *object,
              struct tn_buffer *out, PyObject *buffers)
{
    struct value_context context = {.kernel = kernel, .buffers = buffers};
    tn_json_writer_init(&context.writer, out);
    int status = is_too_long(object) ? write_other(&context, object)
                                     : write_value(&context, object);
    if (status == 0 && out->error < 0) {
        PyErr_NoMemory();
        status = -1;
    }
    return status;
}

int
value_expose(struct tn_kernel *kernel, PyObject *object,
             struct tn_buffer *out, PyObject *buffers)
{
    struct value_context context = {.kernel = kernel, .buffers = buffers};
    uint32_t abilities, handle;

    if (object == Py_None || PyBool_Check(object) || PyLong_Check(object)
        || PyFloat_Check(object) || PyUnicode_Check(object)) {
        return value_to_json(kernel, object, out, buffers);
    }
    handle = kernel->host->expose(kernel->host->context, object, &abilities);
    if (handle == 0) {
        return -1;
    }
    tn_json_writer_init(&context.writer, out);
    open_tag(&context, "handle");
    tn_json_key(&context.writer, "v");
    tn_json_write_int(&context.writer, handle);
    tn_json_key(&context.writer, "abilities");
    tn_json_write_int(&context.writer, abilities);
    close_tag(&context);
    if (out->error < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}
