/* What every C test uses: check(), check_int(), check_text(), and run_test().
 *
 * A test file has one main that calls run_test(name) for each of its static
 * functions and returns check_report().  A failed check says file, line, both
 * values, and the test goes on.
 */
#ifndef TN_CHECK_H
#define TN_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failed_count;
static int check_passed_count;

static inline void
check_note(int passed, const char *file, int line, const char *what)
{
    if (passed) {
        check_passed_count++;
        return;
    }
    check_failed_count++;
    fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what);
}

static inline void
check_note_int(long long seen, long long expected, const char *file, int line,
               const char *what)
{
    check_note(seen == expected, file, line, what);
    if (seen != expected) {
        fprintf(stderr, "  seen %lld, expected %lld\n", seen, expected);
    }
}

static inline void
check_note_text(const char *seen, const char *expected, const char *file,
                int line, const char *what)
{
    int same = seen != NULL && strcmp(seen, expected) == 0;
    check_note(same, file, line, what);
    if (!same) {
        fprintf(stderr, "  seen \"%s\"\n  expected \"%s\"\n",
                seen != NULL ? seen : "(null)", expected);
    }
}

#define check(condition)                                                      \
    check_note((condition) ? 1 : 0, __FILE__, __LINE__, #condition)
#define check_int(seen, expected)                                             \
    check_note_int((long long)(seen), (long long)(expected), __FILE__,        \
                   __LINE__, #seen)
#define check_text(seen, expected)                                            \
    check_note_text((seen), (expected), __FILE__, __LINE__, #seen)

#define run_test(test)                                                        \
    do {                                                                      \
        int before = check_failed_count;                                      \
        test();                                                               \
        printf("%s %s\n", check_failed_count == before ? "ok  " : "FAIL",     \
               #test);                                                        \
    } while (0)

static inline int
check_report(void)
{
    printf("%d passed, %d failed\n", check_passed_count, check_failed_count);
    return check_failed_count != 0;
}

#endif /* TN_CHECK_H */
