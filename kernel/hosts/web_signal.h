/* Signals of the one process that a page has, and the timers that send them.
 *
 * Nothing interrupts WebAssembly, so a timer is looked at where time passes:
 * from the eval breaker, and around every wait.  web_signal.c defines what
 * POSIX calls these: raise, kill, sigaction, setitimer, sigwait ...
 */
#ifndef TN_WEB_SIGNAL_H
#define TN_WEB_SIGNAL_H

#include <stdbool.h>

/* Sends what is due by now.  Touches no Python but by handlers in C, which
 * CPython's is: that only notes the signal. */
void web_signal_look(double now_ms);

/* How long a wait may last before web_signal_look is called again;
 * WEB_FOREVER_MS while no timer runs. */
double web_signal_left_ms(double now_ms);

/* The lesser of that and `wait_ms`, which is negative for a wait without
 * limit, as the result then is. */
double web_signal_cap(double wait_ms, double now_ms);

/* How many handlers have run, in all: a wait of the main strand ends when it
 * is another number than before. */
unsigned web_signal_count(void);

#endif /* TN_WEB_SIGNAL_H */
