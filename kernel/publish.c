/* Messages from Python objects.
 *
 * The content is written as JSON text first and handed to the bridge after:
 * an object that is not JSON then raises before anything was begun.
 */
#include "internal.h"

/* One member of a content: where its value stands in the text. */
struct member {
    PyObject *key; /* borrowed from the content, which is kept alive */
    size_t start;
    size_t end;
};

struct members {
    struct member *list;
    size_t count;
    struct tn_buffer text;
};

static void
members_clear(struct members *members)
{
    PyMem_Free(members->list);
    tn_buffer_clear(&members->text);
}

static int
members_fill(struct members *members, PyObject *content)
{
    size_t count = (size_t)PyDict_GET_SIZE(content);
    members->list = PyMem_Calloc(count != 0 ? count : 1,
                                 sizeof(struct member));
    if (members->list == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t position = 0;
    PyObject *key, *value; /* borrowed; nothing below runs Python code */
    while (PyDict_Next(content, &position, &key, &value)) {
        struct member *member = &members->list[members->count++];
        if (!PyUnicode_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "a member's name must be str");
            return -1;
        }
        member->key = key;
        member->start = members->text.size;
        if (convert_to_json(value, &members->text) < 0) {
            return -1;
        }
        member->end = members->text.size;
    }
    return 0;
}

static int
members_write(const struct members *members, struct tn_json_writer *writer)
{
    for (size_t i = 0; i < members->count; i++) {
        const struct member *member = &members->list[i];
        if (convert_write_key(writer, member->key) < 0) {
            return -1;
        }
        tn_json_write_raw(writer, members->text.data + member->start,
                          member->end - member->start);
    }
    return 0;
}

/* The bytes of Python objects, held until release. */
struct held_buffers {
    Py_buffer *views;
    struct tn_bytes *bytes;
    size_t count;
};

static void
buffers_release(struct held_buffers *held)
{
    for (size_t i = 0; i < held->count; i++) {
        PyBuffer_Release(&held->views[i]);
    }
    PyMem_Free(held->views);
    PyMem_Free(held->bytes);
}

static int
buffers_hold(struct held_buffers *held, PyObject *sequence)
{
    if (sequence == NULL) {
        return 0;
    }
    PyObject *tuple = PySequence_Tuple(sequence);
    if (tuple == NULL) {
        return -1;
    }
    int status = -1;
    size_t count = (size_t)PyTuple_GET_SIZE(tuple);
    held->views = PyMem_Calloc(count != 0 ? count : 1, sizeof(Py_buffer));
    held->bytes = PyMem_Calloc(count != 0 ? count : 1,
                               sizeof(struct tn_bytes));
    if (held->views == NULL || held->bytes == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (; held->count < count; held->count++) {
        PyObject *item = PyTuple_GET_ITEM( /* borrowed from the tuple */
            tuple, (Py_ssize_t)held->count);
        Py_buffer *view = &held->views[held->count];
        if (PyObject_GetBuffer(item, view, PyBUF_SIMPLE) < 0) {
            goto done;
        }
        struct tn_bytes *bytes = &held->bytes[held->count];
        bytes->data = view->buf;
        bytes->size = (size_t)view->len;
    }
    status = 0;

done:
    Py_DECREF(tuple); /* each view holds its object */
    return status;
}

static int
send_members(struct tn_kernel *kernel, enum tn_message_type type,
             const struct members *members, const struct tn_buffer *metadata,
             const struct held_buffers *held, const char *extra_key,
             const struct tn_buffer *extra_json)
{
    struct tn_json_writer *writer = tn_bridge_begin(kernel->bridge, type);
    int status = members_write(members, writer);
    if (extra_key != NULL) {
        tn_json_key(writer, extra_key);
        tn_json_write_raw(writer, extra_json->data, extra_json->size);
    }
    if (metadata->size != 0) {
        tn_bridge_set_metadata(kernel->bridge, metadata->data,
                               metadata->size);
    }
    /* Begun means ended, also when a key could not be encoded. */
    if (tn_bridge_end(kernel->bridge, held->bytes, held->count) < 0
        && status == 0) {
        PyErr_NoMemory();
        status = -1;
    }
    return status;
}

int
publish_message_with(struct tn_kernel *kernel, enum tn_message_type type,
                     PyObject *content, PyObject *metadata, PyObject *buffers,
                     const char *extra_key, const struct tn_buffer *extra_json)
{
    int status = -1;
    struct members members = {0};
    struct held_buffers held = {0};
    struct tn_buffer metadata_json = {0};
    /* The buffers first: taking them may run Python code. */
    if (buffers_hold(&held, buffers) < 0
        || members_fill(&members, content) < 0) {
        goto done;
    }
    if (metadata != NULL && convert_to_json(metadata, &metadata_json) < 0) {
        goto done;
    }
    streams_flush(kernel);
    status = send_members(kernel, type, &members, &metadata_json, &held,
                          extra_key, extra_json);

done:
    tn_buffer_clear(&metadata_json);
    buffers_release(&held);
    members_clear(&members);
    return status;
}

int
publish_message(struct tn_kernel *kernel, enum tn_message_type type,
                PyObject *content, PyObject *metadata, PyObject *buffers)
{
    return publish_message_with(kernel, type, content, metadata, buffers, NULL,
                                NULL);
}
