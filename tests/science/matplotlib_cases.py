"""What matplotlib must draw; evaluate.py says how it is compared.

A picture is compared as a coarse map of its brightness, two hexadecimal
digits for each of 32 by 24 places, within a small tolerance: the same drawing
with the last bit of a sine changed passes, one that misses a line, a tick, a
letter or a colour does not.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import font_manager, patheffects, ticker
from matplotlib.figure import Figure

MAP_COLUMNS, MAP_ROWS = 32, 24
GRID = np.linspace(-3, 3, 25)
X, Y = np.meshgrid(GRID, GRID)
Z = (1 - X / 2 + X**5 + Y**3) * np.exp(-(X**2) - Y**2)


def brightness(figure: Figure) -> str:
    """The picture of a figure, as lines of hexadecimal digits."""
    figure.set_dpi(60)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].mean(axis=2)
    rows = np.array_split(pixels, MAP_ROWS, axis=0)
    lines = ["map"]
    for row in rows:
        cells = np.array_split(row, MAP_COLUMNS, axis=1)
        means = [round(float(cell.mean())) for cell in cells]
        lines.append(bytes(means).hex())
    return "\n".join(lines)


def drawn(draw: Callable[[Any], object], **options: Any) -> str:
    """What `draw` draws into the axes of a new figure."""
    plt.close("all")
    figure, axes = plt.subplots(figsize=(4.8, 3.6), **options)
    draw(axes)
    return brightness(figure)


def saved(kind: str, draw: Callable[[Any], object], **options: Any) -> bytes:
    """The file that savefig writes of a drawing."""
    plt.close("all")
    figure, axes = plt.subplots(figsize=(4.8, 3.6))
    draw(axes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def constrained(axes: Any) -> None:
    """Four panels with labels that need room, and a colour bar."""
    figure = axes.figure
    figure.clear()
    figure.set_layout_engine("constrained")
    panels = figure.subplots(2, 2)
    for index, panel in enumerate(panels.flat):
        panel.set(title=f"panel {index}", xlabel="x axis", ylabel="y\naxis")
    figure.colorbar(panels[0, 0].imshow(Z), ax=panels[:, 1])
    figure.suptitle("constrained")


def solid(axes: Any) -> None:
    """A surface in three dimensions."""
    axes.figure.clear()
    space = axes.figure.add_subplot(projection="3d")
    space.plot_surface(X, Y, Z, cmap="viridis")
    space.set(xlabel="x", ylabel="y", zlabel="z")


def curve_3d(axes: Any) -> None:
    """A helix and the points on it."""
    axes.figure.clear()
    space = axes.figure.add_subplot(projection="3d")
    t = np.linspace(0, 4 * math.pi, 60)
    space.plot(np.cos(t), np.sin(t), t)
    space.scatter(np.cos(t), np.sin(t), t, c=t)
    space.view_init(20, 30)


def polar(axes: Any) -> None:
    """Bars around a pole."""
    axes.figure.clear()
    around = axes.figure.add_subplot(projection="polar")
    around.bar(np.arange(6), np.arange(1, 7), width=0.7)


def mosaic(axes: Any) -> None:
    """Named axes, shared and twin ones, insets."""
    axes.figure.clear()
    named = axes.figure.subplot_mosaic("AAB;CCB")
    named["A"].plot([1, 3, 2])
    named["A"].twinx().plot([5, 1, 9], "r--")
    named["B"].pie([1, 2, 3], labels=list("abc"))
    named["C"].inset_axes((0.5, 0.5, 0.4, 0.4)).plot([0, 1])


def texts(axes: Any) -> None:
    """Letters of several alphabets, turned and boxed."""
    axes.text(0.05, 0.8, "Ünïcödé ßæø Ελληνικά Русский", fontsize=12)
    axes.text(0.1, 0.5, "fi ffl → ≤ ½", rotation=30, family="serif")
    axes.text(0.6, 0.2, "mono", family="monospace", bbox={"fc": "yellow"})
    axes.annotate("here", (0.9, 0.9), (0.5, 0.5), arrowprops={"width": 2})


def mathtext(axes: Any) -> None:
    """Formulas in each set of fonts."""
    formula = r"$\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}$"
    sets = ("dejavusans", "dejavuserif", "cm", "stix", "stixsans")
    for index, name in enumerate(sets):
        axes.text(0.1, index / 5, formula, math_fontfamily=name)


def dates(axes: Any) -> None:
    """A day axis with its own formatter."""
    days = pd.date_range("2024-02-20", periods=30)
    axes.plot(days, np.arange(30) ** 2)
    axes.figure.autofmt_xdate()


def series_plot(axes: Any) -> None:
    """pandas' own plotting."""
    frame = pd.DataFrame(
        {"a": [1, 4, 2], "b": [2, 1, 3]},
        index=pd.period_range("2024-01", periods=3, freq="M"),
    )
    frame.plot(ax=axes, style="o-", title="two columns")


def triangles(axes: Any) -> None:
    """Contours over scattered points: Delaunay by qhull."""
    t = np.arange(60)
    x, y = np.sqrt(t) * np.cos(t), np.sqrt(t) * np.sin(t)
    axes.tricontourf(x, y, x * y, levels=7)
    axes.triplot(x, y, lw=0.3)


def effects(axes: Any) -> None:
    """Stroked text, hatches, clipping, dashes, markers."""
    axes.text(0.5, 0.5, "GLOW", fontsize=40, ha="center", path_effects=[
        patheffects.withStroke(linewidth=5, foreground="red")
    ])
    axes.bar([0, 1], [0.3, 0.6], hatch="//", alpha=0.5, ec="k")
    axes.plot([0, 1], [1, 0], "gs-.", ms=12, mec="k")


def images(axes: Any) -> None:
    """Resampled, with a logarithmic scale and a colour bar."""
    norm = matplotlib.colors.LogNorm(0.01, 1)
    shown = axes.imshow(abs(Z) + 0.01, norm=norm, interpolation="bicubic")
    axes.figure.colorbar(shown, extend="both")


def styled(axes: Any) -> None:
    """A style sheet and the cycle of colours."""
    with plt.style.context("ggplot"):
        other = axes.figure.subplots()
        for k in range(4):
            other.plot(GRID, np.sin(GRID + k), label=f"$k={k}$")
        other.legend(loc="lower right", ncols=2)


def statistics(axes: Any) -> None:
    """Boxes, violins, error bars, steps."""
    values = [np.sort(np.sin(np.arange(20) * k)) for k in (1, 2, 3)]
    axes.boxplot(values)
    axes.violinplot(values, positions=[5, 6, 7])
    axes.errorbar([9, 10], [0, 1], yerr=[0.2, 0.4], capsize=4)
    axes.stairs([0, 1, 0.5], [11, 12, 13, 14], fill=True)


def log_axes(axes: Any) -> None:
    """Logarithmic and symlog scales with their ticks."""
    axes.loglog([1, 10, 1e4], [1, 1e3, 1e-3])
    axes.grid(True, which="both", lw=0.3)
    axes.xaxis.set_major_formatter(ticker.LogFormatterMathtext())


def missing_glyph() -> list[str]:
    """The warning for a letter that no bundled font has."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawn(lambda axes: axes.set_title("日本"))
    return sorted({str(warning.message) for warning in caught})


def svg_facts(**settings: Any) -> list[object]:
    """What a drawing in SVG holds, by count."""
    with plt.rc_context({"svg.hashsalt": "s", **settings}):
        text = saved("svg", texts, metadata={"Date": None}).decode()
    tags = ("path", "use", "text", "g", "clipPath", "defs")
    return [(tag, len(re.findall(f"<{tag}[ >]", text))) for tag in tags]


def pdf_facts(font_type: int) -> list[object]:
    """What a drawing in PDF holds: its fonts and their kinds."""
    settings = {"pdf.fonttype": font_type, "pdf.compression": 0}
    with plt.rc_context(settings):
        data = saved("pdf", texts, metadata={"CreationDate": None})
    names = re.findall(rb"/BaseFont /(?:[A-Z]{6}\+)?(\S+)", data)
    kinds = re.findall(rb"/Subtype /(\w+)", data)
    head = data[:8].decode()
    return [head, sorted(set(names)), sorted(set(kinds)), data.count(b" obj")]


def picture_facts(kind: str, **options: Any) -> list[object]:
    """Size, mode and brightness of a saved picture, read back by Pillow."""
    from PIL import Image

    data = saved(kind, lambda axes: axes.plot([1, 3, 2], lw=9), **options)
    image = Image.open(io.BytesIO(data))
    mean = round(float(np.asarray(image.convert("L")).mean()))
    return [image.format, image.size, image.mode, mean]


def font_list_is_current() -> bool:
    """The list that comes along is the one that would be made."""

    def entries(manager: Any) -> list[tuple]:
        both = manager.ttflist + manager.afmlist
        return sorted(tuple(map(str, vars(entry).values())) for entry in both)

    made = font_manager.FontManager()
    return entries(made) == entries(font_manager.fontManager)


def setup() -> dict[str, Any]:
    """The names that the expressions use: everything here."""
    matplotlib.rcdefaults()
    matplotlib.use("agg")
    return dict(globals())


def _drawings(*functions: Callable[[Any], object]) -> dict[str, str]:
    """One picture for each function."""
    return {f"drawn({f.__name__})": f"drawn({f.__name__})" for f in functions}


def _named(*expressions: str) -> dict[str, str]:
    """Cases whose expression is their name."""
    return {expression: expression for expression in expressions}


PICTURES = _drawings(
    constrained,
    solid,
    curve_3d,
    polar,
    mosaic,
    texts,
    mathtext,
    dates,
    series_plot,
    triangles,
    effects,
    images,
    styled,
    statistics,
    log_axes,
)

PLOTS = _named(
    "drawn(lambda a: a.plot([1, 3, 2]))",
    "drawn(lambda a: a.scatter(GRID, GRID ** 2, c=GRID, s=90))",
    "drawn(lambda a: a.contour(X, Y, Z, 9))",
    "drawn(lambda a: a.contourf(X, Y, Z, 9, hatches=['/', '.']))",
    "drawn(lambda a: a.clabel(a.contour(X, Y, Z)))",
    "drawn(lambda a: a.pcolormesh(X, Y, Z, shading='gouraud'))",
    "drawn(lambda a: a.quiver(X, Y, Y, -X))",
    "drawn(lambda a: a.streamplot(X, Y, Y, -X))",
    "drawn(lambda a: a.hist(Z.ravel(), 30, log=True))",
    "drawn(lambda a: a.hist2d(X.ravel(), Z.ravel(), 12))",
    "drawn(lambda a: a.hexbin(X.ravel(), Y.ravel(), Z.ravel(), 8))",
    "drawn(lambda a: a.fill_between(GRID, GRID, -GRID, alpha=0.3))",
    "drawn(lambda a: a.stackplot([1, 2, 3], [1, 2, 1], [2, 1, 2]))",
    "drawn(lambda a: a.stem([3, 1, 2]))",
    "drawn(lambda a: a.table([['a', 'b'], ['c', 'd']], loc='center'))",
    "drawn(lambda a: a.matshow(Z[:5, :5]))",
    "drawn(lambda a: a.set_title('x' * 9, loc='right'))",
    "drawn(lambda a: a.text(0, 0, 'مرحبا שלום', size=30))",
)

FILES_AND_ERRORS = _named(
    "missing_glyph()",
    "svg_facts()",
    "svg_facts(**{'svg.fonttype': 'none'})",
    "pdf_facts(3)",
    "pdf_facts(42)",
    "saved('ps', texts)[:23]",
    "saved('eps', mathtext)[:23]",
    "picture_facts('png')",
    "picture_facts('png', dpi=200, bbox_inches='tight')",
    "picture_facts('png', transparent=True)",
    "picture_facts('jpeg')",
    "picture_facts('gif')",
    "saved('tiff', texts)[:4]",
    "font_list_is_current()",
    "font_manager.findfont('DejaVu Serif').rsplit('/', 1)[1]",
    "font_manager.findfont('Arial', fallback_to_default=False)",
    "len(plt.style.available)",
    "len(matplotlib.colormaps)",
    "plt.cm.viridis(0.5)",
    "matplotlib.colors.to_hex('tab:orange')",
    "mathtext(plt.gca()), plt.gcf().canvas.get_width_height()",
    "drawn(lambda a: a.set_title(r'$\\frac{1}{$'))",
    "drawn(lambda a: a.contour([[1, 2]]))",
    "drawn(lambda a: a.tricontour([0, 1], [0, 1], [0, 1]))",
    "ticker.EngFormatter('Hz')(12345)",
    "len(plt.imread(io.BytesIO(saved('png', texts))).shape)",
    "__import__('contourpy').contour_generator(z=[[1]])",
    "[k.name() for k in [__import__('kiwisolver').Variable('v')]]",
    "[s := __import__('kiwisolver').Solver(),"
    " v := __import__('kiwisolver').Variable('v'),"
    " s.addConstraint((v == 1) | 'required'),"
    " s.addConstraint((v == 2) | 'required')]",
)

CASES = {**PICTURES, **PLOTS, **FILES_AND_ERRORS}
