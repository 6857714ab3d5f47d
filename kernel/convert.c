/* JSON to Python objects and back, for contents of messages.
 *
 * Text is UTF-8 with "surrogatepass" both ways, as json.h has it, so that a
 * lone surrogate survives.  Writing runs no Python code, because it is also
 * used where the eval breaker must not come between.
 */
#include "internal.h"

#include <math.h>

/* Deeper nesting is a ValueError; the other side reads no deeper. */
#define CONVERT_DEPTH_LIMIT (TN_JSON_DEPTH_LIMIT - 10)

/* Whole numbers up to here are the same as double and as int. */
#define CONVERT_EXACT_LIMIT 9007199254740992.0

PyObject *
convert_decode(const char *text, size_t size)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, "surrogatepass");
}

PyObject *
convert_encode(PyObject *text)
{
    return PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
}

static PyObject *
number_from_json(const struct tn_json_value *value)
{
    double number = tn_json_number(value, 0);
    if (floor(number) == number && fabs(number) <= CONVERT_EXACT_LIMIT) {
        return PyLong_FromDouble(number);
    }
    return PyFloat_FromDouble(number);
}

static PyObject *
array_from_json(const struct tn_json_value *value)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    const struct tn_json_value *item = tn_json_first(value);
    for (; item != NULL; item = tn_json_next(item)) {
        PyObject *object = convert_from_json(item);
        if (object == NULL || PyList_Append(list, object) < 0) {
            Py_XDECREF(object);
            Py_DECREF(list);
            return NULL;
        }
        Py_DECREF(object);
    }
    return list;
}

static PyObject *
object_from_json(const struct tn_json_value *value)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    const struct tn_json_value *member = tn_json_first(value);
    for (; member != NULL; member = tn_json_next(member)) {
        const char *name = tn_json_key_of(member);
        PyObject *key = convert_decode(name, strlen(name));
        PyObject *object = key != NULL ? convert_from_json(member) : NULL;
        int status = object != NULL ? PyDict_SetItem(dict, key, object) : -1;
        Py_XDECREF(key);
        Py_XDECREF(object);
        if (status < 0) {
            Py_DECREF(dict);
            return NULL;
        }
    }
    return dict;
}

PyObject *
convert_from_json(const struct tn_json_value *value)
{
    if (value == NULL) {
        Py_RETURN_NONE;
    }
    switch (tn_json_kind_of(value)) {
    case TN_JSON_NULL:
        break;
    case TN_JSON_BOOL:
        return PyBool_FromLong(tn_json_is_true(value));
    case TN_JSON_NUMBER:
        return number_from_json(value);
    case TN_JSON_STRING: {
        size_t size;
        const char *text = tn_json_string(value, &size);
        return convert_decode(text, size);
    }
    case TN_JSON_ARRAY:
        return array_from_json(value);
    case TN_JSON_OBJECT:
        return object_from_json(value);
    }
    Py_RETURN_NONE;
}

static int write_object(struct tn_json_writer *writer, PyObject *object,
                        unsigned depth);

/* `write` is tn_json_write_string or tn_json_key_sized. */
static int
write_with(struct tn_json_writer *writer, PyObject *text,
           void (*write)(struct tn_json_writer *, const char *, size_t))
{
    if (PyUnicode_IS_COMPACT_ASCII(text)) { /* is UTF-8 as it stands */
        write(writer, PyUnicode_DATA(text),
              (size_t)PyUnicode_GET_LENGTH(text));
        return 0;
    }
    PyObject *bytes = convert_encode(text);
    if (bytes == NULL) {
        return -1;
    }
    write(writer, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return 0;
}

int
convert_write_key(struct tn_json_writer *writer, PyObject *text)
{
    return write_with(writer, text, tn_json_key_sized);
}

/* The decimal text of an int, past __repr__ of a subclass. */
static PyObject *
format_int(PyObject *number)
{
    return PyLong_Type.tp_repr(number);
}

static int
write_int(struct tn_json_writer *writer, PyObject *object)
{
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (!overflow) {
        tn_json_write_int(writer, number);
        return 0;
    }
    PyObject *text = format_int(object);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t size;
    const char *digits = PyUnicode_AsUTF8AndSize(text, &size);
    if (digits != NULL) {
        tn_json_write_raw(writer, digits, (size_t)size);
    }
    Py_DECREF(text);
    return digits != NULL ? 0 : -1;
}

static const char *
name_of_double(double number)
{
    return isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
}

static void
write_float(struct tn_json_writer *writer, double number)
{
    if (isfinite(number)) {
        tn_json_write_double(writer, number);
        return;
    }
    tn_json_write_text(writer, name_of_double(number));
}

static int
write_sequence(struct tn_json_writer *writer, PyObject *sequence,
               unsigned depth)
{
    tn_json_begin_array(writer);
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
        /* Borrowed; nothing below runs Python code. */
        PyObject *item = PySequence_Fast_GET_ITEM(sequence, i);
        if (write_object(writer, item, depth + 1) < 0) {
            return -1;
        }
    }
    tn_json_end_array(writer);
    return 0;
}

/* A key as json.dumps writes it, as a new str. */
static PyObject *
key_text(PyObject *key)
{
    if (PyUnicode_Check(key)) {
        return Py_NewRef(key);
    }
    if (key == Py_None) {
        return PyUnicode_FromString("null");
    }
    if (PyBool_Check(key)) {
        return PyUnicode_FromString(key == Py_True ? "true" : "false");
    }
    if (PyLong_Check(key)) {
        return format_int(key);
    }
    if (PyFloat_Check(key)) {
        return PyFloat_Type.tp_repr(key);
    }
    PyErr_Format(PyExc_TypeError,
                 "keys must be str, int, float, bool or None, not %.100s",
                 Py_TYPE(key)->tp_name);
    return NULL;
}

static int
write_key(struct tn_json_writer *writer, PyObject *key)
{
    PyObject *text = key_text(key);
    int status = text != NULL ? convert_write_key(writer, text) : -1;
    Py_XDECREF(text);
    return status;
}

static int
write_dict(struct tn_json_writer *writer, PyObject *dict, unsigned depth)
{
    tn_json_begin_object(writer);
    Py_ssize_t position = 0;
    PyObject *key, *item; /* borrowed; nothing below runs Python code */
    while (PyDict_Next(dict, &position, &key, &item)) {
        if (write_key(writer, key) < 0
            || write_object(writer, item, depth + 1) < 0) {
            return -1;
        }
    }
    tn_json_end_object(writer);
    return 0;
}

static int
write_object(struct tn_json_writer *writer, PyObject *object, unsigned depth)
{
    if (depth > CONVERT_DEPTH_LIMIT) {
        PyErr_SetString(PyExc_ValueError,
                        "nested too deeply, or a circular reference");
        return -1;
    }
    if (object == Py_None) {
        tn_json_write_null(writer);
    }
    else if (PyBool_Check(object)) {
        tn_json_write_bool(writer, object == Py_True);
    }
    else if (PyUnicode_Check(object)) {
        return write_with(writer, object, tn_json_write_string);
    }
    else if (PyLong_Check(object)) {
        return write_int(writer, object);
    }
    else if (PyFloat_Check(object)) {
        write_float(writer, PyFloat_AS_DOUBLE(object));
    }
    else if (PyList_Check(object) || PyTuple_Check(object)) {
        return write_sequence(writer, object, depth);
    }
    else if (PyDict_Check(object)) {
        return write_dict(writer, object, depth);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "an object of type %.100s is not JSON",
                     Py_TYPE(object)->tp_name);
        return -1;
    }
    return 0;
}

int
convert_to_json(PyObject *object, struct tn_buffer *out)
{
    struct tn_json_writer writer;
    tn_json_writer_init(&writer, out);
    if (write_object(&writer, object, 0) < 0) {
        return -1;
    }
    if (out->error < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}
