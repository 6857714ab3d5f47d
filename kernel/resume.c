/* The kernel in a copy of its memory: Python learns where it is now. */
#include "internal.h"

#include "json.h"

/* Calls a function of tincture.entry that gives nothing. */
static int
call_entry(struct tn_kernel *kernel, const char *name, PyObject *argument)
{
    bool was_handling = kernel->is_handling;
    PyObject *result = NULL;
    kernel->is_handling = true;
    if (argument != NULL) {
        result = PyObject_CallMethod(kernel->entry, name, "(O)", argument);
    }
    if (result == NULL) {
        kernel_log_exception(kernel, name);
    }
    streams_flush(kernel);
    kernel->is_handling = was_handling;
    Py_XDECREF(argument);
    Py_XDECREF(result);
    return result != NULL ? TN_OK : TN_ERROR_IO;
}

int
tn_kernel_resume(struct tn_kernel *kernel,
                 const struct tn_json_value *settings, bool is_new)
{
    if (kernel->is_handling) {
        return TN_ERROR_STATE;
    }
    if (is_new) {
        kernel->code_count = 0;
        tn_bridge_renew(kernel->bridge);
    }
    return call_entry(kernel, "resume", convert_from_json(settings));
}

int
tn_kernel_mounted(struct tn_kernel *kernel, const char *path)
{
    return call_entry(kernel, "mounted", PyUnicode_DecodeFSDefault(path));
}
