/* POSIX threads on strands, in place of the C library's stubs, which do
 * nothing.  A strand is interrupted only where it waits or offers its turn, so
 * nothing here needs an atomic operation.
 *
 * Where a wait cannot begin, because a frame of JavaScript stands in between
 * or this engine suspends no stacks, one with a time limit burns its time, and
 * one without ends at once, as after a signal; CPython then looks for what is
 * pending, and finds the exception that says why.
 */
#include <errno.h>
#include <emscripten/threading.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "web_thread.h"

/* Waits in vain, one after the other, of C code that does not look for
 * exceptions: it would try for ever. */
#define STUCK_LIMIT 1000

/* How often the destructors of a thread's values may set new ones. */
#define DESTRUCTOR_ROUND_COUNT 4

/* The beginning of a pthread_mutex_t, all zero at first. */
struct mutex {
    struct web_strand *owner;
    unsigned depth;
    int type;
    unsigned waiter_count;
};

/* The same of a pthread_cond_t. */
struct cond {
    unsigned waiter_count;
    clockid_t clock;
};

_Static_assert(sizeof(struct mutex) <= sizeof(pthread_mutex_t), "too large");
_Static_assert(sizeof(struct cond) <= sizeof(pthread_cond_t), "too large");

/* Values of a pthread_once_t. */
enum once_state {
    ONCE_NEW = PTHREAD_ONCE_INIT,
    ONCE_RUNS,
    ONCE_DONE,
};

struct keys {
    bool is_used[PTHREAD_KEYS_MAX];
    void (*destructors[PTHREAD_KEYS_MAX])(void *);
    unsigned stuck_count;
};

static struct keys *
keys(void)
{
    static struct keys state;

    return &state;
}

/* --- Waits that cannot begin -------------------------------------------- */

/* CPython's own, which it exports for its tests. */
enum { PENDING_ON_ANY_THREAD = 0 };
int _PyEval_AddPendingCall(PyInterpreterState *interpreter,
                           int (*call)(void *), void *argument, int flags);

static int
raise_stuck(void *argument)
{
    const char *refusal = web_strand_refusal();

    (void)argument;
    PyErr_Format(PyExc_RuntimeError, "this wait would never end: %s",
                 refusal != NULL ? refusal : "nobody could end it");
    return -1;
}

void
web_pthread_refuse(void)
{
    keys()->stuck_count++;
    if (keys()->stuck_count > STUCK_LIMIT) {
        web_die("C code waits for a lock that nobody can release.");
    }
    (void)_PyEval_AddPendingCall(web_state()->main_thread->interp,
                                 raise_stuck, NULL, PENDING_ON_ANY_THREAD);
}

/* As web_strand_wait, but does what is possible where that cannot begin. */
static enum web_wake
wait_for(const void *channel, double deadline_ms)
{
    enum web_wake wake = web_strand_wait(channel, deadline_ms);

    if (wake != WEB_STUCK) {
        keys()->stuck_count = 0;
        return wake;
    }
    if (deadline_ms == WEB_FOREVER_MS) {
        web_pthread_refuse();
        return WEB_WOKEN;
    }
    /* Stop ends it sooner. */
    return web_sleep(deadline_ms - web_monotonic_ms()) == 0 ? WEB_TIMED_OUT
                                                            : WEB_WOKEN;
}

/* --- Threads ------------------------------------------------------------ */

static struct web_strand *
strand_of(pthread_t thread)
{
    return (struct web_strand *)thread;
}

pthread_t
pthread_self(void)
{
    return (pthread_t)web_strand_self();
}

int
pthread_create(pthread_t *out, const pthread_attr_t *attributes,
               void *(*run)(void *), void *argument)
{
    struct web_strand *strand;
    size_t size = 0;
    int is_detached = PTHREAD_CREATE_JOINABLE;
    int status;

    if (attributes != NULL) {
        (void)pthread_attr_getstacksize(attributes, &size);
        (void)pthread_attr_getdetachstate(attributes, &is_detached);
    }
    status = web_strand_new(&strand, run, argument, size);
    if (status < 0) {
        return status == TN_ERROR_UNSUPPORTED ? ENOTSUP : EAGAIN;
    }
    strand->is_detached = is_detached == PTHREAD_CREATE_DETACHED;
    *out = (pthread_t)strand;
    return 0;
}

int
pthread_join(pthread_t thread, void **result)
{
    struct web_strand *strand = strand_of(thread);

    if (strand == web_strand_self()) {
        return EDEADLK;
    }
    while (strand->state != WEB_STRAND_ENDED) {
        if (web_strand_wait(strand, WEB_FOREVER_MS) == WEB_STUCK) {
            return EDEADLK;
        }
    }
    if (result != NULL) {
        *result = strand->result;
    }
    web_strand_free(strand);
    return 0;
}

int
pthread_detach(pthread_t thread)
{
    struct web_strand *strand = strand_of(thread);

    if (strand->state == WEB_STRAND_ENDED) {
        web_strand_free(strand);
    }
    else {
        strand->is_detached = true;
    }
    return 0;
}

#undef pthread_equal
int
pthread_equal(pthread_t one, pthread_t other)
{
    return one == other;
}

_Noreturn void
pthread_exit(void *result)
{
    web_strand_exit(result);
}

/* --- Mutexes ------------------------------------------------------------ */

static struct mutex *
mutex_of(pthread_mutex_t *mutex)
{
    return (struct mutex *)mutex;
}

int
pthread_mutex_init(pthread_mutex_t *restrict object,
                   const pthread_mutexattr_t *restrict attributes)
{
    int type = PTHREAD_MUTEX_NORMAL;

    if (attributes != NULL) {
        (void)pthread_mutexattr_gettype(attributes, &type);
    }
    *mutex_of(object) = (struct mutex){.type = type};
    return 0;
}

int
pthread_mutex_destroy(pthread_mutex_t *object)
{
    (void)object;
    return 0;
}

int
pthread_mutex_trylock(pthread_mutex_t *object)
{
    struct mutex *mutex = mutex_of(object);
    struct web_strand *self = web_strand_self();

    if (mutex->owner == NULL) {
        mutex->owner = self;
        return 0;
    }
    if (mutex->owner == self && mutex->type == PTHREAD_MUTEX_RECURSIVE) {
        mutex->depth++;
        return 0;
    }
    return EBUSY;
}

/* What the owner itself waits for, nobody else will release. */
static int
lock_until(pthread_mutex_t *object, double deadline_ms)
{
    struct mutex *mutex = mutex_of(object);

    while (pthread_mutex_trylock(object) != 0) {
        enum web_wake wake;

        if (mutex->owner == web_strand_self()) {
            return EDEADLK;
        }
        mutex->waiter_count++;
        wake = web_strand_wait(mutex, deadline_ms);
        mutex->waiter_count--;
        if (wake != WEB_WOKEN) {
            return wake == WEB_STUCK ? EDEADLK : ETIMEDOUT;
        }
    }
    return 0;
}

int
pthread_mutex_lock(pthread_mutex_t *object)
{
    return lock_until(object, WEB_FOREVER_MS);
}

int
pthread_mutex_unlock(pthread_mutex_t *object)
{
    struct mutex *mutex = mutex_of(object);

    if (mutex->depth > 0) {
        mutex->depth--;
        return 0;
    }
    mutex->owner = NULL;
    if (mutex->waiter_count > 0) {
        web_strand_wake(mutex, 1);
    }
    return 0;
}

/* --- Conditions --------------------------------------------------------- */

static double
deadline_of(clockid_t clock, const struct timespec *time)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return web_monotonic_ms() + (double)(time->tv_sec - now.tv_sec) * 1e3
           + (double)(time->tv_nsec - now.tv_nsec) / 1e6;
}

int
pthread_mutex_timedlock(pthread_mutex_t *restrict object,
                        const struct timespec *restrict time)
{
    return lock_until(object, deadline_of(CLOCK_REALTIME, time));
}

static struct cond *
cond_of(pthread_cond_t *cond)
{
    return (struct cond *)cond;
}

int
pthread_cond_init(pthread_cond_t *restrict object,
                  const pthread_condattr_t *restrict attributes)
{
    clockid_t clock = CLOCK_REALTIME;

    if (attributes != NULL) {
        (void)pthread_condattr_getclock(attributes, &clock);
    }
    *cond_of(object) = (struct cond){.clock = clock};
    return 0;
}

int
pthread_cond_destroy(pthread_cond_t *object)
{
    (void)object;
    return 0;
}

/* Nobody runs between the two, so no signal is missed. */
static int
cond_wait(pthread_cond_t *object, pthread_mutex_t *mutex, double deadline_ms)
{
    struct cond *cond = cond_of(object);
    enum web_wake wake;
    int status;

    (void)pthread_mutex_unlock(mutex);
    cond->waiter_count++;
    wake = wait_for(cond, deadline_ms);
    cond->waiter_count--;
    status = pthread_mutex_lock(mutex);
    return status != 0 ? status : wake == WEB_TIMED_OUT ? ETIMEDOUT : 0;
}

int
pthread_cond_wait(pthread_cond_t *restrict object,
                  pthread_mutex_t *restrict mutex)
{
    return cond_wait(object, mutex, WEB_FOREVER_MS);
}

int
pthread_cond_timedwait(pthread_cond_t *restrict object,
                       pthread_mutex_t *restrict mutex,
                       const struct timespec *restrict time)
{
    return cond_wait(object, mutex,
                     deadline_of(cond_of(object)->clock, time));
}

/* CPython calls this, whoever waits, when C code lets go of its lock. */
int
pthread_cond_signal(pthread_cond_t *object)
{
    web_breaker_hurry();
    if (cond_of(object)->waiter_count > 0) {
        web_strand_wake(object, 1);
    }
    return 0;
}

int
pthread_cond_broadcast(pthread_cond_t *object)
{
    if (cond_of(object)->waiter_count > 0) {
        web_strand_wake(object, SIZE_MAX);
    }
    return 0;
}

/* --- Values of a thread, and what is done once -------------------------- */

int
pthread_key_create(pthread_key_t *out, void (*destructor)(void *))
{
    for (pthread_key_t key = 0; key < PTHREAD_KEYS_MAX; key++) {
        if (!keys()->is_used[key]) {
            keys()->is_used[key] = true;
            keys()->destructors[key] = destructor;
            *out = key;
            return 0;
        }
    }
    return EAGAIN;
}

int
pthread_key_delete(pthread_key_t key)
{
    if (key >= PTHREAD_KEYS_MAX || !keys()->is_used[key]) {
        return EINVAL;
    }
    for (struct web_strand *strand = web_strand_main(); strand != NULL;
         strand = strand->next) {
        strand->specific[key] = NULL;
    }
    keys()->is_used[key] = false;
    return 0;
}

void *
pthread_getspecific(pthread_key_t key)
{
    return key < PTHREAD_KEYS_MAX ? web_strand_self()->specific[key] : NULL;
}

int
pthread_setspecific(pthread_key_t key, const void *value)
{
    if (key >= PTHREAD_KEYS_MAX || !keys()->is_used[key]) {
        return EINVAL;
    }
    web_strand_self()->specific[key] = (void *)value;
    return 0;
}

/* True when there was a value to destroy. */
static bool
destroy_values(struct web_strand *strand)
{
    bool were_some = false;

    for (pthread_key_t key = 0; key < PTHREAD_KEYS_MAX; key++) {
        void *value = strand->specific[key];

        if (value != NULL && keys()->destructors[key] != NULL) {
            strand->specific[key] = NULL;
            keys()->destructors[key](value);
            were_some = true;
        }
    }
    return were_some;
}

void
web_pthread_end(struct web_strand *strand)
{
    for (int round = 0; round < DESTRUCTOR_ROUND_COUNT; round++) {
        if (!destroy_values(strand)) {
            break;
        }
    }
}

int
pthread_once(pthread_once_t *control, void (*run)(void))
{
    while (*control == ONCE_RUNS) {
        if (web_strand_wait(control, WEB_FOREVER_MS) == WEB_STUCK) {
            return EDEADLK;
        }
    }
    if (*control == ONCE_NEW) {
        *control = ONCE_RUNS;
        run();
        *control = ONCE_DONE;
        web_strand_wake(control, SIZE_MAX);
    }
    return 0;
}

/* --- What else the C library's stubs define ------------------------------ */

/* Threads are never cancelled. */
int
pthread_setcancelstate(int state, int *old_state)
{
    (void)state;
    if (old_state != NULL) {
        *old_state = PTHREAD_CANCEL_ENABLE;
    }
    return 0;
}

int
sched_yield(void)
{
    (void)web_strand_offer(web_monotonic_ms());
    return 0;
}

/* The C library's own: what they guard suspends nothing. */
void __lock(void *lock);
void __unlock(void *lock);
void __acquire_ptc(void);
void __release_ptc(void);

void
__lock(void *lock)
{
    (void)lock;
}

void
__unlock(void *lock)
{
    (void)lock;
}

void
__acquire_ptc(void)
{
}

void
__release_ptc(void)
{
}

int
emscripten_num_logical_cores(void)
{
    return 1;
}

int
emscripten_futex_wake(volatile void *address, int count)
{
    (void)address;
    (void)count;
    return 0;
}
