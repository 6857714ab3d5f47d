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
#include "web_signal.h"
#include "web_thread.h"

/* Breaker checks between two looks at the clock.  A look costs as much as
 * some twenty of them, so where checks come fast there are many: at most 128,
 * as it was once, took 17 % of an empty loop in Chromium and 11 % in Firefox,
 * where a stack that can be suspended makes the clock dearer still.  But a
 * check may also stand for a slow call in C: so their number grows by one a
 * look, and shrinks at once when they took long.  It begins anew where
 * web_hints.c says that what comes may be slower than what was. */
#define CHECK_COUNT_MIN 1
#define CHECK_COUNT_MAX 1024

/* The same behind C code that has let go of Python's lock: what does that
 * expects to take long. */
#define CHECK_COUNT_LONG 8

/* Looks that are further apart than this were too few. */
#define LOOK_INTERVAL_MS 1.0

/* What a loop in C may spend between two looks, in units of CPython's
 * Python/poll.h, which stand for 10 ns or for a slow call.  So a loop begins
 * with little, and gets more from look to look. */
#define POLL_BUDGET_MIN 16
#define POLL_BUDGET_MAX 8192

/* What the eval loop reads, and what it calls; declared by CPython's internal
 * header pycore_emscripten_signal.h, which is for CPython itself only. */
extern int Py_EMSCRIPTEN_SIGNAL_HANDLING;
extern int _Py_emscripten_signal_clock;
extern int _Py_emscripten_leaves_eval;
extern int _PyPoll_budget;
void _Py_CheckEmscriptenSignals(void);
void _Py_CheckEmscriptenSignalsPeriodically(void);

/* How much one breaker check takes off the clock. */
int Py_EMSCRIPTEN_SIGNAL_HANDLING = 1;
int _Py_emscripten_signal_clock = CHECK_COUNT_MIN;

/* Set after each tick: a loop that began in slow code gets into faster code
 * that the engine has made since (packages/cpython, patch 0003). */
int _Py_emscripten_leaves_eval;

static int check_count = CHECK_COUNT_MIN;

/* The checks from the last look to the next one, if nothing hurries it. */
static int given_count = CHECK_COUNT_MIN;

/* Code that is new gets few checks at first, then twice as many from look to
 * look: what there is beyond check_count is on trust. */
static int trusted_count = CHECK_COUNT_MAX;

static int poll_budget = POLL_BUDGET_MIN;
static double last_look_ms;
static double last_tick_ms;

/* Gives the time afterwards. */
static double
tick_if_due(struct tn_kernel *kernel, double now_ms)
{
    web_signal_look(now_ms);
    if (web_strand_offer(now_ms)) {
        now_ms = web_monotonic_ms();
    }
    if (now_ms - last_tick_ms < TN_KERNEL_YIELD_INTERVAL_MS) {
        return now_ms;
    }
    /* Before the tick too, for Python may run inside it. */
    last_tick_ms = now_ms;
    tn_kernel_tick(kernel);
    last_tick_ms = web_monotonic_ms();
    _Py_emscripten_leaves_eval = 1;
    return last_tick_ms;
}

/* The kernel, while it runs Python for a message or in a thread; else nothing
 * is due. */
static struct tn_kernel *
find_kernel(void)
{
    struct tn_kernel *kernel = web_state()->kernel;
    bool is_due = kernel != NULL
                  && (tn_kernel_is_running(kernel)
                      || web_strand_running() != NULL);
    return is_due ? kernel : NULL;
}

static void
adapt_budget(double elapsed_ms)
{
    if (elapsed_ms < LOOK_INTERVAL_MS) {
        bool may_grow = poll_budget < POLL_BUDGET_MAX;
        poll_budget = may_grow ? poll_budget * 2 : POLL_BUDGET_MAX;
    }
    else {
        double less = poll_budget * LOOK_INTERVAL_MS / elapsed_ms;
        poll_budget = less > POLL_BUDGET_MIN ? (int)less : POLL_BUDGET_MIN;
    }
    _PyPoll_budget = poll_budget;
}

/* Also called by PyErr_CheckSignals, so from long loops in C. */
void
_Py_CheckEmscriptenSignals(void)
{
    struct tn_kernel *kernel = find_kernel();
    if (kernel != NULL) {
        double now_ms = web_monotonic_ms();
        adapt_budget(now_ms - last_look_ms);
        last_look_ms = tick_if_due(kernel, now_ms);
    }
}

/* After a look: `elapsed_ms` is what given_count checks have taken. */
static void
adapt_count(double elapsed_ms)
{
    if (elapsed_ms < LOOK_INTERVAL_MS) {
        bool may_grow = check_count < CHECK_COUNT_MAX;
        check_count = may_grow ? check_count + 1 : CHECK_COUNT_MAX;
    }
    else {
        double fewer = given_count * LOOK_INTERVAL_MS / elapsed_ms;
        check_count = fewer > CHECK_COUNT_MIN ? (int)fewer : CHECK_COUNT_MIN;
    }
}

static void
give_checks(void)
{
    given_count = check_count < trusted_count ? check_count : trusted_count;
    _Py_emscripten_signal_clock = given_count;
    if (trusted_count < CHECK_COUNT_MAX) {
        trusted_count *= 2;
    }
}

/* At most `count` more until the next look. */
static void
take_checks(int count)
{
    if (_Py_emscripten_signal_clock > count) {
        given_count -= _Py_emscripten_signal_clock - count;
        _Py_emscripten_signal_clock = count;
    }
}

void
web_breaker_begin(void)
{
    check_count = CHECK_COUNT_MIN;
    trusted_count = CHECK_COUNT_MAX;
    give_checks();
    _PyPoll_budget = poll_budget = POLL_BUDGET_MIN;
    last_tick_ms = last_look_ms = web_monotonic_ms();
}

void
web_breaker_hurry(void)
{
    take_checks(CHECK_COUNT_LONG);
}

void
web_breaker_look(void)
{
    take_checks(0);
}

void
web_breaker_distrust(void)
{
    take_checks(0);
    trusted_count = CHECK_COUNT_MIN;
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
        double now_ms = web_monotonic_ms();
        adapt_count(now_ms - last_look_ms);
        last_look_ms = tick_if_due(kernel, now_ms);
        if (last_tick_ms >= now_ms) {
            /* The next loop in C may be another one. */
            _PyPoll_budget = poll_budget = POLL_BUDGET_MIN;
        }
    }
    give_checks();
}
