/* What the files of kernel/js share, and what they ask of their host.
 *
 * Functions that return PyObject pointers give strong references or NULL with
 * an exception; those that return int and say "-1" set one with it.
 */
#ifndef TN_JS_JS_H
#define TN_JS_JS_H

#include <Python.h>

#include <stdbool.h>

#include "value.h"

/* Names of attributes that JavaScript keeps as strings; a power of two. */
#define JS_NAME_COUNT 2048

/* Released objects are told to JavaScript so many at a time. */
#define JS_RELEASE_COUNT 128

/* Types that are found without a dictionary; a power of two. */
#define JS_TYPE_COUNT 64

/* Values that cross in one call without a block of their own. */
#define JS_ARGUMENT_COUNT 8

/* --- The host (kernel/hosts/web_js.c) ------------------------------------ */

/* Each gives 0 and a result in *out, or -1 and what was thrown; an operation
 * also JS_HOST_DONE, where an iterator is at its end and *out its value. */
#define JS_HOST_DONE 1

/* `name` is a name's number, JS_NAME_LENGTH, or an index and JS_NAME_INDEX.
 * A length or an item that is a positive small number is the status itself. */
int js_host_get(uint32_t place, uint32_t generation, uint32_t name,
                struct js_value *out);
int js_host_call(uint32_t place, uint32_t generation,
                 const struct js_value *self,
                 const struct js_value *arguments, size_t count,
                 struct js_value *out);
int js_host_operate(enum js_operation operation,
                    const struct js_value *arguments, size_t count,
                    struct js_value *out);

/* JavaScript keeps the text as the name of that number. */
void js_host_set_name(uint32_t name, const struct js_value *text);

/* The places are free, unless their objects cross once more. */
void js_host_release(const uint32_t *places, size_t count);

/* --- State --------------------------------------------------------------- */

/* Places that are taken in every page. */
#define JS_PLACE_GLOBAL 0 /* globalThis */
#define JS_PLACE_ROOTS 1  /* what the kernel's own code asks for by name */

/* A place in JavaScript's table, as Python knows it. */
struct js_place {
    PyObject *object;    /* the one that stands for it, borrowed, or NULL */
    uint32_t generation;
    uint32_t count;      /* struct js_object with this place */
    bool is_released;    /* among those that JavaScript will be told of */
};

/* All mutable data of this directory, which the host keeps. */
struct js_state {
    struct js_place *places;
    size_t place_count;
    uint32_t released[JS_RELEASE_COUNT];
    size_t released_count;
    PyObject *names[JS_NAME_COUNT]; /* strong */
    uint32_t life;     /* objects of another one are dead */
    uint32_t restores; /* of memory, since the kernel began */
    PyObject *module;
    PyObject *null;             /* pyodide.ffi.jsnull */
    PyTypeObject *object_type;  /* JsProxy */
    PyTypeObject *error_type;   /* JsException */
    PyTypeObject *integer_type; /* JsBigInt; NULL before there was one */
    PyObject *types;            /* by abilities */
    struct {
        uint32_t abilities;
        PyTypeObject *type; /* borrowed of `types` */
    } recent_types[JS_TYPE_COUNT];
};

struct js_state *js_state(void);

/* --- name.c -------------------------------------------------------------- */

/* The number of a name that JavaScript has; -1 with an exception. */
int64_t js_name_number(PyObject *name);

/* Memory was restored: JavaScript has other names, or none. */
void js_name_resume(void);

/* --- object.c ------------------------------------------------------------ */

/* A JavaScript object in Python. */
struct js_object {
    PyObject_HEAD
    vectorcallfunc call;
    uint32_t place;
    uint32_t generation;
    uint32_t abilities; /* enum js_ability */
    uint32_t life;
    PyObject *self;      /* a method's `this`, or NULL */
    PyObject *origin;    /* whose attribute it was first, or NULL */
    PyObject *name;      /* of that attribute, or of the method */
    PyObject *dict;      /* what import writes into a module, or NULL */
    PyObject *error;     /* the JsException around it, borrowed, or NULL */
    PyObject *weak;
};

#define js_object_check(object)                                               \
    PyObject_TypeCheck((object), js_state()->object_type)

/* The object that a value of kind JS_OBJECT names; `self` as above. */
PyObject *js_object_new(const struct js_value *value, PyObject *self);

/* The same object with other abilities, which only Python knows. */
PyObject *js_object_view(struct js_object *object, uint32_t abilities);

/* Its value.  -1. */
int js_object_value(struct js_object *object, struct js_value *out);

extern PyType_Spec js_object_spec;

/* Tells JavaScript what is not used any more. */
void js_object_flush(void);

/* Memory was restored.  In the same page, JavaScript is told what is used, and
 * what it has no more is dead; in another one everything is.  Runs no Python
 * code. */
void js_object_resume(bool is_same_page);

/* --- call.c -------------------------------------------------------------- */

PyObject *js_call(PyObject *callable, PyObject *const *arguments,
                  size_t flagged_count, PyObject *keywords);
PyObject *js_call_new(PyObject *callable, PyObject *const *arguments,
                      Py_ssize_t count, PyObject *keywords);

/* The operation's result, Ellipsis where there is none; StopIteration at the
 * end of an iterator. */
PyObject *js_operate_all(enum js_operation operation,
                         PyObject *const *arguments, size_t count);
PyObject *js_operate(enum js_operation operation, struct js_object *object,
                     PyObject *first, PyObject *second);

/* --- error.c ------------------------------------------------------------- */

extern PyType_Spec js_error_spec;

/* The JsException around an object that is an error. */
PyObject *js_error_new(PyObject *object);

/* The object inside, borrowed; NULL for another exception. */
PyObject *js_error_object(PyObject *exception);

/* --- protocol.c ---------------------------------------------------------- */

/* Adds the base types of Python's protocols.  -1. */
int js_protocol_add(PyObject *module);

/* --- buffer.c ------------------------------------------------------------ */

/* Copies all bytes of a JavaScript buffer, as many as `view` has.  -1. */
int js_buffer_copy(struct js_object *buffer, Py_buffer *view,
                   bool into_javascript);

/* A copy of its bytes. */
PyObject *js_buffer_bytes(struct js_object *buffer);

/* --- to_py.c ------------------------------------------------------------- */

/* Lists, dicts and sets of what JavaScript has, so deep; negative: as deep as
 * it is.  With `is_array` the object itself is read as an array. */
PyObject *js_convert(struct js_object *object, long depth, bool is_array);

/* --- type.c -------------------------------------------------------------- */

/* The Python type of objects with these abilities, borrowed. */
PyTypeObject *js_type_find(uint32_t abilities);

/* The same of JavaScript's bigints, a subclass of int. */
PyTypeObject *js_type_integer(void);

/* The metaclass of JsProxy, in whose eyes a JsException is one too. */
PyObject *js_type_make_meta(PyObject *module);

/* --- module.c ------------------------------------------------------------ */

/* The module _tincture_js, for PyImport_AppendInittab. */
PyObject *js_module_init(void);

#endif /* TN_JS_JS_H */
