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

static PyMethodDef module_methods[] = {
    {"global_object", global_object, METH_NOARGS, global_object_doc},
    {"root", get_root, METH_O, root_doc},
    {NULL, NULL, 0, NULL},
};

static int
module_execute(PyObject *module)
{
    struct js_state *state = js_state();
    state->types = PyDict_New();
    state->null = make_null();
    state->object_type = (PyTypeObject *)PyType_FromSpec(&js_object_spec);
    state->error_type = (PyTypeObject *)PyType_FromSpecWithBases(
        &js_error_spec, PyExc_Exception);
    if (state->types == NULL || state->null == NULL
        || state->object_type == NULL || state->error_type == NULL
        || PyModule_AddObjectRef(module, "jsnull", state->null) < 0
        || PyModule_AddType(module, state->object_type) < 0
        || PyModule_AddType(module, state->error_type) < 0) {
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
