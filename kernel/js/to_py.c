/* A whole structure of JavaScript's as Python's lists, dicts and sets.
 *
 * plugin/src/interop/to_py.ts writes it as a flat list of values, some at a
 * time: a head with a count, behind it what belongs to it.
 */
#include "js.h"

#include "alloc.h"

/* Values in one go, and memory for their short texts. */
#define BATCH_COUNT 256
#define TEXT_SIZE 32768

struct reader {
    struct js_value *batch;
    char *texts;
    PyObject *heads; /* what was made of them, in their order */
    uint32_t number; /* JavaScript's for this conversion */
    size_t next;
    size_t count; /* of the batch */
};

static struct js_value
number_value(double number)
{
    return (struct js_value){.kind = JS_NUMBER, .number = number};
}

/* -1. */
static int
fill(struct reader *reader)
{
    const struct js_value arguments[] = {
        number_value(reader->number),
        number_value((double)(uintptr_t)reader->batch),
        number_value(BATCH_COUNT),
        number_value((double)(uintptr_t)reader->texts),
        number_value(TEXT_SIZE),
    };
    struct js_value result;
    int status = js_host_operate(JS_READ, arguments,
                                 Py_ARRAY_LENGTH(arguments), &result);
    if (status < 0) {
        js_value_raise(&result);
        return -1;
    }
    reader->next = 0;
    reader->count = result.a;
    if (reader->count == 0) {
        PyErr_SetString(PyExc_SystemError, "a structure without an end");
        return -1;
    }
    return 0;
}

static PyObject *read_value(struct reader *reader);

static int
note_head(const struct reader *reader, PyObject *head)
{
    return head != NULL ? PyList_Append(reader->heads, head) : -1;
}

static PyObject *
read_list(struct reader *reader, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    if (note_head(reader, list) < 0) {
        Py_XDECREF(list);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *item = read_value(reader);
        if (item == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    }
    return list;
}

/* Sets js_types.ConversionError; `text` has one %R, for `object`.  What was
 * raised before is its reason and gone. */
static void
refuse(const char *text, PyObject *object)
{
    PyErr_Clear();
    PyObject *types = PyImport_ImportModule("tincture.js_types");
    if (types == NULL) {
        return;
    }
    PyObject *error = PyObject_GetAttrString(types, "ConversionError");
    Py_DECREF(types);
    if (error != NULL) {
        PyErr_Format(error, text, object);
        Py_DECREF(error);
    }
}

/* -1. */
static int
add_pair(PyObject *dict, PyObject *key, PyObject *value)
{
    int is_there = PyDict_Contains(dict, key);
    if (is_there == 0) {
        return PyDict_SetItem(dict, key, value);
    }
    if (is_there > 0) {
        refuse("Key collision when converting to a Python dictionary: two "
               "keys are %R",
               key);
    }
    else if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        refuse("%R cannot be a key of a dict", key);
    }
    return -1;
}

static PyObject *
read_dict(struct reader *reader, size_t count)
{
    PyObject *dict = PyDict_New();
    int status = note_head(reader, dict);
    for (size_t i = 0; i < count && status == 0; i++) {
        PyObject *key = read_value(reader);
        PyObject *value = key != NULL ? read_value(reader) : NULL;
        status = value != NULL ? add_pair(dict, key, value) : -1;
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    if (status < 0) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
read_set(struct reader *reader, size_t count)
{
    PyObject *set = PySet_New(NULL);
    int status = note_head(reader, set);
    for (size_t i = 0; i < count && status == 0; i++) {
        PyObject *item = read_value(reader);
        status = item != NULL ? PySet_Add(set, item) : -1;
        if (item != NULL && status < 0
            && PyErr_ExceptionMatches(PyExc_TypeError)) {
            refuse("%R cannot be an item of a set", item);
        }
        Py_XDECREF(item);
    }
    if (status < 0) {
        Py_CLEAR(set);
    }
    return set;
}

static PyObject *
read_single(const struct js_value *value)
{
    PyObject *object = js_value_to_python(value);
    if (object != NULL && value->kind == JS_OBJECT
        && (value->c & JS_IS_BUFFER)) {
        Py_SETREF(object, PyObject_CallMethod(object, "to_memoryview", NULL));
    }
    return object;
}

static PyObject *
read_collection(struct reader *reader, const struct js_value *head)
{
    PyObject *collection = NULL;
    if (Py_EnterRecursiveCall(" while converting from JavaScript") < 0) {
        return NULL;
    }
    switch (head->kind) {
    case JS_LIST:
        collection = read_list(reader, head->a);
        break;
    case JS_DICT:
        collection = read_dict(reader, head->a);
        break;
    default:
        collection = read_set(reader, head->a);
    }
    Py_LeaveRecursiveCall();
    return collection;
}

static PyObject *
read_value(struct reader *reader)
{
    if (reader->next == reader->count && fill(reader) < 0) {
        return NULL;
    }
    const struct js_value value = reader->batch[reader->next++];
    switch (value.kind) {
    case JS_LIST:
    case JS_DICT:
    case JS_SET_OF:
        return read_collection(reader, &value);
    case JS_SEEN:
        return PyList_GetItemRef(reader->heads, (Py_ssize_t)value.a);
    default:
        return read_single(&value);
    }
}

/* -1. */
static int
begin(struct reader *reader, struct js_object *object, long depth,
      bool is_array)
{
    struct js_value arguments[3], result;
    if (js_object_value(object, &arguments[0]) < 0) {
        return -1;
    }
    arguments[1] = number_value((double)depth);
    arguments[2].kind = is_array ? JS_TRUE : JS_FALSE;
    if (js_host_operate(JS_READ_BEGIN, arguments, 3, &result) < 0) {
        js_value_raise(&result);
        return -1;
    }
    reader->number = result.a;
    return 0;
}

/* Frees what nobody has read. */
static void
end(struct reader *reader)
{
    const struct js_value number = number_value(reader->number);
    struct js_value result;
    while (reader->next < reader->count) {
        js_value_clear(&reader->batch[reader->next++]);
    }
    (void)js_host_operate(JS_READ_END, &number, 1, &result);
}

PyObject *
js_convert(struct js_object *object, long depth, bool is_array)
{
    struct reader reader = {
        .batch = tn_alloc(BATCH_COUNT * sizeof(*reader.batch)),
        .texts = tn_alloc(TEXT_SIZE),
        .heads = PyList_New(0),
    };
    PyObject *result = NULL;
    if (reader.batch == NULL || reader.texts == NULL) {
        PyErr_NoMemory();
    }
    else if (reader.heads != NULL
             && begin(&reader, object, depth, is_array) == 0) {
        result = read_value(&reader);
        end(&reader);
    }
    Py_XDECREF(reader.heads);
    tn_free(reader.texts);
    tn_free(reader.batch);
    return result;
}
