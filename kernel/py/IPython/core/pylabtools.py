"""Figures as pictures, and their size."""

from __future__ import annotations

from typing import Any

__all__ = ["figsize", "getfigs", "print_figure", "select_figure_formats"]


def figsize(sizex: float, sizey: float) -> None:
    """Set the size of figures to come, in inches."""
    import matplotlib

    matplotlib.rcParams["figure.figsize"] = [sizex, sizey]


def getfigs(*fig_nums: int) -> list[Any]:
    """The open figures, or those of some numbers."""
    from matplotlib._pylab_helpers import Gcf

    managers = Gcf.get_all_fig_managers()
    return [
        manager.canvas.figure
        for manager in managers
        if not fig_nums or manager.num in fig_nums
    ]


def print_figure(
    fig: Any,
    fmt: str = "png",
    bbox_inches: str = "tight",
    base64: bool = False,
    **options: Any,
) -> Any:
    """A figure as a picture's bytes, or text of an SVG."""
    from matplotlib_inline import drawing

    return drawing.print_figure(
        fig, fmt, base64, bbox_inches=bbox_inches, **options
    )


def select_figure_formats(shell: Any, formats: Any, **options: Any) -> None:
    """Make figures be shown in these formats."""
    from matplotlib_inline import config, drawing

    drawing.select_formats(config.check_formats(formats), options)
