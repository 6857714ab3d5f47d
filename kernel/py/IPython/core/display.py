"""The classes of what can be displayed."""

from tincture.display_objects import (
    HTML,
    JSON,
    SVG,
    DisplayObject,
    GeoJSON,
    Image,
    Javascript,
    Latex,
    Markdown,
    Math,
    Pretty,
    ProgressBar,
    TextDisplayObject,
    Video,
    display_html,
    display_javascript,
    display_jpeg,
    display_json,
    display_latex,
    display_markdown,
    display_pdf,
    display_png,
    display_pretty,
    display_svg,
    display_webp,
)

__all__ = [
    "HTML",
    "JSON",
    "SVG",
    "DisplayObject",
    "GeoJSON",
    "Image",
    "Javascript",
    "Latex",
    "Markdown",
    "Math",
    "Pretty",
    "ProgressBar",
    "TextDisplayObject",
    "Video",
    "display_html",
    "display_javascript",
    "display_jpeg",
    "display_json",
    "display_latex",
    "display_markdown",
    "display_pdf",
    "display_png",
    "display_pretty",
    "display_svg",
    "display_webp",
]


def __getattr__(name: str) -> object:
    # These lived here once, and old notebooks still say so.
    if name in ("clear_output", "display", "update_display"):
        from IPython.core import display_functions

        return getattr(display_functions, name)
    if name in ("set_matplotlib_formats", "set_matplotlib_close"):
        from IPython import display as public

        return getattr(public, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
