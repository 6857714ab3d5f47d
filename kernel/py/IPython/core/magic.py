"""What a notebook's own magics are made of."""

from tincture.magic import (
    Magics,
    MagicsManager,
    cell_magic,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
    output_can_be_silenced,
    register_cell_magic,
    register_line_cell_magic,
    register_line_magic,
)

__all__ = [
    "Magics",
    "MagicsManager",
    "cell_magic",
    "line_cell_magic",
    "line_magic",
    "magics_class",
    "needs_local_scope",
    "no_var_expand",
    "output_can_be_silenced",
    "register_cell_magic",
    "register_line_cell_magic",
    "register_line_magic",
]
