/* What a host can ask about Python's threads. */
#include "internal.h"

int
tn_kernel_threads(struct tn_kernel *kernel, struct tn_buffer *out)
{
    PyObject *names
        = PyObject_CallMethod(kernel->entry, "thread_names", NULL);
    int status = names != NULL ? convert_to_json(names, out) : -1;

    if (status < 0) {
        kernel_log_exception(kernel, "thread_names");
    }
    Py_XDECREF(names);
    return status < 0 ? TN_ERROR_IO : TN_OK;
}
