"""Progress lines on the terminal, and commands whose output goes to a file."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HEARTBEAT_S = 20.0
TAIL_LINES = 40

_START_S = time.monotonic()
_PRINT_LOCK = threading.Lock()


class BuildError(Exception):
    """Something the person at the terminal has to know; no traceback."""


def elapsed(since_s: float = _START_S) -> str:
    """Time since `since_s` (or since the driver began) as m:ss."""
    seconds = int(time.monotonic() - since_s)
    return f"{seconds // 60}:{seconds % 60:02d}"


def say(text: str) -> None:
    """Print one progress line with the time so far."""
    with _PRINT_LOCK:
        print(f"[{elapsed()}] {text}", flush=True)


def tail(log: Path) -> str:
    """The last lines of a log file."""
    lines = log.read_text("utf-8", "replace").splitlines()
    return "\n".join("    " + line for line in lines[-TAIL_LINES:])


def run_logged(
    what: str,
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    announce: Callable[[str], None] = say,
) -> None:
    """Run a command quietly; its output is appended to `log`.

    A long one says every HEARTBEAT_S that it is still at it.  A failure
    raises BuildError with the end of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    began_s = time.monotonic()
    with log.open("ab") as output:
        output.write(("$ " + " ".join(command) + "\n").encode())
        output.flush()
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(environment) if environment is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while True:
                try:
                    status = process.wait(HEARTBEAT_S)
                    break
                except subprocess.TimeoutExpired:
                    announce(f"{what}: still at it, {elapsed(began_s)}")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if status != 0:
        raise BuildError(
            f"{what} failed with status {status} after {elapsed(began_s)}.\n"
            f"  The whole log: {log}\n  Its end:\n{tail(log)}"
        )


def capture(command: Sequence[str], **options: object) -> str:
    """The standard output of a short command; BuildError when it fails."""
    result = subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    if result.returncode != 0:
        raise BuildError(
            f"`{' '.join(command)}` failed with status {result.returncode}:\n"
            f"{result.stderr.strip()}"
        )
    return result.stdout


def fail(error: BuildError) -> int:
    """Say what went wrong; the exit status for it."""
    with _PRINT_LOCK:
        sys.stdout.flush()
        print(f"\nerror: {error}", file=sys.stderr, flush=True)
    return 1
