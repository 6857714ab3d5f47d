"""Agg for figures that are drawn again and again.

While a reader moves a figure, its labels hardly change, but matplotlib lays
each text out several times a frame and renders it glyph by glyph.  Here both
are done once: a plot with ticks, a title and a legend is drawn in half the
time (natively 32 ms before and 15 ms after, at two pixels a CSS pixel).  Text
stands at whole pixels, as Agg's text always did before matplotlib 3.11.

What a figure remembers is forgotten when a cell has run, because that may
have changed what fonts the names in matplotlib's configuration stand for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy
from matplotlib.backends.backend_agg import (
    RendererAgg,
    RenderMode,
    get_hinting_flag,
)
from matplotlib.text import Text

# Texts that a figure remembers, laid out and rendered.
TEXT_LIMIT = 1000

# A rendered text: coverage, and where it stands from the text's origin.
Picture = tuple[numpy.ndarray, int, int]

# One in FreeType's 16.16 numbers, and in its 26.6 pixels.
_UNIT = 0x10000
_PIXEL = 0x40


class FigureRenderer(RendererAgg):
    """Agg with a memory for texts."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)
        self._pictures: dict[Any, Picture | None] = {}
        self._layouts: dict[Any, Any] = {}

    def forget(self) -> None:
        """Lay everything out anew."""
        self._pictures.clear()
        self._layouts.clear()

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Draw a text, rendered the first time it is seen."""
        if ismath or mtext is None:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        options = (mtext.get_fontfeatures(), mtext.get_language())
        is_smooth = gc.get_antialiased()
        key = (s, prop.copy(), angle, is_smooth, repr(options))
        if key not in self._pictures:
            if len(self._pictures) >= TEXT_LIMIT:
                self._pictures.clear()
            self._pictures[key] = self._render(
                s, prop, angle, is_smooth, *options
            )
        picture = self._pictures[key]
        if picture is not None:
            image, left, top = picture
            below = round(y) - top + image.shape[0]
            self._renderer.draw_text_image(
                image, round(x) + left, below, 0, gc
            )

    def _render(
        self,
        text: str,
        prop: Any,
        angle: float,
        is_smooth: bool,
        features: Any,
        language: Any,
    ) -> Picture | None:
        """The text's pixels; None for one that leaves none."""
        flags = get_hinting_flag()
        mode = RenderMode.NORMAL if is_smooth else RenderMode.MONO
        cosine = math.cos(math.radians(angle))
        sine = math.sin(math.radians(angle))
        turn = numpy.array([[cosine, -sine], [sine, cosine]]) * _UNIT
        glyphs = []
        for item in self._prepare_font(prop)._layout(
            text, flags=flags, features=features, language=language
        ):
            font = item.ft_object
            font.set_size(prop.get_size_in_points(), self.dpi)
            x = item.x * cosine - item.y * sine
            y = item.x * sine + item.y * cosine
            font._set_transform(
                turn.round().astype(int), [round(x * _PIXEL), round(y * _PIXEL)]
            )
            glyph = font._render_glyph(item.glyph_index, flags, mode)
            pixels = numpy.array(glyph.buffer)
            if pixels.size:
                if not is_smooth:
                    pixels *= 0xFF
                glyphs.append((pixels, glyph.left, glyph.top))
        return _join(glyphs)

    def find_layout(self, text: Text, make: Any) -> Any:
        """What text._get_layout(renderer) gives, made once."""
        if text.get_wrap():
            return make(text, self)
        key = (
            text.get_text(),
            text.get_fontproperties().copy(),
            text.get_rotation(),
            text.get_rotation_mode(),
            text.get_horizontalalignment(),
            text.get_verticalalignment(),
            text._multialignment,
            text._linespacing,
            text.get_usetex(),
            text.get_parse_math(),
            text.get_figure(root=True).dpi,
        )
        layout = self._layouts.get(key)
        if layout is None:
            if len(self._layouts) >= TEXT_LIMIT:
                self._layouts.clear()
            layout = self._layouts[key] = make(text, self)
        return layout


def _join(glyphs: list[Picture]) -> Picture | None:
    """One picture of several glyphs; where they overlap, the darker one."""
    if not glyphs:
        return None
    left = min(x for _, x, _ in glyphs)
    top = max(y for _, _, y in glyphs)
    right = max(x + pixels.shape[1] for pixels, x, _ in glyphs)
    bottom = min(y - pixels.shape[0] for pixels, _, y in glyphs)
    image = numpy.zeros((top - bottom, right - left), numpy.uint8)
    for pixels, x, y in glyphs:
        height, width = pixels.shape
        place = image[top - y : top - y + height, x - left : x - left + width]
        numpy.maximum(place, pixels, out=place)
    return image, left, top


_make_layout = Text._get_layout


def _get_layout(self: Text, renderer: Any) -> Any:
    """In the place of matplotlib's, which asks its fonts at every call."""
    if isinstance(renderer, FigureRenderer):
        return renderer.find_layout(self, _make_layout)
    return _make_layout(self, renderer)


Text._get_layout = _get_layout
