"""The shell's class, of which the kernel has one object."""

from tincture.capture import capture_output
from tincture.magic import UsageError
from tincture.shell import (
    ExecutionInfo,
    ExecutionResult,
    ZMQInteractiveShell,
    get_ipython,
)

__all__ = [
    "ExecutionInfo",
    "ExecutionResult",
    "InteractiveShell",
    "InteractiveShellABC",
    "UsageError",
    "capture_output",
    "get_ipython",
]

InteractiveShell = InteractiveShellABC = ZMQInteractiveShell
