#!/usr/bin/env python3
"""Tests tidy.py: every rule fires on a bad sample and not on a good one.

    python3 tests/tidy_test.py

A sample is (rule, path, text that breaks it, text that keeps it).  A rule
without a sample fails the test, so a new rule brings its own.
"""

import sys
from collections.abc import Iterator

import tidy
from tidy_source import Source

HEAD = "/* A file that says what it does. */\n"
PY_HEAD = '"""A file that says what it does."""\n'
LONG_C = "int\ntn_x_run(void)\n{\n" + "    step();\n" * 70 + "}\n"
SHORT_C = "int\ntn_x_run(void)\n{\n" + "    step();\n" * 60 + "}\n"
LONG_TS = "function run(): void {\n" + "  step();\n" * 70 + "}\n"
NESTED_TS = ("function run(): void {\n" + "  step();\n" * 40
             + "  const inner = () => {\n" + "    step();\n" * 40
             + "  };\n}\n")
LONG_PY = "def run() -> None:\n" + "    step()\n" * 70
SHORT_PY = "def run() -> None:\n" + "    step()\n" * 60

SAMPLES: list[tuple[str, str, str, str]] = [
    ("white_space", "a.md", "word \n", "word\n"),
    ("white_space", "a.c", "\tx();\n", "    x();\n"),
    ("white_space", "a.c", "x();", "x();\n"),
    ("white_space", "a.c", "x();\n\n", "x();\n"),
    ("columns", "a.c", "x" * 80 + "\n", "x" * 79 + "\n"),
    ("columns", "a.ts", "x" * 101 + "\n", "x" * 100 + "\n"),
    ("unfinished", "a.c", "/* TODO: more */\n", "/* All is done. */\n"),
    ("url_hosts", "a.json", '"https://registry.' + 'npmjs.org/x"\n',
     '"https://www.w3.org/2000/svg"\n'),
    ("url_hosts", "a.mjs", "get('http://mirror.lan:80/x')\n",
     "get('http://127.0.0.1:8000/x')\n"),
    ("machine_paths", "a.py", 'open("/work/x")\n', 'open("/home/tincture/x")'),
    ("machine_paths", "a.py", 'open("/ro' + 'ot/x")\n', 'open(f"{cache}/ro' + 'ot/x")'),
    ("file_size", "a.c", "x\n" * 1001, "x\n" * 1000),
    ("file_size", "a.csv", "x" * 200_001, "x" * 200_000),
    ("file_head", "a.c", "#include <stdio.h>\n", HEAD),
    ("file_head", "a.mjs", "#!/usr/bin/env node\nrun();\n",
     "#!/usr/bin/env node\n// Runs what is to be run.\nrun();\n"),
    ("file_head", "a.py", "import sys\n", PY_HEAD),
    ("function_length", "a.c", LONG_C, SHORT_C),
    ("function_length", "a.ts", LONG_TS, NESTED_TS),
    ("function_length", "a.py", LONG_PY, SHORT_PY),
    ("commented_code", "a.c", "    /* x = run(y); */\n",
     "    /* The value of run(y), see above. */\n"),
    ("commented_code", "a.c", "#if 0\n#endif\n", "#if SIZE\n#endif\n"),
    ("commented_code", "a.h", "/* run(y); */\n",
     "/* How to call it:\n *\n *     x = run(y);\n */\n"),
    ("commented_code", "a.ts", "// return value;\n", "// The value.\n"),
    ("commented_code", "a.ts", "// run(x);\n", "return /a:\\/\\//.test(x);\n"),
    ("commented_code", "a.py", "# import os\n", "# What os imports.\n"),
    ("commented_code", "a.py", "# x = run(y)\n", "# x = where we are\n"),
    ("script_in_c", "kernel/hosts/web.c", "EM_JS(int, f, (), {})\n",
     "int f(void);\n"),
    ("own_allocator", "bridge/a.c", "x = malloc(1);\n", "x = tn_alloc(1);\n"),
    ("own_allocator", "kernel/fs/a.c", "free(x);\n", "x->free(x);\n"),
    ("own_allocator", "plugin/pack/a.c", "strdup(x);\n", "/* strdup(x) */\n"),
    ("one_json_reader", "kernel/a.c", "#include <cJSON.h>\n",
     '#include "json.h"\n'),
    ("emscripten_in_hosts", "kernel/a.c", "#include <emscripten.h>\n",
     "#include <errno.h>\n"),
    ("emscripten_in_hosts", "bridge/a.c", "#ifdef __EMSCRIPTEN__\n",
     "#ifdef TN_ALLOC_TESTING\n"),
    ("ending_calls", "kernel/a.c", "    abort();\n", "    assert(0);\n"),
    ("ending_calls", "kernel/a.c", "    exit(1);\n",
     "int\nmain(void)\n{\n    exit(1);\n}\n"),
    ("printing_calls", "kernel/a.c", "    PyErr_Print();\n",
     "    PyErr_GetRaisedException();\n"),
    ("printing_calls", "kernel/a.c", "    PyRun_SimpleString(x);\n",
     "    PyEval_EvalCode(x, y, z);\n"),
    ("borrowed_references", "kernel/a.c", "    x = PyDict_GetItem(d, k);\n",
     "    x = PyDict_GetItem(d, k);  /* borrowed */\n"),
    ("borrowed_references", "kernel/a.c", "    PyList_GetItem(d, 0);\n",
     "    PyList_GetItemRef(d, 0);\n"),
    ("unsafe_calls", "bridge/a.c", "    sprintf(b, f);\n",
     "    snprintf(b, n, f);\n"),
    ("static_data", "bridge/a.c", "static int count;\n",
     "static const int count = 1;\n"),
    ("static_data", "bridge/a.c", "static const char *names[] = {\n",
     "static const char *const names[] = {\n"),
    ("static_data", "kernel/a.c", "    static size_t seen = 0;\n",
     "static PyMethodDef methods[] = {\n"),
    ("static_data", "kernel/a.c", "static struct table table\n    = {0};\n",
     "static int\nrun(void)\n"),
    ("type_names", "bridge/a.h", "typedef struct x x_t;\n",
     "typedef struct x tn_x;\n"),
    ("one_label", "bridge/a.c", "    goto fail;\n", "    goto done;\n"),
    ("public_names", "bridge/a.c", "int\nrun(void)\n{\n}\n",
     "static int\nrun(void)\n{\n}\n"),
    ("public_names", "bridge/a.c", "int\nrun(void)\n{\n}\n",
     "int\ntn_a_run(void)\n{\n}\n"),
    ("strict_types", "a.ts", "let x: any = 1;\n", "let x: unknown = 1;\n"),
    ("strict_types", "a.ts", "x as any;\n", '"as any";\n'),
    ("strict_types", "a.ts", "// @ts-ignore\n", "// Types are checked.\n"),
    ("strict_types", "a/tsconfig.json", "{}\n", '{"strict": true}\n'),
    ("type_hints", "a.py", "def run(x):\n    pass\n",
     "def run(x: int) -> None:\n    pass\n"),
    ("python_syntax", "a.py", "def run(:\n", "def run() -> None: ...\n"),
    ("golden_lines", "a.jsonl", '> execute_request {"code": }\n',
     '> execute_request {"code": "1"}\n'),
    ("golden_lines", "a.jsonl", '{"code": 1}\n', ">> {\n# A remark\n"),
    ("lock_files", "a/package-lock.json", '"resolved": "x"\n',
     '"integrity": "x"\n'),
    ("json_files", "a.json", "{,}\n", "{}\n"),
]


def failures_of_samples() -> Iterator[str]:
    for rule, path, bad, good in SAMPLES:
        if not list(tidy.RULES[rule](Source(path, bad))):
            yield f"{rule} says nothing about {bad[:60]!r}"
        for line, remedy in tidy.RULES[rule](Source(path, good)):
            yield f"{rule} objects to {good[:60]!r}: {line}: {remedy}"
    for rule in tidy.RULES.keys() - {sample[0] for sample in SAMPLES}:
        yield f"{rule} has no sample"


def failures_of_tree_rules() -> Iterator[str]:
    if tidy.check_bytes("a.c", b"\x7fELF\0")[1] == "":
        yield "a binary passes"
    if tidy.check_bytes("a.c", "é\n".encode())[1] != "":
        yield "text does not pass"
    if tidy.check_bytes("examples/a/a.png", b"\x89PNG\0")[1] != "":
        yield "a picture does not pass"
    missing = list(tidy.missing_readmes(
        ["a/x.c", "b/x.c", "b/README.md", "packages/zlib/recipe.toml"]))
    if missing != ["a"]:
        yield f"folders without a README: {missing}, expected ['a']"


def main() -> int:
    failures = [*failures_of_samples(), *failures_of_tree_rules()]
    for failure in failures:
        print(f"tests/tidy_test.py: {failure}")
    print(f"tidy_test: {len(SAMPLES)} samples, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
