"""InlineBackend: what `%config InlineBackend` sets.

Nothing of matplotlib is imported here.
"""

from __future__ import annotations

from typing import Any

from tincture.settings import Settings

FORMATS = ("png", "png2x", "retina", "jpg", "jpeg", "svg", "pdf")


def check_formats(formats: Any) -> list[str]:
    """The formats as a list, once each; ValueError for one that is none."""
    if isinstance(formats, str):
        formats = [formats]
    names = []
    for name in formats:
        if name not in FORMATS:
            known = ", ".join(FORMATS)
            raise ValueError(f"figure formats are {known}, not {name!r}")
        if name not in names:
            names.append(name)
    return names


class InlineBackend(Settings):
    """How figures become pictures."""

    rc: dict[str, Any]
    figure_format: str
    figure_formats: set[str]
    print_figure_kwargs: dict[str, Any]
    close_figures: bool

    def __init__(self) -> None:
        values: dict[str, Any] = {
            "rc": {},
            "figure_format": "",
            "figure_formats": {"png"},
            "print_figure_kwargs": {"bbox_inches": "tight"},
            "close_figures": True,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("figure_format", "figure_formats"):
            if name == "figure_format" and not isinstance(value, str):
                raise TypeError(f"figure_format is text, not {value!r}")
            names = check_formats(value)
            super().__setattr__("figure_formats", set(names))
            self._select()
        elif name == "print_figure_kwargs":
            super().__setattr__(name, dict(value))
            self._select()
        elif name == "close_figures":
            super().__setattr__(name, bool(value))
        elif name == "rc":
            super().__setattr__(name, dict(value))
            self._apply_rc()
        else:
            super().__setattr__(name, value)

    def _select(self) -> None:
        from matplotlib_inline import drawing

        drawing.select_formats(self.figure_formats, self.print_figure_kwargs)

    def _apply_rc(self) -> None:
        import sys

        if "matplotlib" in sys.modules:
            sys.modules["matplotlib"].rcParams.update(self.rc)
