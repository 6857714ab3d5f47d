"""The kernel's own Python code, frozen into it.

A notebook uses ``display`` and the display classes; everything else here is
the kernel's other half, which C calls through ``tincture.entry``.
"""

__version__ = "0.1.0"

from tincture.display import (
    HTML,
    JSON,
    SVG,
    DisplayHandle,
    Image,
    Javascript,
    Latex,
    Markdown,
    clear_output,
    display,
    update_display,
)

__all__ = [
    "HTML",
    "JSON",
    "SVG",
    "DisplayHandle",
    "Image",
    "Javascript",
    "Latex",
    "Markdown",
    "clear_output",
    "display",
    "update_display",
]
