/* The table of symbols, in the one file of C++ here: a template reads each
 * function's signature from its declaration, so that none is written by hand
 * and none can be wrong.  Nothing of it runs, and it needs no library. */
#include "known.h"

#include <Python.h>
#include <frameobject.h>
#include <marshal.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* Kept for the stable interface, and declared nowhere any more; the linker
 * compares these with the functions. */
extern "C" {
PyObject *PyCFunction_Call(PyObject *, PyObject *, PyObject *);
void PyEval_AcquireLock(void);
PyObject *PyEval_CallFunction(PyObject *, const char *, ...);
PyObject *PyEval_CallMethod(PyObject *, const char *, const char *, ...);
PyObject *PyEval_CallObjectWithKeywords(PyObject *, PyObject *, PyObject *);
void PyEval_ReleaseLock(void);
int PyEval_ThreadsInitialized(void);
int PyObject_AsCharBuffer(PyObject *, const char **, Py_ssize_t *);
int PyObject_AsReadBuffer(PyObject *, const void **, Py_ssize_t *);
int PyObject_AsWriteBuffer(PyObject *, void **, Py_ssize_t *);
int PyObject_CheckReadBuffer(PyObject *);
void PySys_AddWarnOption(const wchar_t *);
void PySys_AddWarnOptionUnicode(PyObject *);
void PySys_AddXOption(const wchar_t *);
int PySys_HasWarnOptions(void);
void PySys_SetPath(const wchar_t *);
Py_ssize_t PyUnicode_GetSize(PyObject *);
void PyUnicode_InternImmortal(PyObject **);
void Py_SetPath(const wchar_t *);
int _PyArg_ParseTupleAndKeywords_SizeT(PyObject *, PyObject *, const char *,
                                       char **, ...);
int _PyArg_ParseTuple_SizeT(PyObject *, const char *, ...);
int _PyArg_Parse_SizeT(PyObject *, const char *, ...);
int _PyArg_VaParseTupleAndKeywords_SizeT(PyObject *, PyObject *, const char *,
                                         char **, va_list);
int _PyArg_VaParse_SizeT(PyObject *, const char *, va_list);
PyObject *_PyObject_CallFunction_SizeT(PyObject *, const char *, ...);
PyObject *_PyObject_CallMethod_SizeT(PyObject *, const char *, const char *,
                                     ...);
int _PyState_AddModule(PyThreadState *, PyObject *, PyModuleDef *);
void _PyThreadState_Init(PyThreadState *);
PyThreadState *_PyThreadState_Prealloc(PyInterpreterState *);
PyObject *_Py_BuildValue_SizeT(const char *, ...);
int _Py_CheckRecursiveCall(PyThreadState *, const char *);
extern int _Py_SwappedOp[];
PyObject *_Py_VaBuildValue_SizeT(const char *, va_list);
}

namespace {

template <class Type>
constexpr unsigned
kind_of()
{
    static_assert(!__is_class(Type) && !__is_same(Type, long double),
                  "a struct or long double is not passed as a number");
    if constexpr (__is_same(Type, void)) {
        return FFI_KIND_VOID;
    }
    else if constexpr (__is_same(Type, float)) {
        return FFI_KIND_F32;
    }
    else if constexpr (__is_same(Type, double)) {
        return FFI_KIND_F64;
    }
    else {
        return sizeof(Type) > 4 ? FFI_KIND_I64 : FFI_KIND_I32;
    }
}

template <class Result, class... Arguments>
constexpr ffi_signature
signature_with(bool is_variadic)
{
    constexpr unsigned given = sizeof...(Arguments);
    const unsigned all[] = {kind_of<Arguments>()..., FFI_KIND_POINTER};
    const unsigned count = given + (is_variadic ? 1 : 0);
    static_assert(given < FFI_KIND_LIMIT, "too many arguments");
    ffi_signature kinds = 0;
    for (unsigned i = 0; i < count; i++) {
        kinds |= (ffi_signature)all[i] << 2 * i;
    }
    return FFI_SIGNATURE(kind_of<Result>(), count, is_variadic, kinds);
}

template <class Result, class... Arguments>
constexpr ffi_signature
signature_of(Result (*)(Arguments...))
{
    return signature_with<Result, Arguments...>(false);
}

template <class Result, class... Arguments>
constexpr ffi_signature
signature_of(Result (*)(Arguments..., ...))
{
    return signature_with<Result, Arguments...>(true);
}

} // namespace

#define FUNCTION(name)                                                        \
    {#name, reinterpret_cast<void *>(&name), signature_of(&name)},
#define DATA(name)                                                            \
    {#name, const_cast<void *>(static_cast<const void *>(&name)), 0},

/* Programs still look at deprecated flags. */
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

extern "C" const struct ffi_known ffi_known_symbols[] = {
#include "known_symbols.def"
#include "known_python.def"
    {nullptr, nullptr, 0},
};
