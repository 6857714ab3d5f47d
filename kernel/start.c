/* The life of a kernel: Python's configuration and start, the table of
 * handlers, and the end.
 */
#include "internal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Made by freeze.py from py/: the kernel's own Python code. */
extern const struct _frozen tn_frozen_modules[];

static const tn_request_handler handlers[TN_MESSAGE_COUNT] = {
    [TN_MESSAGE_KERNEL_INFO_REQUEST] = answer_handle,
    [TN_MESSAGE_EXECUTE_REQUEST] = execute_handle,
    [TN_MESSAGE_COMPLETE_REQUEST] = answer_handle,
    [TN_MESSAGE_INSPECT_REQUEST] = answer_handle,
    [TN_MESSAGE_IS_COMPLETE_REQUEST] = answer_handle,
    [TN_MESSAGE_HISTORY_REQUEST] = answer_handle,
    [TN_MESSAGE_COMM_INFO_REQUEST] = answer_handle,
    [TN_MESSAGE_INTERRUPT_REQUEST] = answer_interrupt,
    [TN_MESSAGE_SHUTDOWN_REQUEST] = answer_shutdown,
    [TN_MESSAGE_INPUT_REPLY] = wait_take_input,
    [TN_MESSAGE_COMM_OPEN] = answer_comm,
    [TN_MESSAGE_COMM_MSG] = answer_comm,
    [TN_MESSAGE_COMM_CLOSE] = answer_comm,
};

static void
log_text(struct tn_kernel *kernel, const char *text)
{
    kernel->host->log(kernel->host->context, text, strlen(text));
}

void
kernel_log_exception(struct tn_kernel *kernel, const char *doing)
{
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *text = PyUnicode_FromFormat("kernel: %s: %R", doing, exception);
    const char *utf8 = text != NULL ? PyUnicode_AsUTF8(text) : NULL;
    log_text(kernel, utf8 != NULL ? utf8 : doing);
    Py_XDECREF(text);
    Py_XDECREF(exception);
    PyErr_Clear();
}

static void
log_status(struct tn_kernel *kernel, const PyStatus *status)
{
    struct tn_buffer text = {0};
    (void)tn_buffer_append_format(
        &text, "kernel: Python did not start: %s: %s",
        status->func != NULL ? status->func : "?",
        status->err_msg != NULL ? status->err_msg : "no reason given");
    log_text(kernel, text.error == TN_OK ? text.data : "no memory");
    tn_buffer_clear(&text);
}

static PyStatus
set_text(PyConfig *config, wchar_t **field, const char *text)
{
    if (text == NULL) {
        return PyStatus_Ok();
    }
    return PyConfig_SetBytesString(config, field, text);
}

static PyStatus
set_paths(PyConfig *config, const struct tn_kernel_config *given)
{
    wchar_t **const prefixes[] = {
        &config->prefix,
        &config->base_prefix,
        &config->exec_prefix,
        &config->base_exec_prefix,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(prefixes); i++) {
        PyStatus status = set_text(config, prefixes[i], given->prefix);
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    if (given->stdlib == NULL) {
        return PyStatus_Ok();
    }
    PyStatus status = set_text(config, &config->stdlib_dir, given->stdlib);
    if (PyStatus_Exception(status)) {
        return status;
    }
    wchar_t *path = Py_DecodeLocale(given->stdlib, NULL);
    if (path == NULL) {
        return PyStatus_NoMemory();
    }
    config->module_search_paths_set = 1;
    status = PyWideStringList_Append(&config->module_search_paths, path);
    PyMem_RawFree(path);
    return status;
}

static PyStatus
set_arguments(PyConfig *config, const struct tn_kernel_config *given)
{
    static const char *const no_arguments[] = {""};
    const char *const *argv = given->argv != NULL ? given->argv : no_arguments;
    size_t count = given->argv != NULL ? given->argument_count : 1;
    for (size_t i = 0; i < count; i++) {
        wchar_t *argument = Py_DecodeLocale(argv[i], NULL);
        if (argument == NULL) {
            return PyStatus_NoMemory();
        }
        PyStatus status = PyWideStringList_Append(&config->argv, argument);
        PyMem_RawFree(argument);
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    return PyStatus_Ok();
}

static PyStatus
start_python(const struct tn_kernel_config *given)
{
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&before);
    if (PyStatus_Exception(status)) {
        return status;
    }
    PyImport_FrozenModules = tn_frozen_modules;

    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = given->import_site;
    config.write_bytecode = 0;
    config.pathconfig_warnings = 0;
    config.install_signal_handlers = 1;
    /* Sets have the same order in every start, from a snapshot or without
     * one: README.md says why. */
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    status = set_paths(&config, given);
    if (!PyStatus_Exception(status)) {
        status = set_arguments(&config, given);
    }
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    return status;
}

/* The home is also $HOME and where relative paths start. */
static int
enter_home(struct tn_kernel *kernel, const char *home)
{
    if (home == NULL) {
        return TN_OK;
    }
    if ((mkdir(home, 0777) < 0 && errno != EEXIST) || chdir(home) < 0
        || setenv("HOME", home, 1) < 0) {
        log_text(kernel, "kernel: the home directory cannot be entered");
        return TN_ERROR_IO;
    }
    return TN_OK;
}

/* What the kernel needs of Python, after Python has started.  -1. */
static int
bind_python(struct tn_kernel *kernel)
{
    kernel->module = module_new(kernel);
    if (kernel->module == NULL) {
        return -1;
    }
    kernel->sigint_handler
        = PyObject_GetAttrString(kernel->module, "handle_interrupt");
    if (kernel->sigint_handler == NULL || interrupt_bind(kernel) < 0) {
        return -1;
    }
    PyObject *hook
        = PyObject_GetAttrString(kernel->module, "handle_unraisable");
    if (hook == NULL || PySys_SetObject("unraisablehook", hook) < 0) {
        Py_XDECREF(hook);
        return -1;
    }
    Py_DECREF(hook);
    PyObject *main = PyImport_ImportModule("__main__");
    if (main == NULL) {
        return -1;
    }
    kernel->namespace = Py_NewRef(PyModule_GetDict(main)); /* was borrowed */
    Py_DECREF(main);
    kernel->entry = PyImport_ImportModule("tincture.entry");
    if (kernel->entry == NULL) {
        return -1;
    }
    PyObject *result = PyObject_CallMethod(kernel->entry, "start", "(O)",
                                           kernel->namespace);
    Py_XDECREF(result);
    return result != NULL ? 0 : -1;
}

/* The bridge's context is the kernel, the host's its own: these pass on. */

static void
bridge_send(void *context, const char *json, size_t size,
            const struct tn_bytes *buffers, size_t buffer_count)
{
    const struct tn_host *host = ((struct tn_kernel *)context)->host;
    host->send(host->context, json, size, buffers, buffer_count);
}

static void
bridge_random(void *context, void *bytes, size_t size)
{
    const struct tn_host *host = ((struct tn_kernel *)context)->host;
    host->random(host->context, bytes, size);
}

static double
bridge_wall_ms(void *context)
{
    const struct tn_host *host = ((struct tn_kernel *)context)->host;
    return host->wall_ms(host->context);
}

static int
start_bridge(struct tn_kernel *kernel)
{
    struct tn_bridge_config config = {
        .context = kernel,
        .send = bridge_send,
        .random = bridge_random,
        .wall_ms = bridge_wall_ms,
        .handlers = handlers,
    };
    return tn_bridge_new(&kernel->bridge, &config);
}

int
tn_kernel_new(struct tn_kernel **out, const struct tn_host *host,
              const struct tn_kernel_config *config)
{
    *out = NULL;
    if (Py_IsInitialized()) {
        return TN_ERROR_STATE;
    }
    struct tn_kernel *kernel = tn_alloc_zeroed(1, sizeof(*kernel));
    if (kernel == NULL) {
        return TN_ERROR_MEMORY;
    }
    kernel->host = host;
    kernel->thread = PyThread_get_thread_ident();
    int status = start_bridge(kernel);
    if (status == TN_OK) {
        status = enter_home(kernel, config->home);
    }
    if (status < 0) {
        goto done;
    }
    PyStatus python = start_python(config);
    if (PyStatus_Exception(python)) {
        log_status(kernel, &python);
        status = TN_ERROR_IO;
        goto done;
    }
    if (bind_python(kernel) < 0) {
        kernel_log_exception(kernel, "Python did not start");
        status = TN_ERROR_IO;
        goto done;
    }
    *out = kernel;

done:
    if (status < 0) {
        tn_kernel_free(kernel);
    }
    return status;
}

void
tn_kernel_free(struct tn_kernel *kernel)
{
    if (kernel == NULL) {
        return;
    }
    if (Py_IsInitialized()) {
        Py_CLEAR(kernel->entry);
        Py_CLEAR(kernel->namespace);
        Py_CLEAR(kernel->set_signal);
        Py_CLEAR(kernel->get_signal);
        Py_CLEAR(kernel->sigint);
        Py_CLEAR(kernel->sigint_handler);
        Py_CLEAR(kernel->module);
        (void)Py_FinalizeEx();
    }
    streams_clear(kernel);
    tn_free(kernel->input_text);
    tn_bridge_free(kernel->bridge);
    tn_free(kernel);
}

int
tn_kernel_post(struct tn_kernel *kernel, const char *json, size_t size,
               const struct tn_bytes *buffers, size_t buffer_count)
{
    return tn_bridge_receive(kernel->bridge, json, size, buffers,
                             buffer_count);
}

static int
run_queue(struct tn_kernel *kernel, int (*run)(struct tn_bridge *))
{
    if (kernel->is_handling) {
        return TN_OK;
    }
    kernel->is_handling = true;
    int status = run(kernel->bridge);
    kernel->is_handling = false;
    return status;
}

int
tn_kernel_run(struct tn_kernel *kernel)
{
    return run_queue(kernel, tn_bridge_run);
}

int
tn_kernel_run_cell(struct tn_kernel *kernel)
{
    return run_queue(kernel, tn_bridge_run_cell);
}

void
tn_kernel_clear_queue(struct tn_kernel *kernel)
{
    tn_bridge_clear_queue(kernel->bridge);
}

bool
tn_kernel_is_running(const struct tn_kernel *kernel)
{
    return kernel->is_handling;
}

bool
tn_kernel_has_work(const struct tn_kernel *kernel)
{
    return tn_bridge_queue_count(kernel->bridge) != 0;
}

bool
tn_kernel_is_shut_down(const struct tn_kernel *kernel)
{
    return kernel->is_shut_down;
}
