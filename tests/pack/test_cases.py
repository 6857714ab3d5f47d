"""Runs the scripts in cases/ and compares what they print, exactly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
REPOSITORY = HERE.parent.parent
RESOLVE = REPOSITORY / "plugin" / "pack" / "resolve.py"
TIMEOUT_S = 300

MODULES = ["csv", "io", "json", "math", "os", "sqlite3", "sys"]
VERSIONS = {
    "numpy": "2.5.5",
    "pandas": "3.1.1",
    "matplotlib": "3.11.2",
    "cycler": "0.12.1",
}


def profile(name: str, *packages: str) -> dict[str, Any]:
    """A profile as profiles.json has it."""
    library = {"file": "core.image", "path": "/usr/lib/python3.13"}
    site = f"{library['path']}/site-packages"
    images = [{"file": f"{it}.image", "path": site} for it in packages]
    trimmed = {**library, "file": f"{name}.core.image"}
    return {
        "name": name,
        "wasm": f"{name}.wasm",
        "images": [library, *images],
        "warm": {
            "wasm": f"{name}.bare.wasm",
            "snapshot": f"{name}.snapshot",
            "images": [trimmed, *images],
        },
        "modules": [*MODULES, *packages],
        "packages": [{"name": it, "version": VERSIONS[it]} for it in packages],
    }


def image(name: str, *needs: str, modules: list[str]) -> dict[str, Any]:
    """An image beside the profiles."""
    return {
        "name": name,
        "file": f"{name}.image",
        "path": "/usr/lib/python3.13/site-packages",
        "packages": [],
        "modules": modules,
        "needs": list(needs),
    }


PROFILES = {
    "version": "0.1.0",
    "python": "3.13.5",
    "profiles": [
        profile("core"),
        profile("numpy", "numpy"),
        profile("pandas", "numpy", "pandas"),
        profile("matplotlib", "numpy", "matplotlib", "cycler"),
        profile("scientific", *VERSIONS),
    ],
    "images": [
        image("pytest", modules=["pytest", "tincture_tests"]),
        image("hypothesis", "pytest", modules=["hypothesis"]),
    ],
}

# What there is for tests: numpy's need a kernel of their own, pandas' name one
# of reports', cycler's do neither.
NUMPY_TESTS = profile("numpy_tests", "numpy")
for _start in (NUMPY_TESTS, NUMPY_TESTS["warm"]):
    _start["images"].append({"file": "numpy-tests.image", "path": "/"})
TESTS = {
    "profiles": [NUMPY_TESTS],
    "images": [
        image("numpy-tests", "hypothesis", modules=[]),
        {
            **image("pandas-tests", "hypothesis", modules=[]),
            "profile": "scientific",
        },
        image("cycler-tests", "pytest", modules=[]),
    ],
    "licences": [],
}


def licence(name: str, **carriers: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0",
        "licence": "MIT",
        "files": [{"name": "COPYING", "text": "Do <as> you like."}],
        **carriers,
    }


LICENCES = {
    "packages": [
        licence("example"),
        licence("of-pytest", images=["pytest"]),
        licence("of-both", images=["pytest"], profiles=["matplotlib"]),
    ]
}
TESTS["licences"] = [
    licence("numpy-tests", images=["numpy-tests"]),
    licence("pandas-tests", images=["pandas-tests"]),
]

# What a profile has besides whole images.
FORMS = {
    "wasm": "kernel",
    "bare.wasm": "kernel without data",
    "snapshot": "memory",
    "core.image": "rest of the library",
}

# Stands in for the real run.mjs: every py cell prints its own source, and one
# that contains "boom" fails.
RUN_MJS = """
import { readFileSync } from 'node:fs';
const request = JSON.parse(readFileSync(0, 'utf8'));
let failed = false;
const cells = request.cells.map(({ type, source }) => {
  if (type !== 'py') {
    return { status: 'skipped', execution_count: null, outputs: [] };
  }
  if (failed && !request.allow_errors) {
    return { status: 'aborted', execution_count: null, outputs: [] };
  }
  const text = `${request.profile} ${request.files.length} ${source}`;
  const outputs = [{ output_type: 'stream', name: 'stdout', text }];
  if (source.includes('boom')) {
    failed = true;
    outputs.push({ output_type: 'error', ename: 'Boom', evalue: 'it went',
      traceback: ['Boom: it went'] });
  }
  const status = source.includes('boom') ? 'error' : 'ok';
  return { status, execution_count: 1, outputs };
});
if (source_says('crash')) {
  process.exit(7);
}
function source_says(word) {
  return request.cells.some(({ source }) => source.includes(word));
}
process.stdout.write(JSON.stringify({ cells, error: null }));
"""


@dataclass(frozen=True)
class Result:
    """What a script printed, and its exit code."""

    stdout: str
    stderr: str
    exit: int


def command() -> Path:
    """The binary to test."""
    given = os.environ.get("TINCTURE_COMMAND")
    if given:
        return Path(given).resolve()
    place = REPOSITORY / "build" / "native" / "rel"
    found = sorted(place.rglob("tincture")) if place.exists() else []
    files = [path for path in found if path.is_file()]
    if not files:
        raise unittest.SkipTest(f"no tincture under {place}; build it first")
    return files[0]


def make_dist(place: Path) -> None:
    """A build/dist of a few bytes."""
    place.mkdir()
    files = {
        "core.image": "the standard library\n" * 100,
        **{f"{it}.image": f"what {it} is\n" * 100 for it in VERSIONS},
        **{
            f"{it['name']}.{ending}": f"the {it['name']} {what}\n" * 100
            for it in [*PROFILES["profiles"], NUMPY_TESTS]
            for ending, what in FORMS.items()
        },
        **{
            it["file"]: f"what is in {it['name']}\n" * 100
            for it in [*PROFILES["images"], *TESTS["images"]]
        },
        "tests.css": ".tn-suite { margin: 0 }\n",
        "tests.js": "window.tinctureSuites = 1;\n",
        "tests.json": json.dumps(TESTS),
        "page.wasm": "the page's library\n",
        "editor.js": "export const editor = 1;\n",
        "math.js": "const tinctureMath = {};\n",
        "player.js": 'document.title = "</script><!--";\n',
        "player.css": "body { margin: 0 }\n",
        "profiles.json": json.dumps(PROFILES),
        "licences.json": json.dumps(LICENCES),
        "run.mjs": RUN_MJS,
        "resolve.py": RESOLVE.read_text("utf-8"),
    }
    for name, text in files.items():
        (place / name).write_text(text, "utf-8")


def run(script: Path) -> Result:
    """Runs one script in an empty directory."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        (place / "bin").mkdir()
        (place / "bin" / "tincture").symlink_to(command())
        make_dist(place / "dist")
        (place / "here").mkdir()
        environment = {
            "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
            "DATA": str(HERE / "data"),
            "TINCTURE_DIST": str(place / "dist"),
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            ["sh", str(script)],
            cwd=place / "here",
            env=environment,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )

        def clean(printed: bytes) -> str:
            text = printed.decode("utf-8", "backslashreplace")
            return text.replace(str(place), "TEMPORARY")

        return Result(clean(done.stdout), clean(done.stderr), done.returncode)


def read(path: Path, otherwise: str) -> str:
    return path.read_text("utf-8") if path.exists() else otherwise


def has_pip() -> bool:
    """Whether the python3 that scripts find has a pip, or pip's wheel."""
    code = "import importlib.util as u; exit(not (u.find_spec('pip') or "
    code += "u.find_spec('ensurepip')))"
    return subprocess.run(["python3", "-c", code], check=False).returncode == 0


def expected(script: Path) -> Result:
    """What the files beside the script say."""
    return Result(
        read(script.with_suffix(".stdout"), ""),
        read(script.with_suffix(".stderr"), ""),
        int(read(script.with_suffix(".exit"), "0")),
    )


def write_or_remove(path: Path, text: str) -> None:
    if text:
        path.write_text(text, "utf-8")
    else:
        path.unlink(missing_ok=True)


def update(names: list[str]) -> None:
    """Makes what is printed now what is expected."""
    for script in sorted(CASES.glob("*.sh")):
        if names and script.stem not in names:
            continue
        seen = run(script)
        write_or_remove(script.with_suffix(".stdout"), seen.stdout)
        write_or_remove(script.with_suffix(".stderr"), seen.stderr)
        code = f"{seen.exit}\n" if seen.exit else ""
        write_or_remove(script.with_suffix(".exit"), code)


class Cases(unittest.TestCase):
    """One test for all, with a subtest for each script."""

    maxDiff = None

    def test_cases(self) -> None:
        scripts = sorted(CASES.glob("*.sh"))
        self.assertTrue(scripts)
        for script in scripts:
            with self.subTest(script.stem):
                if script.stem.startswith("pip_") and not has_pip():
                    self.skipTest("no pip")
                self.assertEqual(run(script), expected(script))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--update"]:
        update(sys.argv[2:])
    else:
        unittest.main()
