"""How each suite of tests is run; packages/tests.cmake lists them.

TINCTURE_PATTERN in the environment takes a part of a suite: a regular
expression for the names of C tests, conversations and node's tests.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from . import tools
from .machine import REPOSITORY, ensure_browsers
from .page import install
from .progress import BuildError, say
from .toolchain import Toolchain

TESTS = REPOSITORY / "tests"
SAN = REPOSITORY / "build" / "native" / "san"
DIST = REPOSITORY / "build" / "dist"
NATIVE_KERNEL = REPOSITORY / "build" / "native-kernel"


def _pattern() -> str:
    return os.environ.get("TINCTURE_PATTERN", "")


def run_ctest(toolchain: Toolchain, label: str) -> int:
    """The inner build's tests that have this label."""
    command = [
        "ctest",
        *("--test-dir", str(SAN)),
        *("--label-regex", f"^{label}$"),
        *("--parallel", "2"),
        "--output-on-failure",
        "--no-tests=error",
    ]
    if _pattern():
        command += ["--tests-regex", _pattern()]
    return toolchain.pass_through(command, REPOSITORY)


def run_golden(toolchain: Toolchain, host: str) -> int:
    """Every conversation on one host: native, wasm, wasm-plain (JSPI off), or
    restored (wasm that starts from its snapshot).

    Only a run of all of them can tell that a message is never exercised, and
    where nothing suspends some of them are left out.
    """
    files = sorted((TESTS / "golden").glob("*.jsonl"))
    chosen = [path for path in files if re.search(_pattern(), path.name)]
    if not chosen:
        raise BuildError(f"no conversation is called like {_pattern()}")
    whole = chosen == files and host != "wasm-plain"
    table = ["--coverage" if whole else "--messages", SAN / "messages.json"]
    node = [toolchain.commands["node"]]
    if host == "native":
        transport = ["--stdio", SAN / "kernel" / "tincture-kernel"]
    else:
        transport = ["--wasm", DIST]
        if host == "restored":
            transport.append("--restored")
        if host == "wasm-plain":
            transport.append("--no-suspend")
        else:
            node.append("--experimental-wasm-jspi")
    runner = TESTS / "golden" / "run.mjs"
    command = [*node, runner, *table, *chosen, *transport]
    return toolchain.pass_through([str(word) for word in command], REPOSITORY)


def write_native_kernel() -> Path:
    """A command that is the native kernel for programs outside the root."""
    driver = REPOSITORY / "packages" / "build.py"
    kernel = SAN / "kernel" / "tincture-kernel"
    text = f'#!/bin/sh\nexec python3 "{driver}" run -- "{kernel}"\n'
    NATIVE_KERNEL.write_text(text, "utf-8")
    NATIVE_KERNEL.chmod(0o755)
    return NATIVE_KERNEL


def node_environment() -> dict[str, str]:
    """The environment of tests that run on this machine's node."""
    environment = dict(os.environ)
    if (SAN / "kernel" / "tincture-kernel").exists():
        environment["TINCTURE_NATIVE_KERNEL"] = str(write_native_kernel())
    return environment


def run_node(directory: Path, toolchain: Toolchain | None) -> int:
    """node's own test runner on the *.test.mjs of a directory.

    With a toolchain it is that one's node, which can suspend WebAssembly;
    without, this machine's.
    """
    # tests/iodide uses what tests/browser has installed.
    for place in (directory, TESTS / "browser"):
        if (place / "package-lock.json").exists():
            install(place)
    files = sorted(str(path) for path in directory.glob("*.test.*"))
    if not files:
        raise BuildError(f"{directory} has no *.test.* file")
    options = [
        "--test",
        "--test-concurrency=1",
        f"--test-reporter={TESTS / 'reporter.mjs'}",
    ]
    if _pattern():
        options.append(f"--test-name-pattern={_pattern()}")
    if toolchain is not None:
        node = [toolchain.commands["node"], "--experimental-wasm-jspi"]
        return toolchain.pass_through([*node, *options, *files], REPOSITORY)
    return subprocess.run(
        ["node", *options, *files],
        cwd=REPOSITORY,
        env=node_environment(),
        check=False,
    ).returncode


def _native_python(made: Toolchain) -> str:
    """The command of a Python that has the packages of the page from wheels.

    BLAS has one thread, as in the page.
    """
    wheels = made.inside(tools.ensure(TESTS / "bench" / "native.lock"))
    driver = f"{sys.executable} {REPOSITORY / 'packages' / 'build.py'} run --"
    variables = f"PYTHONPATH={wheels} OPENBLAS_NUM_THREADS=1"
    return f"{driver} env {variables} {made.commands['python']}"


# Programs of tests/bench, in their order; each enters its own results.
BENCHMARKS = (
    "boot.mjs",
    "cells.mjs",
    "checkpoint.mjs",
    "save.mjs",
    "interop.mjs",
    "python.mjs",
    "science.mjs",
    "soak.mjs",
)


def run_bench(made: Toolchain) -> int:
    """Start and speed, beside others; writes build/bench/results.json.

    One that fails does not lose the others' results.
    """
    ensure_browsers()
    for place in (TESTS / "browser", TESTS / "bench"):
        install(place)
    environment = node_environment()
    environment["TINCTURE_BENCH_PYTHON"] = _native_python(made)
    programs = tools.ensure(TESTS / "bench" / "pyperformance.lock")
    environment["TINCTURE_BENCH_PYPERFORMANCE"] = str(programs)
    failed = []
    for script in BENCHMARKS:
        command = ["node", str(TESTS / "bench" / script)]
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, check=False
        )
        if done.returncode != 0:
            failed.append(script)
    if failed:
        say(f"failed: {', '.join(failed)}; the other results are entered")
    return 1 if failed else 0


# Where upstream's tests can run; the page's browsers by default.
NODE_HOST = "node"
BROWSER_HOSTS = ("chromium", "firefox")


def run_conformance(made: Toolchain, words: list[str]) -> int:
    """Upstream's own tests, where TINCTURE_BROWSER says.

    Browsers are driven by this machine's node; the kernel in Node needs the
    toolchain's, which can suspend WebAssembly.
    """
    asked = re.split("[ ,]+", os.environ.get("TINCTURE_BROWSER", "").strip())
    hosts = [name for name in asked if name] or list(BROWSER_HOSTS)
    script = str(TESTS / "conformance" / "run.mjs")
    browsers = [name for name in hosts if name != NODE_HOST]
    status = 0
    if browsers:
        ensure_browsers()
        install(TESTS / "browser")
        command = ["node", script, *words, "--browser", " ".join(browsers)]
        status = subprocess.run(command, cwd=REPOSITORY, check=False).returncode
    if NODE_HOST in hosts:
        node = [made.commands["node"], "--experimental-wasm-jspi"]
        command = [*node, script, *words, "--browser", NODE_HOST]
        status = made.pass_through(command, REPOSITORY) or status
    return status
