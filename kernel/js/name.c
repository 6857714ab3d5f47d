/* Names of attributes, of which JavaScript keeps the strings: a cache by the
 * address of the interned Python string, with one place for each address.
 */
#include "js.h"

#include <string.h>

/* Python's keywords, which a program writes with one underscore behind. */
static const char *const keywords[] = {
    "False",  "None",   "True",     "and",   "as",     "assert", "async",
    "await",  "break",  "class",    "continue", "def", "del",    "elif",
    "else",   "except", "finally",  "for",   "from",   "global", "if",
    "import", "in",     "is",       "lambda", "nonlocal", "not", "or",
    "pass",   "raise",  "return",   "try",   "while",  "with",   "yield",
};

#define KEYWORD_SIZE_MAX 8

/* Whether the text is a keyword and underscores: then one of these is only
 * Python's. */
static bool
is_escaped(PyObject *name)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(name);
    if (!PyUnicode_IS_ASCII(name) || size == 0) {
        return false;
    }
    const char *text = (const char *)PyUnicode_1BYTE_DATA(name);
    Py_ssize_t word = size;
    while (word > 0 && text[word - 1] == '_') {
        word--;
    }
    if (word == size || word > KEYWORD_SIZE_MAX) {
        return false;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(keywords); i++) {
        if (strlen(keywords[i]) == (size_t)word
            && memcmp(keywords[i], text, (size_t)word) == 0) {
            return true;
        }
    }
    return false;
}

static void
send_name(uint32_t number, PyObject *name)
{
    struct js_value text = {
        .kind = JS_TEXT,
        .a = (uint32_t)(uintptr_t)PyUnicode_DATA(name),
        .b = (uint32_t)PyUnicode_GET_LENGTH(name),
        .c = (uint32_t)PyUnicode_KIND(name),
    };
    if (is_escaped(name)) {
        text.b--;
    }
    js_host_set_name(number, &text);
}

void
js_name_resume(void)
{
    struct js_state *state = js_state();
    for (uint32_t i = 0; i < JS_NAME_COUNT; i++) {
        if (state->names[i] != NULL) {
            send_name(i, state->names[i]);
        }
    }
}

static uint32_t
hash_address(PyObject *name)
{
    uint32_t mixed = (uint32_t)(uintptr_t)name * 2654435761u;
    return (mixed >> 16) & (JS_NAME_COUNT - 1);
}

int64_t
js_name_number(PyObject *name)
{
    uint32_t number = hash_address(name);
    if (js_state()->names[number] == name) {
        return number;
    }
    PyObject *interned = PyUnicode_FromObject(name);
    if (interned == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&interned);
    number = hash_address(interned);
    if (js_state()->names[number] != interned) {
        send_name(number, interned);
        Py_XSETREF(js_state()->names[number], Py_NewRef(interned));
    }
    Py_DECREF(interned);
    return number;
}
