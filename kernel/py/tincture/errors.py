"""Exceptions of the kernel."""


class StdinNotImplementedError(NotImplementedError):
    """input() was called where nobody can answer."""
