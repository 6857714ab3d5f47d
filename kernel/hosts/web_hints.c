/* What tells the eval breaker that slow code may come, though the code before
 * it was quick.
 *
 * A breaker check may stand for a jump or for a call in C that takes 20 ms;
 * behind a quick loop there are a thousand checks from one look at the clock
 * to the next (web_breaker.c).  Two things are known before the time has
 * passed.  Code that is new: CPython specializes an instruction when it comes
 * to it for the second time, so each loop and each function is met here.  And
 * much memory: what is asked for is filled.
 *
 * The linker puts these functions in front of the real ones (CMakeLists.txt,
 * --wrap), which needs no change of CPython, and holds for all packages.
 */
#include <opcode.h>
#include <stddef.h>

#include "web.h"

/* --- New code ------------------------------------------------------------ */

/* CPython's _Py_CODEUNIT: the opcode comes first. */
typedef unsigned char code_unit;

/* An instruction that was specialized once, and now meets other types, is no
 * new code: it may do so every hundred rounds of a quick loop. */
static void
meet(const code_unit *instruction, int opcode)
{
    if (*instruction == opcode) {
        web_breaker_distrust();
    }
}

#define REAL(NAME) __real__Py_Specialize_##NAME
#define WRAP(NAME) __wrap__Py_Specialize_##NAME

void REAL(LoadGlobal)(void *globals, void *builtins, code_unit *instruction,
                      void *name);
void REAL(LoadAttr)(void *owner, code_unit *instruction, void *name);
void REAL(Call)(void *callable, code_unit *instruction, int count);
void REAL(ForIter)(void *iterator, code_unit *instruction, int oparg);
void REAL(BinaryOp)(void *left, void *right, code_unit *instruction, int oparg,
                    void *locals);
void REAL(CompareOp)(void *left, void *right, code_unit *instruction,
                     int oparg);
void REAL(ContainsOp)(void *value, code_unit *instruction);
void REAL(BinarySubscr)(void *index, void *container, code_unit *instruction);
void REAL(StoreSubscr)(void *container, void *index, code_unit *instruction);

void WRAP(LoadGlobal)(void *globals, void *builtins, code_unit *instruction,
                      void *name);
void WRAP(LoadAttr)(void *owner, code_unit *instruction, void *name);
void WRAP(Call)(void *callable, code_unit *instruction, int count);
void WRAP(ForIter)(void *iterator, code_unit *instruction, int oparg);
void WRAP(BinaryOp)(void *left, void *right, code_unit *instruction, int oparg,
                    void *locals);
void WRAP(CompareOp)(void *left, void *right, code_unit *instruction,
                     int oparg);
void WRAP(ContainsOp)(void *value, code_unit *instruction);
void WRAP(BinarySubscr)(void *index, void *container, code_unit *instruction);
void WRAP(StoreSubscr)(void *container, void *index, code_unit *instruction);

void
WRAP(LoadGlobal)(void *globals, void *builtins, code_unit *instruction,
                 void *name)
{
    meet(instruction, LOAD_GLOBAL);
    REAL(LoadGlobal)(globals, builtins, instruction, name);
}

void
WRAP(LoadAttr)(void *owner, code_unit *instruction, void *name)
{
    meet(instruction, LOAD_ATTR);
    REAL(LoadAttr)(owner, instruction, name);
}

void
WRAP(Call)(void *callable, code_unit *instruction, int count)
{
    meet(instruction, CALL);
    REAL(Call)(callable, instruction, count);
}

void
WRAP(ForIter)(void *iterator, code_unit *instruction, int oparg)
{
    meet(instruction, FOR_ITER);
    REAL(ForIter)(iterator, instruction, oparg);
}

void
WRAP(BinaryOp)(void *left, void *right, code_unit *instruction, int oparg,
               void *locals)
{
    meet(instruction, BINARY_OP);
    REAL(BinaryOp)(left, right, instruction, oparg, locals);
}

void
WRAP(CompareOp)(void *left, void *right, code_unit *instruction, int oparg)
{
    meet(instruction, COMPARE_OP);
    REAL(CompareOp)(left, right, instruction, oparg);
}

void
WRAP(ContainsOp)(void *value, code_unit *instruction)
{
    meet(instruction, CONTAINS_OP);
    REAL(ContainsOp)(value, instruction);
}

void
WRAP(BinarySubscr)(void *index, void *container, code_unit *instruction)
{
    meet(instruction, BINARY_SUBSCR);
    REAL(BinarySubscr)(index, container, instruction);
}

void
WRAP(StoreSubscr)(void *container, void *index, code_unit *instruction)
{
    meet(instruction, STORE_SUBSCR);
    REAL(StoreSubscr)(container, index, instruction);
}

/* --- Much memory --------------------------------------------------------- */

/* To fill it takes some 20 us, and a look at the clock 0.2 us. */
#define MUCH_SIZE ((size_t)128 << 10)

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static void
touch(size_t size)
{
    if (size >= MUCH_SIZE) {
        web_breaker_look();
    }
}

void *
__wrap_malloc(size_t size)
{
    touch(size);
    return __real_malloc(size);
}

/* A product that overflows is none of this function's business. */
void *
__wrap_calloc(size_t count, size_t size)
{
    touch(count * size);
    return __real_calloc(count, size);
}

void *
__wrap_realloc(void *memory, size_t size)
{
    touch(size);
    return __real_realloc(memory, size);
}
