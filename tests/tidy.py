#!/usr/bin/env python3
"""Checks the tree for what a machine can see of the project's style.

    python3 tests/tidy.py            the whole tree
    python3 tests/tidy.py PATH...    only what lies there

Every finding names file, line and the remedy.  A rule is a function that
takes one Source and yields (line, remedy); its name in RULES is what
tidy_test.py calls it by.  Standard library only.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tidy_source import Source

Findings = Iterator[tuple[int, str]]
Rule = Callable[[Source], Findings]

ROOT = Path(__file__).resolve().parent.parent
OWN_ALLOCATOR = ("bridge", "kernel/fs", "plugin/pack")
FUNCTION_LINES_LIMIT = 70
FILE_LINES_LIMIT = 1000
FILE_BYTES_LIMIT = 200_000
COLUMNS = {".c": 79, ".h": 79, ".def": 79, ".py": 88,
           ".ts": 100, ".mjs": 100, ".js": 100}
PICTURES = (".png",)
# Folders whose files may hold any bytes: they are input for readers.
DATA_FOLDERS = ("tests/fuzz/corpus", "tests/pack/data", "tests/browser/data")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", ".cache"}

# A folder that one file explains completely needs no README of its own.
NO_README = re.compile(
    r"packages/[^/]+(/.*)?|examples/[^/]+(/.*)?|tests/fuzz/corpus(/.*)?"
    r"|kernel/py/[^/]+(/.*)?"
    r"|tests/[^/]+/(data|cases|corpus)(/.*)?|\.ci|\.github")

# Hosts that a file may name in a URL: standards, documentation, and names
# reserved for examples.  Package registries are reached by their clients.
URL_HOSTS = re.compile(
    r"(www\.)?(w3\.org|json-schema\.org|unicode\.org|ietf\.org|rfc-editor\.org"
    r"|jupyter-client\.readthedocs\.io|nbformat\.readthedocs\.io"
    r"|docs\.python\.org|peps\.python\.org|python\.org|github\.com"
    r"|webassembly\.github\.io|emscripten\.org|developer\.mozilla\.org)"
    r"|([\w.-]+\.)?(example(\.(com|org|net))?|invalid|test|localhost)"
    r"|127\.0\.0\.1|\[::1\]|h|x|a|\.{3}")

ALLOCATORS = re.compile(
    r"(?<![\w.>])(malloc|calloc|realloc|reallocarray|free|strdup|strndup"
    r"|asprintf|vasprintf|aligned_alloc)\s*\(")
UNSAFE_CALLS = re.compile(
    r"(?<![\w.>])(gets|strcpy|strcat|sprintf|vsprintf|atoi|atol|atof|strtok"
    r"|tmpnam|mktemp|alloca)\s*\(")
ENDING_CALLS = re.compile(
    r"(?<![\w.>])(exit|_exit|_Exit|quick_exit|abort|Py_Exit|Py_FatalError"
    r"|Py_ExitStatusException)\s*\(")
PRINTING_CALLS = re.compile(
    r"\b(PyRun_Simple\w+|PyRun_AnyFile\w*|PyErr_Print(Ex)?)\b")
BORROWED_CALLS = re.compile(
    r"\b(PyDict_GetItem(String|WithError)?|PyDict_SetDefault|PyDict_Next"
    r"|PyList_GetItem|PyList_GET_ITEM|PyTuple_GetItem|PyTuple_GET_ITEM"
    r"|PyImport_AddModule(Object)?|PyModule_GetDict|PyWeakref_GetObject"
    r"|PyWeakref_GET_OBJECT|PySys_GetObject|PyStructSequence_GetItem"
    r"|PyStructSequence_GET_ITEM|PyCell_GET|PyFunction_GetCode"
    r"|PyEval_Get(Builtins|Globals|Locals|Frame)|PyThreadState_GetDict"
    r"|PyErr_Occurred(?=\(\)\s*->))\s*\(")
SCRIPT_IN_C = re.compile(
    r"\b(EM_JS(_DEPS)?|EM_ASM\w*|EM_ASYNC_JS|EMSCRIPTEN_BINDINGS"
    r"|emscripten/(bind|val)\.h)\b")
EMSCRIPTEN = re.compile(r"\b(EMSCRIPTEN_\w+|__EMSCRIPTEN\w*__|emscripten/)")
# Tables that CPython wants to be writable, or whose type cannot be const.
PYTHON_TABLES = re.compile(
    r"\b(PyMethodDef|PyModuleDef|PyModuleDef_Slot|PyType_Slot|PyType_Spec"
    r"|PyGetSetDef|PyMemberDef|PyStructSequence_(Field|Desc))\b")
MACHINE_PATH = re.compile(
    r"(?<![\w.$}~-])/(work|root|home/(?!tincture\b|\w\b)\w+|Users|mnt|media)"
    r"(/|\b(?=[\"'\s]))")
ANY_TYPE = re.compile(
    r"(?<=[:<|(,&])\s*any\b(?=\s*[\[\]>;,)=|&{]|$)|\bas\s+any\b"
    r"|@ts-(ignore|nocheck)")


def lines_with(source: Source, pattern: re.Pattern[str], remedy: str,
               code_only: bool = True) -> Findings:
    lines = source.code_lines if code_only else source.lines
    for number, line in enumerate(lines, 1):
        found = pattern.search(line)
        if found:
            yield number, remedy.replace("{}", found[0].strip(" ("))


# Rules of every text file

def white_space(source: Source) -> Findings:
    if source.path.endswith((".patch", ".diff")):
        return
    tabs_allowed = source.path.endswith(("Makefile", ".mk", ".tsv"))
    for number, line in enumerate(source.lines, 1):
        if line != line.rstrip():
            yield number, "remove the white space at the end of the line"
        elif "\t" in line and not tabs_allowed:
            yield number, "write spaces instead of the tab"
    if source.text and not source.text.endswith("\n"):
        yield len(source.lines), "end the file with a line feed"
    if source.text.endswith("\n\n"):
        yield len(source.lines), "remove the empty lines at the end"


def columns(source: Source) -> Findings:
    limit = COLUMNS.get(Path(source.path).suffix)
    if limit is None:
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > limit:
            yield number, f"break the line: {len(line)} > {limit} columns"


def unfinished(source: Source) -> Findings:
    yield from lines_with(
        source, re.compile(r"\b(TO" r"DO|FIX" r"ME)\b"),
        "do it now, or open an issue and remove the word {}", False)


def url_hosts(source: Source) -> Findings:
    for number, line in enumerate(source.lines, 1):
        for host in re.findall(r"\bhttps?://([\w.\-\[\]:]+)", line):
            name = host.rstrip(".")
            if not name.startswith("["):
                name = name.split(":")[0]
            if not URL_HOSTS.fullmatch(name):
                yield number, (f"do not name the host {host}; reach packages"
                               " by name with their ordinary clients")


def machine_paths(source: Source) -> Findings:
    yield from lines_with(
        source, MACHINE_PATH,
        "{} is a path of one machine; find the place from the repository's"
        " root or the environment", False)


def file_size(source: Source) -> Findings:
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if source.is_source and len(source.lines) > FILE_LINES_LIMIT:
        yield FILE_LINES_LIMIT, (
            f"split the file by its nouns: {len(source.lines)} lines >"
            f" {FILE_LINES_LIMIT}")
    elif size > FILE_BYTES_LIMIT:
        yield 1, (f"{size} bytes are not source; make the file at build"
                  " time or get it by a recipe")


# Rules of source files

def file_head(source: Source) -> Findings:
    if not source.is_source or source.path.endswith(".d.ts"):
        return
    if source.is_python:
        if not source.text.strip():
            return
        head = ast.get_docstring(source.tree) if source.tree else ""
        comment = source.comments[0].text if source.comments else ""
        says = head or comment
    else:
        start = source.text.lstrip()
        if start.startswith("#!"):
            start = start.partition("\n")[2].lstrip()
        found = re.match(r"/\*.*?\*/|(//[^\n]*\n)+", start, re.S)
        says = found[0] if found else ""
    if len(says.split()) < 4:
        yield 1, "begin the file with a comment that says what it does"


def function_length(source: Source) -> Findings:
    if not source.is_source:
        return
    for function in source.functions:
        if function.size >= FUNCTION_LINES_LIMIT:
            yield function.line, (
                f"split {function.name}: {function.size} lines, the limit is"
                f" {FUNCTION_LINES_LIMIT - 1}")


def commented_code(source: Source) -> Findings:
    """Headers may show how to call them, in an indented example."""
    if source.is_c:
        yield from lines_with(source, re.compile(r"^\s*#\s*if\s+0\b"),
                              "remove the code that {} disables")
    for comment in source.comments:
        for offset, line in enumerate(comment.text.split("\n")):
            if source.path.endswith(".h") and re.match(r" \*   ", line):
                continue
            words = re.sub(r"^\s*(/\*+|//+|\*|#+)|\*/\s*$", "", line).strip()
            if looks_like_code(source, words):
                yield comment.line + offset, (
                    "remove the code in the comment, or say it in words")


def looks_like_code(source: Source, words: str) -> bool:
    if source.is_python:
        if not re.match(r"(import|from|def|class|return|if|for|while|with)\b"
                        r".*[:)\w]$|[\w.\[\]]+\s*[-+]?=\s*\S|[\w.]+\(.*\)$",
                        words):
            return False
        try:
            ast.parse(words + "\n    pass" if words.endswith(":") else words)
        except SyntaxError:
            return False
        return words.startswith(("import ", "from ")) or not re.fullmatch(
            r"[\w ]+", words)
    return bool(re.fullmatch(
        r"(return\b.*;|[\w.>\[\]*-]+(\(.*\))?\s*[-+|&]?=\s*[^=].*;"
        r"|[\w.>-]+\(.*\);|(if|for|while|switch)\s*\(.*\)\s*\{"
        r"|\}( else \{)?|#\s*(define|include|if|ifdef|endif)\b.*)", words))


# Rules of C

def script_in_c(source: Source) -> Findings:
    if source.path.endswith((".c", ".h", ".cc", ".cpp")):
        yield from lines_with(
            source, SCRIPT_IN_C,
            "{}: write JavaScript in a .ts file and import the function",
            code_only=False)


def own_allocator(source: Source) -> Findings:
    if (source.is_c and source.under(*OWN_ALLOCATOR)
            and source.path != "bridge/alloc.c"):
        yield from lines_with(
            source, ALLOCATORS,
            "{}: use tn_alloc, tn_realloc, tn_free or tn_copy_text of"
            " bridge/alloc.h")


def one_json_reader(source: Source) -> Findings:
    if source.is_c and source.path != "bridge/json.c":
        yield from lines_with(
            source, re.compile(r"\bcJSON\w*|cJSON\.h"),
            "{}: use bridge/json.h; only bridge/json.c knows cJSON")
        for number, line in enumerate(source.lines, 1):
            if re.search(r"#\s*include.*cJSON", line):
                yield number, "use bridge/json.h; only json.c knows cJSON"


def emscripten_in_hosts(source: Source) -> Findings:
    if source.is_c and not source.path.startswith("kernel/hosts/web"):
        for number, line in enumerate(source.lines, 1):
            code = source.code_lines[number - 1]
            if EMSCRIPTEN.search(code) or re.search(
                    r"#\s*include\s*<emscripten", line):
                yield number, ("put what knows Emscripten into"
                               " kernel/hosts/web*.c")


def ending_calls(source: Source) -> Findings:
    if not source.is_c or source.under("tests"):
        return
    if not re.search(r"^main\(", source.code, re.M):
        yield from lines_with(
            source, ENDING_CALLS,
            "{}: return a negative status; only a main may end the program")


def printing_calls(source: Source) -> Findings:
    if source.is_c:
        yield from lines_with(
            source, PRINTING_CALLS,
            "{} may end the program on SystemExit; fetch the exception and"
            " turn it into a result")


def borrowed_references(source: Source) -> Findings:
    if not source.is_c:
        return
    for number, line in enumerate(source.code_lines, 1):
        found = BORROWED_CALLS.search(line)
        near = source.lines[max(0, number - 2):number + 1]
        if found and not any("borrowed" in text.lower() for text in near):
            yield number, (
                f"{found[1]} gives a borrowed reference: use the call that"
                " gives a strong one, or write /* borrowed */ on the line")


def unsafe_calls(source: Source) -> Findings:
    if source.is_c:
        yield from lines_with(
            source, UNSAFE_CALLS, "{} has no limit or no error: use the"
            " call that takes a size, or bridge/buffer.h")


def static_data(source: Source) -> Findings:
    """The web host is one a page, callbacks are as many as their code;
    alloc.c counts for tests only."""
    if (not source.path.endswith((".c", ".h"))
            or source.path.startswith(("kernel/hosts/web", "tests/"))
            or source.path in ("bridge/alloc.c", "kernel/ffi/closure.c")):
        return
    for number, line in enumerate(source.code_lines, 1):
        found = re.match(r"\s*(?:static|_Thread_local|thread_local)\s+"
                         r"([^(){}=;]*?)\s*(\[[^=;]*)?(=|;|$)", line)
        if not found or PYTHON_TABLES.search(line):
            continue
        declared = found[1] + (found[2] or "")
        following = source.code_lines[number:number + 1]
        if found[3] == "" and not (following and re.match(
                r"\s*=", following[0])):
            continue
        last = declared.rpartition("*")[2]
        if not re.search(r"\bconst\b", last if "*" in declared else declared):
            yield number, ("make the data const, or keep it in a struct that"
                           " the caller owns")


def type_names(source: Source) -> Findings:
    if source.is_c:
        yield from lines_with(
            source, re.compile(r"(^typedef\b.*|^\})\s*\b\w+_t\s*;"),
            "name the type without _t; POSIX keeps that ending")


def one_label(source: Source) -> Findings:
    if source.is_c:
        yield from lines_with(
            source, re.compile(r"\bgoto\s+(?!done\b)\w+"),
            "{}: leave a function by the one label `done`")


def public_names(source: Source) -> Findings:
    """A function that others can link against says where it lives."""
    if not source.path.endswith(".c") or not source.under(
            "bridge", "kernel", "plugin"):
        return
    if source.path.startswith("kernel/hosts/web"):
        return  # It answers the C library by the library's own names.
    folder = Path(source.path).parent
    nouns = {path.stem for path in (ROOT / folder).glob("*.[ch]")}
    nouns |= {folder.name, Path(source.path).stem}
    nouns |= {noun.split("_")[0] for noun in nouns}
    allowed = re.compile(
        r"(tn|" + "|".join(map(re.escape, sorted(nouns))) + r")_\w+|main"
        r"|PyInit_\w+|__\w+|_Py\w+|LLVMFuzzer\w+|_initialize")
    for function in source.functions:
        line = source.code_lines[function.line - 2]
        is_static = re.search(r"\bstatic\b", line)
        if "foreign" in source.lines[function.line - 2]:
            continue
        if not is_static and not allowed.fullmatch(function.name):
            yield function.line, (
                f"{function.name}: make it static, or call it"
                " tn_<file>_<verb> (public) or <file>_<verb> (this folder)")


# Rules of scripts and Python

def strict_types(source: Source) -> Findings:
    if source.path.endswith((".ts", ".mts")):
        yield from lines_with(source, ANY_TYPE,
                              "{}: say the type, or use unknown and check it")
        for comment in source.comments:
            if re.search(r"@ts-(ignore|nocheck)", comment.text):
                yield comment.line, "fix the type instead of silencing it"
    if Path(source.path).name == "tsconfig.json":
        if not re.search(r'"strict"\s*:\s*true', source.text):
            yield 1, 'set "strict": true'


def type_hints(source: Source) -> Findings:
    if not source.is_python or source.tree is None:
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        given = node.args
        bare = [argument.arg for argument
                in given.posonlyargs + given.args + given.kwonlyargs
                if argument.annotation is None
                and argument.arg not in ("self", "cls")]
        if bare or node.returns is None and node.name != "__init__":
            yield node.lineno, (
                f"give {node.name} type hints:"
                f" {', '.join(bare) or 'what it returns'}")


def python_syntax(source: Source) -> Findings:
    if source.is_python and source.tree is None:
        yield 1, "fix the syntax; Python 3.11 cannot read the file"


# Rules of data

def golden_lines(source: Source) -> Findings:
    """tests/golden/README.md describes the format."""
    if not source.path.endswith(".jsonl"):
        return
    for number, line in enumerate(source.lines, 1):
        if not line or line.startswith(("#", ">>")):
            continue
        found = re.fullmatch(r"[<>] [a-z_]+(?: (.*))?", line)
        if not found:
            yield number, ("write `> type {content}`, `>> raw`, `< type"
                           " {content}` or `# comment`")
            continue
        try:
            rest = (found[1] or "").strip()
            while rest:
                end = json.JSONDecoder().raw_decode(rest)[1]
                rest = rest[end:].lstrip()
        except ValueError as error:
            yield number, f"make the content JSON: {error}"


def lock_files(source: Source) -> Findings:
    if Path(source.path).name == "package-lock.json":
        yield from lines_with(
            source, re.compile(r'"resolved"'), "write the lock with"
            " npm install --omit-lockfile-registry-resolved", False)


def json_files(source: Source) -> Findings:
    if not source.path.endswith(".json") or "tsconfig" in source.path:
        return
    try:
        json.loads(source.text)
    except ValueError as error:
        yield getattr(error, "lineno", 1), f"make the file JSON: {error}"


RULES: dict[str, Rule] = {
    rule.__name__: rule for rule in (
        white_space, columns, unfinished, url_hosts, machine_paths, file_size,
        file_head, function_length, commented_code, script_in_c,
        own_allocator, one_json_reader, emscripten_in_hosts, ending_calls,
        printing_calls, borrowed_references, unsafe_calls, static_data,
        type_names, one_label, public_names, strict_types, type_hints,
        python_syntax, golden_lines, lock_files, json_files)}
# These files show what the rules look for.
EXEMPT = {"tests/tidy.py": {"url_hosts", "machine_paths"},
          # Names that programs may call by, and no calls.
          "kernel/ffi/known_python.def": {"printing_calls"},
          "tests/tidy_test.py": {"url_hosts", "machine_paths", "unfinished"},
          "LICENSE": {"url_hosts"},
          # Frames of these hosts are what the classes there make.
          "kernel/py/tincture/media.py": {"url_hosts"},
          "tests/golden/display_ipython.jsonl": {"url_hosts"}}


def tree_files(root: Path) -> list[str]:
    """Files of the tree that git knows or would add, else all but builds."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root,
            capture_output=True, check=True).stdout.decode().split("\0")
        names = [name for name in listed if name and (root / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        names = [path.relative_to(root).as_posix()
                 for path in root.rglob("*") if path.is_file()]
    return sorted(name for name in set(names)
                  if not SKIPPED_FOLDERS & set(Path(name).parts))


def check_bytes(name: str, content: bytes) -> tuple[Source | None, str]:
    """The file as text, or the remedy when it may not be in the tree."""
    if name.startswith(DATA_FOLDERS):
        return None, ""
    if name.endswith(PICTURES):
        if len(content) > FILE_BYTES_LIMIT:
            return None, f"make the picture smaller than {FILE_BYTES_LIMIT}"
        return None, ""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return None, "remove the binary; build it or get it by a recipe"
    return Source(name, text), ""


def check_source(source: Source) -> Iterator[tuple[int, str, str]]:
    exempt = EXEMPT.get(source.path, set())
    for name, rule in RULES.items():
        if name not in exempt:
            for line, remedy in rule(source):
                yield line, name, remedy


def missing_readmes(names: list[str]) -> Iterator[str]:
    folders = {str(Path(name).parent) for name in names} - {"."}
    for folder in sorted(folders):
        if not NO_README.fullmatch(folder) and (
                f"{folder}/README.md" not in names):
            yield folder


def check_tree(root: Path, only: list[str]) -> list[str]:
    names = tree_files(root)
    failures = []
    for name in names:
        if only and not any(name == path or name.startswith(path + "/")
                            for path in only):
            continue
        source, remedy = check_bytes(name, (root / name).read_bytes())
        if remedy:
            failures.append(f"{name}:1: binary: {remedy}")
        if source is not None:
            failures += [f"{name}:{line}: {rule}: {text}"
                         for line, rule, text in check_source(source)]
    for folder in missing_readmes(names):
        if not only or any(f"{folder}/".startswith(path + "/")
                           for path in only):
            failures.append(
                f"{folder}/README.md:1: readme: say what the folder is, in"
                ' which order to read it, and how "to add a ..."')
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", nargs="*", help="only what lies there")
    only = [Path(path).resolve().relative_to(ROOT).as_posix()
            for path in parser.parse_args().path]
    if only == ["."]:
        only = []
    failures = check_tree(ROOT, only)
    for failure in failures:
        print(failure)
    print(f"tidy: {len(failures)} findings" if failures else "tidy: clean")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
