/* A python for Node that counts how often each branch is taken.
 *
 * The build links this with an instrumented libpython, plays CPython's own
 * tests for profiles on it (profile_run.mjs), and compiles libpython again
 * with what was counted.  It is part of no kernel. */

#include <Python.h>

/* What the kernel's host would set, kernel/hosts/web_breaker.c. */
int _Py_emscripten_leaves_eval;

int
main(int argc, char **argv)
{
    return Py_BytesMain(argc, argv);
}
