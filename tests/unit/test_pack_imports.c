/* Unit tests of plugin/pack/imports.h. */
#include "buffer.h"
#include "check.h"
#include "imports.h"
#include "status.h"

static int
note(void *context, const struct tn_import *import)
{
    struct tn_buffer *seen = context;
    if (seen->size != 0) {
        tn_buffer_append_char(seen, ' ');
    }
    tn_buffer_append(seen, import->name, import->name_size);
    return tn_buffer_append_format(seen, ":%zu", import->line);
}

static void
imports(const char *source, const char *expected)
{
    struct tn_buffer seen = {0};
    check_int(tn_imports_scan(source, strlen(source), note, &seen), TN_OK);
    check_text(seen.size != 0 ? seen.data : "", expected);
    tn_buffer_clear(&seen);
}

static void
test_statements(void)
{
    imports("import a", "a:1");
    imports("import a.b.c as d, e as f, g", "a:1 e:1 g:1");
    imports("\nfrom a.b import (c,\n  d)\nimport e\n", "a:2 e:4");
    imports("from . import a\nfrom .b import c\nfrom ..d import e\n", "");
    imports("import a; import b\n", "a:1 b:1");
    imports("if x: import a\nelse: import b\n", "a:1 b:2");
    imports("def f():\n    try:\n        import a\n    except: pass", "a:3");
    imports("import \\\n  a\n", "a:2");
    imports("x = 1  # c\nimport \xc3\xa4\xc3\xb6\n",
            "\xc3\xa4\xc3\xb6:2");
}

static void
test_not_imports(void)
{
    imports("# import a\nx = 'import b'\ny = \"\"\"\nimport c\n\"\"\"\n", "");
    imports("x = r'\\' ; import a\n", "");
    imports("x = ''; import a\n", "a:1");
    imports("x = '''a'''; import b\n", "b:1");
    imports("raise E from e\nyield from g()\nimportant = 1\n", "");
    imports("f(x,\nimport_a)\nx.import_b\n", "");
    imports("x = {1:\n import_c}\n", "");
    imports("x = 'unclosed\nimport a\n", "a:2");
}

static void
test_calls(void)
{
    imports("__import__('a.b')", "a:1");
    imports("m = importlib.import_module(\"a.b\")\n", "a:1");
    imports("__import__(name)\nimport_module(f(x))\n", "");
    imports("import_module('.a')\n", "");
}

int
main(void)
{
    run_test(test_statements);
    run_test(test_not_imports);
    run_test(test_calls);
    return check_report();
}
