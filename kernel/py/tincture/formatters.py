"""get_ipython().display_formatter: which function shows which class how.

The tables themselves are in formatting.py and pretty.py; this is their
interface, with IPython's names.
"""

from __future__ import annotations

from tincture import formatting, pretty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Key = type | tuple[str, str]


class BaseFormatter:
    """The functions that make one mime type; a class of the program's own
    may say which method does, too."""

    format_type = "text/plain"
    print_method = ""

    def __init__(
        self, format_type: str | None = None, print_method: str | None = None
    ) -> None:
        if format_type is not None:
            self.format_type = format_type
        if print_method is not None:
            self.print_method = print_method

    @property
    def enabled(self) -> bool:
        """False where the mime type is never made."""
        return self.format_type not in formatting.disabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        if value:
            formatting.disabled.discard(self.format_type)
        else:
            formatting.disabled.add(self.format_type)

    @property
    def _functions(self) -> dict[Any, Any]:
        return formatting.registered.setdefault(self.format_type, {})

    @property
    def type_printers(self) -> dict[type, Any]:
        """The functions by class."""
        return {
            key: function
            for key, function in self._functions.items()
            if isinstance(key, type)
        }

    @property
    def deferred_printers(self) -> dict[tuple[str, str], Any]:
        """The functions by module and name of a class."""
        return {
            key: function
            for key, function in self._functions.items()
            if isinstance(key, tuple)
        }

    def _set(self, key: Key, function: Any) -> Any:
        before = self._functions.get(key)
        if function is not None:
            self._functions[key] = function
        return before

    def for_type(self, typ: Any, func: Any = None) -> Any:
        """Let `func(object)` make objects of a class, or of its dotted name;
        the function that did before."""
        if isinstance(typ, str):
            module, _, name = typ.rpartition(".")
            return self.for_type_by_name(module, name, func)
        by_name = (typ.__module__, typ.__name__)
        before = self._functions.pop(by_name, None) if func else None
        return self._set(typ, func) or before

    def for_type_by_name(
        self, type_module: str, type_name: str, func: Any = None
    ) -> Any:
        """The same for a class that may not be imported yet."""
        return self._set((type_module, type_name), func)

    def lookup_by_type(self, typ: Any) -> Any:
        """The function of a class or its nearest base, or KeyError."""
        for cls in typ.__mro__:
            for key in (cls, (cls.__module__, cls.__name__)):
                if key in self._functions:
                    return self._functions[key]
        raise KeyError(f"No registered printer for {typ!r}")

    def lookup(self, obj: Any) -> Any:
        """The function of an object, or KeyError."""
        return self.lookup_by_type(type(obj))

    def pop(self, typ: Any, default: Any = KeyError) -> Any:
        """Forget the function of a class; what it was."""
        keys: tuple[Any, ...]
        if isinstance(typ, str):
            module, _, name = typ.rpartition(".")
            keys = ((module, name),)
        else:
            keys = (typ, (typ.__module__, typ.__name__))
        for key in keys:
            if key in self._functions:
                return self._functions.pop(key)
        if default is KeyError:
            raise KeyError(f"No registered value for {typ!r}")
        return default

    def __contains__(self, typ: Any) -> bool:
        return typ in self._functions

    def __call__(self, obj: Any) -> Any:
        """The form of an object, or None."""
        bundle = formatting.format_value(obj, include=[self.format_type])
        return None if bundle is None else bundle[0].get(self.format_type)


class PlainTextFormatter(BaseFormatter):
    """text/plain: functions get the printer and whether this is a cycle."""

    max_width = pretty.WIDTH
    newline = "\n"

    def __init__(self) -> None:
        super().__init__("text/plain", "_repr_pretty_")
        self.pprint = True
        self.float_format = ""

    @property
    def _functions(self) -> dict[Any, Any]:
        return pretty.functions

    def _set(self, key: Key, function: Any) -> Any:
        if function is not None and isinstance(key, type):
            formatting.simple_types.discard(key)
        return super()._set(key, function)

    @property
    def max_seq_length(self) -> int:
        """Members of a container that are shown; 0 for all."""
        return pretty.length_limit

    @max_seq_length.setter
    def max_seq_length(self, value: int) -> None:
        pretty.length_limit = value

    def set_float_format(self, text: str) -> None:
        """Show numbers by a format such as `%.3f`; empty for their repr."""
        self.float_format = text
        numpy_float = ("numpy", "float64")
        if not text or text == "%r":
            pretty.functions.pop(float, None)
            pretty.functions.pop(numpy_float, None)
            return

        def print_float(value: float, p: Any, cycle: bool) -> None:
            p.text(text % value)

        self._set(float, print_float)
        self._set(numpy_float, print_float)


class _Formatters(dict[str, "Any"]):
    """Formatters by mime type; one that the program adds is used."""

    def __setitem__(self, mime_type: str, formatter: Any) -> None:
        formatter.format_type = mime_type
        if mime_type != "text/plain":  # that is what pretty.py prints
            formatting.methods[mime_type] = formatter.print_method
        super().__setitem__(mime_type, formatter)


class DisplayFormatter:
    """All formatters, by mime type."""

    def __init__(self) -> None:
        self.formatters = _Formatters({"text/plain": PlainTextFormatter()})
        for mime_type, name in formatting.methods.items():
            self.formatters[mime_type] = BaseFormatter(mime_type, name)
        self.mimebundle_formatter = BaseFormatter("", "_repr_mimebundle_")
        self.ipython_display_formatter = BaseFormatter("", "_ipython_display_")

    @property
    def format_types(self) -> list[str]:
        """The mime types."""
        return list(self.formatters)

    @property
    def active_types(self) -> list[str]:
        """Those that are made."""
        return [
            mime_type
            for mime_type, formatter in self.formatters.items()
            if formatter.enabled
        ]

    @active_types.setter
    def active_types(self, mime_types: list[str]) -> None:
        for mime_type, formatter in self.formatters.items():
            formatter.enabled = mime_type in mime_types

    def format(
        self, obj: Any, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """An object's mime bundle and its metadata."""
        return formatting.format_value(obj, include, exclude) or ({}, {})
