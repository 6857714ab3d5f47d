/* A Python structure as one flat list of values, which JavaScript makes
 * objects and arrays of in one go (plugin/src/interop/py_to_js.ts).
 *
 * Writing it runs no code of the program's, so what the nodes borrow is there
 * when JavaScript reads them.  Where JavaScript calls converters meanwhile,
 * it asks for texts to be kept.
 */
#include "proxy.h"

#include <string.h>

#include "alloc.h"

/* Collections that were met, by address; open addressing. */
struct seen {
    PyObject **places;
    size_t count;
    size_t size; /* a power of two */
};

#define FIRST_SEEN_SIZE 64

/* What is freed as a whole. */
struct tape {
    struct tn_buffer nodes;
    struct seen seen;
    PyObject *kept; /* list of texts, or NULL */
};

static size_t
find_place(const struct seen *seen, const PyObject *object)
{
    size_t mask = seen->size - 1;
    size_t place = ((uintptr_t)object >> 4) * 2654435761u & mask;
    while (seen->places[place] != NULL && seen->places[place] != object) {
        place = (place + 1) & mask;
    }
    return place;
}

/* -1. */
static int
grow_seen(struct seen *seen)
{
    struct seen next = {.size = seen->size == 0 ? FIRST_SEEN_SIZE
                                                : 2 * seen->size};
    next.places = tn_alloc_zeroed(next.size, sizeof(PyObject *));
    if (next.places == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < seen->size; i++) {
        if (seen->places[i] != NULL) {
            next.places[find_place(&next, seen->places[i])] = seen->places[i];
            next.count++;
        }
    }
    tn_free(seen->places);
    *seen = next;
    return 0;
}

/* 1 where the object was there before.  -1. */
static int
check_seen(struct seen *seen, PyObject *object)
{
    if (2 * seen->count >= seen->size && grow_seen(seen) < 0) {
        return -1;
    }
    size_t place = find_place(seen, object);
    if (seen->places[place] != NULL) {
        return 1;
    }
    seen->places[place] = object;
    seen->count++;
    return 0;
}

/* -1. */
static int
add_node(struct tape *tape, const struct js_value *node)
{
    if (tn_buffer_append(&tape->nodes, node, sizeof(*node)) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static int
add_head(struct tape *tape, enum proxy_node kind, PyObject *object,
         Py_ssize_t count)
{
    struct js_value node = {.kind = kind, .a = (uint32_t)count};
    node.b = (uint32_t)(uintptr_t)object;
    node.c = 0;
    return add_node(tape, &node);
}

/* Without a JavaScript value of its own. */
static int
add_other(struct tape *tape, PyObject *object)
{
    struct js_value node = {.kind = PROXY_NODE_OTHER};
    uint32_t flags;
    node.a = proxy_expose(object, &flags);
    if (node.a == 0) {
        return -1;
    }
    node.b = flags;
    node.c = (uint32_t)(uintptr_t)object;
    return add_node(tape, &node);
}

/* Whether it crosses by value: not so for objects of Python's. */
static bool
is_plain(PyObject *object)
{
    return object == Py_None || PyBool_Check(object)
           || PyLong_Check(object) || PyFloat_Check(object)
           || PyUnicode_Check(object);
}

static int
add_value(struct tape *tape, PyObject *object)
{
    struct js_value node;
    if (PyUnicode_Check(object) && tape->kept != NULL
        && PyList_Append(tape->kept, object) < 0) {
        return -1;
    }
    if (js_value_from_python(object, &node) < 0) {
        return -1;
    }
    /* What is a proxy after all may have a converter. */
    if (node.kind == JS_PROXY) {
        node.kind = PROXY_NODE_OTHER;
        node.c = (uint32_t)(uintptr_t)object;
    }
    return add_node(tape, &node);
}

static int write_object(struct tape *tape, PyObject *object, long depth);

static int
fail_key(PyObject *key, const char *collection)
{
    PyObject *name = PyUnicode_InternFromString("ConversionError");
    PyObject *type = name != NULL ? proxy_helper(name) : NULL;
    if (type != NULL) {
        PyErr_Format(type, "Cannot use %R as a key for a JavaScript %s", key,
                     collection);
    }
    Py_XDECREF(name);
    Py_XDECREF(type);
    return -1;
}

static int
write_items(struct tape *tape, PyObject *list, long depth)
{
    Py_ssize_t count = PySequence_Fast_GET_SIZE(list);
    if (add_head(tape, PROXY_NODE_LIST, list, count) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(list, i); /* borrowed */
        if (write_object(tape, item, depth - 1) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
write_dict(struct tape *tape, PyObject *dict, long depth)
{
    Py_ssize_t position = 0;
    PyObject *key, *value; /* nothing below changes the dict */
    if (add_head(tape, PROXY_NODE_DICT, dict, PyDict_GET_SIZE(dict)) < 0) {
        return -1;
    }
    while (PyDict_Next(dict, &position, &key, &value)) { /* borrowed */
        if (!is_plain(key)) {
            return fail_key(key, "Map");
        }
        if (add_value(tape, key) < 0
            || write_object(tape, value, depth - 1) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
write_set(struct tape *tape, PyObject *set, long depth)
{
    PyObject *items = PySequence_List(set);
    int status = -1;
    if (items != NULL
        && add_head(tape, PROXY_NODE_SET, set, PyList_GET_SIZE(items)) == 0) {
        status = 0;
    }
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i); /* borrowed of the set */
        status = PyTuple_Check(item) || PyAnySet_Check(item)
                     ? fail_key(item, "Set")
                     : write_object(tape, item, depth - 1);
    }
    Py_XDECREF(items);
    return status;
}

static int
write_bytes(struct tape *tape, PyObject *bytes)
{
    bool is_array = PyByteArray_Check(bytes);
    const char *data = is_array ? PyByteArray_AS_STRING(bytes)
                                : PyBytes_AS_STRING(bytes);
    struct js_value node = {.kind = PROXY_NODE_BYTES,
                            .a = (uint32_t)(uintptr_t)data};
    node.b = (uint32_t)(is_array ? PyByteArray_GET_SIZE(bytes)
                                 : PyBytes_GET_SIZE(bytes));
    node.c = 0;
    return add_node(tape, &node);
}

/* -1 as a depth has no end. */
static int
write_collection(struct tape *tape, PyObject *object, long depth)
{
    bool is_list = PyList_Check(object) || PyTuple_Check(object);
    if (depth == 0) {
        return add_other(tape, object);
    }
    int was_seen = check_seen(&tape->seen, object);
    if (was_seen != 0) {
        return was_seen < 0
                   ? -1
                   : add_head(tape, PROXY_NODE_SEEN, object, 0);
    }
    if (Py_EnterRecursiveCall(" while converting to JavaScript")) {
        return -1;
    }
    int status = is_list                 ? write_items(tape, object, depth)
                 : PyDict_Check(object)  ? write_dict(tape, object, depth)
                                         : write_set(tape, object, depth);
    Py_LeaveRecursiveCall();
    return status;
}

static int
write_object(struct tape *tape, PyObject *object, long depth)
{
    if (is_plain(object)) {
        return add_value(tape, object);
    }
    if (PyList_Check(object) || PyTuple_Check(object) || PyDict_Check(object)
        || PyAnySet_Check(object)) {
        return write_collection(tape, object, depth);
    }
    if (depth != 0 && (PyBytes_Check(object) || PyByteArray_Check(object))) {
        return write_bytes(tape, object);
    }
    if (depth == 0 || PyObject_CheckBuffer(object)) {
        return add_other(tape, object);
    }
    return add_value(tape, object);
}

/* Nobody will read it: what it exposed is let go of. */
static void
drop_others(const struct tape *tape)
{
    const struct js_value *node = (const void *)tape->nodes.data;
    size_t count = tape->nodes.size / sizeof(*node);
    for (size_t i = 0; i < count; i++) {
        if (node[i].kind == PROXY_NODE_OTHER) {
            proxy_release(&node[i].a, 1);
        }
    }
}

static void
free_tape(struct tape *tape)
{
    tn_buffer_clear(&tape->nodes);
    tn_free(tape->seen.places);
    Py_XDECREF(tape->kept);
    tn_free(tape);
}

static void
set_number(struct js_value *value, double number)
{
    *value = (struct js_value){.kind = JS_NUMBER, .number = number};
}

int
proxy_write_tape(PyObject *object, struct js_value *values, size_t count)
{
    struct tape *tape = tn_alloc_zeroed(1, sizeof(*tape));
    long depth = count > 0 ? (long)(int32_t)values[0].a : -1;
    bool keeps = count > 1 && values[1].kind == JS_TRUE;
    if (tape == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    tape->kept = keeps ? PyList_New(0) : NULL;
    if ((keeps && tape->kept == NULL)
        || write_object(tape, object, depth) < 0) {
        drop_others(tape);
        free_tape(tape);
        return -1;
    }
    set_number(&values[0], (double)(uintptr_t)tape);
    set_number(&values[1], (double)(uintptr_t)tape->nodes.data);
    set_number(&values[2],
               (double)(tape->nodes.size / sizeof(struct js_value)));
    return 0;
}

void
proxy_free_tape(uint32_t record)
{
    free_tape((struct tape *)(uintptr_t)record);
}
