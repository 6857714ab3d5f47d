"""The backend `module://matplotlib_inline.backend_inline`.

A figure that is open at the end of a cell is shown there and closed, and
`plt.show()` shows all at once.
"""

from __future__ import annotations

from typing import Any

import matplotlib
from matplotlib._pylab_helpers import Gcf
from matplotlib.backends import backend_agg
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from matplotlib_inline import drawing
from matplotlib_inline.config import InlineBackend, check_formats
from tincture import cells, entry, formatting
from tincture.display import display

FigureCanvas = FigureCanvasAgg


def new_figure_manager(
    num: Any, *args: Any, FigureClass: Any = Figure, **options: Any
) -> Any:
    """A manager for a new figure."""
    return new_figure_manager_given_figure(num, FigureClass(*args, **options))


def new_figure_manager_given_figure(num: Any, figure: Any) -> Any:
    """A manager for a figure, which will be shown."""
    manager = backend_agg.new_figure_manager_given_figure(num, figure)
    if not hasattr(figure, "show"):
        figure.show = lambda *args: _show_figure(figure)
    # Who turned interactive mode off shows figures by plt.show().
    if matplotlib.is_interactive():
        if figure in show._to_draw:
            show._to_draw.remove(figure)
        show._to_draw.append(figure)
        show._draw_called = True
    return manager


def _show_figure(figure: Any) -> None:
    display(figure, metadata=drawing.describe_background(figure))


def _own_managers() -> list[Any]:
    """Those of open figures that no other backend shows by itself.

    A live figure of an earlier `%matplotlib widget` stays in its own cell.
    """
    return [
        manager
        for manager in Gcf.get_all_fig_managers()
        if not hasattr(manager.canvas, "_ipython_display_")
    ]


def _show_all(close: bool, shown: Any = None) -> None:
    managers = _own_managers()
    try:
        for manager in managers:
            if manager.canvas.figure is not shown:
                _show_figure(manager.canvas.figure)
    finally:
        show._to_draw = []
        if close:
            for manager in managers:
                matplotlib.pyplot.close(manager.num)


class _Show:
    """plt.show(): show all figures now."""

    def __init__(self) -> None:
        # Figures that were made in this cell, and whether there were any.
        self._to_draw: list[Any] = []
        self._draw_called = False

    def __call__(self, close: bool | None = None, block: Any = None) -> None:
        if close is None:
            close = InlineBackend.instance().close_figures
        _show_all(close)


show: Any = _Show()


def flush_figures() -> None:
    """Show what the cell left open; called at its end."""
    if not show._draw_called:
        return
    # The result of the cell has been shown as that.
    shown = entry.cell.value
    try:
        if InlineBackend.instance().close_figures:
            _show_all(True, shown)
            return
        active = [one.canvas.figure for one in _own_managers()]
        for figure in show._to_draw:
            if figure in active and figure is not shown:
                _show_figure(figure)
    except Exception as error:
        formatting.report(error)
    finally:
        show._to_draw = []
        show._draw_called = False


def is_selected() -> bool:
    """Whether this is matplotlib's backend now."""
    name = matplotlib.get_backend(auto_select=False)
    return name in ("inline", f"module://{__name__}")


def configure_inline_support(shell: Any, backend: str) -> None:
    """Apply the settings; called when the backend is chosen."""
    settings = InlineBackend.instance()
    if settings.rc:
        matplotlib.rcParams.update(settings.rc)


def set_matplotlib_formats(*formats: str, **options: Any) -> None:
    """Choose the figures' formats: png, retina, jpeg, svg, pdf.  Options go
    to `figure.canvas.print_figure`."""
    settings = InlineBackend.instance()
    merged = {**settings.print_figure_kwargs, **options}
    drawing.select_formats(check_formats(formats), merged)


def set_matplotlib_close(close: bool = True) -> None:
    """Choose whether figures are closed at the end of a cell."""
    InlineBackend.instance().close_figures = close


def _install() -> None:
    # Before pyplot redraws what is still open.
    cells.after_turn.insert(0, flush_figures)
    if is_selected():
        matplotlib.interactive(True)
        configure_inline_support(None, "inline")


_install()
