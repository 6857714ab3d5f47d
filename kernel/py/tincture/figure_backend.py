"""A matplotlib backend whose figures live in the page.

    matplotlib.use("module://tincture.figure_backend")

Agg draws, the page shows the pixels and sends back what the reader does with
them: pan, zoom, pick, keys, resizing.  figure_view.py has the conversation,
figure_events.py the events, figure_timer.py the timers of animations.

Figures are shown by plt.show(), at the end of the cell that made them, or
where they are a cell's value.  Closing one leaves its last picture.
"""

from __future__ import annotations

import io
import sys
from typing import Any

import matplotlib
from matplotlib import _api
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import (
    CloseEvent,
    FigureManagerBase,
    NavigationToolbar2,
    _Backend,
)
from matplotlib.backend_tools import Cursors
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tincture import cells, figure_events, figure_view
from tincture.figure_renderer import FigureRenderer
from tincture.figure_timer import FigureTimer
from tincture.figure_view import FigureView

# Live figures at one time; where there are more, the oldest becomes a
# picture.  Each holds some megabytes of pixels, here and in the page.
LIVE_LIMIT = 24

CURSORS = {
    Cursors.HAND: "pointer",
    Cursors.POINTER: "default",
    Cursors.SELECT_REGION: "crosshair",
    Cursors.MOVE: "move",
    Cursors.WAIT: "wait",
    Cursors.RESIZE_HORIZONTAL: "ew-resize",
    Cursors.RESIZE_VERTICAL: "ns-resize",
}

MIME_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}

# Canvases that the page shows live, the oldest first.
_live: list[FigureCanvas] = []

# The event loop has been asked to redraw.
_is_scheduled = False


class FigureCanvas(FigureCanvasAgg):
    """The canvas: draws, and remembers what the page has to be told."""

    manager_class = _api.classproperty(lambda cls: FigureManager)
    _timer_cls = FigureTimer
    supports_blit = True

    def __init__(self, figure: Any = None) -> None:
        self.view = FigureView(self)
        # Where the pointer was last, for events of keys.
        self.last_place: tuple[float | None, float | None] = (None, None)
        self.wants_draw = False
        # How many listeners to the mouse every figure has.
        self.own_listener_counts: dict[str, int] = {}
        super().__init__(figure)
        self._set_device_pixel_ratio(figure_view.screen_ratio)

    # --- Drawing ---

    def get_renderer(self) -> Any:
        """The renderer for the screen; files get matplotlib's own."""
        if self.is_saving():
            return super().get_renderer()
        width, height = self.get_width_height(physical=True)
        key = (width, height, self.figure.dpi, "screen")
        if self._lastKey != key:
            self.renderer = FigureRenderer(width, height, self.figure.dpi)
            self._lastKey = key
        return self.renderer

    def forget_texts(self) -> None:
        """A cell may have changed what its texts look like."""
        renderer = getattr(self, "renderer", None)
        if isinstance(renderer, FigureRenderer):
            renderer.forget()

    def draw(self) -> None:
        """Draw now; the page has it soon after, also from a running cell."""
        self.wants_draw = False
        super().draw()
        self.view.add_region()
        self.view.send_soon()

    def draw_idle(self, *args: Any, **options: Any) -> None:
        """Draw once when the cell, the event or the timer's tick is over."""
        self.wants_draw = True
        _schedule()

    def blit(self, bbox: Any = None) -> None:
        """Show what was drawn into the box, or everything."""
        region = None
        if bbox is not None:
            height = self.get_width_height(physical=True)[1]
            x0, y0, x1, y1 = (int(side) for side in bbox.extents)
            region = (x0, height - y1 - 1, x1 + 1, height - y0)
        self.view.add_region(region)
        self.view.send_soon()

    def redraw(self) -> None:
        """Do what draw_idle() promised, and send it."""
        if self.wants_draw:
            self._draw_now()
        self.view.send()

    def _draw_now(self) -> None:
        self.wants_draw = False
        with self._idle_draw_cntx():
            super().draw()
        self.view.add_region()

    def flush_events(self) -> None:
        """Let the page show what was asked for until now."""
        if self.view.is_shown:
            self.redraw()

    def start_event_loop(self, timeout: float = 0) -> None:
        """Wait, and let the page show what is drawn meanwhile."""
        if timeout is None or timeout <= 0:
            raise RuntimeError(
                "a cell cannot wait for what happens to a figure: events "
                "come when no cell runs (connect a function to them instead)"
            )
        super().start_event_loop(timeout)

    def set_cursor(self, cursor: Any) -> None:
        """Choose the pointer's form."""
        self.view.tell(cursor=CURSORS.get(cursor, "default"))

    def download(self, file_format: str) -> None:
        """Give the reader the figure as a file."""
        if self.view.comm is None:
            return
        out = io.BytesIO()
        self.figure.savefig(out, format=file_format)
        # Saving drew at another size, into the same renderer.
        self.draw_idle()
        stem = self.get_default_filename().rpartition(".")[0]
        data = {
            "download": f"{stem}.{file_format}",
            "mime": MIME_TYPES.get(file_format, "application/octet-stream"),
        }
        self.view.comm.send(data, buffers=[out.getvalue()])

    # --- The page ---

    def _ipython_display_(self) -> None:
        self.show()

    def show(self) -> None:
        """Display the figure where output goes now."""
        if self not in _live:
            while len(_live) >= LIVE_LIMIT:
                _live[0].freeze()
            _live.append(self)
        self._draw_now()
        self._tell_listeners()
        self.view.show()

    def handle_message(self, message: dict[str, Any]) -> None:
        """A batch of events from the page.  All are handled, also after one
        whose callback raised; the first exception is the caller's."""
        data = message["content"]["data"]
        self.view.is_in_batch = True
        raised: BaseException | None = None
        for event in data["events"]:
            try:
                figure_events.handle(self, event)
            except BaseException as error:  # an interrupt ends one callback
                raised = raised or error
        self.view.is_in_batch = False
        try:
            self.redraw_and_answer(data["batch"])
        finally:
            # What this figure's events did to other figures.
            redraw()
        if raised is not None:
            raise raised

    def redraw_and_answer(self, batch: int) -> None:
        """The page sends its next batch when it has this answer, so it goes
        out even when the figure cannot be drawn."""
        try:
            if self.view.is_shown and self.wants_draw:
                self._draw_now()
        finally:
            self._tell_listeners()
            self.view.send(batch)

    def handle_close(self, message: dict[str, Any]) -> None:
        """The page no longer shows the figure."""
        self.view.detach()
        self.close()

    def release(self) -> None:
        """The cell that shows it runs again: unless that cell draws into it,
        it will not be seen any more."""
        comm = self.view.detach()
        self.view.is_released = True
        self.wants_draw = False
        if self in _live:
            _live.remove(self)
        if comm is not None:
            comm.close()

    def freeze(self) -> None:
        """Leave the last picture in the page."""
        if self in _live:
            _live.remove(self)
        if self.view.is_shown and self.wants_draw:
            self.redraw()
        self.view.close()

    def close(self) -> None:
        """End the figure, by way of its manager if it has one."""
        if self.manager is not None and self.manager.num in Gcf.figs:
            Gcf.destroy(self.manager)
        else:
            self.freeze()

    def count_own_listeners(self) -> None:
        """Remember what listens to a figure that nobody has touched."""
        for name in ("button_press_event", "scroll_event"):
            self.own_listener_counts[name] = self._count_listeners(name)

    def _count_listeners(self, name: str) -> int:
        return len(self.callbacks.callbacks.get(name, ()))

    def _tell_listeners(self) -> None:
        """Whether a finger on the figure, or a wheel, is for the figure or
        scrolls the page."""
        counts = dict(self.own_listener_counts)
        if hasattr(self.manager, "_cidgcf"):
            # pyplot's, which makes the figure that is clicked the current.
            counts["button_press_event"] += 1
        heard = {
            name: self._count_listeners(name) > counts.get(name, 0)
            for name in ("button_press_event", "scroll_event")
        }
        is_tool = self.toolbar is not None and bool(self.toolbar.mode.value)
        self.view.tell(
            grabs=is_tool or heard["button_press_event"],
            scrolls=heard["scroll_event"],
        )


class Toolbar(NavigationToolbar2):
    """matplotlib's tools; their buttons are in the page."""

    canvas: FigureCanvas

    def set_message(self, s: str) -> None:
        """Show where the pointer is."""
        self.canvas.view.tell(message=str(s))

    def draw_rubberband(
        self, event: Any, x0: float, y0: float, x1: float, y1: float
    ) -> None:
        """Show what would be zoomed to."""
        height = self.canvas.get_width_height(physical=True)[1]
        corners = (x0, height - y0, x1, height - y1)
        self.canvas.view.tell(rubberband=[float(side) for side in corners])

    def remove_rubberband(self) -> None:
        """The zoom is done."""
        self.canvas.view.tell(rubberband=None)

    def set_history_buttons(self) -> None:
        """Say which way there are views to go."""
        place, count = self._nav_stack._pos, len(self._nav_stack)
        self.canvas.view.tell(back=place > 0, forward=place < count - 1)

    def pan(self, *args: Any) -> None:
        """Switch the tool that moves the view."""
        super().pan(*args)
        self.canvas.view.tell(mode=self.mode.name.lower())

    def zoom(self, *args: Any) -> None:
        """Switch the tool that zooms to a rectangle."""
        super().zoom(*args)
        self.canvas.view.tell(mode=self.mode.name.lower())

    def save_figure(self, *args: Any) -> Any:
        """Download the figure in the format that savefig would take."""
        self.canvas.download(matplotlib.rcParams["savefig.format"])
        return self.UNKNOWN_SAVED_STATUS


class FigureManager(FigureManagerBase):
    """What pyplot knows of a figure."""

    _toolbar2_class = Toolbar
    canvas: FigureCanvas

    def __init__(self, canvas: FigureCanvas, num: int) -> None:
        super().__init__(canvas, num)
        canvas.view.tell(tools=self.toolbar is not None)
        canvas.count_own_listeners()

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """Show all figures that are not shown; nothing blocks here."""
        _show_new()
        redraw()

    def show(self) -> None:
        """Show this figure, or bring it up to date."""
        if self.canvas.view.is_shown:
            self.canvas.draw_idle()
        else:
            self.canvas.show()

    def set_window_title(self, title: str) -> None:
        """Name the figure, for readers that do not see it."""
        super().set_window_title(title)
        self.canvas.view.tell(label=str(title))

    def resize(self, w: float, h: float) -> None:
        """The figure got another size; the page follows the next frame."""
        self.canvas.draw_idle()

    def destroy(self) -> None:
        """Close the figure; the page keeps its last picture."""
        canvas = self.canvas
        try:
            CloseEvent("close_event", canvas)._process()
        finally:
            canvas.freeze()
            super().destroy()


def _schedule() -> None:
    """While tasks run, a redraw is one of them; at other times whoever runs
    the code calls flush()."""
    global _is_scheduled
    if _is_scheduled or "asyncio" not in sys.modules:
        return
    import asyncio

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    _is_scheduled = True
    loop.call_soon(redraw)


def redraw() -> None:
    """Bring all live figures up to date."""
    global _is_scheduled
    _is_scheduled = False
    for canvas in list(_live):
        if not canvas.view.is_in_batch:
            canvas.redraw()


def _show_new() -> None:
    """Show the figures that are open and not in the page."""
    for manager in Gcf.get_all_fig_managers():
        canvas = manager.canvas
        if not isinstance(canvas, FigureCanvas):
            continue
        view = canvas.view
        if not (view.is_shown or view.is_frozen or view.is_released):
            canvas.show()


def flush() -> None:
    """Show what is new and changed, when a cell or a message is done."""
    if matplotlib.is_interactive():
        _show_new()
    redraw()
    for canvas in list(_live):
        canvas.view.keep_picture()


def _end_turn() -> None:
    if cells.is_cell_turn:
        _end_released()
        for canvas in _live:
            canvas.forget_texts()
    flush()


def _end_released() -> None:
    """Close the figures whose cell has run again without them."""
    for manager in Gcf.get_all_fig_managers():
        canvas = manager.canvas
        if isinstance(canvas, FigureCanvas) and canvas.view.is_released:
            if canvas.wants_draw:
                canvas.view.is_released = False
            else:
                Gcf.destroy(manager)


@_Backend.export
class _FigureBackend(_Backend):
    """What pyplot asks of the module."""

    FigureCanvas = FigureCanvas
    FigureManager = FigureManager

    @staticmethod
    def show(*args: Any, **options: Any) -> None:
        """plt.show()."""
        FigureManager.pyplot_show()


# As in every notebook: what changes a figure redraws it.
matplotlib.interactive(True)
cells.after_turn.append(_end_turn)
