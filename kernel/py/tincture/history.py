"""In, Out and their short names, as IPython has them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Results that Out keeps; beyond it the oldest fifth is forgotten.
OUTPUT_LIMIT = 1000


class History:
    """The inputs and results of a kernel, and their names in `namespace`."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.inputs: list[str] = [""]
        self.outputs: dict[int, Any] = {}
        # What _, __ and ___ were set to; a cell may set them itself, and
        # then they are its own.
        self._recent: tuple[Any, Any, Any] = ("", "", "")
        namespace.update(
            In=self.inputs,
            Out=self.outputs,
            _ih=self.inputs,
            _oh=self.outputs,
            _="",
            __="",
            ___="",
            _i="",
            _ii="",
            _iii="",
        )

    def add_input(self, count: int, source: str) -> None:
        """A cell is about to run."""
        names = self.namespace
        names["_iii"] = names.get("_ii", "")
        names["_ii"] = names.get("_i", "")
        names["_i"] = self.inputs[-1]
        while len(self.inputs) < count:
            self.inputs.append("")
        self.inputs.append(source)
        names[f"_i{count}"] = source

    def add_output(self, count: int, value: Any) -> None:
        """A cell has a result."""
        if value is self.outputs:
            return
        if len(self.outputs) >= OUTPUT_LIMIT:
            self._forget_oldest()
        names = self.namespace
        last, older, oldest = self._recent
        if (
            names.get("_") is last
            and names.get("__") is older
            and names.get("___") is oldest
        ):
            names["_"], names["__"], names["___"] = value, last, older
        self._recent = value, last, older
        names[f"_{count}"] = value
        self.outputs[count] = value

    def _forget_oldest(self) -> None:
        for count in sorted(self.outputs)[: OUTPUT_LIMIT // 5]:
            del self.outputs[count]
            self.namespace.pop(f"_{count}", None)
