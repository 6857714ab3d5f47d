"""The kernel's event loop, under the names of Pyodide's `pyodide.webloop`."""

from __future__ import annotations

import asyncio
from asyncio import unix_events
from collections.abc import Callable
from inspect import isawaitable
from typing import Any, Generic, TypeVar

from tincture.event_loop import KernelEventLoop as WebLoop

__all__ = ["PyodideFuture", "PyodideTask", "WebLoop", "WebLoopPolicy"]

WebLoopPolicy = unix_events._UnixDefaultEventLoopPolicy

_T = TypeVar("_T")


async def _finish(value: Any) -> Any:
    """What a callback gave, awaited where that can be."""
    while isawaitable(value):
        value = await value
    return value


class _Chain(Generic[_T]):
    """The methods of a promise, for futures."""

    def then(
        self,
        onfulfilled: Callable[[_T], Any] | None,
        onrejected: Callable[[BaseException], Any] | None = None,
    ) -> PyodideTask:
        """A task of what the callback makes of the result or the error."""

        async def go_on() -> Any:
            try:
                result = await self  # type: ignore[misc]
            except Exception as error:
                if onrejected is None:
                    raise
                return await _finish(onrejected(error))
            if onfulfilled is None:
                return result
            return await _finish(onfulfilled(result))

        loop = self.get_loop()  # type: ignore[attr-defined]
        return PyodideTask(go_on(), loop=loop)

    def catch(self, onrejected: Callable[[BaseException], Any]) -> PyodideTask:
        """then() for errors only."""
        return self.then(None, onrejected)

    def finally_(self, onfinally: Callable[[], Any]) -> PyodideTask:
        """A task with the same outcome, after the callback."""

        async def go_on() -> Any:
            try:
                return await self  # type: ignore[misc]
            finally:
                await _finish(onfinally())

        loop = self.get_loop()  # type: ignore[attr-defined]
        return PyodideTask(go_on(), loop=loop)


class PyodideFuture(_Chain[Any], asyncio.Future):  # type: ignore[type-arg]
    """A future with the methods of a promise."""


class PyodideTask(_Chain[Any], asyncio.Task):  # type: ignore[type-arg]
    """A task with the methods of a promise."""
