/* Unit tests of plugin/pack/pep440.h and requirement.h. */
#include "check.h"
#include "pep440.h"
#include "requirement.h"

static void
test_order(void)
{
    /* Each is older than the one behind it. */
    static const char *const versions[] = {
        "1.0.dev1", "1.0a1.dev2", "1.0a1",  "1.0a2",    "1.0b1",
        "1.0rc1",   "1.0",        "1.0+a",  "1.0+5",    "1.0.post1.dev1",
        "1.0-1",    "1.0.post2",  "1.0.1",  "1.10",     "2013.1",
        "1!0.1",
    };
    size_t count = sizeof versions / sizeof versions[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            int order = tn_pep440_compare(versions[i], strlen(versions[i]),
                                          versions[k], strlen(versions[k]));
            check_int((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
    check_int(tn_pep440_compare("v1.0", 4, "1.0.0", 5), 0);
    check_int(tn_pep440_compare("1.0-RC.1", 8, "1c1", 3), 0);
    check(!tn_pep440_is_version("", 0));
    check(!tn_pep440_is_version("1.x", 3));
    check(!tn_pep440_is_version("1+", 2));
    check(tn_pep440_is_version(" 1.2.post3 ", 11));
}

static int
meets(const char *version, const char *clauses)
{
    return tn_pep440_meets(version, clauses, strlen(clauses));
}

static void
test_clauses(void)
{
    check(meets("2.5.5", ""));
    check(meets("2.5.5", ">=2, <3 ,!=2.5.4"));
    check(!meets("2.5.5", "<2"));
    check(meets("2.5.5", "==2.5.*"));
    check(!meets("2.5.5", "!=2.5.*"));
    check(meets("2.5.0", "==2.5"));
    check(!meets("2.5.5", "==2.5"));
    check(meets("2.5.5", "~=2.4"));
    check(!meets("2.5.5", "~=2.4.0"));
    check(!meets("3.0", "~=2.4"));
    check(meets("1.0+local", "==1.0"));
    check(!meets("1.0", "==1.0+local"));
    check(!meets("1.0.post1", ">1.0"));
    check(!meets("1.0rc1", "<1.0"));
    check(meets("1.0rc1", "<=1.0"));
    check(meets("1.0", "===1.0"));
    check(!meets("1.0", ">=1.*"));
    check(!meets("1.0", "about 1"));
    check(!meets("nonsense", ">=1"));
}

/* The requirement as "NAME|CLAUSES|applies". */
static void
requirement(const char *text, const char *expected)
{
    char seen[200];
    struct tn_requirement it;
    if (!tn_requirement_parse(&it, text, strlen(text), "3.13.5")) {
        check_text("none", expected);
        return;
    }
    snprintf(seen, sizeof seen, "%.*s|%.*s|%s", (int)it.name_size, it.name,
             (int)it.clauses_size, it.clauses, it.applies ? "yes" : "no");
    check_text(seen, expected);
}

static void
test_requirements(void)
{
    requirement("numpy", "numpy||yes");
    requirement("Foo.Bar [a,b] >=1,<2", "Foo.Bar|>=1,<2|yes");
    requirement("foo (>=1.0)", "foo|>=1.0|yes");
    requirement("foo;python_version<'3.9'", "foo||no");
    requirement("foo>1; python_version >= \"3.9\"", "foo|>1|yes");
    requirement("foo @ file:///x;y ; extra == 'z'", "foo||no");
    requirement(">=1", "none");
    requirement("", "none");
}

static void
marker(const char *text, int expected)
{
    char line[300];
    struct tn_requirement it;
    snprintf(line, sizeof line, "a; %s", text);
    check(tn_requirement_parse(&it, line, strlen(line), "3.13.5"));
    check_note_int(it.applies, expected, __FILE__, __LINE__, text);
}

static void
test_markers(void)
{
    marker("sys_platform == 'emscripten'", 1);
    marker("sys_platform != 'win32' and os_name == 'posix'", 1);
    marker("platform_system == 'Windows' or extra == 'test'", 0);
    marker("(python_version < '3.8' or 'wasm' in platform_machine)", 1);
    marker("'arm' not in platform_machine", 1);
    marker("python_version < '3.9'", 0);
    marker("python_version > '3.9'", 1);
    marker("'3.14' > python_version", 1);
    marker("python_version == '3.13'", 1);
    marker("python_full_version == '3.13.*'", 1);
    marker("python_version in '3.12 3.13'", 1);
    marker("python_version ~= '3.10'", 1);
    marker("implementation_name == \"pypy\"", 0);
    marker("platform_release >= 'x'", 0);
    /* Text that cannot be read: rather bring too much than too little. */
    marker("unknown_thing == 'a'", 1);
    marker("python_version < ", 1);
    marker("(python_version < '3.8'", 1);
    marker("python_version < '3.8' python_version", 1);
}

static void
test_names(void)
{
    struct tn_buffer out = {0};
    tn_requirement_append_name(&out, "Foo._Bar-1", 10);
    check_text(out.data, "foo-bar-1");
    tn_buffer_clear(&out);
    check(tn_requirement_is_name("Foo._Bar", 8, "foo-bar"));
    check(!tn_requirement_is_name("foo", 3, "foo-bar"));
    check(!tn_requirement_is_name("foo-bar", 7, "foobar"));
}

int
main(void)
{
    run_test(test_order);
    run_test(test_clauses);
    run_test(test_requirements);
    run_test(test_markers);
    run_test(test_names);
    return check_report();
}
