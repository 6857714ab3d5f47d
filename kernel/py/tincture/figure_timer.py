"""matplotlib's timers, for animations: they tick in the kernel's event loop,
while no cell runs or a cell waits."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from matplotlib.backend_bases import TimerBase

# The page gets its turn between two ticks, however slow they are.
SHORTEST_PAUSE_S = 0.005


class FigureTimer(TimerBase):
    """A timer that is armed again when its tick is done, so that ticks that
    take too long are left out rather than piled up."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._handle: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        super().__init__(*args, **options)

    def _timer_start(self) -> None:
        self._timer_stop()
        self._due_s = time.monotonic()
        self._arm()

    def _arm(self) -> None:
        now_s = time.monotonic()
        self._due_s = max(
            self._due_s + self.interval / 1000, now_s + SHORTEST_PAUSE_S
        )
        loop = asyncio.get_event_loop_policy().get_event_loop()
        self._handle = loop.call_later(self._due_s - now_s, self._tick)

    def _timer_stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = None

    def _timer_set_interval(self) -> None:
        if self._handle is not None:
            self._timer_start()

    def _tick(self) -> None:
        from tincture import figure_backend

        ticking = self._handle
        try:
            self._on_timer()
        except BaseException:
            # One that failed is not tried again sixty times a second.
            self._timer_stop()
            raise
        finally:
            figure_backend.redraw()
        # A callback may have stopped the timer or started it anew.
        if self._handle is ticking:
            self._handle = None
            if not self._single:
                self._arm()
