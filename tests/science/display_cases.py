"""What a notebook shows of pandas' and matplotlib's objects.

Each case is a cell.  Its result is what came out: text, mime types and their
data, of pictures the size.  Natively IPython's own shell runs the cells.
"""

from __future__ import annotations

import base64
import builtins
import re
import sys
from collections.abc import Callable
from typing import Any

START = """
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown, display
%matplotlib inline
%config InlineBackend.figure_formats = ["png"]
%config InlineBackend.print_figure_kwargs = {"bbox_inches": None}
frame = pd.DataFrame({"a": [1, 2, 3], "b": list("xyz"), "c": [0.5, None, 2]})
numbers = np.arange(3000, dtype="int64")
long = pd.DataFrame(numbers.reshape(1000, 3), columns=list("abc"))
"""

_shell: Any = None

# IPython puts a module of its own in its place, which would be the end of it.
_main = sys.modules["__main__"]


def _make_native_shell() -> Any:
    """A real one, which pandas takes for a notebook's, and which shows the
    value of a cell as a notebook does."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.interactiveshell import InteractiveShell

    class Hook(DisplayHook):
        """Publishes where a console would print."""

        def __call__(self, result: Any = None) -> None:
            if result is not None and not self.quiet():
                formatted = self.shell.display_formatter.format(result)
                self.shell.display_pub.publish(*formatted)

    members = {
        "displayhook_class": Hook,
        "enable_gui": lambda self, gui=None: None,
        "kernel": None,  # by which pandas knows that this is no terminal
    }
    cls = type("ZMQInteractiveShell", (InteractiveShell,), members)
    shell = cls.instance()
    formatter = shell.display_formatter
    formatter.active_types = formatter.format_types
    return shell


def _make_shell() -> Any:
    if hasattr(builtins, "get_ipython"):
        return builtins.get_ipython()
    return _make_native_shell()


def _describe(mime_type: str, data: Any) -> str:
    if mime_type == "image/png":
        start = base64.b64decode(data) if isinstance(data, str) else data
        width, height = start[16:20], start[20:24]
        size = int.from_bytes(width), int.from_bytes(height)
        return f"{mime_type}: {size[0]} x {size[1]}"
    if mime_type in ("image/svg+xml", "application/pdf", "image/jpeg"):
        return f"{mime_type}: {len(data) > 1000}"
    text = re.sub(r"0x[0-9a-f]+", "0x", str(data))
    return f"{mime_type}: {re.sub('T_[0-9a-f]{5}', 'T', text)}"


def show(cell: str) -> str:
    """What running a cell shows."""
    from IPython.utils.capture import capture_output

    with capture_output() as kept:
        _shell.run_cell(cell, store_history=True)
    lines = [kept.stdout] if kept.stdout else []
    for output in kept.outputs:
        # What Jupyter has no equal of is not compared.
        lines += [
            _describe(mime_type, data)
            for mime_type, data in sorted(output.data.items())
            if "tincture" not in mime_type
        ]
    return "\n".join(lines)


def setup() -> dict[str, Callable[[str], str]]:
    """The names that the cases use."""
    global _shell
    _shell = _shell or _make_shell()
    _shell.run_cell(START)
    return {"show": show}


def _cells(kind: str, **cells: str) -> dict[str, str]:
    return {f"{kind} {name}": f"show({cell!r})" for name, cell in cells.items()}


TABLES = _cells(
    "table",
    frame="frame",
    series='frame["a"]',
    index="frame.index",
    index_of_levels='pd.MultiIndex.from_product([[1, 2], ["a", "b"]])',
    long_table="long",
    long_series='long["a"]',
    wide_table="pd.DataFrame(numbers.reshape(10, 300))",
    styler="frame.style.highlight_max(subset=['a'])",
    styler_format="frame.style.format('{:.1f}', subset=['a']).bar()",
    display="display(frame, frame['b'])",
    several="[frame, frame]",
    dictionary="{'a': np.arange(40), 'b': frame}",
    rows='pd.set_option("display.max_rows", 4)\nlong',
    plain='pd.set_option("display.notebook_repr_html", False)\nframe',
    reset='pd.reset_option("display")\nframe.describe()',
    precision="with pd.option_context('display.precision', 2):"
    "\n    display(pd.DataFrame({'a': [1.23456]}))",
    groups="frame.groupby('b')",
    empty="pd.DataFrame()",
    times="pd.Timestamp('2020-01-01'), pd.date_range('2020', periods=3)",
    array="np.random.RandomState(0).rand(30, 30)",
    numbers="np.float64(3.5), np.bool_(True), np.dtype('f8'), np.float64",
    magic_precision="%precision 2\nnp.array([1 / 3]), 1 / 3, np.float64(1 / 3)",
    magic_precision_off="%precision\n1 / 3",
)

FIGURES = _cells(
    "figure",
    left_open="plt.plot([1, 2]);",
    value="plt.plot([1, 2])",
    shown="plt.plot([1, 2]); plt.show(); print('after')",
    several="for i in range(3):\n    plt.figure(figsize=(2, i + 1))\n"
    "    plt.plot([i])",
    closed="plt.plot([1]); plt.close()",
    displayed="fig, ax = plt.subplots(); ax.plot([1]); plt.close(); "
    "display(fig)",
    of_class="from matplotlib.figure import Figure\nfig = Figure()\n"
    "_ = fig.subplots()\nfig",
    empty="plt.figure();",
    pandas="frame.plot(figsize=(3, 2))",
    dots="plt.figure(dpi=50); plt.plot([1]);",
    retina='%config InlineBackend.figure_format = "retina"\nplt.plot([1]);',
    svg='%config InlineBackend.figure_formats = ["svg"]\nplt.plot([1]);',
    two='%config InlineBackend.figure_formats = ["png", "jpeg"]\n'
    "plt.plot([1]);",
    kept="%config InlineBackend.close_figures = False\nplt.plot([1]);",
    kept_open="plt.gca().set_title('t'); print(plt.get_fignums())",
    closing="%config InlineBackend.close_figures = True\nplt.close('all')",
    off="plt.ioff(); plt.plot([1]);",
    on="plt.show(); _ = plt.ion()",
    agg="plt.switch_backend('agg'); plt.plot([1]); plt.show()",
    back="plt.close('all')\n%matplotlib inline\nplt.plot([1]);",
)

CASES = {**TABLES, **FIGURES}
