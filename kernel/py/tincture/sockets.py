"""What a program reads that asks a page for sockets."""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_INSTEAD = (
    "http and https go through urllib.request, http.client or requests"
)
NO_SOCKETS = f"there are no sockets in a page; {_INSTEAD}"
NO_NAMES = f"no host's address can be looked up in a page; {_INSTEAD}"

_LOOKUPS = (
    "getaddrinfo",
    "gethostbyaddr",
    "gethostbyname",
    "gethostbyname_ex",
    "getnameinfo",
)


def install(module: ModuleType) -> None:
    """Called when a program imports socket."""

    def refuse_name(*args: Any, **options: Any) -> Any:
        raise module.gaierror(module.EAI_FAIL, NO_NAMES)

    for name in _LOOKUPS:
        setattr(module, name, refuse_name)
    make = module.socket.__init__

    def make_or_explain(
        self: Any,
        family: int = -1,
        type: int = -1,
        proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        try:
            make(self, family, type, proto, fileno)
        except OSError as error:
            if error.errno != errno.EAFNOSUPPORT or fileno is not None:
                raise
            raise OSError(error.errno, NO_SOCKETS) from None

    make_or_explain.__name__ = "__init__"
    make_or_explain.__qualname__ = "socket.__init__"
    module.socket.__init__ = make_or_explain
