"""From a figure to a picture's bytes, for the formatters.

matplotlib is there already when a figure is, so nothing of it is imported
but what drawing needs.
"""

from __future__ import annotations

import os
from binascii import b2a_base64
from collections.abc import Callable, Collection
from io import BytesIO
from typing import Any

from tincture import formatting

FIGURE = ("matplotlib.figure", "Figure")

MIME_TYPES = {
    "png": "image/png",
    "png2x": "image/png",
    "retina": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}

# The same as matplotlib knows them.
_PLAIN_NAMES = {"png2x": "png", "retina": "png", "jpg": "jpeg"}

# Screens beyond this gain nothing that is worth the size.
PIXEL_RATIO_LIMIT = 4.0

# What print_figure gets beside the format, from %config.
print_options: dict[str, Any] = {"bbox_inches": "tight"}


def pixel_ratio() -> float:
    """How many pixels of the reader's screen are one of CSS."""
    try:
        ratio = float(os.environ.get("TINCTURE_PIXEL_RATIO", "1"))
    except ValueError:
        return 1.0
    return min(ratio, PIXEL_RATIO_LIMIT) if ratio > 0 else 1.0


def _print(
    figure: Any, name: str, ratio: float, given: dict[str, Any]
) -> bytes:
    options = {
        "format": name,
        "facecolor": figure.get_facecolor(),
        "edgecolor": figure.get_edgecolor(),
        "bbox_inches": "tight",
        **given,
    }
    dpi = options.pop("dpi", None)
    if dpi in (None, "figure"):
        dpi = figure.dpi
    if figure.canvas is None:
        from matplotlib.backend_bases import FigureCanvasBase

        FigureCanvasBase(figure)
    out = BytesIO()
    figure.canvas.print_figure(out, dpi=dpi * ratio, **options)
    return out.getvalue()


def _png_size(data: bytes) -> tuple[int, int]:
    width, height = data[16:20], data[20:24]
    return int.from_bytes(width, "big"), int.from_bytes(height, "big")


def draw(figure: Any, name: str) -> Any:
    """The picture, or None of a figure with nothing in it.  A PNG of more
    pixels than it has on the page comes with its size there."""
    if not figure.axes and not figure.lines:
        return None
    if name in ("png", "png2x", "retina"):
        ratio = pixel_ratio()
        if name != "png":
            ratio = max(2.0, ratio)
        data = _print(figure, "png", ratio, print_options)
        if ratio == 1:
            return data
        width, height = _png_size(data)
        size = {"width": int(width / ratio), "height": int(height / ratio)}
        return data, size
    data = _print(figure, _PLAIN_NAMES.get(name, name), 1, print_options)
    return data.decode("utf-8") if name == "svg" else data


def print_figure(
    figure: Any, name: str, is_base64: bool = False, **options: Any
) -> Any:
    """The picture alone, at the figure's own resolution (twice that of
    `retina`)."""
    if not figure.axes and not figure.lines:
        return None
    ratio = 2 if name in ("retina", "png2x") else 1
    data = _print(figure, _PLAIN_NAMES.get(name, name), ratio, options)
    if name == "svg":
        return data.decode("utf-8")
    return b2a_base64(data, newline=False).decode() if is_base64 else data


def _make_function(name: str) -> Callable[[Any], Any]:
    return lambda figure: draw(figure, name)


def select_formats(
    names: Collection[str], options: dict[str, Any] | None = None
) -> None:
    """Make figures be shown in these formats."""
    if options is not None:
        print_options.clear()
        print_options.update(options)
    for mime_type in set(MIME_TYPES.values()):
        formatting.registered.setdefault(mime_type, {}).pop(FIGURE, None)
    for name in names:
        functions = formatting.registered[MIME_TYPES[name]]
        functions[FIGURE] = _make_function(name)


def describe_background(figure: Any) -> dict[str, Any] | None:
    """For a figure that one can see through: whether its text needs a light
    or a dark page behind it."""
    from matplotlib import colors

    if colors.to_rgba(figure.get_facecolor())[3] >= 0.5:
        return None
    labels = [
        label.get_color()
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for label in axis.get_ticklabels()
    ]
    # The luminance of ITU-R BT.601.
    are_light = {
        0.299 * red + 0.587 * green + 0.114 * blue > 0.5
        for red, green, blue, _ in map(colors.to_rgba, labels)
    }
    if len(are_light) != 1:
        return None
    return {"needs_background": "dark" if are_light.pop() else "light"}
