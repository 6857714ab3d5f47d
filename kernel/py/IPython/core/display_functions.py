"""display() and its like."""

from tincture.display import (
    DisplayHandle,
    clear_output,
    display,
    publish_display_data,
    update_display,
)

__all__ = [
    "DisplayHandle",
    "clear_output",
    "display",
    "publish_display_data",
    "update_display",
]
