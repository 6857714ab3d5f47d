/* The eval breaker of a WebAssembly build.
 *
 * CPython's eval loop counts _Py_emscripten_signal_clock down, one for every
 * breaker check, and calls the two functions below, which stand in place of
 * CPython's own Python/emscripten_signal.c.  They look at the clock now and
 * then, and let the kernel tick about every TN_KERNEL_YIELD_INTERVAL_MS, so
 * that output leaves, the page can paint and an interrupt gets in.
 *
 * CPython passes no argument to find the kernel by, hence the static data.
 */
#include "kernel.h"
#include "web.h"

/* Breaker checks between two looks at the clock: few enough that slow calls
 * do not delay a tick for long, many enough that the look costs nothing. */
#define CHECK_COUNT_MIN 8
#define CHECK_COUNT_MAX 512

/* The looks at the clock aim at this distance. */
#define LOOK_INTERVAL_MS 0.5

/* What the eval loop reads, and what it calls; declared by CPython's internal
 * header pycore_emscripten_signal.h, which is for CPython itself only. */
extern int Py_EMSCRIPTEN_SIGNAL_HANDLING;
extern int _Py_emscripten_signal_clock;
void _Py_CheckEmscriptenSignals(void);
void _Py_CheckEmscriptenSignalsPeriodically(void);

/* How much one breaker check takes off the clock. */
int Py_EMSCRIPTEN_SIGNAL_HANDLING = 1;
int _Py_emscripten_signal_clock = CHECK_COUNT_MIN;

static int check_count = CHECK_COUNT_MIN;
static double last_look_ms;
static double last_tick_ms;

static void
tick_if_due(struct tn_kernel *kernel, double now_ms)
{
    /* After a restore of memory the clock may stand before the last tick. */
    double elapsed_ms = now_ms - last_tick_ms;
    if (elapsed_ms >= 0 && elapsed_ms < TN_KERNEL_YIELD_INTERVAL_MS) {
        return;
    }
    /* Before the tick too, for Python may run inside it. */
    last_tick_ms = now_ms;
    tn_kernel_tick(kernel);
    last_tick_ms = web_import_monotonic_ms();
}

/* The kernel, while it runs Python for a message; else nothing is due. */
static struct tn_kernel *
find_kernel(void)
{
    struct tn_kernel *kernel = web_state()->kernel;
    return kernel != NULL && tn_kernel_is_running(kernel) ? kernel : NULL;
}

/* Also called by PyErr_CheckSignals, so from long loops in C. */
void
_Py_CheckEmscriptenSignals(void)
{
    struct tn_kernel *kernel = find_kernel();
    if (kernel != NULL) {
        tick_if_due(kernel, web_import_monotonic_ms());
    }
}

/* So many checks that the next look comes LOOK_INTERVAL_MS after this one, if
 * they go on as they did. */
static int
adapt_count(double elapsed_ms)
{
    /* A browser's clock may stand still for a while. */
    double factor = elapsed_ms > 0 ? LOOK_INTERVAL_MS / elapsed_ms : 2;
    double count = check_count * factor;
    if (!(count > CHECK_COUNT_MIN)) {
        return CHECK_COUNT_MIN;
    }
    return count < CHECK_COUNT_MAX ? (int)count : CHECK_COUNT_MAX;
}

void
_Py_CheckEmscriptenSignalsPeriodically(void)
{
    if (_Py_emscripten_signal_clock > 0) {
        _Py_emscripten_signal_clock--;
        return;
    }
    struct tn_kernel *kernel = find_kernel();
    if (kernel != NULL) {
        double now_ms = web_import_monotonic_ms();
        check_count = adapt_count(now_ms - last_look_ms);
        tick_if_due(kernel, now_ms);
        last_look_ms = last_tick_ms > now_ms ? last_tick_ms : now_ms;
    }
    _Py_emscripten_signal_clock = check_count;
}
