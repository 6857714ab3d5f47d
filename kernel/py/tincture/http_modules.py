"""http.client and urllib3 over the browser's fetch (fetch.py).

A server of this very Python, at a port of this host, is no server to the
browser: to it goes a socket (kernel/fs).
"""

from __future__ import annotations

import socket

from tincture.fetch import FetchSocket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def _timeout_of(timeout: Any) -> float | None:
    """Seconds; libraries have objects of their own for "the default"."""
    if timeout is None or isinstance(timeout, (int, float)):
        return timeout
    return socket.getdefaulttimeout()


def _is_own_host(host: str) -> bool:
    """Whether a name means this host, so perhaps a server of this Python."""
    return host in ("localhost", "::1", "[::1]") or host.startswith("127.")


class _NoContext:
    """Stands for the ssl module's contexts, which a page has not: the browser
    checks certificates, and nothing turns that off."""

    check_hostname = True
    post_handshake_auth = None


def _make_context(_version: Any) -> _NoContext:
    return _NoContext()


def install(client: ModuleType) -> None:
    """Called when a program imports http.client."""
    connect_socket = client.HTTPConnection.connect
    create_connection = socket.create_connection

    class HTTPSConnection(client.HTTPConnection):  # type: ignore[misc,name-defined]
        """This class allows communication via SSL, which is the browser's."""

        default_port = client.HTTPS_PORT
        _scheme = "https"

        def __init__(
            self,
            host: str,
            port: int | None = None,
            *,
            timeout: Any = socket._GLOBAL_DEFAULT_TIMEOUT,  # type: ignore[attr-defined]
            source_address: Any = None,
            context: Any = None,
            blocksize: int = 8192,
        ) -> None:
            super().__init__(
                host, port, timeout, source_address, blocksize=blocksize
            )
            self._context = context

    def connect(self: Any) -> None:
        """Connect to the host and port specified in __init__."""
        if self._create_connection is not create_connection:
            # The program says itself what it is connected by.
            return connect_socket(self)
        if self._scheme == "http" and _is_own_host(self.host):
            try:
                return connect_socket(self)
            except ConnectionRefusedError:
                """No server of ours; the browser may know one."""
        if self._tunnel_host:
            raise OSError("a page reaches servers by the browser's proxy")
        self.sock = FetchSocket(
            self._scheme, self.host, self.port, _timeout_of(self.timeout)
        )

    connect.__qualname__ = "HTTPConnection.connect"
    client.HTTPConnection._scheme = "http"
    client.HTTPConnection.connect = connect
    HTTPSConnection.__module__ = client.__name__
    HTTPSConnection.__qualname__ = "HTTPSConnection"
    client.HTTPSConnection = HTTPSConnection  # type: ignore[attr-defined]
    client._create_https_context = _make_context  # type: ignore[attr-defined]
    if "HTTPSConnection" not in client.__all__:
        client.__all__.append("HTTPSConnection")


def install_urllib3(connection: ModuleType) -> None:
    """Called when a program imports urllib3.connection."""
    plain: Any = connection.HTTPConnection
    connect_socket = plain._new_conn

    def connect(self: Any) -> Any:
        if self._tincture_scheme == "http" and _is_own_host(self.host):
            try:
                return connect_socket(self)
            except connection.NewConnectionError:
                """No server of ours; the browser may know one."""
        try:
            return FetchSocket(
                self._tincture_scheme,
                self.host,
                self.port,
                _timeout_of(self.timeout),
                waits_early=False,
            )
        except OSError as error:
            raise connection.NewConnectionError(
                self, f"Failed to establish a new connection: {error}"
            ) from error

    class HTTPSConnection(plain):
        """A connection whose security is the browser's."""

        default_port = 443
        _tincture_scheme = "https"

        def __init__(
            self, host: str, port: int | None = None, **options: Any
        ) -> None:
            known = {
                name: options[name]
                for name in ("timeout", "source_address", "blocksize")
                if name in options
            }
            super().__init__(host, port, **known)
            self.is_verified = True

        def set_cert(self, *args: Any, **options: Any) -> None:
            """Certificates are the browser's."""

    plain._new_conn = connect
    plain._tincture_scheme = "http"
    for name in ("HTTPSConnection", "VerifiedHTTPSConnection"):
        setattr(connection, name, HTTPSConnection)


def install_urllib3_own(package: ModuleType) -> None:
    """Called when urllib3 looks for its own way through a page, of which it
    has no need any more."""
    package.inject_into_urllib3 = lambda: None  # type: ignore[attr-defined]
