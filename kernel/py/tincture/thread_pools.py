"""Pools of threads by multiprocessing's names, where there are no processes.

`multiprocessing.pool.ThreadPool` and `multiprocessing.dummy.Pool` start threads
only, but tell each other news by a queue between processes, whose locks are
semaphores of the system. Those are not here, and are not added either: by them
libraries tell whether they can start processes. So the queue has locks of
threads.
"""

from __future__ import annotations

import functools
import threading
from multiprocessing import context, queues
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


class ThreadContext(context.BaseContext):
    """What a pool makes its own means of, for threads of this process."""

    def Lock(self) -> Any:
        return threading.Lock()

    def SimpleQueue(self) -> Any:
        return queues.SimpleQueue(ctx=self)


def install(module: ModuleType) -> None:
    """Finish multiprocessing.pool."""
    start = module.Pool.__init__

    @functools.wraps(module.ThreadPool.__init__)
    def start_threads(
        self: Any,
        processes: int | None = None,
        initializer: Any = None,
        initargs: Any = (),
    ) -> None:
        start(
            self, processes, initializer, initargs, context=ThreadContext()
        )

    module.ThreadPool.__init__ = start_threads
