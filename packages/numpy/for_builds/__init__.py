"""Stands for numpy while packages that use its C interface are built.

Their build scripts import numpy in the build machine's Python to ask where
the headers are; those of the target stand in the same prefix as this file.
"""

import os


def get_include() -> str:
    """The directory of numpy's headers for the target."""
    here = os.path.dirname(os.path.abspath(__file__))
    prefix = os.path.normpath(os.path.join(here, "..", "..", ".."))
    return os.path.join(prefix, "include", "numpy")
