/* execute_request: a cell from its source to its reply.
 *
 * The source becomes two code objects (py/tincture/cells.py): all but the
 * last expression, which runs, and the last expression, whose value is the
 * result.  Code with a top-level await gives a coroutine, which the event
 * loop runs to its end.  An exception is a result: it leaves as an `error`
 * event and in the reply.
 */
#include "internal.h"

/* One request; every object is a strong reference or NULL. */
struct cell {
    struct tn_kernel *kernel;
    PyObject *code;        /* str */
    PyObject *expressions; /* dict of user_expressions */
    bool is_silent;
    bool is_stored;
    bool is_blank;
    bool is_stopped; /* before it began */
    bool stops_on_error;
    bool wants_value;
    bool wants_handle; /* in place of an object's JSON */
    long long count; /* of this cell */

    PyObject *value; /* of the last expression */
    PyObject *error; /* errors_describe's dict */
};

static bool
read_flag(const struct tn_request *request, const char *key, bool fallback)
{
    const struct tn_json_value *value = tn_json_get(request->content, key);
    return value != NULL ? tn_json_is_true(value) : fallback;
}

/* True when IPython would not count the code as a cell.  -1. */
static int
check_blank(PyObject *code)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(code);
    for (Py_ssize_t i = 0; i < size; i++) {
        if (!Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(code, i))) {
            return 0;
        }
    }
    return 1;
}

/* Copies what is needed of the request, which does not live long.  -1. */
static int
cell_read(struct cell *cell, const struct tn_request *request)
{
    cell->code = convert_from_json(tn_json_get(request->content, "code"));
    cell->expressions = convert_from_json(
        tn_json_get(request->content, "user_expressions"));
    if (cell->code == NULL || cell->expressions == NULL) {
        return -1;
    }
    cell->is_stopped = request->is_stopped;
    cell->is_silent = read_flag(request, "silent", false);
    cell->is_blank = check_blank(cell->code);
    cell->is_stored = !cell->is_silent && !cell->is_blank
                      && read_flag(request, "store_history", true);
    cell->stops_on_error = read_flag(request, "stop_on_error", true);
    cell->wants_value = read_flag(request, "value", false);
    cell->wants_handle = read_flag(request, "expose", false)
                         && cell->kernel->host->expose != NULL;
    cell->kernel->allow_stdin = read_flag(request, "allow_stdin", true);
    cell->count = cell->kernel->execution_count + 1;
    return 0;
}

static void
cell_clear(struct cell *cell)
{
    Py_CLEAR(cell->code);
    Py_CLEAR(cell->expressions);
    Py_CLEAR(cell->value);
    Py_CLEAR(cell->error);
}

static int
send_input(const struct cell *cell)
{
    PyObject *content = Py_BuildValue("{sOsL}", "code", cell->code,
                                      "execution_count", cell->count);
    if (content == NULL) {
        return -1;
    }
    int status = publish_message(cell->kernel, TN_MESSAGE_EXECUTE_INPUT,
                                 content, NULL, NULL);
    Py_DECREF(content);
    return status;
}

/* The filename of the cell's code: `<cell 3>`, or `<code 5>` where the count
 * stays and the same name could come again. */
static PyObject *
make_name(struct cell *cell)
{
    if (cell->is_stored) {
        return PyUnicode_FromFormat("<cell %lld>", cell->count);
    }
    return PyUnicode_FromFormat("<code %lld>", ++cell->kernel->code_count);
}

static PyObject *
run_code(struct cell *cell, PyObject *code)
{
    struct tn_kernel *kernel = cell->kernel;
    PyObject *result = PyEval_EvalCode(code, kernel->namespace,
                                       kernel->namespace);
    if (result != NULL && PyCoro_CheckExact(result)
        && (((PyCodeObject *)code)->co_flags & CO_COROUTINE) != 0) {
        PyObject *coroutine = result;
        result = PyObject_CallMethod(kernel->entry, "run_coroutine", "(O)",
                                     coroutine);
        Py_DECREF(coroutine);
    }
    return result;
}

/* Runs both halves and shows the result.  -1. */
static int
run_halves(struct cell *cell, PyObject *body, PyObject *last, bool is_shown)
{
    if (body != Py_None) {
        PyObject *ignored = run_code(cell, body);
        if (ignored == NULL) {
            return -1;
        }
        Py_DECREF(ignored);
    }
    if (last == Py_None) {
        return 0;
    }
    cell->value = run_code(cell, last);
    if (cell->value == NULL) {
        return -1;
    }
    if (cell->is_silent || !is_shown || cell->value == Py_None) {
        return 0;
    }
    PyObject *shown = PyObject_CallMethod(
        cell->kernel->entry, "show_result", "OLO", cell->value, cell->count,
        cell->is_stored ? Py_True : Py_False);
    Py_XDECREF(shown);
    return shown != NULL ? 0 : -1;
}

/* -1. */
static int
run_source(struct cell *cell)
{
    PyObject *entry = cell->kernel->entry;
    PyObject *name = make_name(cell);
    if (name == NULL) {
        return -1;
    }
    PyObject *halves = PyObject_CallMethod(
        entry, "begin_cell", "OOLO", cell->code, name, cell->count,
        cell->is_stored ? Py_True : Py_False);
    Py_DECREF(name);
    if (halves == NULL) {
        return -1;
    }
    PyObject *body, *last; /* borrowed from `halves`, which is kept */
    int is_shown;
    int status = -1;
    if (cell->is_stopped) {
        PyErr_SetNone(PyExc_KeyboardInterrupt);
    }
    else if (PyArg_ParseTuple(halves, "OOp", &body, &last, &is_shown)) {
        status = run_halves(cell, body, last, is_shown != 0);
    }
    Py_DECREF(halves);
    return status;
}

/* Turns the exception that is set into cell->error and its event.  -1 only
 * when memory is exhausted. */
static int
take_error(struct cell *cell)
{
    struct tn_kernel *kernel = cell->kernel;
    Py_CLEAR(cell->value);
    cell->error = errors_describe(kernel, PyErr_GetRaisedException());
    if (cell->error == NULL) {
        return -1;
    }
    return publish_message(kernel, TN_MESSAGE_ERROR, cell->error, NULL, NULL);
}

/* Calls entry.end_cell, which must also run after an error.  What it raises
 * is the cell's error, if that had none: an interrupt, mostly.  -1 only when
 * memory is exhausted. */
static int
end_source(struct cell *cell)
{
    PyObject *result = PyObject_CallMethod(cell->kernel->entry, "end_cell",
                                           NULL);
    if (result != NULL) {
        Py_DECREF(result);
        return 0;
    }
    if (cell->error == NULL) {
        return take_error(cell);
    }
    PyErr_Clear();
    return 0;
}

/* -1 when memory is exhausted. */
static int
run_cell(struct cell *cell)
{
    struct tn_kernel *kernel = cell->kernel;
    streams_begin_cell(kernel);
    if (!cell->is_silent && send_input(cell) < 0) {
        return -1;
    }
    if (cell->is_blank) {
        return 0;
    }
    int status = interrupt_install(kernel);
    if (status == 0) {
        status = run_source(cell);
    }
    /* What Stop ended has ended: its error is told by Python code too. */
    insist_end(kernel);
    /* The error is seen before what the end of the cell shows. */
    if (status < 0) {
        status = take_error(cell);
    }
    if (status == 0) {
        status = end_source(cell);
    }
    if (cell->is_stored) {
        kernel->execution_count = cell->count;
    }
    streams_end_cell(kernel);
    return status;
}

/* The values of user_expressions, {} after an error. */
static PyObject *
evaluate_expressions(const struct cell *cell)
{
    if (cell->error != NULL || !PyDict_Check(cell->expressions)
        || PyDict_GET_SIZE(cell->expressions) == 0) {
        return PyDict_New();
    }
    return PyObject_CallMethod(cell->kernel->entry, "evaluate_expressions",
                               "(O)", cell->expressions);
}

static PyObject *
make_reply(const struct cell *cell)
{
    PyObject *expressions = evaluate_expressions(cell);
    if (expressions == NULL) {
        return NULL;
    }
    PyObject *reply = Py_BuildValue(
        "{sssLs[]sN}", "status", cell->error != NULL ? "error" : "ok",
        "execution_count", cell->kernel->execution_count, "payload",
        "user_expressions", expressions);
    if (reply != NULL && cell->error != NULL
        && PyDict_Update(reply, cell->error) < 0) {
        Py_CLEAR(reply);
    }
    return reply;
}

/* The value's JSON, or nothing where it was not asked for.  -1. */
static int
make_value(const struct cell *cell, struct tn_buffer *json, PyObject *buffers)
{
    if (!cell->wants_value || cell->error != NULL) {
        return 0;
    }
    PyObject *value = cell->value != NULL ? cell->value : Py_None;
    return (cell->wants_handle ? value_expose : value_to_json)(
        cell->kernel, value, json, buffers);
}

/* -1 with an exception set and nothing sent. */
static int
send_reply(const struct cell *cell)
{
    int status = -1;
    struct tn_buffer json = {0};
    PyObject *reply = NULL;
    PyObject *buffers = PyList_New(0);
    if (buffers == NULL || make_value(cell, &json, buffers) < 0) {
        goto done;
    }
    reply = make_reply(cell);
    if (reply == NULL) {
        goto done;
    }
    status = publish_message_with(cell->kernel, TN_MESSAGE_EXECUTE_REPLY,
                                  reply, NULL, buffers,
                                  json.size != 0 ? "value" : NULL, &json);

done:
    tn_buffer_clear(&json);
    Py_XDECREF(reply);
    Py_XDECREF(buffers);
    return status;
}

/* Making the reply runs Python code too (user_expressions, the repr of a
 * value), which may be interrupted: then that is the reply. */
static int
finish_cell(struct cell *cell)
{
    if (send_reply(cell) == 0) {
        return 0;
    }
    return take_error(cell) == 0 ? send_reply(cell) : -1;
}

int
execute_handle(void *context, struct tn_bridge *bridge,
               const struct tn_request *request)
{
    struct tn_kernel *kernel = context;
    struct cell cell = {.kernel = kernel};
    int status = -1;
    interrupt_enter(kernel, true);
    if (cell_read(&cell, request) == 0 && run_cell(&cell) == 0) {
        status = finish_cell(&cell);
    }
    bool has_failed = cell.error != NULL;
    cell_clear(&cell);
    PyErr_Clear();
    interrupt_leave(kernel);
    /* Who pressed Stop as the cell ended wants the queue stopped too. */
    if (cell.stops_on_error && (has_failed || kernel->is_late)) {
        tn_bridge_abort_queue(bridge);
    }
    return status == 0 ? TN_OK : TN_ERROR_MEMORY;
}
