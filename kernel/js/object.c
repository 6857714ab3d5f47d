/* JsProxy: a JavaScript object in Python.
 *
 * There is one for each place in JavaScript's table, so that an object that
 * comes twice is the same in Python, and one for each method, which knows its
 * `this` beside.  When the last of a place goes, the place waits in a list
 * until JavaScript is told of many at once; an object that comes again
 * meanwhile takes its place back.
 */
#include "js.h"

#include <stddef.h>
#include <string.h>

#include "alloc.h"

/* So long a way from the global object is remembered, to find it again in
 * another page. */
#define PATH_LENGTH_MAX 4

/* --- Places -------------------------------------------------------------- */

static struct js_place *
find_place(uint32_t place, uint32_t generation)
{
    struct js_state *state = js_state();
    if (place >= state->place_count) {
        size_t count = state->place_count != 0 ? state->place_count : 64;
        while (count <= place) {
            count *= 2;
        }
        struct js_place *places
            = tn_realloc(state->places, count * sizeof(*places));
        if (places == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        memset(places + state->place_count, 0,
               (count - state->place_count) * sizeof(*places));
        state->places = places;
        state->place_count = count;
    }
    struct js_place *found = &state->places[place];
    if (found->generation != generation) {
        /* JavaScript has given the place to something else. */
        *found = (struct js_place){.generation = generation,
                                   .is_released = found->is_released};
    }
    return found;
}

void
js_object_flush(void)
{
    struct js_state *state = js_state();
    size_t count = 0;
    for (size_t i = 0; i < state->released_count; i++) {
        uint32_t number = state->released[i];
        struct js_place *place = &state->places[number];
        place->is_released = false;
        if (place->count == 0) {
            state->released[count++] = number;
        }
    }
    state->released_count = 0;
    if (count > 0) {
        js_host_release(state->released, count);
    }
}

static void
leave_place(const struct js_object *object)
{
    struct js_state *state = js_state();
    if (object->life != state->life) {
        return;
    }
    struct js_place *place = &state->places[object->place];
    if (place->generation != object->generation) {
        return;
    }
    if (place->object == (PyObject *)object) {
        place->object = NULL;
    }
    if (--place->count == 0 && !place->is_released) {
        if (state->released_count == JS_RELEASE_COUNT) {
            js_object_flush();
        }
        place->is_released = true;
        state->released[state->released_count++] = object->place;
    }
}

/* The places in use, as pairs of place and generation. */
static uint32_t *
list_places(size_t *out_count)
{
    const struct js_state *state = js_state();
    uint32_t *list = tn_alloc((state->place_count + 1) * 2 * sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; list != NULL && i < state->place_count; i++) {
        if (state->places[i].count > 0) {
            list[2 * count] = (uint32_t)i;
            list[2 * count + 1] = state->places[i].generation;
            count++;
        }
    }
    *out_count = count;
    return list;
}

static void
forget_places(void)
{
    struct js_state *state = js_state();
    tn_free(state->places);
    state->places = NULL;
    state->place_count = 0;
    state->released_count = 0;
    state->life++;
}

/* What JavaScript has no more gets a generation that no object has. */
static void
keep_places(void)
{
    struct js_state *state = js_state();
    size_t count;
    uint32_t *list = list_places(&count);
    struct js_value result, arguments[2] = {
        {.kind = JS_NUMBER, .number = (double)(uintptr_t)list},
        {.kind = JS_NUMBER, .number = (double)count},
    };
    if (list == NULL
        || js_host_operate(JS_KEEP, arguments, 2, &result) < 0) {
        forget_places();
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        state->places[list[2 * i]].generation = list[2 * i + 1];
    }
    tn_free(list);
    /* Of what is not on the list, JavaScript knows now. */
    for (size_t i = 0; i < state->released_count; i++) {
        state->places[state->released[i]].is_released = false;
    }
    state->released_count = 0;
}

void
js_object_resume(bool is_same_page)
{
    struct js_state *state = js_state();
    if (state->module == NULL) {
        return; /* nobody has imported it */
    }
    state->restores++;
    if (!is_same_page) {
        forget_places();
    }
    keep_places();
    js_name_resume();
}

/* --- Making one ---------------------------------------------------------- */

static PyObject *
make_object(const struct js_value *value)
{
    PyTypeObject *type = js_type_find(value->c);
    if (type == NULL) {
        return NULL;
    }
    struct js_object *object = (struct js_object *)type->tp_alloc(type, 0);
    if (object == NULL) {
        return NULL;
    }
    object->call = js_call;
    object->place = value->a;
    object->generation = value->b;
    object->abilities = value->c;
    object->life = js_state()->life;
    js_state()->places[value->a].count++;
    return (PyObject *)object;
}

PyObject *
js_object_new(const struct js_value *value, PyObject *self)
{
    struct js_place *place = find_place(value->a, value->b);
    if (place == NULL) {
        return NULL;
    }
    if (self == NULL && place->object != NULL) {
        return Py_NewRef(place->object);
    }
    PyObject *object = make_object(value);
    if (object != NULL) {
        /* Making its type may have made places. */
        ((struct js_object *)object)->self = Py_XNewRef(self);
        if (self == NULL) {
            js_state()->places[value->a].object = object;
        }
    }
    return object;
}

PyObject *
js_object_view(struct js_object *object, uint32_t abilities)
{
    struct js_value value;
    if (js_object_value(object, &value) < 0) {
        return NULL;
    }
    value.c = abilities;
    return make_object(&value);
}

static void
object_dealloc(PyObject *op)
{
    struct js_object *object = (struct js_object *)op;
    PyTypeObject *type = Py_TYPE(op);
    if (object->weak != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    leave_place(object);
    Py_XDECREF(object->self);
    Py_XDECREF(object->origin);
    Py_XDECREF(object->name);
    Py_XDECREF(object->dict);
    type->tp_free(op);
    Py_DECREF(type);
}

/* --- What it stands for -------------------------------------------------- */

/* The global object and the one of the page's own functions have places that
 * are the same in every page. */
static bool
is_root(const struct js_object *object)
{
    return object->place <= JS_PLACE_ROOTS;
}

static int
count_path(const struct js_object *object)
{
    int length = 0;
    while (object->origin != NULL) {
        object = (const struct js_object *)object->origin;
        length++;
    }
    return is_root(object) ? length : PATH_LENGTH_MAX;
}

/* Notes where an attribute was found, for a later page. */
static void
remember_origin(PyObject *origin, PyObject *name, PyObject *found)
{
    if (!js_object_check(found) || found == origin) {
        return;
    }
    struct js_object *object = (struct js_object *)found;
    if (object->origin == NULL && !is_root(object) && object->self == NULL
        && Py_REFCNT(found) == 1
        && count_path((struct js_object *)origin) < PATH_LENGTH_MAX) {
        object->origin = Py_NewRef(origin);
        object->name = Py_NewRef(name);
    }
}

static int
get_raw(struct js_object *object, PyObject *name, struct js_value *result)
{
    int64_t number = js_name_number(name);
    if (number < 0) {
        return -1;
    }
    int status = js_host_get(object->place, object->generation,
                             (uint32_t)number, result);
    if (status < 0) {
        js_value_raise(result);
    }
    return status;
}

/* An object of an earlier page is looked for by the names that it had. */
static int
revive(struct js_object *object)
{
    struct js_object *origin
        = (struct js_object *)(object->self != NULL ? object->self
                                                    : object->origin);
    struct js_value value = {.kind = JS_MISSING}, from;
    if (is_root(object)) {
        value = (struct js_value){.kind = JS_OBJECT, .a = object->place,
                                  .c = object->abilities};
    }
    if (origin != NULL
        && (js_object_value(origin, &from) < 0
            || get_raw(origin, object->name, &value) < 0)) {
        return -1;
    }
    if (value.kind != JS_OBJECT || value.c != object->abilities) {
        js_value_clear(&value);
        js_value_raise(&(struct js_value){.kind = JS_MISSING});
        return -1;
    }
    struct js_place *place = find_place(value.a, value.b);
    if (place == NULL) {
        return -1;
    }
    place->count++;
    if (place->object == NULL && object->self == NULL) {
        place->object = (PyObject *)object;
    }
    object->place = value.a;
    object->generation = value.b;
    object->life = js_state()->life;
    return 0;
}

int
js_object_value(struct js_object *object, struct js_value *out)
{
    const struct js_state *state = js_state();
    if ((object->life != state->life
         || object->generation != state->places[object->place].generation)
        && revive(object) < 0) {
        return -1;
    }
    out->kind = JS_OBJECT;
    out->a = object->place;
    out->b = object->generation;
    out->c = object->abilities;
    return 0;
}

/* --- Attributes ---------------------------------------------------------- */

static PyObject *
raise_missing(struct js_object *object, PyObject *name)
{
    if (object->place == JS_PLACE_GLOBAL
        && PyUnicode_CompareWithASCIIString(name, "document") == 0) {
        PyErr_SetString(PyExc_AttributeError,
                        "there is no document: this Python runs outside of "
                        "the page, in a worker or in Node");
        return NULL;
    }
    PyErr_Format(PyExc_AttributeError,
                 "this JavaScript object has no attribute '%U'", name);
    return NULL;
}

/* A function that knows its `this`, and by which name that has it. */
static PyObject *
make_method(struct js_object *self, PyObject *name,
            const struct js_value *function)
{
    PyObject *method = js_object_new(function, (PyObject *)self);
    if (method != NULL) {
        ((struct js_object *)method)->name = Py_NewRef(name);
    }
    return method;
}

static PyObject *
get_from_javascript(struct js_object *object, PyObject *name)
{
    struct js_value place, result;
    if (js_object_value(object, &place) < 0
        || get_raw(object, name, &result) < 0) {
        return NULL;
    }
    if (result.kind == JS_MISSING) {
        return raise_missing(object, name);
    }
    if (result.kind != JS_OBJECT) {
        return js_value_to_python(&result);
    }
    if ((result.c & JS_IS_CALLABLE) && !is_root(object)) {
        return make_method(object, name, &result);
    }
    PyObject *found = js_value_to_python(&result);
    if (found != NULL) {
        remember_origin((PyObject *)object, name, found);
    }
    return found;
}

static PyObject *
object_getattro(PyObject *op, PyObject *name)
{
    struct js_object *object = (struct js_object *)op;
    if (!PyUnicode_Check(name)) {
        return PyObject_GenericGetAttr(op, name);
    }
    if (_PyType_Lookup(Py_TYPE(op), name) != NULL) {
        return PyObject_GenericGetAttr(op, name);
    }
    if (object->dict != NULL) {
        PyObject *found;
        if (PyDict_GetItemRef(object->dict, name, &found) != 0) {
            return found;
        }
    }
    return get_from_javascript(object, name);
}

/* What the import system writes into a module is not JavaScript's. */
static bool
is_of_module(PyObject *name)
{
    static const char *const names[] = {
        "__spec__", "__loader__", "__package__", "__path__", "__name__",
        "__file__", "__cached__",
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int
set_of_module(struct js_object *object, PyObject *name, PyObject *value)
{
    if (object->dict == NULL) {
        object->dict = PyDict_New();
    }
    if (object->dict == NULL) {
        return -1;
    }
    return value != NULL ? PyDict_SetItem(object->dict, name, value)
                         : PyDict_DelItem(object->dict, name);
}

static int
set_in_javascript(struct js_object *object, PyObject *name, PyObject *value)
{
    struct js_value arguments[3], result;
    size_t count = value != NULL ? 3 : 2;
    int64_t number = js_name_number(name);
    if (number < 0 || js_object_value(object, &arguments[0]) < 0) {
        return -1;
    }
    arguments[1] = (struct js_value){.kind = JS_NAME, .a = (uint32_t)number};
    if (value != NULL && js_value_from_python(value, &arguments[2]) < 0) {
        return -1;
    }
    int status = js_host_operate(value != NULL ? JS_SET : JS_DELETE,
                                 arguments, count, &result);
    if (status < 0) {
        js_value_raise(&result);
        return -1;
    }
    if (result.kind == JS_MISSING) {
        (void)raise_missing(object, name);
        return -1;
    }
    js_value_clear(&result);
    return 0;
}

static int
object_setattro(PyObject *op, PyObject *name, PyObject *value)
{
    struct js_object *object = (struct js_object *)op;
    if (!PyUnicode_Check(name)
        || _PyType_Lookup(Py_TYPE(op), name) != NULL) {
        return PyObject_GenericSetAttr(op, name, value);
    }
    if (PyUnicode_READ_CHAR(name, 0) == '_' && is_of_module(name)) {
        return set_of_module(object, name, value);
    }
    return set_in_javascript(object, name, value);
}

/* --- Python's protocols -------------------------------------------------- */

static PyObject *
object_repr(PyObject *op)
{
    return js_operate(JS_STRING, (struct js_object *)op, NULL, NULL);
}

static Py_hash_t
object_hash(PyObject *op)
{
    struct js_object *object = (struct js_object *)op;
    struct js_value value;
    if (js_object_value(object, &value) < 0) {
        return -1;
    }
    return (Py_hash_t)(value.a * 2654435761u >> 1);
}

static PyObject *
object_compare(PyObject *left, PyObject *right, int operator)
{
    struct js_value a, b;
    if ((operator!= Py_EQ && operator!= Py_NE) || !js_object_check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (js_object_value((struct js_object *)left, &a) < 0
        || js_object_value((struct js_object *)right, &b) < 0) {
        return NULL;
    }
    bool is_same = a.a == b.a;
    return PyBool_FromLong((operator== Py_EQ) == is_same);
}

PyDoc_STRVAR(typeof_doc, "What JavaScript's typeof says of this object.");

static PyObject *
object_typeof(PyObject *op, void *Py_UNUSED(closure))
{
    return js_operate(JS_TYPEOF, (struct js_object *)op, NULL, NULL);
}

PyDoc_STRVAR(id_doc,
"A number that two proxies of one JavaScript object share, and no others\n"
"while they live.");

static PyObject *
object_id(PyObject *op, void *Py_UNUSED(closure))
{
    struct js_value value;
    if (js_object_value((struct js_object *)op, &value) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(value.a);
}

PyDoc_STRVAR(new_doc,
"new($self, /, *args, **kwargs)\n--\n\n"
"Construct an object: what `new X(...)` gives in JavaScript.");

static PyObject *
object_new(PyObject *op, PyObject *const *arguments, Py_ssize_t count,
           PyObject *keywords)
{
    return js_call_new(op, arguments, count, keywords);
}

static PyMethodDef object_methods[] = {
    {"new", (PyCFunction)(void (*)(void))object_new,
     METH_FASTCALL | METH_KEYWORDS, new_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef object_getset[] = {
    {"typeof", object_typeof, NULL, typeof_doc, NULL},
    {"js_id", object_id, NULL, id_doc, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef object_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(struct js_object, weak),
     Py_READONLY, NULL},
    {"__vectorcalloffset__", Py_T_PYSSIZET,
     offsetof(struct js_object, call), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(object_doc, "A JavaScript object.");

static PyType_Slot object_slots[] = {
    {Py_tp_doc, (void *)object_doc},
    {Py_tp_dealloc, object_dealloc},
    {Py_tp_getattro, object_getattro},
    {Py_tp_setattro, object_setattro},
    {Py_tp_repr, object_repr},
    {Py_tp_hash, object_hash},
    {Py_tp_richcompare, object_compare},
    {Py_tp_methods, object_methods},
    {Py_tp_getset, object_getset},
    {Py_tp_members, object_members},
    {0, NULL},
};

PyType_Spec js_object_spec = {
    .name = "pyodide.ffi.JsProxy",
    .basicsize = (int)sizeof(struct js_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = object_slots,
};
