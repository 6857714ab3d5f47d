/* Strands: activations of Python that can be suspended, each with a C stack of
 * its own.  The main one is that of cells; every Python thread is one more.
 *
 * They take turns: one runs, until it waits, has ended, or offers the turn
 * because another one is due.  Who is next is decided here; JavaScript
 * (plugin/src/strands.ts) only suspends and resumes, for that is a matter of
 * promises.  web_pthread.c makes POSIX threads of them, on which CPython's own
 * lock and thread states work unchanged.
 */
#ifndef TN_WEB_THREAD_H
#define TN_WEB_THREAD_H

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "web_stack.h"

/* Strands beside the main one.  A further thread does not start. */
#define WEB_STRAND_LIMIT 128

/* The C stack of a strand, where nobody asks for more.  README.md says what
 * the deepest recursion needs. */
#define WEB_STRAND_REGION_SIZE ((size_t)512 << 10)

/* No deadline. */
#define WEB_FOREVER_MS HUGE_VAL

enum web_strand_state {
    WEB_STRAND_RESTS,   /* the main one, between two runs */
    WEB_STRAND_RUNS,    /* on the engine's stack now */
    WEB_STRAND_TURNS,   /* it gave the page a turn, and comes back by itself */
    WEB_STRAND_COMES,   /* JavaScript was told to resume it */
    WEB_STRAND_READY,
    WEB_STRAND_WAITS,
    WEB_STRAND_LISTENS, /* the main one alone, in the import `wait` */
    WEB_STRAND_ENDED,
};

/* How a wait has ended. */
enum web_wake {
    WEB_WOKEN,     /* by web_strand_wake, or because of Stop */
    WEB_TIMED_OUT,
    WEB_STUCK,     /* it did not begin: this activation cannot be suspended */
};

/* What is a global variable here and belongs to a thread elsewhere. */
struct web_locals {
    PyThreadState *thread;
    const char *package;       /* CPython's pkgcontext */
    int error;                 /* errno */
    void *caught_exceptions;   /* of libc++abi, both */
    unsigned uncaught_count;
};

struct web_strand {
    struct web_strand *next; /* in the list of all */
    enum web_strand_state state;
    enum web_wake wake;
    bool is_new;
    bool is_detached;
    const void *channel; /* what it waits for */
    double deadline_ms;
    uint64_t order; /* the lowest is next */
    unsigned heard; /* of what the page did, as of its last wait for that */

    /* A bit for each signal (web_signal.c). */
    uint64_t blocked_signals;
    uint64_t pending_signals; /* those sent to this one */
    uint64_t awaited_signals; /* while sigwait is under way */

    void *region;
    size_t region_size;
    uintptr_t outside; /* where the C stack's pointer stood when it came */
    struct web_locals locals;

    void *(*run)(void *);
    void *argument;
    void *result;
    void *specific[PTHREAD_KEYS_MAX]; /* web_pthread.c */
};

/* Whose code this is.  What the page calls belongs to the main strand. */
struct web_strand *web_strand_self(void);
struct web_strand *web_strand_main(void);

/* The one on the engine's stack; NULL in a call of the page. */
struct web_strand *web_strand_running(void);

/* Strands beside the main one that have not ended. */
size_t web_strand_count(void);

/* A strand that calls run(argument) when its turn comes.  TN_ERROR_LIMIT,
 * TN_ERROR_MEMORY; TN_ERROR_UNSUPPORTED where stacks cannot be suspended. */
int web_strand_new(struct web_strand **out, void *(*run)(void *),
                   void *argument, size_t region_size);

/* After its end: its memory is given back. */
void web_strand_free(struct web_strand *strand);

/* Ends the strand that runs, without return.  Its frames are forgotten. */
_Noreturn void web_strand_exit(void *result);

/* NULL where this activation can be suspended; else why not. */
const char *web_strand_refusal(void);

/* Waits until somebody wakes the channel or until web_monotonic_ms() has come
 * to the deadline; may end sooner. */
enum web_wake web_strand_wait(const void *channel, double deadline_ms);

/* Ends at most `count` waits, those that began first. */
void web_strand_wake(const void *channel, size_t count);

/* Waits for anything that the page does, or until the deadline.  What it did
 * since this strand's last such wait ends the wait before it begins: whoever
 * waits may have looked before a turn in which that came. */
enum web_wake web_strand_listen(double deadline_ms);

/* The page has done something: ends all those waits. */
void web_strand_tell(void);

/* Ends whatever the main strand waits for. */
void web_strand_interrupt(void);

/* Lets others run that are due by now; from the eval breaker.  True when
 * some have run. */
bool web_strand_offer(double now_ms);

/* A run of the main strand begins or has ended.  After web_strand_enter it has
 * Python's lock, which it waits for where it can. */
void web_strand_enter(bool can_wait);
void web_strand_leave(bool can_wait);

/* Around an import that suspends `strand`, which runs: web_strand_pause gives
 * where the C stack's pointer has to stand meanwhile, and web_strand_resume
 * takes where it stood afterwards. */
uintptr_t web_strand_pause(struct web_strand *strand,
                           enum web_strand_state state);
void web_strand_resume(struct web_strand *strand, uintptr_t outside);

/* pthread_key_create's destructors, for a strand that ends. */
void web_pthread_end(struct web_strand *strand);

/* A wait without time limit cannot begin: Python raises RuntimeError soon. */
void web_pthread_refuse(void);

#endif /* TN_WEB_THREAD_H */
