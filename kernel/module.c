/* The built-in module _tincture: what the kernel's Python code calls.
 *
 * It is made by hand rather than found by an import, so that its state can
 * point to its kernel without a static variable.
 */
#include "internal.h"

struct module_state {
    struct tn_kernel *kernel;
};

static struct tn_kernel *
kernel_of(PyObject *module)
{
    struct module_state *state = PyModule_GetState(module);
    return state->kernel;
}

/* None stands for a missing argument. */
static PyObject *
none_as_null(PyObject *object)
{
    return object == Py_None ? NULL : object;
}

PyDoc_STRVAR(publish_doc,
"publish(type, content, metadata=None, buffers=None)\n--\n\n"
"Send one message of an event's type, with a dict as its content.");

static PyObject *
module_publish(PyObject *module, PyObject *args)
{
    const char *name;
    Py_ssize_t size;
    PyObject *content, *metadata = NULL, *buffers = NULL;
    if (!PyArg_ParseTuple(args, "s#O!|OO:publish", &name, &size, &PyDict_Type,
                          &content, &metadata, &buffers)) {
        return NULL;
    }
    enum tn_message_type type = tn_message_find(name, (size_t)size);
    if (type == TN_MESSAGE_NONE) {
        PyErr_Format(PyExc_ValueError, "no message is called %s", name);
        return NULL;
    }
    enum tn_message_direction direction = tn_message_describe(type)->direction;
    if (direction != TN_DIRECTION_EVENT && direction != TN_DIRECTION_COMM) {
        PyErr_Format(PyExc_ValueError, "%s is not for Python to send", name);
        return NULL;
    }
    metadata = metadata != NULL ? none_as_null(metadata) : NULL;
    if (metadata != NULL && !PyDict_Check(metadata)) {
        PyErr_SetString(PyExc_TypeError, "metadata must be a dict");
        return NULL;
    }
    buffers = buffers != NULL ? none_as_null(buffers) : NULL;
    if (publish_message(kernel_of(module), type, content, metadata, buffers)
        < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
write_bytes(PyObject *module, enum tn_kernel_stream stream, PyObject *data)
{
    Py_buffer view;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    Py_ssize_t size = view.len;
    int status = streams_write(kernel_of(module), stream, view.buf,
                               (size_t)size);
    PyBuffer_Release(&view);
    /* Who writes now and then between long calls is seen writing. */
    if (status < 0 || PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(size);
}

PyDoc_STRVAR(write_stdout_doc,
"write_stdout(data, /)\n--\n\n"
"Add bytes to stdout; return how many they were.");

static PyObject *
module_write_stdout(PyObject *module, PyObject *data)
{
    return write_bytes(module, TN_KERNEL_STDOUT, data);
}

PyDoc_STRVAR(write_stderr_doc,
"write_stderr(data, /)\n--\n\n"
"Add bytes to stderr; return how many they were.");

static PyObject *
module_write_stderr(PyObject *module, PyObject *data)
{
    return write_bytes(module, TN_KERNEL_STDERR, data);
}

/* A line that is whole may be due to leave, and so may an interrupt be. */
static bool
ends_line(const char *text, Py_ssize_t size)
{
    return size > 0 && text[size - 1] == '\n';
}

static PyObject *
write_text(PyObject *module, enum tn_kernel_stream stream, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError,
                     "write() argument must be str, not %.200s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    PyObject *bytes = NULL;
    const char *data = PyUnicode_DATA(text);
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    if (!PyUnicode_IS_COMPACT_ASCII(text)) { /* which is UTF-8 already */
        bytes = convert_encode(text);
        if (bytes == NULL) {
            return NULL;
        }
        data = PyBytes_AS_STRING(bytes);
        size = PyBytes_GET_SIZE(bytes);
    }
    int status = streams_write(kernel_of(module), stream, data, (size_t)size);
    if (status == 0 && ends_line(data, size)) {
        status = PyErr_CheckSignals();
    }
    Py_XDECREF(bytes);
    return status < 0 ? NULL : PyLong_FromSsize_t(PyUnicode_GET_LENGTH(text));
}

PyDoc_STRVAR(write_stdout_text_doc,
"write_stdout_text(text, /)\n--\n\n"
"Add text to stdout; return its length.");

static PyObject *
module_write_stdout_text(PyObject *module, PyObject *text)
{
    return write_text(module, TN_KERNEL_STDOUT, text);
}

PyDoc_STRVAR(write_stderr_text_doc,
"write_stderr_text(text, /)\n--\n\n"
"Add text to stderr; return its length.");

static PyObject *
module_write_stderr_text(PyObject *module, PyObject *text)
{
    return write_text(module, TN_KERNEL_STDERR, text);
}

PyDoc_STRVAR(flush_doc,
"flush()\n--\n\n"
"Send what was written to both streams.");

static PyObject *
module_flush(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    streams_flush(kernel_of(module));
    Py_RETURN_NONE;
}

PyDoc_STRVAR(request_input_doc,
"request_input(prompt, password, /)\n--\n\n"
"Ask for a line of text and wait for it.");

static PyObject *
module_request_input(PyObject *module, PyObject *args)
{
    PyObject *prompt;
    int is_password;
    if (!PyArg_ParseTuple(args, "Up:request_input", &prompt, &is_password)) {
        return NULL;
    }
    return wait_input(kernel_of(module), prompt, is_password != 0);
}

PyDoc_STRVAR(sleep_doc,
"sleep(seconds, /)\n--\n\n"
"Wait at the host; False on a thread that may not.");

static PyObject *
module_sleep(PyObject *module, PyObject *seconds)
{
    struct tn_kernel *kernel = kernel_of(module);
    double number = PyFloat_AsDouble(seconds);
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (!wait_is_possible(kernel)) {
        Py_RETURN_FALSE;
    }
    PyObject *result = wait_sleep(kernel, number);
    if (result == NULL) {
        return NULL;
    }
    Py_DECREF(result);
    Py_RETURN_TRUE;
}

PyDoc_STRVAR(wait_doc,
"wait(seconds, /)\n--\n\n"
"Wait once, for at most that many seconds (None: no limit) or until\n"
"something happens at the host.  False when this host cannot wait.");

static PyObject *
module_wait(PyObject *module, PyObject *seconds)
{
    double timeout_ms = -1;
    if (seconds != Py_None) {
        timeout_ms = PyFloat_AsDouble(seconds) * 1000;
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    struct tn_kernel *kernel = kernel_of(module);
    bool has_waited = wait_is_allowed(kernel)
                      && wait_for_host(kernel, timeout_ms) >= 0;
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return PyBool_FromLong(has_waited);
}

PyDoc_STRVAR(wait_refusal_doc,
"wait_refusal()\n--\n\n"
"Why this stack cannot wait at the host, in words; None where it can.");

static PyObject *
module_wait_refusal(PyObject *module, PyObject *Py_UNUSED(args))
{
    const char *refusal = wait_refusal(kernel_of(module));
    if (refusal == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(refusal);
}

PyDoc_STRVAR(wake_doc,
"wake()\n--\n\n"
"End a wait() of the main thread; without one, have tasks run soon.");

static PyObject *
module_wake(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    wait_wake(kernel_of(module));
    Py_RETURN_NONE;
}

PyDoc_STRVAR(was_interrupted_doc,
"was_interrupted()\n--\n\n"
"Whether what runs now (a cell, a callback, a turn of tasks) has heard an\n"
"interrupt.");

static PyObject *
module_was_interrupted(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(kernel_of(module)->is_interrupted);
}

PyDoc_STRVAR(handle_interrupt_doc,
"handle_interrupt(signal, frame, /)\n--\n\n"
"The kernel's handler for SIGINT.");

static PyObject *
module_handle_interrupt(PyObject *module, PyObject *args)
{
    PyObject *signal, *frame;
    if (!PyArg_UnpackTuple(args, "handle_interrupt", 2, 2, &signal, &frame)) {
        return NULL;
    }
    return interrupt_handle(kernel_of(module), frame);
}

PyDoc_STRVAR(handle_unraisable_doc,
"handle_unraisable(unraisable, /)\n--\n\n"
"The kernel's sys.unraisablehook.");

static PyObject *
module_handle_unraisable(PyObject *module, PyObject *args)
{
    return interrupt_handle_unraisable(kernel_of(module), args);
}

PyDoc_STRVAR(check_json_doc,
"check_json(object, /)\n--\n\n"
"Raise what publish() would raise of a content with this object in it.");

static PyObject *
module_check_json(PyObject *Py_UNUSED(module), PyObject *object)
{
    struct tn_buffer json = {0};
    int status = convert_to_json(object, &json);
    tn_buffer_clear(&json);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"publish", module_publish, METH_VARARGS, publish_doc},
    {"check_json", module_check_json, METH_O, check_json_doc},
    {"write_stdout", module_write_stdout, METH_O, write_stdout_doc},
    {"write_stderr", module_write_stderr, METH_O, write_stderr_doc},
    {"write_stdout_text", module_write_stdout_text, METH_O,
     write_stdout_text_doc},
    {"write_stderr_text", module_write_stderr_text, METH_O,
     write_stderr_text_doc},
    {"flush", module_flush, METH_NOARGS, flush_doc},
    {"request_input", module_request_input, METH_VARARGS, request_input_doc},
    {"sleep", module_sleep, METH_O, sleep_doc},
    {"wait", module_wait, METH_O, wait_doc},
    {"wait_refusal", module_wait_refusal, METH_NOARGS, wait_refusal_doc},
    {"wake", module_wake, METH_NOARGS, wake_doc},
    {"was_interrupted", module_was_interrupted, METH_NOARGS,
     was_interrupted_doc},
    {"handle_interrupt", module_handle_interrupt, METH_VARARGS,
     handle_interrupt_doc},
    {"handle_unraisable", module_handle_unraisable, METH_O,
     handle_unraisable_doc},
    {NULL, NULL, 0, NULL},
};

static int
module_execute(PyObject *module)
{
    return PyModule_AddStringConstant(module, "PROTOCOL_VERSION",
                                      TN_MESSAGES_VERSION);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)module_execute},
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
    {0, NULL},
};

PyDoc_STRVAR(module_doc, "The border between the kernel's Python and its C.");

static struct PyModuleDef module_definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_tincture",
    .m_doc = module_doc,
    .m_size = sizeof(struct module_state),
    .m_methods = module_methods,
    .m_slots = module_slots,
};

/* importlib.machinery.ModuleSpec("_tincture", None), without importlib. */
static PyObject *
make_spec(void)
{
    PyObject *bootstrap = PyImport_ImportModule("_frozen_importlib");
    if (bootstrap == NULL) {
        return NULL;
    }
    PyObject *spec = PyObject_CallMethod(bootstrap, "ModuleSpec", "sO",
                                         "_tincture", Py_None);
    Py_DECREF(bootstrap);
    return spec;
}

PyObject *
module_new(struct tn_kernel *kernel)
{
    PyObject *spec = make_spec();
    if (spec == NULL) {
        return NULL;
    }
    PyObject *module = PyModule_FromDefAndSpec(&module_definition, spec);
    Py_DECREF(spec);
    if (module == NULL || PyModule_ExecDef(module, &module_definition) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    struct module_state *state = PyModule_GetState(module);
    state->kernel = kernel;
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed, for good */
    if (PyDict_SetItemString(modules, "_tincture", module) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
