"""What a program reads whose socket would leave the page."""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NO_SOCKETS = (
    "sockets of a page reach this Python only; http and https go through "
    "urllib.request, http.client or requests"
)

# What the calls that take an address answer to one of another host.
_CALLS = ("connect", "sendto", "sendmsg")

# Descriptors travel to other processes, of which there are none.
_TO_PROCESSES = ("send_fds", "recv_fds")


def _explain_call(module: ModuleType, name: str) -> None:
    call = getattr(module.socket, name)

    def call_or_explain(self: Any, *args: Any) -> Any:
        try:
            return call(self, *args)
        except OSError as error:
            if error.errno != errno.ENETUNREACH:
                raise
            raise OSError(error.errno, NO_SOCKETS) from None

    call_or_explain.__name__ = name
    call_or_explain.__qualname__ = f"socket.{name}"
    setattr(module.socket, name, call_or_explain)


def install(module: ModuleType) -> None:
    """Called when a program imports socket."""
    for name in _CALLS:
        _explain_call(module, name)
    for name in _TO_PROCESSES:
        delattr(module, name)
        module.__all__.remove(name)
