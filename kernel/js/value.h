/* Values on their way between Python and JavaScript.
 *
 * A value crosses as a struct js_value in linear memory.  What is small is
 * copied; an object of the other side is a name for it, never a pointer: a
 * place in a table and the generation of what is there.
 * plugin/src/interop/values.ts has the same layout and numbers.
 */
#ifndef TN_JS_VALUE_H
#define TN_JS_VALUE_H

#include <Python.h>

#include <stdint.h>

enum js_kind {
    JS_UNDEFINED = 0,
    JS_NULL = 1,
    JS_FALSE = 2,
    JS_TRUE = 3,
    JS_INT = 4,       /* `a` as int32_t */
    JS_NUMBER = 5,    /* `number` */
    JS_TEXT = 6,      /* `a` address, `b` count of units, `c` their size */
    JS_BIGINT = 7,    /* the same, in hexadecimal, perhaps after a -; 0x
                       * before the digits is welcome, and JavaScript's wish */
    JS_OBJECT = 8,    /* of JavaScript: `a` place, `b` generation, `c` what it
                       * can do (enum js_ability) */
    JS_PROXY = 9,     /* of Python: `a` handle, `b` what it can do (proxy.h) */
    JS_EXCEPTION = 10,/* of Python: `a` handle of the exception */
    JS_NAME = 11,     /* text that both sides have: `a` place among names */
    JS_MISSING = 12,  /* no value at all; only as a result */
    JS_LIST = 13,     /* heads of a structure (to_py.c): `a` items follow */
    JS_DICT = 14,     /* `a` keys and values */
    JS_SET_OF = 15,   /* `a` items */
    JS_SEEN = 16,     /* the `a`-th of the heads once more */
};

/* Units of text: 1 byte is Latin-1, 2 are UTF-16 in which surrogates may be
 * alone, 4 are code points (to JavaScript only).  To Python, JS_TEXT_UTF8
 * is UTF-8, and with JS_TEXT_OWNED the text is a block of tn_alloc that
 * becomes the reader's. */
#define JS_TEXT_UNIT 0x0fu
#define JS_TEXT_UTF8 0x10u
#define JS_TEXT_OWNED 0x20u

struct js_value {
    uint32_t kind; /* enum js_kind */
    uint32_t a;
    union {
        double number;
        struct {
            uint32_t b;
            uint32_t c;
        };
    };
};

/* What a JavaScript object can do, which decides its Python type. */
enum js_ability {
    JS_IS_CALLABLE = 1 << 0,
    JS_IS_ITERABLE = 1 << 1,
    JS_IS_ITERATOR = 1 << 2,
    JS_HAS_LENGTH = 1 << 3,
    JS_HAS_GET = 1 << 4,
    JS_HAS_SET = 1 << 5,
    JS_HAS_HAS = 1 << 6,
    JS_HAS_INCLUDES = 1 << 7,
    JS_IS_AWAITABLE = 1 << 8,
    JS_IS_BUFFER = 1 << 9,
    JS_IS_TYPED_ARRAY = 1 << 10,
    JS_IS_ARRAY = 1 << 11,
    JS_IS_ARRAY_LIKE = 1 << 12, /* NodeList, HTMLCollection: read only */
    JS_IS_ERROR = 1 << 13,
    JS_IS_ASYNC_ITERABLE = 1 << 14,
    JS_IS_ASYNC_ITERATOR = 1 << 15,
    JS_IS_GENERATOR = 1 << 16,
    JS_IS_ASYNC_GENERATOR = 1 << 17,
    JS_IS_DOUBLE_PROXY = 1 << 18, /* a proxy of a Python object */
    JS_IS_DOM_ELEMENT = 1 << 19,
    JS_IS_MAP = 1 << 20, /* the view of as_object_map: never JavaScript's */
    JS_IS_ONCE = 1 << 23, /* a function for one call, which made it */
};

/* What js_host_operate does, in the order of plugin/src/interop/operations.ts,
 * which says what the arguments are; the first one is the object. */
#define JS_OPERATIONS(X)                                                      \
    X(SET) X(DELETE) X(NEW) X(CALL_NAMED) X(NEW_NAMED) X(METHOD)              \
    X(LENGTH) X(TYPEOF) X(STRING) X(TRUTH) X(NAMES)                           \
    X(GET_INDEX) X(SET_INDEX) X(DELETE_INDEX) X(SPLICE) X(SLICE)              \
    X(GET_KEY) X(SET_KEY) X(DELETE_KEY) X(CONTAINS)                           \
    X(GET_OWN) X(SET_OWN) X(DELETE_OWN) X(HAS_OWN) X(OWN_KEYS)                \
    X(KEYS) X(VALUES) X(ENTRIES)                                              \
    X(ITERATE) X(NEXT) X(THROW) X(RETURN) X(ASYNC_ITERATE)                    \
    X(THEN) X(TAKE_SETTLED) X(TAKE_VALUE)                                     \
    X(SHAPE) X(FLATTEN) X(READ_BEGIN) X(READ) X(READ_END)     \
    X(BUFFER_FORMAT) X(BUFFER_SIZE) X(COPY_OUT) X(COPY_IN) X(DECODE)         \
    X(KEEP)

/* In place of a name's number: the length, or with this bit an item of what
 * has a length.  plugin/src/interop/interop.ts has the same. */
#define JS_NAME_LENGTH 0x7fffffffu
#define JS_NAME_INDEX 0x80000000u

#define JS_ENUMERATOR(name) JS_##name,
enum js_operation {
    JS_OPERATIONS(JS_ENUMERATOR) JS_OPERATION_COUNT
};

/* A new reference to what Python has for the value, whose text is freed where
 * it is owned.  NULL with an exception. */
PyObject *js_value_to_python(const struct js_value *value);

/* What JavaScript has for the object.  Text and objects are borrowed: the
 * value holds as long as `object` lives and does not change.  -1 with an
 * exception. */
int js_value_from_python(PyObject *object, struct js_value *out);

/* Frees what a value from js_value_from_python owns, where it did not
 * cross. */
void js_value_clear(struct js_value *value);

/* Sets the exception for a value that was thrown, whose text is freed; one
 * that Python had thrown into JavaScript is itself again. */
void js_value_raise(const struct js_value *thrown);

/* Takes the exception that is set, as what JavaScript throws for it. */
void js_value_from_exception(struct js_value *out);

#endif /* TN_JS_VALUE_H */
