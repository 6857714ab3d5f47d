/* The turns of strands: who runs, who waits for what, who is next.
 *
 * "Active" are strands that run or will run without anybody's help: one that
 * runs, gave the page a turn, or was told to come.  Where there is none, and
 * none is ready, the page's timer asks again (tn_web_strand_pick) at the
 * first deadline; all else that can happen calls kick().
 */
#include "web_signal.h"
#include "web_thread.h"

#include <emscripten/stack.h>
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "kernel.h"

/* In compiler-rt, beside what <emscripten/stack.h> declares. */
void _emscripten_stack_restore(uintptr_t stack_pointer);

/* CPython's variables of a thread, which are plain ones in this build. */
extern _Thread_local PyThreadState *_Py_tss_tstate;
extern _Thread_local const char *pkgcontext;

/* libc++abi's, where there is C++. */
struct exception_globals {
    void *caught_exceptions;
    unsigned uncaught_count;
};
__attribute__((weak)) struct exception_globals *__cxa_get_globals_fast(void);

/* The lowest words of a region: written over, the C stack was too small. */
#define REGION_MARK 0x7374726eu
#define REGION_MARK_COUNT 16

/* The stack pointer is a multiple of this. */
#define STACK_ALIGNMENT ((uintptr_t)16)

struct scheduler {
    struct web_strand main; /* the first of the list */
    struct web_strand *running;
    struct web_strand *holder; /* does not run, and has Python's lock */
    size_t active_count;
    size_t count; /* beside the main one */
    uint64_t order;
    unsigned told; /* how often the page did something; its address is the
                    * channel of who waits for that */
    struct web_attachment attachment; /* of a run that cannot wait */
};

static struct scheduler *
scheduler(void)
{
    static struct scheduler state;

    return &state;
}

struct web_strand *
web_strand_main(void)
{
    return &scheduler()->main;
}

struct web_strand *
web_strand_running(void)
{
    return scheduler()->running;
}

struct web_strand *
web_strand_self(void)
{
    struct web_strand *running = scheduler()->running;

    return running != NULL ? running : &scheduler()->main;
}

size_t
web_strand_count(void)
{
    return scheduler()->count;
}

/* --- Who is next -------------------------------------------------------- */

static void
make_ready(struct web_strand *strand, enum web_wake wake)
{
    strand->state = WEB_STRAND_READY;
    strand->wake = wake;
    strand->channel = NULL;
    strand->order = ++scheduler()->order;
}

/* Ends the waits whose time has come; gives the first deadline of others. */
static double
expire(double now_ms)
{
    double first_ms = WEB_FOREVER_MS;

    for (struct web_strand *strand = &scheduler()->main; strand != NULL;
         strand = strand->next) {
        if (strand->state != WEB_STRAND_WAITS) {
            continue;
        }
        if (strand->deadline_ms <= now_ms) {
            make_ready(strand, WEB_TIMED_OUT);
        }
        else if (strand->deadline_ms < first_ms) {
            first_ms = strand->deadline_ms;
        }
    }
    return first_ms;
}

static struct web_strand *
find_ready(void)
{
    struct web_strand *first = NULL;

    for (struct web_strand *strand = &scheduler()->main; strand != NULL;
         strand = strand->next) {
        if (strand->state == WEB_STRAND_READY
            && (first == NULL || strand->order < first->order)) {
            first = strand;
        }
    }
    return first;
}

/* The turn passes from `self` (NULL: from nobody), which runs no more or is
 * ready.  True when it is its own next. */
static bool
hand_on(const struct web_strand *self)
{
    struct scheduler *turns = scheduler();
    double now_ms = web_monotonic_ms();
    double first_ms = expire(now_ms);
    struct web_strand *next = find_ready();

    if (next != NULL) {
        turns->active_count++;
        next->state = WEB_STRAND_COMES;
        if (next == self) {
            return true;
        }
        web_import_strand_next(next, 0);
    }
    else if (turns->active_count == 0
             && (turns->count > 0 || turns->main.state == WEB_STRAND_WAITS)) {
        double left_ms = fmin(first_ms - now_ms, web_signal_left_ms(now_ms));

        tn_kernel_flush(web_state()->kernel);
        web_import_strand_next(NULL, left_ms == WEB_FOREVER_MS ? -1 : left_ms);
    }
    return false;
}

/* Something is ready, and nothing that is active will see it. */
static void
kick(void)
{
    if (scheduler()->active_count == 0) {
        (void)hand_on(NULL);
    }
}

void
tn_web_strand_pick(void)
{
    web_signal_look(web_monotonic_ms());
    kick();
}

/* --- Suspending --------------------------------------------------------- */

static void
swap_exceptions(struct web_locals *locals)
{
    struct exception_globals *globals;
    struct exception_globals others;

    if (__cxa_get_globals_fast == NULL) {
        return;
    }
    globals = __cxa_get_globals_fast();
    others = *globals;
    globals->caught_exceptions = locals->caught_exceptions;
    globals->uncaught_count = locals->uncaught_count;
    locals->caught_exceptions = others.caught_exceptions;
    locals->uncaught_count = others.uncaught_count;
}

/* Who has Python's lock when it stops has it still: in a turn of the page, and
 * when it offers its own turn to a thread that waits for that very lock.  What
 * calls into Python meanwhile has to know from whom to take it, or it would
 * wait for it, and nothing ends a wait of JavaScript's. */
static void
save_locals(struct web_strand *strand)
{
    struct scheduler *turns = scheduler();
    struct web_locals *locals = &strand->locals;

    locals->thread = _Py_tss_tstate;
    if (locals->thread != NULL) {
        turns->holder = strand;
    }
    locals->package = pkgcontext;
    locals->error = errno;
    swap_exceptions(locals);
    pkgcontext = NULL;
    _Py_tss_tstate = turns->holder != NULL ? turns->holder->locals.thread
                                           : NULL;
}

static void
restore_locals(struct web_strand *strand)
{
    struct web_locals *locals = &strand->locals;

    _Py_tss_tstate = locals->thread;
    pkgcontext = locals->package;
    errno = locals->error;
    swap_exceptions(locals);
}

static void
check_region(const struct web_strand *strand)
{
    const uint32_t *marks = strand->region;

    for (size_t i = 0; marks != NULL && i < REGION_MARK_COUNT; i++) {
        if (marks[i] != REGION_MARK) {
            web_die("The C stack of a thread was too small.");
        }
    }
}

uintptr_t
web_strand_pause(struct web_strand *strand, enum web_strand_state state)
{
    struct scheduler *turns = scheduler();

    check_region(strand);
    strand->state = state;
    if (state == WEB_STRAND_LISTENS) {
        turns->active_count--;
    }
    save_locals(strand);
    turns->running = NULL;
    return strand == &turns->main ? web_stack_of_page() : strand->outside;
}

void
web_strand_resume(struct web_strand *strand, uintptr_t outside)
{
    struct scheduler *turns = scheduler();

    if (turns->running != NULL || web_call_is_open()) {
        web_die("a strand was resumed while another one ran");
    }
    if (strand == &turns->main && outside != web_stack_of_page()) {
        web_die("the C stack moved while Python was suspended");
    }
    if (turns->holder == strand) {
        turns->holder = NULL;
    }
    if (strand->state == WEB_STRAND_LISTENS) {
        turns->active_count++;
    }
    strand->outside = outside;
    strand->state = WEB_STRAND_RUNS;
    turns->running = strand;
    restore_locals(strand);
}

/* Until JavaScript resumes it. */
static void
park(struct web_strand *strand)
{
    uintptr_t stack_pointer = emscripten_stack_get_current();
    uintptr_t outside;

    _emscripten_stack_restore(web_strand_pause(strand, strand->state));
    web_import_strand_park(strand);
    outside = emscripten_stack_get_current();
    _emscripten_stack_restore(stack_pointer);
    web_strand_resume(strand, outside);
}

/* Lets others run until it is the strand's turn again; its state says what it
 * waits for. */
static void
give_turn(struct web_strand *strand)
{
    scheduler()->active_count--;
    if (hand_on(strand)) {
        strand->state = WEB_STRAND_RUNS;
    }
    else {
        park(strand);
    }
}

/* --- Waiting ------------------------------------------------------------ */

const char *
web_strand_refusal(void)
{
    const struct scheduler *turns = scheduler();

    if (web_call_is_open()) {
        return "JavaScript called Python and waits for the result; a function"
               " that it calls with callPromising() can wait";
    }
    if (turns->running == NULL
        || (turns->running == &turns->main
            && web_state()->mode != WEB_MODE_PROMISING)) {
        return "the kernel cannot be suspended";
    }
    return NULL;
}

enum web_wake
web_strand_wait(const void *channel, double deadline_ms)
{
    struct web_strand *strand = scheduler()->running;

    if (web_strand_refusal() != NULL) {
        return WEB_STUCK;
    }
    strand->channel = channel;
    strand->deadline_ms = deadline_ms;
    strand->order = ++scheduler()->order;
    strand->state = WEB_STRAND_WAITS;
    give_turn(strand);
    return strand->wake;
}

void
web_strand_wake(const void *channel, size_t count)
{
    bool has_woken = false;

    for (; count > 0; count--) {
        struct web_strand *first = NULL;

        for (struct web_strand *strand = &scheduler()->main; strand != NULL;
             strand = strand->next) {
            if (strand->state == WEB_STRAND_WAITS
                && strand->channel == channel
                && (first == NULL || strand->order < first->order)) {
                first = strand;
            }
        }
        if (first == NULL) {
            break;
        }
        make_ready(first, WEB_WOKEN);
        has_woken = true;
    }
    if (has_woken) {
        kick();
    }
}

enum web_wake
web_strand_listen(double deadline_ms)
{
    const struct scheduler *turns = scheduler();
    struct web_strand *strand = turns->running;
    enum web_wake wake = WEB_WOKEN;

    if (strand->heard == turns->told) {
        wake = web_strand_wait(&turns->told, deadline_ms);
    }
    strand->heard = turns->told;
    return wake;
}

void
web_strand_tell(void)
{
    struct scheduler *turns = scheduler();

    turns->told++;
    web_strand_wake(&turns->told, SIZE_MAX);
}

void
tn_web_wake(void)
{
    web_strand_tell();
}

void
web_strand_interrupt(void)
{
    struct web_strand *strand = &scheduler()->main;

    if (strand->state == WEB_STRAND_WAITS) {
        make_ready(strand, WEB_WOKEN);
        kick();
    }
}

bool
web_strand_offer(double now_ms)
{
    struct web_strand *strand = scheduler()->running;

    if (scheduler()->count == 0 || web_strand_refusal() != NULL) {
        return false;
    }
    (void)expire(now_ms);
    if (find_ready() == NULL) {
        return false;
    }
    make_ready(strand, WEB_WOKEN);
    give_turn(strand);
    return true;
}

/* --- Life --------------------------------------------------------------- */

/* The main thread's state becomes the current one; another strand may have
 * Python's lock, and the page the turn that it gave. */
static void
take_lock(void)
{
    if (_Py_tss_tstate != web_state()->main_thread) {
        _Py_tss_tstate = NULL;
        PyEval_RestoreThread(web_state()->main_thread);
    }
}

/* Without threads the main one keeps the lock from run to run. */
static void
drop_lock(void)
{
    const struct scheduler *turns = scheduler();

    if (turns->count > 0) {
        (void)PyEval_SaveThread();
    }
}

void
web_strand_enter(bool can_wait)
{
    struct scheduler *turns = scheduler();

    if (!can_wait) {
        web_attach(&turns->attachment);
    }
    turns->main.state = WEB_STRAND_RUNS;
    turns->running = &turns->main;
    turns->active_count++;
    if (can_wait) {
        take_lock();
    }
}

void
web_strand_leave(bool can_wait)
{
    struct scheduler *turns = scheduler();

    if (can_wait) {
        drop_lock();
        if (turns->holder != NULL) {
            _Py_tss_tstate = turns->holder->locals.thread;
        }
    }
    turns->main.state = WEB_STRAND_RESTS;
    turns->running = NULL;
    turns->active_count--;
    if (!can_wait) {
        web_detach(&turns->attachment);
    }
    if (turns->count > 0) {
        kick();
    }
}

static int
make_region(struct web_strand *strand, size_t size)
{
    uint32_t *marks = tn_alloc(size);

    if (marks == NULL) {
        return TN_ERROR_MEMORY;
    }
    for (size_t i = 0; i < REGION_MARK_COUNT; i++) {
        marks[i] = REGION_MARK;
    }
    strand->region = marks;
    strand->region_size = size;
    return TN_OK;
}

int
web_strand_new(struct web_strand **out, void *(*run)(void *), void *argument,
               size_t region_size)
{
    struct scheduler *turns = scheduler();
    struct web_strand *strand;

    if (!web_state()->can_suspend) {
        return TN_ERROR_UNSUPPORTED;
    }
    if (turns->count >= WEB_STRAND_LIMIT) {
        return TN_ERROR_LIMIT;
    }
    strand = tn_alloc_zeroed(1, sizeof(*strand));
    if (strand == NULL) {
        return TN_ERROR_MEMORY;
    }
    if (region_size < WEB_STRAND_REGION_SIZE) {
        region_size = WEB_STRAND_REGION_SIZE;
    }
    if (make_region(strand, region_size) < 0) {
        tn_free(strand);
        return TN_ERROR_MEMORY;
    }
    strand->run = run;
    strand->argument = argument;
    strand->is_new = true;
    strand->blocked_signals = web_strand_self()->blocked_signals;
    strand->next = turns->main.next;
    turns->main.next = strand;
    turns->count++;
    make_ready(strand, WEB_WOKEN);
    *out = strand;
    kick();
    return TN_OK;
}

void
web_strand_free(struct web_strand *strand)
{
    struct web_strand *before = &scheduler()->main;

    while (before->next != strand) {
        before = before->next;
    }
    before->next = strand->next;
    tn_free(strand->region);
    tn_free(strand);
}

/* The strand that runs has done its work.  It is still on its region. */
static void
end(struct web_strand *strand, void *result)
{
    struct scheduler *turns = scheduler();

    web_pthread_end(strand);
    check_region(strand);
    if (_Py_tss_tstate != NULL) {
        web_die("a thread ended that has Python's lock");
    }
    strand->result = result;
    strand->state = WEB_STRAND_ENDED;
    save_locals(strand);
    turns->running = NULL;
    turns->active_count--;
    turns->count--;
    web_strand_wake(strand, SIZE_MAX);
    kick();
}

/* Apart from tn_web_strand_run, whose frame must be empty. */
__attribute__((noinline)) static uintptr_t
begin(struct web_strand *strand, uintptr_t outside)
{
    if (!strand->is_new || strand->state != WEB_STRAND_COMES) {
        web_die("a strand was started that is none");
    }
    strand->is_new = false;
    web_strand_resume(strand, outside);
    return ((uintptr_t)strand->region + strand->region_size)
           & ~(STACK_ALIGNMENT - 1);
}

__attribute__((noinline)) static uintptr_t
work(struct web_strand *strand)
{
    end(strand, strand->run(strand->argument));
    return strand->outside;
}

/* Apart, because the strand stands on its region until then. */
__attribute__((noinline)) static void
give_back(struct web_strand *strand)
{
    if (strand->is_detached) {
        web_strand_free(strand);
    }
    else {
        tn_free(strand->region);
        strand->region = NULL;
    }
}

/* Has no variable in memory, so the compiler does not touch the pointer that
 * is switched here. */
void
tn_web_strand_run(struct web_strand *strand)
{
    _emscripten_stack_restore(begin(strand, emscripten_stack_get_current()));
    _emscripten_stack_restore(work(strand));
    give_back(strand);
}

_Noreturn void
web_strand_exit(void *result)
{
    struct web_strand *strand = scheduler()->running;

    if (strand == NULL || strand == &scheduler()->main) {
        web_die("the main thread was told to exit");
    }
    end(strand, result);
    /* The region stays: what is on it is forgotten by the engine only. */
    _emscripten_stack_restore(strand->outside);
    web_import_strand_park(strand);
    web_die("a thread came back that had ended");
}
