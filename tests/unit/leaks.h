/* What LeakSanitizer has to spare in a program that runs CPython, which does
 * not free everything when it ends.  One file of a program includes this. */
#ifndef TN_LEAKS_H
#define TN_LEAKS_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libpython3";
}
#endif
#endif
#endif
