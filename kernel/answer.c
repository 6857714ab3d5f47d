/* The other requests: those that Python answers whole (tincture.entry), comm
 * messages, and the two of the control channel.
 */
#include "internal.h"

/* The status of a reply that could not be made; is_complete_reply has a word
 * of its own for it. */
static PyObject *
make_failure(struct tn_kernel *kernel, enum tn_message_type reply_type)
{
    PyObject *error = errors_describe(kernel, PyErr_GetRaisedException());
    if (error == NULL) {
        return NULL;
    }
    bool is_check = reply_type == TN_MESSAGE_IS_COMPLETE_REPLY;
    PyObject *status = PyUnicode_FromString(is_check ? "unknown" : "error");
    if (status == NULL || PyDict_SetItemString(error, "status", status) < 0) {
        Py_CLEAR(error);
    }
    Py_XDECREF(status);
    return error;
}

int
answer_handle(void *context, struct tn_bridge *bridge,
              const struct tn_request *request)
{
    struct tn_kernel *kernel = context;
    const struct tn_message_info *info = tn_message_describe(request->type);
    (void)bridge;
    int status = -1;
    interrupt_enter(kernel, false);
    PyObject *content = convert_from_json(request->content);
    PyObject *reply = NULL;
    if (content != NULL) {
        reply = PyObject_CallMethod(kernel->entry, "answer", "sO", info->name,
                                    content);
        Py_DECREF(content);
    }
    if (reply == NULL) {
        reply = make_failure(kernel, info->reply);
    }
    if (reply != NULL) {
        status = publish_message(kernel, info->reply, reply, NULL, NULL);
        Py_DECREF(reply);
    }
    PyErr_Clear();
    interrupt_leave(kernel);
    return status == 0 ? TN_OK : TN_ERROR_MEMORY;
}

static PyObject *
copy_buffers(const struct tn_request *request)
{
    PyObject *list = PyList_New((Py_ssize_t)request->buffer_count);
    for (size_t i = 0; list != NULL && i < request->buffer_count; i++) {
        const struct tn_bytes *bytes = &request->buffers[i];
        PyObject *copy = PyBytes_FromStringAndSize(bytes->data,
                                                   (Py_ssize_t)bytes->size);
        if (copy == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, (Py_ssize_t)i, copy);
    }
    return list;
}

/* The message as the `comm` package passes it to callbacks. */
static PyObject *
copy_message(const struct tn_request *request)
{
    PyObject *header = convert_from_json(request->header);
    PyObject *metadata = convert_from_json(request->metadata);
    PyObject *content = convert_from_json(request->content);
    PyObject *buffers = copy_buffers(request);
    PyObject *message = NULL;
    if (header != NULL && metadata != NULL && content != NULL
        && buffers != NULL) {
        message = Py_BuildValue("{sOsOsOsO}", "header", header, "metadata",
                                metadata, "content", content, "buffers",
                                buffers);
    }
    Py_XDECREF(header);
    Py_XDECREF(metadata);
    Py_XDECREF(content);
    Py_XDECREF(buffers);
    return message;
}

int
answer_comm(void *context, struct tn_bridge *bridge,
            const struct tn_request *request)
{
    struct tn_kernel *kernel = context;
    (void)bridge;
    int status = 0;
    interrupt_enter(kernel, false);
    streams_begin_cell(kernel);
    PyObject *result = NULL;
    PyObject *message = copy_message(request);
    if (message != NULL) {
        result = PyObject_CallMethod(kernel->entry, "handle_comm", "sO",
                                     tn_message_name(request->type), message);
        Py_DECREF(message);
    }
    if (result == NULL) {
        status = errors_publish(kernel);
    }
    Py_XDECREF(result);
    streams_end_cell(kernel);
    PyErr_Clear();
    interrupt_leave(kernel);
    return status == 0 ? TN_OK : TN_ERROR_MEMORY;
}

/* What seconds, or None, are in milliseconds; negative: never. */
static double
read_delay(PyObject *seconds)
{
    return seconds != Py_None ? PyFloat_AsDouble(seconds) * 1000 : -1;
}

double
tn_kernel_next_task(struct tn_kernel *kernel)
{
    if (kernel->is_handling || tn_kernel_has_work(kernel)) {
        return 0;
    }
    PyObject *result = PyObject_CallMethod(kernel->entry, "next_task", NULL);
    /* What is wrong, tn_kernel_run_tasks will find and tell. */
    double delay_ms = result != NULL ? read_delay(result) : 0;
    Py_XDECREF(result);
    PyErr_Clear();
    return delay_ms;
}

double
tn_kernel_run_tasks(struct tn_kernel *kernel)
{
    if (kernel->is_handling || tn_kernel_has_work(kernel)) {
        return 0;
    }
    kernel->is_handling = true;
    interrupt_enter(kernel, false);
    streams_begin_cell(kernel);
    double delay_ms = 0;
    PyObject *result = PyObject_CallMethod(kernel->entry, "run_tasks", NULL);
    if (result != NULL) {
        delay_ms = read_delay(result);
    }
    else if (!kernel->is_shut_down) { /* which interrupts what it ends */
        (void)errors_publish(kernel);
    }
    Py_XDECREF(result);
    streams_end_cell(kernel);
    PyErr_Clear();
    interrupt_leave(kernel);
    kernel->is_handling = false;
    /* A tick may have brought a message. */
    return tn_kernel_has_work(kernel) ? 0 : delay_ms;
}

/* The two below run inside tn_kernel_post, so without touching Python. */

int
answer_interrupt(void *context, struct tn_bridge *bridge,
                 const struct tn_request *request)
{
    (void)request;
    tn_kernel_interrupt(context);
    struct tn_json_writer *writer
        = tn_bridge_begin(bridge, TN_MESSAGE_INTERRUPT_REPLY);
    tn_json_key(writer, "status");
    tn_json_write_text(writer, "ok");
    return tn_bridge_end(bridge, NULL, 0);
}

int
answer_shutdown(void *context, struct tn_bridge *bridge,
                const struct tn_request *request)
{
    struct tn_kernel *kernel = context;
    kernel->is_shut_down = true;
    tn_kernel_interrupt(kernel);
    tn_bridge_abort_queue(bridge);
    bool is_restart
        = tn_json_is_true(tn_json_get(request->content, "restart"));
    struct tn_json_writer *writer
        = tn_bridge_begin(bridge, TN_MESSAGE_SHUTDOWN_REPLY);
    tn_json_key(writer, "status");
    tn_json_write_text(writer, "ok");
    tn_json_key(writer, "restart");
    tn_json_write_bool(writer, is_restart);
    return tn_bridge_end(bridge, NULL, 0);
}
