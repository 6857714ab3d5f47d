"""IPython.display: everything that can be displayed."""

from __future__ import annotations

from IPython.core.display import *  # noqa: F403
from IPython.core.display import __all__ as _classes
from IPython.core.display_functions import *  # noqa: F403
from IPython.core.display_functions import __all__ as _functions
from IPython.lib.display import *  # noqa: F403
from IPython.lib.display import __all__ as _media


def set_matplotlib_formats(*formats: str, **options: object) -> None:
    """Choose the figures' formats: png, retina, jpeg, svg, pdf."""
    from matplotlib_inline import backend_inline

    backend_inline.set_matplotlib_formats(*formats, **options)


def set_matplotlib_close(close: bool = True) -> None:
    """Choose whether figures are closed at the end of a cell."""
    from matplotlib_inline.config import InlineBackend

    InlineBackend.instance().close_figures = close


__all__ = [
    *_classes,
    *_functions,
    *_media,
    "set_matplotlib_close",
    "set_matplotlib_formats",
]
