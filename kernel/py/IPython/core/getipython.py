"""get_ipython(), in its old place."""

from tincture.entry import get_ipython

__all__ = ["get_ipython"]
