"""HTTP by the browser's fetch, at the place of a socket.

`FetchSocket` takes the bytes of a request as http.client and urllib3 send
them, has the page make it (plugin/src/interop/network.ts), and gives the
bytes of an answer.  So everything above a connection is theirs.

What a browser does by itself is not done twice: it follows redirects,
decodes what is compressed, keeps cookies, and sets some headers.
"""

from __future__ import annotations

import _thread
import errno
import io
import os
import time
import warnings
from http import HTTPStatus

import _tincture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Elsewhere than in the main thread nothing wakes who waits for an answer.
LOOK_INTERVAL_S = 0.005

# An answer that came by redirects is asked for again at its own address, by
# whoever follows redirects; kept for so long, and so many.
REDIRECT_S = 10.0
REDIRECT_LIMIT = 8

PORTS = {"http": 80, "https": 443}

# Set by the browser whatever a program says, and to the same effect; a user
# agent of one's own only makes it ask servers for leave.
BROWSERS_OWN = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
    }
)

# Those that a page may not set, beside proxy-* and sec-*.
FORBIDDEN = frozenset(
    {
        "accept-charset",
        "access-control-request-headers",
        "access-control-request-method",
        "access-control-request-private-network",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "origin",
        "referer",
        "set-cookie",
    }
)

# Of an answer: they speak of the bytes before the browser decoded them.
ON_THE_WAY = frozenset(
    {"connection", "content-encoding", "keep-alive", "transfer-encoding"}
)

HOW_TO_ALLOW = "`tincture pack --connect {origin}` makes one that may"


def policy() -> list[str] | None:
    """What the page's policy lets through: origins, and schemes with a colon;
    None where there is no policy that is known."""
    words = os.environ.get("TINCTURE_CONNECT")
    return None if words is None else words.split()


def _allows(word: str, origin: str) -> bool:
    """Whether a word of a policy means an origin."""
    if word.endswith(":"):
        return origin.startswith(word)
    start, star, end = word.partition("://*.")
    if star:
        return origin.startswith(f"{start}://") and origin.endswith(f".{end}")
    return origin == word


def check_policy(origin: str) -> None:
    """Raise PermissionError for an address that the report must not reach."""
    allowed = policy()
    if allowed is None or any(_allows(word, origin) for word in allowed):
        return
    places = f"only {', '.join(allowed)}" if allowed else "no address"
    raise PermissionError(
        errno.EACCES,
        f"this report's policy forbids it to contact {origin}: it may reach "
        f"{places}; {HOW_TO_ALLOW.format(origin=origin)}",
    )


def _fail(request: Any, origin: str) -> OSError:
    """What a failed request is in Python."""
    detail = f" ({request.detail})" if request.detail else ""
    match request.failure:
        case "timeout":
            return TimeoutError("timed out")
        case "offline":
            return OSError(
                errno.ENETUNREACH, f"this device is offline: {origin}"
            )
        case "forbidden":
            return PermissionError(
                errno.EACCES,
                f"this page's policy forbids it to contact {origin}, or where "
                f"that redirects to; {HOW_TO_ALLOW.format(origin=origin)}",
            )
        case "unreadable":
            return PermissionError(
                errno.EACCES,
                f"{origin} can be reached, but does not let this page read "
                "its answer (CORS): it would have to send "
                "Access-Control-Allow-Origin, and allow the request's method "
                f"and headers{detail}",
            )
        case "unreachable":
            return OSError(
                errno.EHOSTUNREACH, f"{origin} cannot be reached{detail}"
            )
        case "malformed":
            return OSError(
                errno.EINVAL, f"no browser sends such a request{detail}"
            )
        case "unavailable":
            return OSError(
                errno.ENOTSUP,
                f"the answer cannot be waited for: {_tincture.wait_refusal()}",
            )
        case "broken" | "aborted":
            return ConnectionResetError(
                errno.ECONNRESET, f"{origin} stopped in mid-answer{detail}"
            )
    return OSError(
        errno.EHOSTUNREACH,
        f"{origin} cannot be reached, or does not let this page read its "
        f"answer (CORS){detail}",
    )


def _is_main_thread() -> bool:
    return _thread.get_ident() == _thread._get_main_thread_ident()


def _can_wait(network: Any) -> bool:
    """Whether this stack can wait while the page works."""
    return network.canWait and _tincture.wait_refusal() is None


def _await(request: Any, timeout: float | None) -> None:
    """Wait until there is something new; Stop and timeouts end the request."""
    end = None if timeout is None else time.monotonic() + timeout
    try:
        while not request.isReady:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("timed out")
            if not _is_main_thread():
                time.sleep(LOOK_INTERVAL_S)
            elif not _tincture.wait(left):
                raise _fail(_Unavailable, "")
    except BaseException:
        request.abort()
        raise


class _Unavailable:
    """A request that this stack cannot wait for."""

    failure = "unavailable"
    detail = ""


class _Answer(io.RawIOBase):
    """The head of an answer, made anew, and then its body as it comes."""

    def __init__(self, socket: FetchSocket, request: Any, head: bytes) -> None:
        self._socket = socket
        self._request = request
        self._rest = memoryview(head)
        self._is_whole = request.chunk is not None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._rest:
            self._rest = memoryview(self._next())
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _next(self) -> bytes:
        """The next piece of the body; b"" at its end."""
        request = self._request
        if request is None:
            return b""
        if not self._is_whole:
            request.pull()
            _await(request, self._socket.timeout)
            if request.failure:
                raise _fail(request, self._socket.origin)
        chunk = request.chunk
        if self._is_whole or request.isAtEnd:
            self._request = None
        return b"" if chunk is None else chunk.to_bytes()

    def close(self) -> None:
        if self._request is not None:
            self._request.abort()
            self._request = None
        super().close()


# Answers that came by redirects, by their own addresses, with their times.
_redirected: dict[str, tuple[float, Any]] = {}


def _keep_redirected(url: str, request: Any) -> None:
    now = time.monotonic()
    for key, (since, kept) in list(_redirected.items()):
        if now - since > REDIRECT_S or len(_redirected) >= REDIRECT_LIMIT:
            del _redirected[key]
            kept.abort()
    _redirected[url] = now, request


def _take_redirected(url: str) -> Any:
    since, request = _redirected.pop(url, (0.0, None))
    if request is not None and time.monotonic() - since > REDIRECT_S:
        request.abort()
        return None
    return request


def _canonical(url: str) -> str:
    """The address without what servers do not see."""
    return url.partition("#")[0]


def _make_head(request: Any, method: str) -> bytes:
    """Status line and headers as a server could have sent them."""
    reason = request.statusText
    if not reason:
        try:
            reason = HTTPStatus(request.status).phrase
        except ValueError:
            reason = ""
    lines = [f"HTTP/1.1 {request.status} {reason}"]
    fields = [
        line.partition(": ")[::2]
        for line in request.headers.split("\r\n")
        if line
    ]
    names = {name.lower() for name, _ in fields}
    for name, value in fields:
        if name.lower() in ON_THE_WAY:
            continue
        # Of compressed bytes, and across origins the encoding is not shown.
        if name.lower() == "content-length" and method != "HEAD":
            continue
        lines.append(f"{name}: {value}")
    if request.chunk is not None and "content-length" in names:
        lines.append(f"content-length: {request.chunk.length}")
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _make_redirect(url: str) -> bytes:
    head = f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n"
    return f"{head}Connection: close\r\n\r\n".encode("latin-1", "replace")


class FetchSocket:
    """What http.client uses of a socket: for one request and its answer."""

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int,
        timeout: float | None,
        waits_early: bool = True,
    ) -> None:
        place = f"[{host}]" if ":" in host else host.lower()
        if port != PORTS[scheme]:
            place = f"{place}:{port}"
        self.origin = f"{scheme}://{place}"
        self.timeout = timeout
        self._address = host, port
        # urllib.request knows what to say of errors while it sends, urllib3
        # of those while it waits for the answer.
        self._waits_early = waits_early
        self._sent = bytearray()
        self._method = ""
        self._request: Any = None
        self._error: TimeoutError | None = None
        check_policy(self.origin)

    # --- What is asked of any socket ---

    def settimeout(self, timeout: float | None) -> None:
        self.timeout = timeout

    def gettimeout(self) -> float | None:
        return self.timeout

    def setsockopt(self, *args: Any) -> None:
        """The browser's sockets are as they are."""

    def fileno(self) -> int:
        return -1

    def getpeername(self) -> tuple[str, int]:
        return self._address

    def getsockname(self) -> tuple[str, int]:
        return "0.0.0.0", 0

    def shutdown(self, how: int) -> None:
        self.close()

    def close(self) -> None:
        """An answer that is being read has a life of its own."""

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data)
        return memoryview(data).nbytes

    def sendall(self, data: Any, flags: int = 0) -> None:
        self._sent += data
        if self._request is None and self._is_complete():
            self._begin()

    def makefile(self, mode: str = "r", *args: Any, **options: Any) -> Any:
        if "b" not in mode or "w" in mode:
            raise ValueError("a fetch is read as bytes")
        if self._request is None:
            self._begin()
        if self._error is not None:
            raise self._error
        request = self._request
        if not request.isReady:
            self._wait_for_head()
        final = _canonical(request.url)
        if final and final != self._url:
            _keep_redirected(final, request)
            return io.BytesIO(_make_redirect(request.url))
        head = _make_head(request, self._method)
        return io.BufferedReader(_Answer(self, request, head))

    # --- The request ---

    def _fields(self) -> tuple[str, str, list[tuple[str, str]], bytes]:
        head, _, body = bytes(self._sent).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target = first.split(" ")[:2]
        fields = []
        for line in lines:
            name, _, value = line.partition(":")
            fields.append((name, value.strip()))
        return method, target, fields, body

    def _is_complete(self) -> bool:
        if b"\r\n\r\n" not in self._sent:
            return False
        _, _, fields, body = self._fields()
        named = {name.lower(): value for name, value in fields}
        if "chunked" in named.get("transfer-encoding", "").lower():
            return body.endswith(b"0\r\n\r\n")
        return len(body) >= int(named.get("content-length", 0))

    def _begin(self) -> None:
        """Make the request, and wait for the answer where that is due."""
        method, target, fields, body = self._fields()
        self._method = method
        if method == "CONNECT" or not target.startswith("/"):
            raise OSError(
                errno.ENOTSUP, "a page reaches servers by the browser's proxy"
            )
        self._url = _canonical(self.origin + target)
        if method in ("GET", "HEAD"):
            self._request = _take_redirected(self._url)
            if self._request is not None:
                return
        named = {name.lower(): value for name, value in fields}
        if "chunked" in named.get("transfer-encoding", "").lower():
            body = _join_chunks(body)
        self._open(method, _choose_headers(fields), body)
        if self._waits_early:
            try:
                self._wait_for_head()
            except TimeoutError as error:
                self._error = error  # as one of the answer

    def _open(self, method: str, headers: str, body: bytes) -> None:
        import _tincture_js

        network = _tincture_js.root("network")
        data = None
        if body:
            data = _tincture_js.global_object().Uint8Array.new(len(body))
            data.assign(body)
        if _can_wait(network):
            self._request = network.open(method, self._url, headers, data)
            return
        if self.timeout is not None:
            warnings.warn(
                "a request that cannot wait has no timeout in a page",
                RuntimeWarning,
                stacklevel=2,
            )
        self._request = network.openNow(
            method, self._url, headers, data, (self.timeout or 0) * 1000
        )
        if self._request.failure:
            raise _fail(self._request, self.origin)

    def _wait_for_head(self) -> None:
        _await(self._request, self.timeout)
        if self._request.failure:
            raise _fail(self._request, self.origin)


def _join_chunks(body: bytes) -> bytes:
    """What was sent in pieces, of unknown length."""
    pieces = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        pieces.append(body[:length])
        body = body[length + 2 :]
    return b"".join(pieces)


def _choose_headers(fields: list[tuple[str, str]]) -> str:
    """What the browser lets a page set, one a line."""
    lines = []
    for name, value in fields:
        key = name.lower()
        if key in BROWSERS_OWN:
            continue
        if key in FORBIDDEN or key.startswith(("proxy-", "sec-")):
            warnings.warn(
                f"a page must not set the header {name}; the browser sets "
                "it, or leaves it out",
                RuntimeWarning,
                stacklevel=2,
            )
            continue
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines)
