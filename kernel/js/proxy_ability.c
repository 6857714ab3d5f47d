/* What a Python object can do, from the slots of its type. */
#include "proxy.h"

static uint32_t
collection_abilities(const PyTypeObject *type)
{
    const PyMappingMethods *mapping = type->tp_as_mapping;
    const PySequenceMethods *sequence = type->tp_as_sequence;
    uint32_t found = 0;
    if (mapping != NULL) {
        found |= mapping->mp_length != NULL ? PROXY_LENGTH : 0;
        found |= mapping->mp_subscript != NULL ? PROXY_GET : 0;
        found |= mapping->mp_ass_subscript != NULL ? PROXY_SET : 0;
    }
    if (sequence != NULL) {
        found |= sequence->sq_length != NULL ? PROXY_LENGTH : 0;
        found |= sequence->sq_item != NULL ? PROXY_GET : 0;
        found |= sequence->sq_ass_item != NULL ? PROXY_SET : 0;
        found |= sequence->sq_contains != NULL ? PROXY_HAS : 0;
    }
    return found;
}

static uint32_t
async_abilities(const PyTypeObject *type)
{
    const PyAsyncMethods *methods = type->tp_as_async;
    uint32_t found = 0;
    if (methods != NULL) {
        found |= methods->am_await != NULL ? PROXY_AWAITABLE : 0;
        found |= methods->am_aiter != NULL ? PROXY_ASYNC_ITERABLE : 0;
        found |= methods->am_anext != NULL ? PROXY_ASYNC_ITERATOR : 0;
    }
    return found;
}

static uint32_t
iterator_abilities(PyObject *object)
{
    const PyTypeObject *type = Py_TYPE(object);
    uint32_t found = 0;
    if (type->tp_iter != NULL || PySequence_Check(object)) {
        found |= PROXY_ITERABLE;
    }
    if (PyIter_Check(object)) {
        found |= PROXY_ITERATOR;
    }
    return found;
}

/* Whether it is a class's instance in the eyes of collections.abc.  -1. */
static int
is_instance(PyObject *object, const char *name)
{
    PyObject *module = PyImport_ImportModule("collections.abc");
    if (module == NULL) {
        return -1;
    }
    PyObject *class = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    if (class == NULL) {
        return -1;
    }
    int result = PyObject_IsInstance(object, class);
    Py_DECREF(class);
    return result;
}

/* Sequences: what the interpreter marks as one for `match`, and bytes.  Only
 * classes that are not known by themselves ask collections.abc.  -1. */
static int64_t
sequence_abilities(PyObject *object, uint32_t found)
{
    if (PyList_Check(object) || PyByteArray_Check(object)) {
        return PROXY_SEQUENCE | PROXY_MUTABLE_SEQUENCE;
    }
    if (PyTuple_Check(object) || PyBytes_Check(object)) {
        return PROXY_SEQUENCE;
    }
    if (!PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_SEQUENCE)) {
        return 0;
    }
    if ((found & PROXY_SET) == 0 || PyMemoryView_Check(object)) {
        return PROXY_SEQUENCE;
    }
    int is_mutable = is_instance(object, "MutableSequence");
    if (is_mutable < 0) {
        return -1;
    }
    return PROXY_SEQUENCE | (is_mutable ? PROXY_MUTABLE_SEQUENCE : 0);
}

/* Generators have send, throw and close.  -1. */
static int64_t
generator_abilities(PyObject *object, uint32_t found)
{
    if (PyGen_CheckExact(object)) {
        return PROXY_GENERATOR;
    }
    if (PyAsyncGen_CheckExact(object)) {
        return PROXY_ASYNC_GENERATOR;
    }
    const char *name = NULL;
    uint32_t flag = 0;
    /* Types of C have no such methods but those above. */
    if (PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_HEAPTYPE)) {
        if (found & PROXY_ITERATOR) {
            name = "Generator";
            flag = PROXY_GENERATOR;
        }
        else if (found & PROXY_ASYNC_ITERATOR) {
            name = "AsyncGenerator";
            flag = PROXY_ASYNC_GENERATOR;
        }
    }
    int is_generator = name != NULL ? is_instance(object, name) : 0;
    return is_generator < 0 ? -1 : is_generator * (int64_t)flag;
}

int64_t
proxy_abilities(PyObject *object)
{
    const PyTypeObject *type = Py_TYPE(object);
    /* By far the most frequent ones. */
    if (PyFunction_Check(object) || PyMethod_Check(object)
        || PyCFunction_Check(object)) {
        return PROXY_CALLABLE;
    }
    if (PyType_Check(object)) {
        return PROXY_CALLABLE | PROXY_TYPE
               | (collection_abilities(type) | iterator_abilities(object));
    }
    uint32_t found = collection_abilities(type) | async_abilities(type)
                     | iterator_abilities(object);
    found |= type->tp_call != NULL ? PROXY_CALLABLE : 0;
    found |= PyObject_CheckBuffer(object) ? PROXY_BUFFER : 0;
    found |= PyDict_Check(object) ? PROXY_DICT : 0;
    int64_t sequence = sequence_abilities(object, found);
    int64_t generator = generator_abilities(object, found);
    return sequence < 0 || generator < 0 ? -1
                                         : (found | sequence | generator);
}
