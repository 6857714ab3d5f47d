/* One value, from Python and to Python. */
#include "js.h"

#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "proxy.h"

/* Whole numbers up to here are the same in both languages. */
#define SAFE_INTEGER_MAX 9007199254740991.0

static const char dead_text[]
    = "this JavaScript object belonged to an earlier page or an earlier "
      "state of this one, and is gone";

/* --- To Python ----------------------------------------------------------- */

static PyObject *
decode_text(const struct js_value *value)
{
    const char *text = (const char *)(uintptr_t)value->a;
    Py_ssize_t count = (Py_ssize_t)value->b;
    if (value->c & JS_TEXT_UTF8) {
        return PyUnicode_DecodeUTF8(text, count, "surrogatepass");
    }
    if ((value->c & JS_TEXT_UNIT) == 2) {
        int little_endian = -1;
        return PyUnicode_DecodeUTF16(text, count * 2, "surrogatepass",
                                     &little_endian);
    }
    return PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, text, count);
}

static PyObject *
decode_integer(const struct js_value *value)
{
    PyObject *text = decode_text(value);
    if (text == NULL) {
        return NULL;
    }
    PyObject *number = PyLong_FromUnicodeObject(text, 16);
    PyTypeObject *type = number != NULL ? js_type_integer() : NULL;
    PyObject *result = NULL;
    if (type != NULL) {
        result = PyObject_CallOneArg((PyObject *)type, number);
    }
    Py_DECREF(text);
    Py_XDECREF(number);
    return result;
}

static PyObject *
decode_number(double number)
{
    if (number == floor(number) && fabs(number) <= SAFE_INTEGER_MAX) {
        return PyLong_FromLongLong((long long)number);
    }
    return PyFloat_FromDouble(number);
}

static PyObject *
decode_object(const struct js_value *value)
{
    PyObject *object = js_object_new(value, NULL);
    if (object != NULL && (value->c & JS_IS_ERROR)) {
        Py_SETREF(object, js_error_new(object));
    }
    return object;
}

static void
free_text(const struct js_value *value)
{
    if ((value->kind == JS_TEXT || value->kind == JS_BIGINT)
        && (value->c & JS_TEXT_OWNED)) {
        tn_free((void *)(uintptr_t)value->a);
    }
}

PyObject *
js_value_to_python(const struct js_value *value)
{
    PyObject *object = NULL;
    switch (value->kind) {
    case JS_UNDEFINED:
        Py_RETURN_NONE;
    case JS_NULL:
        return Py_NewRef(js_state()->null);
    case JS_FALSE:
        Py_RETURN_FALSE;
    case JS_TRUE:
        Py_RETURN_TRUE;
    case JS_INT:
        return PyLong_FromLong((int32_t)value->a);
    case JS_NUMBER:
        return decode_number(value->number);
    case JS_TEXT:
        object = decode_text(value);
        break;
    case JS_BIGINT:
        object = decode_integer(value);
        break;
    case JS_OBJECT:
        return decode_object(value);
    case JS_PROXY:
    case JS_EXCEPTION:
        return proxy_object(value->a);
    default:
        PyErr_SetString(PyExc_SystemError, "a value without a kind");
    }
    free_text(value);
    return object;
}

/* --- From Python --------------------------------------------------------- */

static void
encode_text(PyObject *text, struct js_value *out)
{
    out->kind = JS_TEXT;
    out->a = (uint32_t)(uintptr_t)PyUnicode_DATA(text);
    out->b = (uint32_t)PyUnicode_GET_LENGTH(text);
    out->c = (uint32_t)PyUnicode_KIND(text);
}

/* Beyond what a number can hold. */
static int
encode_bigint(PyObject *integer, struct js_value *out)
{
    PyObject *text = PyNumber_ToBase(integer, 16);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    char *copy = tn_copy_text(PyUnicode_DATA(text), (size_t)size);
    Py_DECREF(text);
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    out->kind = JS_BIGINT;
    out->a = (uint32_t)(uintptr_t)copy;
    out->b = (uint32_t)size;
    out->c = 1 | JS_TEXT_OWNED;
    return 0;
}

static bool
is_bigint(PyObject *integer)
{
    PyTypeObject *type = js_state()->integer_type;
    return type != NULL && PyObject_TypeCheck(integer, type);
}

static int
encode_integer(PyObject *integer, struct js_value *out)
{
    if (!PyLong_CheckExact(integer) && is_bigint(integer)) {
        return encode_bigint(integer, out);
    }
    if (PyUnstable_Long_IsCompact((PyLongObject *)integer)) {
        out->kind = JS_INT;
        out->a = (uint32_t)PyUnstable_Long_CompactValue(
            (PyLongObject *)integer);
        return 0;
    }
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(integer, &overflow);
    if (overflow != 0 || fabs((double)number) > SAFE_INTEGER_MAX) {
        return encode_bigint(integer, out);
    }
    out->kind = JS_NUMBER;
    out->number = (double)number;
    return 0;
}

/* What is an object on one of the two sides. */
static int
encode_object(PyObject *object, struct js_value *out)
{
    if (object == js_state()->null) {
        out->kind = JS_NULL;
        return 0;
    }
    if (js_object_check(object)) {
        return js_object_value((struct js_object *)object, out);
    }
    if (PyExceptionInstance_Check(object)) {
        PyObject *error = js_error_object(object);
        if (error != NULL) {
            return js_object_value((struct js_object *)error, out);
        }
    }
    out->kind = JS_PROXY;
    out->a = proxy_expose(object, &out->b);
    return out->a != 0 ? 0 : -1;
}

int
js_value_from_python(PyObject *object, struct js_value *out)
{
    if (PyLong_Check(object)) {
        if (PyBool_Check(object)) {
            out->kind = object == Py_True ? JS_TRUE : JS_FALSE;
            return 0;
        }
        return encode_integer(object, out);
    }
    if (PyUnicode_Check(object)) {
        encode_text(object, out);
        return 0;
    }
    if (PyFloat_Check(object)) {
        out->kind = JS_NUMBER;
        out->number = PyFloat_AS_DOUBLE(object);
        return 0;
    }
    if (object == Py_None) {
        out->kind = JS_UNDEFINED;
        return 0;
    }
    return encode_object(object, out);
}

void
js_value_clear(struct js_value *value)
{
    free_text(value);
    value->kind = JS_UNDEFINED;
}

/* --- Exceptions ---------------------------------------------------------- */

void
js_value_raise(const struct js_value *thrown)
{
    if (thrown->kind == JS_MISSING) {
        PyErr_SetString(PyExc_ReferenceError, dead_text);
        return;
    }
    PyObject *exception = js_value_to_python(thrown);
    if (exception == NULL) {
        return;
    }
    if (PyExceptionInstance_Check(exception)) {
        PyErr_SetRaisedException(exception);
        return;
    }
    PyErr_Format(PyExc_RuntimeError, "JavaScript threw %R", exception);
    Py_DECREF(exception);
}

void
js_value_from_exception(struct js_value *out)
{
    PyObject *exception = PyErr_GetRaisedException();
    if (exception == NULL) {
        PyErr_SetString(PyExc_SystemError,
                        "a call failed without an exception");
        exception = PyErr_GetRaisedException();
    }
    if (js_value_from_python(exception, out) < 0) {
        PyErr_Clear();
        out->kind = JS_UNDEFINED;
    }
    else if (out->kind == JS_PROXY) {
        out->kind = JS_EXCEPTION;
    }
    Py_DECREF(exception);
}
