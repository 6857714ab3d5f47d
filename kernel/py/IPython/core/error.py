"""The exceptions that notebooks name."""

from tincture.magic import UsageError

__all__ = ["IPythonCoreError", "StdinNotImplementedError", "UsageError"]

from tincture.errors import StdinNotImplementedError


class IPythonCoreError(Exception):
    """An error of IPython itself."""
