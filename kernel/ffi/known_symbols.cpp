/* The table of symbols, in the one file of C++ here: a template reads each
 * function's signature from its declaration, so that none is written by hand
 * and none can be wrong.  Nothing of it runs, and it needs no library. */
#include "known.h"

#include <Python.h>
#include <frameobject.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

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
    {nullptr, nullptr, 0},
};
