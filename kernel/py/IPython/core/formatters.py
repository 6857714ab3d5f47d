"""Which function shows which class how."""

from tincture.formatters import (
    BaseFormatter,
    DisplayFormatter,
    PlainTextFormatter,
)

__all__ = ["BaseFormatter", "DisplayFormatter", "PlainTextFormatter"]
