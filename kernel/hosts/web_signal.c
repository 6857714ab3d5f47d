/* Signals and interval timers, in place of the C library's, which go through
 * Emscripten's JavaScript, never wait, and forget threads.
 *
 * All signals come from this process: from raise, kill and pthread_kill, and
 * from timers.  One that is sent to the process is for the first strand that
 * does not block it; handlers run at once, wherever that is, because CPython's
 * only notes that there was a signal.  What the main strand waits for ends
 * then, as a system call would with EINTR.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "web_signal.h"
#include "web_thread.h"

/* Timers: ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. */
#define TIMER_COUNT 3

/* A wait is never longer, for the page's own timers have 31 bits. */
#define WAIT_LIMIT_MS 1e9

/* What a timer says that is due and was not looked at yet. */
#define LEAST_LEFT_US 1

struct timer {
    double due_ms; /* by the timer's clock; 0: it does not run */
    double interval_ms;
};

struct signals {
    struct sigaction actions[_NSIG];
    uint64_t pending; /* for the first strand that does not block it */
    struct timer timers[TIMER_COUNT];
    unsigned running_count; /* of timers */
    unsigned handled_count;
    char arrival; /* its address is a channel */
};

static struct signals *
signals(void)
{
    static struct signals state;

    return &state;
}

unsigned
web_signal_count(void)
{
    return signals()->handled_count;
}

/* --- Sets --------------------------------------------------------------- */

static uint64_t
bit_of(int number)
{
    return (uint64_t)1 << (number - 1);
}

/* A sigset_t begins with a bit for each signal there is. */
static uint64_t
read_set(const sigset_t *set)
{
    uint64_t bits;

    memcpy(&bits, set, sizeof(bits));
    return bits;
}

static void
write_set(sigset_t *set, uint64_t bits)
{
    memset(set, 0, sizeof(*set));
    memcpy(set, &bits, sizeof(bits));
}

/* Nobody blocks or handles these. */
static uint64_t
sovereign(void)
{
    return bit_of(SIGKILL) | bit_of(SIGSTOP);
}

static bool
is_signal(int number)
{
    return number > 0 && number < _NSIG;
}

/* --- What a signal does ------------------------------------------------- */

/* Nothing can be stopped and continued here. */
static bool
is_harmless(int number)
{
    return number == SIGCHLD || number == SIGCONT || number == SIGSTOP
           || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU
           || number == SIGURG || number == SIGWINCH;
}

static void
do_default(int number)
{
    char reason[64];

    if (!is_harmless(number)) {
        (void)snprintf(reason, sizeof(reason), "Python was ended by signal %d"
                       " (%s)", number, strsignal(number));
        web_die(reason);
    }
}

static void
call_handler(const struct sigaction *action, int number)
{
    struct signals *all = signals();

    if (action->sa_flags & SA_SIGINFO) {
        siginfo_t info = {.si_signo = number};

        action->sa_sigaction(number, &info, NULL);
    }
    else {
        action->sa_handler(number);
    }
    all->handled_count++;
    if (web_state()->is_running) {
        web_strand_interrupt();
    }
    if (web_strand_running() != web_strand_main()) {
        web_import_wake(); /* it waits at the page, or is idle */
    }
    web_strand_wake(&all->arrival, SIZE_MAX);
}

static void
act(int number)
{
    struct signals *all = signals();
    const struct sigaction action = all->actions[number];

    if (action.sa_handler == SIG_IGN) {
        return;
    }
    if (action.sa_handler == SIG_DFL) {
        do_default(number);
        return;
    }
    if ((unsigned)action.sa_flags & SA_RESETHAND) {
        all->actions[number].sa_handler = SIG_DFL;
    }
    call_handler(&action, number);
}

/* --- Sending ------------------------------------------------------------ */

static bool
takes(const struct web_strand *strand, int number)
{
    return strand->state != WEB_STRAND_ENDED
           && ((strand->blocked_signals | strand->awaited_signals)
               & bit_of(number)) == 0;
}

static void
send_to_strand(struct web_strand *strand, int number)
{
    if (takes(strand, number)) {
        act(number);
        return;
    }
    strand->pending_signals |= bit_of(number);
    web_strand_wake(&signals()->arrival, SIZE_MAX);
}

/* A strand that waits for it gets it before one that has a handler. */
static void
send_to_process(int number)
{
    bool is_taken = false;
    bool is_awaited = false;

    for (struct web_strand *strand = web_strand_main(); strand != NULL;
         strand = strand->next) {
        is_taken |= takes(strand, number);
        is_awaited |= (strand->awaited_signals & bit_of(number)) != 0;
    }
    if (is_taken && !is_awaited) {
        act(number);
        return;
    }
    signals()->pending |= bit_of(number);
    web_strand_wake(&signals()->arrival, SIZE_MAX);
}

/* What was sent to `self` or to the process; 0 when none of `set` was. */
static int
take_pending(struct web_strand *self, uint64_t set)
{
    uint64_t found = (self->pending_signals | signals()->pending) & set;
    int number;

    if (found == 0) {
        return 0;
    }
    number = __builtin_ctzll(found) + 1;
    if (self->pending_signals & bit_of(number)) {
        self->pending_signals &= ~bit_of(number);
    }
    else {
        signals()->pending &= ~bit_of(number);
    }
    return number;
}

int
raise(int number)
{
    if (!is_signal(number)) {
        errno = EINVAL;
        return -1;
    }
    send_to_strand(web_strand_self(), number);
    return 0;
}

/* Nobody else is there. */
int
kill(pid_t pid, int number)
{
    pid_t self = getpid();

    if (number != 0 && !is_signal(number)) {
        errno = EINVAL;
        return -1;
    }
    if (pid != self && pid != 0 && pid != -1 && pid != -self) {
        errno = ESRCH;
        return -1;
    }
    if (number != 0) {
        send_to_process(number);
    }
    return 0;
}

int
pthread_kill(pthread_t thread, int number)
{
    struct web_strand *strand = web_strand_main();

    while (strand != NULL && (pthread_t)strand != thread) {
        strand = strand->next;
    }
    if (strand == NULL || strand->state == WEB_STRAND_ENDED) {
        return ESRCH;
    }
    if (number != 0 && !is_signal(number)) {
        return EINVAL;
    }
    if (number != 0) {
        send_to_strand(strand, number);
    }
    return 0;
}

/* --- What is done about signals ------------------------------------------ */

/* The C library's signal() calls this one. */
int __sigaction(int number, const struct sigaction *restrict action,
                struct sigaction *restrict old);

int
__sigaction(int number, const struct sigaction *restrict action,
            struct sigaction *restrict old)
{
    if (!is_signal(number)
        || (action != NULL && (sovereign() & bit_of(number)) != 0)) {
        errno = EINVAL;
        return -1;
    }
    if (old != NULL) {
        *old = signals()->actions[number];
    }
    if (action != NULL) {
        signals()->actions[number] = *action;
    }
    return 0;
}

int
sigaction(int number, const struct sigaction *restrict action,
          struct sigaction *restrict old)
{
    return __sigaction(number, action, old);
}

int
pthread_sigmask(int how, const sigset_t *restrict set,
                sigset_t *restrict old)
{
    struct web_strand *self = web_strand_self();
    uint64_t blocked = self->blocked_signals;
    int number;

    if (set != NULL) {
        switch (how) {
        case SIG_BLOCK:
            blocked |= read_set(set);
            break;
        case SIG_UNBLOCK:
            blocked &= ~read_set(set);
            break;
        case SIG_SETMASK:
            blocked = read_set(set);
            break;
        default:
            return EINVAL;
        }
    }
    if (old != NULL) {
        write_set(old, self->blocked_signals);
    }
    self->blocked_signals = blocked & ~sovereign();
    while ((number = take_pending(self, ~self->blocked_signals)) != 0) {
        act(number);
    }
    return 0;
}

int
sigpending(sigset_t *set)
{
    write_set(set, signals()->pending | web_strand_self()->pending_signals);
    return 0;
}

/* --- Waiting for signals ------------------------------------------------- */

/* A round of waiting where this activation cannot be suspended: -EDEADLK when
 * nothing can come. */
static int
pass_time(double until_ms)
{
    double now_ms = web_monotonic_ms();
    double left_ms = web_signal_left_ms(now_ms);

    if (left_ms > until_ms - now_ms) {
        left_ms = until_ms - now_ms;
    }
    if (left_ms == WEB_FOREVER_MS) {
        return -EDEADLK;
    }
    return web_sleep(left_ms);
}

/* Until one of `set` has come, which is the result, until a handler has run
 * (-EINTR), or until the deadline (-EAGAIN). */
static int
wait_for_signal(uint64_t set, double deadline_ms)
{
    struct web_strand *self = web_strand_self();
    unsigned count = web_signal_count();
    int status = 0;

    self->awaited_signals = set;
    while (status == 0) {
        double now_ms = web_monotonic_ms();

        web_signal_look(now_ms);
        status = take_pending(self, set);
        if (status != 0) {
            break;
        }
        if (web_take_interrupt() || web_signal_count() != count) {
            status = -EINTR;
        }
        else if (now_ms >= deadline_ms) {
            status = -EAGAIN;
        }
        else if (web_strand_wait(&signals()->arrival, deadline_ms)
                 == WEB_STUCK) {
            status = pass_time(deadline_ms);
        }
    }
    self->awaited_signals = 0;
    return status;
}

int
sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
             const struct timespec *restrict timeout)
{
    double timeout_ms = WEB_FOREVER_MS;
    int number;

    if (timeout != NULL && !web_read_timespec(timeout, &timeout_ms)) {
        errno = EINVAL;
        return -1;
    }
    number = wait_for_signal(read_set(set) & ~sovereign(),
                             web_monotonic_ms() + timeout_ms);
    if (number < 0) {
        errno = -number;
        return -1;
    }
    if (info != NULL) {
        *info = (siginfo_t){.si_signo = number};
        info->si_pid = getpid();
    }
    return number;
}

int
sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
    return sigtimedwait(set, info, NULL);
}

int
sigwait(const sigset_t *restrict set, int *restrict out)
{
    int number = sigtimedwait(set, NULL, NULL);

    if (number < 0) {
        return errno;
    }
    *out = number;
    return 0;
}

int
pause(void)
{
    int status = wait_for_signal(0, WEB_FOREVER_MS);

    if (status == -EDEADLK) {
        web_pthread_refuse();
    }
    errno = -status;
    return -1;
}

/* --- Timers -------------------------------------------------------------- */

/* One of them tells the time, the others what of it Python has used. */
static double
clock_of(int timer, double now_ms)
{
    return timer == ITIMER_REAL ? now_ms : now_ms - web_state()->idle_ms;
}

/* Times that were missed count as one. */
static void
fire(int which, double time_ms)
{
    static const int numbers[TIMER_COUNT] = {
        [ITIMER_REAL] = SIGALRM,
        [ITIMER_VIRTUAL] = SIGVTALRM,
        [ITIMER_PROF] = SIGPROF,
    };
    struct timer *timer = &signals()->timers[which];

    if (timer->interval_ms > 0) {
        timer->due_ms += timer->interval_ms
                         * (floor((time_ms - timer->due_ms)
                                  / timer->interval_ms) + 1);
    }
    else {
        timer->due_ms = 0;
        signals()->running_count--;
    }
    send_to_process(numbers[which]);
}

void
web_signal_look(double now_ms)
{
    if (signals()->running_count == 0 || web_state()->holds_signals) {
        return;
    }
    for (int i = 0; i < TIMER_COUNT; i++) {
        const struct timer *timer = &signals()->timers[i];
        double time_ms = clock_of(i, now_ms);

        if (timer->due_ms > 0 && timer->due_ms <= time_ms) {
            fire(i, time_ms);
        }
    }
}

/* Only what tells the time goes on while Python waits. */
double
web_signal_left_ms(double now_ms)
{
    double due_ms = signals()->timers[ITIMER_REAL].due_ms;
    double left_ms = due_ms - now_ms;

    if (due_ms == 0) {
        return WEB_FOREVER_MS;
    }
    if (left_ms > WAIT_LIMIT_MS) {
        return WAIT_LIMIT_MS;
    }
    return left_ms > 0 ? left_ms : 0;
}

double
web_signal_cap(double wait_ms, double now_ms)
{
    double left_ms = web_signal_left_ms(now_ms);

    if (left_ms == WEB_FOREVER_MS || (wait_ms >= 0 && wait_ms < left_ms)) {
        return wait_ms;
    }
    return left_ms;
}

static double
timeval_ms(const struct timeval *time)
{
    return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

static struct timeval
make_timeval(double time_ms)
{
    time_t seconds = (time_t)(time_ms / 1e3);

    return (struct timeval){
        .tv_sec = seconds,
        .tv_usec = (suseconds_t)((time_ms - (double)seconds * 1e3) * 1e3),
    };
}

static bool
is_time(const struct timeval *time)
{
    return time->tv_sec >= 0 && time->tv_usec >= 0 && time->tv_usec < 1000000;
}

int
getitimer(int which, struct itimerval *out)
{
    const struct timer *timer;

    if (which < 0 || which >= TIMER_COUNT) {
        errno = EINVAL;
        return -1;
    }
    timer = &signals()->timers[which];
    *out = (struct itimerval){.it_interval = make_timeval(timer->interval_ms)};
    if (timer->due_ms > 0) {
        double left_ms
            = timer->due_ms - clock_of(which, web_monotonic_ms());

        out->it_value = make_timeval(left_ms > 0 ? left_ms : 0);
        if (out->it_value.tv_sec == 0 && out->it_value.tv_usec == 0) {
            out->it_value.tv_usec = LEAST_LEFT_US;
        }
    }
    return 0;
}

int
setitimer(int which, const struct itimerval *restrict setting,
          struct itimerval *restrict old)
{
    struct itimerval before;
    struct timer *timer;
    double left_ms;

    if (getitimer(which, &before) < 0) {
        return -1;
    }
    if (!is_time(&setting->it_value) || !is_time(&setting->it_interval)) {
        errno = EINVAL;
        return -1;
    }
    if (old != NULL) {
        *old = before;
    }
    timer = &signals()->timers[which];
    signals()->running_count -= timer->due_ms > 0;
    *timer = (struct timer){0};
    left_ms = timeval_ms(&setting->it_value);
    if (left_ms > 0) {
        timer->due_ms = clock_of(which, web_monotonic_ms()) + left_ms;
        timer->interval_ms = timeval_ms(&setting->it_interval);
        signals()->running_count++;
    }
    return 0;
}
