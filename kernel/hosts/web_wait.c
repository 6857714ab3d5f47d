/* Letting time pass: the page's turns, waiting, sleeping, poll.
 *
 * The stack can be suspended only inside a promising call, and only the mode
 * that tn_web_run was called with says whether this is one: an import that
 * suspends would throw in any other, and also where JavaScript has called
 * Python meanwhile.  web_thread.c says so, and switches the C stack.
 */
#include <emscripten/stack.h>
#include <emscripten/syscalls.h>
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "web.h"
#include "web_signal.h"
#include "web_thread.h"

/* Poll looks again this often while it has nothing: only a handler of the
 * page's could change the answer, and that runs in a yield. */
#define POLL_INTERVAL_MS 10.0

/* In compiler-rt, beside what <emscripten/stack.h> declares. */
void _emscripten_stack_restore(uintptr_t stack_pointer);

double
web_monotonic_ms(void)
{
    struct web_state *web = web_state();
    double now_ms = web_import_monotonic_ms() + web->clock_offset_ms;

    if (now_ms > web->last_clock_ms) {
        web->last_clock_ms = now_ms;
    }
    return web->last_clock_ms;
}

void
web_yield(void)
{
    struct web_state *web = web_state();
    struct web_strand *strand = web_strand_running();
    uintptr_t stack_pointer, outside;
    double start_ms;

    if (web_strand_refusal() != NULL) {
        return;
    }
    start_ms = web_monotonic_ms();
    stack_pointer = emscripten_stack_get_current();
    _emscripten_stack_restore(web_strand_pause(strand, WEB_STRAND_TURNS));
    web_import_yield();
    outside = emscripten_stack_get_current();
    _emscripten_stack_restore(stack_pointer);
    web_strand_resume(strand, outside);
    web->idle_ms += web_monotonic_ms() - start_ms;
}

/* The main strand, where there is no other one. */
static int
wait_alone(double timeout_ms)
{
    struct web_strand *strand = web_strand_running();
    uintptr_t stack_pointer = emscripten_stack_get_current();
    uintptr_t outside;
    int status;

    _emscripten_stack_restore(web_strand_pause(strand, WEB_STRAND_LISTENS));
    status = web_import_wait(timeout_ms);
    outside = emscripten_stack_get_current();
    _emscripten_stack_restore(stack_pointer);
    web_strand_resume(strand, outside);
    return status;
}

/* What waits without suspending stops everything, and hears nothing, so there
 * must be an end to it. */
static int
block(double timeout_ms)
{
    if (web_state()->mode != WEB_MODE_BLOCKING || web_call_is_open()
        || timeout_ms < 0) {
        return TN_ERROR_UNSUPPORTED;
    }
    return web_import_wait(timeout_ms);
}

bool
web_is_alone(void)
{
    return web_strand_refusal() != NULL
           || (web_strand_count() == 0
               && web_signal_left_ms(web_monotonic_ms()) == WEB_FOREVER_MS);
}

int
web_wait(double timeout_ms)
{
    struct web_state *web = web_state();
    double start_ms, now_ms;
    int status = TN_OK;

    if (web_strand_running() == NULL) {
        return TN_ERROR_UNSUPPORTED;
    }
    start_ms = web_monotonic_ms();
    timeout_ms = web_signal_cap(timeout_ms, start_ms);
    if (web_strand_refusal() != NULL) {
        status = block(timeout_ms);
    }
    else if (web_strand_count() == 0) {
        status = wait_alone(timeout_ms);
    }
    else {
        (void)web_strand_listen(timeout_ms < 0 ? WEB_FOREVER_MS
                                               : start_ms + timeout_ms);
    }
    now_ms = web_monotonic_ms();
    web->idle_ms += now_ms - start_ms;
    web_signal_look(now_ms);
    return status < 0 ? TN_ERROR_UNSUPPORTED : TN_OK;
}

bool
web_take_interrupt(void)
{
    struct web_state *web = web_state();
    bool is_interrupted = web->is_interrupted
                          && web_strand_self() == web_strand_main();

    if (is_interrupted) {
        web->is_interrupted = false;
    }
    return is_interrupted;
}

int
web_sleep(double duration_ms)
{
    const double end_ms = web_monotonic_ms() + duration_ms;
    const bool is_main = web_strand_self() == web_strand_main();
    const unsigned count = web_signal_count();
    bool can_wait = true;

    web_strand_offer(end_ms - duration_ms);
    for (;;) {
        double now_ms = web_monotonic_ms();
        double left_ms = end_ms - now_ms;

        web_signal_look(now_ms);
        if (web_take_interrupt()
            || (is_main && web_signal_count() != count)) {
            return -EINTR;
        }
        if (!(left_ms > 0)) {
            return 0;
        }
        if (can_wait) {
            can_wait = web_wait(left_ms) == TN_OK;
        }
    }
}

/* --- The calls that sleep ----------------------------------------------- */

static double
timespec_ms(const struct timespec *time)
{
    return (double)time->tv_sec * 1e3 + (double)time->tv_nsec / 1e6;
}

bool
web_read_timespec(const struct timespec *time, double *out_ms)
{
    if (time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec > 999999999) {
        return false;
    }
    *out_ms = timespec_ms(time);
    return true;
}

/* In place of Emscripten's, which cannot be interrupted and gets wrong what
 * is left until an absolute time.  Positive errno, as POSIX has it here. */
int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                struct timespec *remainder)
{
    double duration_ms, start_ms, left_ms;

    if (request == NULL || clock == CLOCK_THREAD_CPUTIME_ID
        || !web_read_timespec(request, &duration_ms)) {
        return EINVAL;
    }
    if (flags & TIMER_ABSTIME) {
        struct timespec now;

        if (clock_gettime(clock, &now) < 0) {
            return errno;
        }
        duration_ms -= timespec_ms(&now);
    }
    start_ms = web_monotonic_ms();
    if (web_sleep(duration_ms) == 0) {
        return 0;
    }
    left_ms = duration_ms - (web_monotonic_ms() - start_ms);
    if (remainder != NULL && !(flags & TIMER_ABSTIME)) {
        left_ms = left_ms > 0 ? left_ms : 0;
        remainder->tv_sec = (time_t)(left_ms / 1e3);
        remainder->tv_nsec = (long)((left_ms - (double)remainder->tv_sec * 1e3)
                                    * 1e6);
    }
    return EINTR;
}

int
nanosleep(const struct timespec *request, struct timespec *remainder)
{
    int error = clock_nanosleep(CLOCK_REALTIME, 0, request, remainder);

    if (error != 0) {
        errno = error;
        return -1;
    }
    return 0;
}

/* Where nothing else can run meanwhile, what is not ready never will be. */
static int
poll_for_ever(struct pollfd *polls, nfds_t count)
{
    int ready_count = tn_fs_poll(web_fs(), polls, count);

    return ready_count != 0 ? ready_count : -EDEADLK;
}

int
__syscall_poll(struct pollfd *polls, nfds_t count, int timeout_ms)
{
    const double end_ms = web_monotonic_ms() + timeout_ms;

    if (timeout_ms < 0 && web_strand_refusal() != NULL) {
        return poll_for_ever(polls, count);
    }
    for (;;) {
        int ready_count = tn_fs_poll(web_fs(), polls, count);
        double left_ms = end_ms - web_monotonic_ms();

        if (ready_count != 0 || timeout_ms == 0) {
            return ready_count;
        }
        if (timeout_ms > 0 && !(left_ms > 0)) {
            return 0;
        }
        if (timeout_ms < 0 || left_ms > POLL_INTERVAL_MS) {
            left_ms = POLL_INTERVAL_MS;
        }
        if (web_sleep(left_ms) < 0) {
            return -EINTR;
        }
    }
}

int
__syscall_poll_nonblocking(struct pollfd *polls, nfds_t count)
{
    return tn_fs_poll(web_fs(), polls, count);
}
