/* The module _tincture_js: what py/pyodide/ffi.py names for programs. */
#include "js.h"

#include "proxy.h"

/* --- null ---------------------------------------------------------------- */

static PyObject *
null_repr(PyObject *Py_UNUSED(self))
{
    return PyUnicode_FromString("jsnull");
}

static int
null_bool(PyObject *Py_UNUSED(self))
{
    return 0;
}

PyDoc_STRVAR(null_doc, "JavaScript's null, which is not its undefined.");

static PyType_Slot null_slots[] = {
    {Py_tp_doc, (void *)null_doc},
    {Py_tp_repr, null_repr},
    {Py_nb_bool, null_bool},
    {0, NULL},
};

static PyType_Spec null_spec = {
    .name = "pyodide.ffi.JsNull",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = null_slots,
};

static PyObject *
make_null(void)
{
    PyObject *type = PyType_FromSpec(&null_spec);
    if (type == NULL) {
        return NULL;
    }
    PyObject *null = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
    Py_DECREF(type);
    return null;
}

/* --- The module ---------------------------------------------------------- */

PyDoc_STRVAR(global_object_doc,
"global_object()\n--\n\n"
"JavaScript's globalThis.");

static PyObject *
global_object(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    const struct js_value global = {.kind = JS_OBJECT, .a = JS_PLACE_GLOBAL};
    return js_value_to_python(&global);
}

PyDoc_STRVAR(root_doc,
"root(name, /)\n--\n\n"
"What the page's side of the kernel has under this name.");

static PyObject *
get_root(PyObject *Py_UNUSED(module), PyObject *name)
{
    const struct js_value place = {.kind = JS_OBJECT, .a = JS_PLACE_ROOTS};
    PyObject *roots = js_value_to_python(&place);
    if (roots == NULL) {
        return NULL;
    }
    PyObject *found = PyObject_GetAttr(roots, name);
    Py_DECREF(roots);
    return found;
}

static struct js_object *
check_object(PyObject *object)
{
    if (js_object_check(object)) {
        return (struct js_object *)object;
    }
    PyErr_Format(PyExc_TypeError, "a JsProxy is needed, not %.100s",
                 Py_TYPE(object)->tp_name);
    return NULL;
}

PyDoc_STRVAR(operate_doc,
"operate(operation, /, *arguments)\n--\n\n"
"One of the operations by number.  Ellipsis where there is no value;\n"
"StopIteration, with a value, where an iterator is at its end.");

static PyObject *
operate(PyObject *Py_UNUSED(module), PyObject *const *arguments,
        Py_ssize_t count)
{
    if (count < 1) {
        PyErr_SetString(PyExc_TypeError, "an operation is needed");
        return NULL;
    }
    long operation = PyLong_AsLong(arguments[0]);
    if (operation == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (operation < 0 || operation >= JS_OPERATION_COUNT) {
        PyErr_Format(PyExc_ValueError, "no operation %ld", operation);
        return NULL;
    }
    return js_operate_all((enum js_operation)operation, arguments + 1,
                          (size_t)count - 1);
}

PyDoc_STRVAR(view_doc,
"view(object, abilities, /)\n--\n\n"
"The same JavaScript object with other abilities.");

static PyObject *
view(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *object;
    unsigned long abilities;
    if (!PyArg_ParseTuple(args, "Ok:view", &object, &abilities)) {
        return NULL;
    }
    struct js_object *inner = check_object(object);
    return inner != NULL ? js_object_view(inner, (uint32_t)abilities) : NULL;
}

PyDoc_STRVAR(abilities_doc,
"abilities(object, /)\n--\n\n"
"What a JavaScript object can do, as bits.");

static PyObject *
get_abilities(PyObject *Py_UNUSED(module), PyObject *object)
{
    struct js_object *inner = check_object(object);
    return inner != NULL ? PyLong_FromUnsignedLong(inner->abilities) : NULL;
}

PyDoc_STRVAR(read_doc,
"read(array, /)\n--\n\n"
"The items of a JavaScript array as a list.");

static PyObject *
read_array(PyObject *Py_UNUSED(module), PyObject *object)
{
    struct js_object *array = check_object(object);
    return array != NULL ? js_convert(array, 1, true) : NULL;
}

PyDoc_STRVAR(convert_doc,
"convert(object, depth, /)\n--\n\n"
"Lists, dicts and sets of what JavaScript has, so deep.");

static PyObject *
convert(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *object;
    long depth;
    if (!PyArg_ParseTuple(args, "Ol:convert", &object, &depth)) {
        return NULL;
    }
    struct js_object *inner = check_object(object);
    return inner != NULL ? js_convert(inner, depth, false) : NULL;
}

PyDoc_STRVAR(copy_doc,
"copy(buffer, memory, into_javascript, /)\n--\n\n"
"Copy all bytes of a JavaScript buffer to memory of the same size, or back.");

static PyObject *
copy_buffer(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *object, *memory;
    int into_javascript;
    Py_buffer view;
    if (!PyArg_ParseTuple(args, "OOp:copy", &object, &memory,
                          &into_javascript)) {
        return NULL;
    }
    struct js_object *buffer = check_object(object);
    if (buffer == NULL
        || PyObject_GetBuffer(memory, &view,
                              into_javascript ? PyBUF_SIMPLE : PyBUF_WRITABLE)
               < 0) {
        return NULL;
    }
    int status = js_buffer_copy(buffer, &view, into_javascript != 0);
    PyBuffer_Release(&view);
    return status == 0 ? Py_NewRef(Py_None) : NULL;
}

PyDoc_STRVAR(to_bytes_doc,
"to_bytes(buffer, /)\n--\n\n"
"A copy of the bytes of a JavaScript buffer.");

static PyObject *
to_bytes(PyObject *Py_UNUSED(module), PyObject *object)
{
    struct js_object *buffer = check_object(object);
    return buffer != NULL ? js_buffer_bytes(buffer) : NULL;
}

PyDoc_STRVAR(flush_doc,
"flush()\n--\n\n"
"Tell JavaScript at once what Python has let go of.");

static PyObject *
flush(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    js_object_flush();
    Py_RETURN_NONE;
}

PyDoc_STRVAR(restores_doc,
"restores()\n--\n\n"
"How often memory was restored since the kernel began.");

static PyObject *
get_restores(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLong(js_state()->restores);
}

static PyMethodDef module_methods[] = {
    {"operate", (PyCFunction)(void (*)(void))operate, METH_FASTCALL,
     operate_doc},
    {"view", view, METH_VARARGS, view_doc},
    {"abilities", get_abilities, METH_O, abilities_doc},
    {"convert", convert, METH_VARARGS, convert_doc},
    {"read", read_array, METH_O, read_doc},
    {"to_bytes", to_bytes, METH_O, to_bytes_doc},
    {"copy", copy_buffer, METH_VARARGS, copy_doc},
    {"restores", get_restores, METH_NOARGS, restores_doc},
    {"flush", flush, METH_NOARGS, flush_doc},
    {"global_object", global_object, METH_NOARGS, global_object_doc},
    {"root", get_root, METH_O, root_doc},
    {NULL, NULL, 0, NULL},
};

#define OPERATION_NAME(name) #name,

static int
add_operations(PyObject *module)
{
    static const char *const names[] = {JS_OPERATIONS(OPERATION_NAME)};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (PyModule_AddIntConstant(module, names[i], (long)i) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
module_execute(PyObject *module)
{
    struct js_state *state = js_state();
    PyObject *meta = js_type_make_meta(module);
    if (meta == NULL) {
        return -1;
    }
    state->types = PyDict_New();
    state->null = make_null();
    state->object_type = (PyTypeObject *)PyType_FromMetaclass(
        (PyTypeObject *)meta, module, &js_object_spec, NULL);
    Py_DECREF(meta);
    state->error_type = (PyTypeObject *)PyType_FromSpecWithBases(
        &js_error_spec, PyExc_Exception);
    if (state->types == NULL || state->null == NULL
        || state->object_type == NULL || state->error_type == NULL
        || PyModule_AddObjectRef(module, "jsnull", state->null) < 0
        || PyModule_AddType(module, state->object_type) < 0
        || PyModule_AddType(module, state->error_type) < 0
        || js_protocol_add(module) < 0 || add_operations(module) < 0) {
        return -1;
    }
    state->module = Py_NewRef(module);
    return 0;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)module_execute},
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
    {0, NULL},
};

PyDoc_STRVAR(module_doc, "JavaScript, as the kernel's Python code sees it.");

static struct PyModuleDef module_definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_tincture_js",
    .m_doc = module_doc,
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyObject *
js_module_init(void)
{
    return PyModuleDef_Init(&module_definition);
}
