/* Unit tests of plugin/pack/imports.h. */
#include "buffer.h"
#include "check.h"
#include "imports.h"
#include "status.h"

static int
note(void *context, const struct tn_import *import)
{
    static const char *const marks[] = {
        [TN_IMPORT_MODULE] = "",
        [TN_IMPORT_ATTRIBUTE] = ".",
        [TN_IMPORT_MAGIC] = "%",
        [TN_IMPORT_PIP] = "pip=",
    };
    struct tn_buffer *seen = context;
    if (seen->size != 0) {
        tn_buffer_append_char(seen, ' ');
    }
    tn_buffer_append_text(seen, marks[import->kind]);
    tn_buffer_append(seen, import->name, import->name_size);
    tn_buffer_append_text(seen, import->is_optional ? "?" : "");
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
    imports("def f():\n    try:\n        import a\n    except: pass",
            "a?:3");
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
    imports("f(x,\nimport_a)\nx.import_b\n", ".import_b:3");
    imports("x = {1:\n import_c}\n", "");
    imports("x = 'unclosed\nimport a\n", "a:2");
}

static void
test_calls(void)
{
    imports("__import__('a.b')", "a:1");
    imports("m = importlib.import_module(\"a.b\")\n",
            ".import_module:1 a:1");
    imports("__import__(name)\nimport_module(f(x))\n", "");
    imports("import_module('.a')\n", "");
}

static void
test_blocks(void)
{
    imports("try:\n    import a\nexcept ImportError:\n    import b\n"
            "else:\n    import c\nimport d\n",
            "a?:2 b?:4 c:6 d:7");
    imports("try: import a\nfinally: import b\n", "a?:1 b:2");
    imports("try:\n\n    x = 1\n# import\n    import a\nimport b\n",
            "a?:5 b:6");
    imports("if TYPE_CHECKING:\n    import a\nelse:\n    import b\n",
            "b:4");
    imports("if typing.TYPE_CHECKING:\n    import a\nimport b\n", "b:3");
    imports("if x:\n    try:\n        import a\n    except E:\n        pass\n"
            "    import b\n",
            "a?:3 b:6");
}

static void
test_magics(void)
{
    imports("%matplotlib inline\nimport a\n", "%matplotlib:1 a:2");
    imports(" %%time\nimport a\n", "%time:1 a:2");
    imports("%%bash\nimport a\n", "%bash:1");
    imports("x = 1\n%%bash\nimport a\n", "%bash:2 a:3");
    imports("# c\n%%timeit -n 3\nimport a\n", "%timeit:2 a:3");
    imports("%time import a; import b\nimport c\n",
            "%time:1 a:1 b:1 c:2");
    imports("!echo 'it isn\nimport a\n", "a:2");
    imports("files = !ls (\nimport a\n", "a:2");
    imports("x = %who\nx %= 3\nx = 7 % y\nimport a\n", "%who:1 a:4");
    imports("?a.b\na.b?\nimport c\n", ".b:2 c:3");
    imports("f(1\n% 2)\nif x != y: import a\n", "a:3");
    imports("%pip install -q a 'b.c>=1' d[e]\n",
            "%pip:1 pip=a:1 pip=b.c:1 pip=d:1");
    imports("!pip install a==1.0\n!pip list\n", "pip=a:1");
    imports("%", "");
    imports("%%", "");
}

static void
test_attributes(void)
{
    imports("df.plot.line()\n", ".plot:1 .line:1");
    imports("df['a'].hist(\n)\n", ".hist:1");
    imports("df.\\\nplot()", ".plot:2");
}

int
main(void)
{
    run_test(test_blocks);
    run_test(test_magics);
    run_test(test_attributes);
    run_test(test_statements);
    run_test(test_not_imports);
    run_test(test_calls);
    return check_report();
}
