"""Figures of matplotlib as pictures below the cell.

The interface is that of Jupyter's package of the same name; the pictures
have the resolution of the reader's screen.
"""

__version__ = "0.2.2+tincture"
