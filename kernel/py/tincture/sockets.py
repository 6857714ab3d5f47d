"""What a program reads whose socket would leave the page."""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_INSTEAD = (
    "http and https go through urllib.request, http.client or requests"
)
NO_SOCKETS = f"sockets of a page reach this Python only; {_INSTEAD}"
NO_NAMES = f"a page knows no host but localhost; {_INSTEAD}"

_LOOKUPS = (
    "getaddrinfo",
    "gethostbyaddr",
    "gethostbyname",
    "gethostbyname_ex",
    "getnameinfo",
)

# What the calls that take an address answer to one of another host.
_CALLS = ("connect", "sendto", "sendmsg")


def _explain_lookup(module: ModuleType, name: str) -> None:
    look_up = getattr(module, name)

    def look_up_or_explain(*args: Any, **options: Any) -> Any:
        try:
            return look_up(*args, **options)
        except module.gaierror as error:
            if error.errno != module.EAI_NONAME:
                raise
            raise module.gaierror(error.errno, NO_NAMES) from None
        except module.herror as error:
            raise module.herror(error.errno, NO_NAMES) from None

    look_up_or_explain.__name__ = look_up_or_explain.__qualname__ = name
    setattr(module, name, look_up_or_explain)


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
    for name in _LOOKUPS:
        _explain_lookup(module, name)
    for name in _CALLS:
        _explain_call(module, name)
