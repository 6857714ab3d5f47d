/* Python objects that JavaScript holds.
 *
 * A handle owns a reference to one object; JavaScript has it in a proxy
 * (plugin/src/interop/py_proxy.ts) and gives it back when that is collected
 * or destroyed.  A handle is an index into a table and a generation, so one
 * that is too old is found out.
 *
 * Functions that return int and say "-1" set an exception with it.
 */
#ifndef TN_JS_PROXY_H
#define TN_JS_PROXY_H

#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "value.h"

/* What an object can do; plugin/src/interop/py_abilities.ts has the same
 * numbers. */
enum proxy_ability {
    PROXY_LENGTH = 1 << 0,
    PROXY_GET = 1 << 1,
    PROXY_SET = 1 << 2,
    PROXY_HAS = 1 << 3,
    PROXY_ITERABLE = 1 << 4,
    PROXY_ITERATOR = 1 << 5,
    PROXY_GENERATOR = 1 << 6,
    PROXY_ASYNC_ITERABLE = 1 << 7,
    PROXY_ASYNC_ITERATOR = 1 << 8,
    PROXY_ASYNC_GENERATOR = 1 << 9,
    PROXY_AWAITABLE = 1 << 10,
    PROXY_CALLABLE = 1 << 11,
    PROXY_BUFFER = 1 << 12,
    PROXY_SEQUENCE = 1 << 13,
    PROXY_MUTABLE_SEQUENCE = 1 << 14,
    PROXY_DICT = 1 << 15,
    PROXY_TYPE = 1 << 16,
};

/* What proxy_operate does; plugin/src/interop/py_port.ts has the same
 * numbers.  Behind each, what the values are; the first becomes the result. */
enum proxy_operation {
    PROXY_GET_ATTRIBUTE = 0,    /* name */
    PROXY_SET_ATTRIBUTE = 1,    /* name, value */
    PROXY_DELETE_ATTRIBUTE = 2, /* name */
    PROXY_HAS_ATTRIBUTE = 3,    /* name */
    PROXY_GET_ITEM = 4,         /* key */
    PROXY_SET_ITEM = 5,         /* key, value */
    PROXY_DELETE_ITEM = 6,      /* key */
    PROXY_CONTAINS = 7,         /* key */
    PROXY_SIZE = 8,
    PROXY_ITERATE = 9,
    PROXY_SEND = 10,            /* what is sent, or nothing */
    PROXY_TEXT = 11,
    PROXY_TYPE_NAME = 12,
    PROXY_RAISE = 13,           /* the object is an exception */
    PROXY_COPY = 14,
    PROXY_GET_BUFFER = 15,      /* room for PROXY_BUFFER_VALUES */
    PROXY_RELEASE_BUFFER = 16,  /* the record that PROXY_GET_BUFFER gave */
    PROXY_TO_JS = 17,           /* depth, whether texts are kept; gives
                                 * the tape's record, address and count */
    PROXY_FREE_TAPE = 18,       /* the record */
    PROXY_HELP = 19,            /* the name of a function of
                                 * py/tincture/js_proxies.py, arguments */
};

/* Answers that are neither a result nor an exception. */
enum proxy_answer {
    PROXY_DONE = 0,
    PROXY_ABSENT = 1, /* no such attribute or item; an iterator's end, with
                       * what it returned as the result */
    PROXY_SAME = 2,   /* the attribute is the object that was named */
};

/* Values of PROXY_GET_BUFFER: eleven, then shape and strides. */
#define PROXY_BUFFER_HEAD 11
#define PROXY_BUFFER_VALUES (PROXY_BUFFER_HEAD + 2 * PyBUF_MAX_NDIM)

/* Nodes of a tape beside those of enum js_kind.  Behind a collection come its
 * items, keys before their values. */
enum proxy_node {
    PROXY_NODE_LIST = 64,  /* `a` count, `b` the collection's own number */
    PROXY_NODE_DICT = 65,  /* the same */
    PROXY_NODE_SET = 66,   /* the same */
    PROXY_NODE_SEEN = 67,  /* `b` of a collection that came before */
    PROXY_NODE_BYTES = 68, /* `a` address, `b` size */
    PROXY_NODE_OTHER = 69, /* a JS_PROXY, and in `c` the object's number */
};

struct proxy_slot {
    PyObject *object; /* NULL: the slot is free */
    uint32_t generation;
    uint32_t next; /* of a free one, the next that is free */
};

/* All mutable data of the proxy files, which the host keeps. */
struct proxy_state {
    struct proxy_slot *slots;
    uint32_t slot_count;
    uint32_t free_slot; /* an index; 0: none, for slot 0 is never used */
    uint32_t live_count;
    PyObject **names; /* interned; index 0 is never used */
    uint32_t name_count;
    PyObject *name_numbers; /* dict from name to index */
    PyObject *helpers;      /* tincture.js_proxies */
    PyObject *held;         /* what the last result is borrowed from */
};

struct proxy_state *proxy_state(void);

/* --- proxy.c ------------------------------------------------------------- */

/* A new handle for an object that has no JavaScript value of its own; 0 with
 * an exception.  `*out_flags` says what the object can do. */
uint32_t proxy_expose(PyObject *object, uint32_t *out_flags);

/* A new reference to the object; NULL with an exception when it is gone. */
PyObject *proxy_object(uint32_t handle);

/* The same, borrowed, and without an exception. */
PyObject *proxy_peek(uint32_t handle);

void proxy_release(const uint32_t *handles, size_t count);

/* JavaScript's side is gone, and all that it held. */
void proxy_release_all(void);

/* New handles have at least this index from now on; it is not an error when
 * there is no memory for that many yet. */
void proxy_renew(uint32_t first_index);

/* --- proxy_ability.c ----------------------------------------------------- */

/* The abilities of an object.  -1 with an exception. */
int64_t proxy_abilities(PyObject *object);

/* --- proxy_operate.c ----------------------------------------------------- */

/* Each gives an enum proxy_answer with the result in values[0], or -1 with
 * what JavaScript is to throw there; no exception stays set. */

/* The last `name_count` of the arguments go by the names behind them. */
int proxy_call(uint32_t handle, struct js_value *values, size_t count,
               size_t name_count);

/* The attribute of that number's name; `cached` is a handle or 0. */
int proxy_get(uint32_t handle, uint32_t name, uint32_t cached,
              struct js_value *values);

int proxy_operate(enum proxy_operation operation, uint32_t handle,
                  struct js_value *values, size_t count);

/* The number under which JavaScript may use a text as a name; 0 when there
 * is no memory for it. */
uint32_t proxy_name(const struct js_value *text);

/* Gives `result`, a new reference or NULL, to JavaScript. */
int proxy_finish(PyObject *result, struct js_value *out);

/* A strong reference to a function of py/tincture/js_proxies.py. */
PyObject *proxy_helper(PyObject *name);

/* --- proxy_buffer.c ------------------------------------------------------ */

/* -1 with an exception. */
int proxy_get_buffer(PyObject *object, struct js_value *values);
void proxy_release_buffer(uint32_t record);

/* --- proxy_tape.c -------------------------------------------------------- */

/* -1 with an exception. */
int proxy_write_tape(PyObject *object, struct js_value *values, size_t count);
void proxy_free_tape(uint32_t record);

#endif /* TN_JS_PROXY_H */
