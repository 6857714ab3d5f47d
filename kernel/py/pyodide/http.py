"""Fetching over HTTP, with the names of Pyodide's `pyodide.http`.

A relative address is looked for among Python's files first: what is embedded
in a report is there, and needs no network.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import wraps
from io import StringIO
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import unquote, urlsplit

import js

from pyodide.ffi import JsException, to_js

__all__ = [
    "AbortError",
    "BodyUsedError",
    "FetchResponse",
    "HttpStatusError",
    "open_url",
    "pyfetch",
]

# Iodide's notebooks name their own files so.
_FILE_PREFIX = "files/"


class HttpStatusError(OSError):
    """A server answered with an error."""

    def __init__(self, status: int, status_text: str, url: str) -> None:
        self.status = status
        self.status_text = status_text
        self.url = url
        side = "Client" if status < 500 else "Server"
        super().__init__(
            f"{status} {side} Error: {status_text} for url: {url}"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.status_text, self.url)


class BodyUsedError(OSError):
    """A response's body can be read once."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*(args or ("the response has been read already",)))


class AbortError(OSError):
    """A request was given up."""

    def __init__(self, reason: JsException) -> None:
        super().__init__(str(getattr(reason, "message", reason)))
        self.reason = reason


def _find_file(url: str) -> bytes | None:
    """What a file of Python's has, where the address is relative."""
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or url.startswith("/") or not parts.path:
        return None
    path = unquote(parts.path)
    for name in (path, path.removeprefix("./").removeprefix(_FILE_PREFIX)):
        if os.path.isfile(name):
            with open(name, "rb") as file:
                return file.read()
    return None


def open_url(url: str) -> StringIO:
    """The text at an address, waiting for it; HttpStatusError or another
    OSError where there is none."""
    found = _find_file(url)
    if found is not None:
        return StringIO(found.decode("utf-8", "replace"))
    request = js.XMLHttpRequest.new()
    try:
        request.open("GET", url, False)
        request.send()
    except JsException as error:
        raise OSError(f"{url} cannot be fetched: {error}") from error
    if request.status >= 400:
        raise HttpStatusError(request.status, request.statusText, url)
    return StringIO(request.responseText)


def _check_body(method: Callable[..., Any]) -> Callable[..., Any]:
    """Around what reads the body."""

    @wraps(method)
    async def read(self: FetchResponse, *args: Any, **options: Any) -> Any:
        if self.body_used:
            raise BodyUsedError
        try:
            return await method(self, *args, **options)
        except JsException as error:
            raise _explain(error, self.url) from error

    return read


def _explain(error: JsException, url: str) -> OSError:
    if getattr(error, "name", "") == "AbortError":
        return AbortError(error)
    return OSError(f"{url} cannot be fetched: {error}")


class FetchResponse:
    """What pyfetch() gives: a response whose body is read once, by one of the
    coroutines."""

    def __init__(
        self,
        request: Any,
        js_response: Any,
        abort_controller: Any = None,
        abort_signal: Any = None,
    ) -> None:
        self._url = getattr(request, "url", request)
        self.js_response = js_response
        self.abort_controller = abort_controller
        self.abort_signal = abort_signal

    @property
    def body_used(self) -> bool:
        """Whether the body was read."""
        return bool(self.js_response.bodyUsed)

    @property
    def headers(self) -> dict[str, str]:
        """The response's headers, by their names in small letters."""
        entries = js.Array.from_(self.js_response.headers.entries())
        return {name: value for name, value in entries}

    @property
    def ok(self) -> bool:
        """Whether the request succeeded."""
        return bool(self.js_response.ok)

    @property
    def redirected(self) -> bool:
        """Whether it was answered elsewhere."""
        return bool(self.js_response.redirected)

    @property
    def status(self) -> int:
        """The number of the answer: 200 where all is well."""
        return int(self.js_response.status)

    @property
    def status_text(self) -> str:
        """The same in words."""
        return str(self.js_response.statusText)

    @property
    def type(self) -> str:
        """Where it comes from: basic, cors, ..."""
        return str(self.js_response.type)

    @property
    def url(self) -> str:
        """The address that answered."""
        return str(self.js_response.url) or str(self._url)

    def raise_for_status(self) -> None:
        """An HttpStatusError unless the request succeeded."""
        if 400 <= self.status < 600:
            raise HttpStatusError(self.status, self.status_text, self.url)

    def clone(self) -> FetchResponse:
        """Another response with a body of its own."""
        if self.body_used:
            raise BodyUsedError
        return FetchResponse(
            self._url,
            self.js_response.clone(),
            self.abort_controller,
            self.abort_signal,
        )

    def abort(self, reason: Any = None) -> None:
        """Give up the request, or what is left of the body."""
        if self.abort_controller is None:
            raise ValueError("this response came without an abort controller")
        self.abort_controller.abort(to_js(reason))

    @_check_body
    async def buffer(self) -> Any:
        """The body as an ArrayBuffer of JavaScript's."""
        return await self.js_response.arrayBuffer()

    @_check_body
    async def text(self) -> str:
        """The body as text."""
        return str(await self.js_response.text())

    async def string(self) -> str:
        """The body as text."""
        return str(await self.text())

    @_check_body
    async def json(self, **kwargs: Any) -> Any:
        """The body as JSON; the arguments are those of json.loads."""
        return json.loads(await self.js_response.text(), **kwargs)

    @_check_body
    async def bytes(self) -> bytes:
        """The body."""
        return (await self.js_response.arrayBuffer()).to_bytes()

    async def memoryview(self) -> memoryview:
        """The body, as a view."""
        return memoryview(await self.bytes())

    async def unpack_archive(
        self, *, extract_dir: str | None = None, format: str | None = None
    ) -> None:
        """Unpack the body into a directory, by default the current one."""
        name = os.path.basename(urlsplit(self.url).path)
        with NamedTemporaryFile(suffix=f"-{name}") as file:
            file.write(await self.bytes())
            file.flush()
            shutil.unpack_archive(file.name, extract_dir, format)


async def pyfetch(
    request: Any,
    /,
    *,
    signal: Any = None,
    fetcher: Any = None,
    **kwargs: Any,
) -> FetchResponse:
    """Fetch an address; the arguments by name are those of JavaScript's
    `fetch`.  OSError where that is not possible."""
    controller = js.AbortController.new()
    own_signal = controller.signal
    if signal is not None:
        signals = to_js([own_signal, signal])
        own_signal = js.AbortSignal.any(signals)
    found = _find_file(request) if isinstance(request, str) else None
    if found is not None and fetcher is None:
        response = js.Response.new(to_js(found))
        return FetchResponse(request, response, controller, own_signal)
    options = to_js(kwargs)
    options.signal = own_signal
    try:
        response = await (fetcher or js.fetch)(request, options)
    except JsException as error:
        raise _explain(error, str(request)) from error
    return FetchResponse(request, response, controller, own_signal)
