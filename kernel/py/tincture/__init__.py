"""The kernel's own Python code, frozen into it.

A notebook uses ``display`` and the display classes; everything else here is
the kernel's other half, which C calls through ``tincture.entry``.
"""

__version__ = "0.1.0"

from tincture.display import (
    DisplayHandle,
    clear_output,
    display,
    update_display,
)

# Loaded when first asked for.
_CLASSES = (
    "HTML",
    "JSON",
    "SVG",
    "GeoJSON",
    "Image",
    "Javascript",
    "Latex",
    "Markdown",
    "Math",
    "Pretty",
    "ProgressBar",
    "Video",
)

__all__ = [
    "DisplayHandle",
    "clear_output",
    "display",
    "update_display",
    *_CLASSES,
]


def __getattr__(name: str) -> object:
    if name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tincture import display_objects

    return getattr(display_objects, name)
