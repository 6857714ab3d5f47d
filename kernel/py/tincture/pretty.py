"""text/plain of containers, classes and functions, laid out as IPython does.

Lines are at most 79 columns where the value allows it.  A printer for a
class is `function(object, printer, cycle)`; so is a class's own method
`_repr_pretty_(printer, cycle)`.  The layout is Oppen's: text is held back
while it may still fit on the line, and when it does not, the outermost group
that has somewhere to break is broken at all of its places.
"""

from __future__ import annotations

import types
from collections import deque
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Function = Callable[[Any, "Printer", bool], Any]

WIDTH = 79

# Members of a container that are shown; 0 for all.
length_limit = 1000


class _Group:
    """What is broken at all of its places or at none."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.break_count = 0  # places still held back
        self.is_broken = False


class _Break:
    """A place that is a separator or a new line."""

    def __init__(self, separator: str, indent: int, group: _Group) -> None:
        self.separator = separator
        self.indent = indent
        self.group = group


class Printer:
    """What `_repr_pretty_` gets as `p`."""

    def __init__(self, width: int = WIDTH, verbose: bool = False) -> None:
        self.max_width = width
        self.max_seq_length = length_limit
        self.verbose = verbose
        self.stack: list[int] = []  # ids of what is being printed
        self.indentation = 0
        self._out: list[str] = []
        self._column = 0
        self._held: deque[str | _Break] = deque()
        self._held_width = 0
        self._groups = [_Group(0)]
        # Groups with places that are held back, by depth.
        self._waiting: list[list[_Group]] = [[self._groups[0]]]

    def getvalue(self) -> str:
        """All that was printed."""
        self.flush()
        return "".join(self._out)

    def text(self, text: str) -> None:
        """Add text that is never broken."""
        if self._held:
            self._held.append(text)
            self._held_width += len(text)
            self._fit()
        else:
            self._out.append(text)
            self._column += len(text)

    def breakable(self, sep: str = " ") -> None:
        """Add a separator, or a new line where the group is broken."""
        group = self._groups[-1]
        if group.is_broken:
            self.flush()
            self._new_line(self.indentation)
            return
        self._held.append(_Break(sep, self.indentation, group))
        group.break_count += 1
        self._held_width += len(sep)
        self._fit()

    def break_(self) -> None:
        """Add a new line, for which the outermost group is broken too."""
        group = self._next_group()
        if group is not None:
            self._break(group)
        self.flush()
        self._new_line(self.indentation)

    def flush(self) -> None:
        """Let go of what is held back, as it stands."""
        while self._held:
            self._release()

    def begin_group(self, indent: int = 0, open: str = "") -> None:
        """What follows, to end_group, breaks together."""
        if open:
            self.text(open)
        group = _Group(self._groups[-1].depth + 1)
        self._groups.append(group)
        while len(self._waiting) <= group.depth:
            self._waiting.append([])
        self._waiting[group.depth].append(group)
        self.indentation += indent

    def end_group(self, dedent: int = 0, close: str = "") -> None:
        """The innermost group ends."""
        self.indentation -= dedent
        group = self._groups.pop()
        if group.break_count == 0 and group in self._waiting[group.depth]:
            self._waiting[group.depth].remove(group)
        if close:
            self.text(close)

    @contextmanager
    def group(
        self, indent: int = 0, open: str = "", close: str = ""
    ) -> Iterator[None]:
        """begin_group and end_group around a block."""
        self.begin_group(indent, open)
        try:
            yield
        finally:
            self.end_group(indent, close)

    @contextmanager
    def indent(self, indent: int) -> Iterator[None]:
        """Lines that begin in the block are indented by this much more."""
        self.indentation += indent
        try:
            yield
        finally:
            self.indentation -= indent

    def pretty(self, value: Any) -> None:
        """Print an object."""
        is_cycle = id(value) in self.stack
        self.stack.append(id(value))
        self.begin_group()
        try:
            _find_function(value)(value, self, is_cycle)
        finally:
            self.end_group()
            self.stack.pop()

    def items(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values with a comma and a place to break between them, and
        dots for those beyond the limit."""
        for i, value in enumerate(values):
            if i:
                self.text(",")
                self.breakable()
            if self.max_seq_length and i >= self.max_seq_length:
                self.text("...")
                return
            yield value

    def _new_line(self, indent: int) -> None:
        self._out.append("\n" + " " * indent)
        self._column = indent

    def _release(self) -> None:
        """Print the oldest of what is held back."""
        item = self._held.popleft()
        if isinstance(item, str):
            self._out.append(item)
            self._column += len(item)
            self._held_width -= len(item)
            return
        item.group.break_count -= 1
        self._held_width -= len(item.separator)
        if item.group.is_broken:
            self._new_line(item.indent)
        else:
            self._out.append(item.separator)
            self._column += len(item.separator)

    def _next_group(self) -> _Group | None:
        """The outermost group that can be broken."""
        for groups in self._waiting:
            for i, group in reversed(list(enumerate(groups))):
                if group.break_count:
                    del groups[i]
                    return group
            for group in groups:
                group.is_broken = True
            groups.clear()
        return None

    def _fit(self) -> None:
        while self._column + self._held_width > self.max_width:
            group = self._next_group()
            if group is None:
                return
            self._break(group)

    def _break(self, group: _Group) -> None:
        """Print what is held back to the end of a group, on lines."""
        group.is_broken = True
        while group.break_count:
            self._release()
        while self._held and isinstance(self._held[0], str):
            self._release()


# Printers of the classes that need one


def _print_repr(value: Any, p: Printer, cycle: bool) -> None:
    lines = repr(value).splitlines()
    with p.group():
        for i, line in enumerate(lines):
            if i:
                p.break_()
            p.text(line)


def _print_sequence(value: Any, p: Printer, cycle: bool) -> None:
    base = list if isinstance(value, list) else tuple
    start, end = "[]" if base is list else "()"
    if cycle:
        p.text(f"{start}...{end}")
        return
    with p.group(1, start, end):
        for item in p.items(value):
            p.pretty(item)
        if base is tuple and len(value) == 1:
            p.text(",")


def _sorted(items: Iterable[Any]) -> list[Any]:
    try:
        return sorted(items)
    except Exception:
        pass
    try:
        return sorted(items, key=str)
    except Exception:
        return list(items)


def _print_set(value: Any, p: Printer, cycle: bool) -> None:
    base = frozenset if isinstance(value, frozenset) else set
    start, end = ("{", "}") if base is set else ("frozenset({", "})")
    if cycle:
        p.text(f"{start}...{end}")
    elif len(value) == 0:
        p.text(f"{type(value).__name__}()")
    else:
        is_long = p.max_seq_length and len(value) >= p.max_seq_length
        with p.group(len(start), start, end):
            for item in p.items(value if is_long else _sorted(value)):
                p.pretty(item)


def _make_mapping_printer(start: str, end: str) -> Function:
    def print_mapping(value: Any, p: Printer, cycle: bool) -> None:
        if cycle:
            p.text("{...}")
            return
        with p.group(len(start), start, end):
            for key in p.items(value.keys()):
                p.pretty(key)
                p.text(": ")
                p.pretty(value[key])

    return print_mapping


def _print_call(
    p: Printer, name: str, *args: Any, **options: Any
) -> None:
    """`name(arg, option=...)`; an argument that is a function prints itself."""
    start = f"{name}("
    with p.group(len(start), start, ")"):
        is_first = True
        for key, value in (*((None, arg) for arg in args), *options.items()):
            if not is_first:
                p.text(",")
                p.breakable()
            is_first = False
            if key is None:
                p.pretty(value)
                continue
            with p.group(len(key) + 1, f"{key}="):
                p.pretty(value)


class _Raw:
    """Text that stands for itself."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_pretty_(self, p: Printer, cycle: bool) -> None:
        p.text(self.text)


_DOTS = _Raw("...")


def _print_defaultdict(value: Any, p: Printer, cycle: bool) -> None:
    inside = _DOTS if cycle else dict(value)
    _print_call(p, type(value).__name__, value.default_factory, inside)


def _print_ordered_dict(value: Any, p: Printer, cycle: bool) -> None:
    items: Any = [_DOTS] if cycle else [list(value.items())]
    _print_call(p, type(value).__name__, *(items if value else ()))


def _print_deque(value: Any, p: Printer, cycle: bool) -> None:
    options = {} if value.maxlen is None else {"maxlen": value.maxlen}
    inside = _DOTS if cycle else list(value)
    _print_call(p, type(value).__name__, inside, **options)


def _print_counter(value: Any, p: Printer, cycle: bool) -> None:
    items = [_DOTS] if cycle else [dict(value.most_common())]
    _print_call(p, type(value).__name__, *(items if value else ()))


def _print_user_list(value: Any, p: Printer, cycle: bool) -> None:
    _print_call(p, type(value).__name__, _DOTS if cycle else value.data)


def _print_namespace(value: Any, p: Printer, cycle: bool) -> None:
    if cycle:
        _print_call(p, "namespace", _DOTS)
    else:
        _print_call(p, "namespace", **vars(value))


def _print_exception(value: Any, p: Printer, cycle: bool) -> None:
    cls = type(value)
    name = getattr(cls, "__qualname__", cls.__name__)
    if cls.__module__ not in ("exceptions", "builtins"):
        name = f"{cls.__module__}.{name}"
    args = (_DOTS,) if cycle else getattr(value, "args", ())
    _print_call(p, name, *args)


def _print_pattern(value: Any, p: Printer, cycle: bool) -> None:
    import re

    flags = [
        f"re.{flag.name}" for flag in re.RegexFlag if value.flags & flag
    ]
    pattern = "r" + repr(value.pattern).replace("\\\\", "\\")
    args = [_Raw(pattern), *([_Raw("|".join(flags))] if flags else [])]
    _print_call(p, "re.compile", *args)


def _print_super(value: Any, p: Printer, cycle: bool) -> None:
    with p.group(8, "<super: ", ">"):
        p.pretty(value.__thisclass__)
        p.text(",")
        p.breakable()
        p.pretty(value.__self__)


def _print_class(value: type, p: Printer, cycle: bool) -> None:
    """`module.Name`, unless the metaclass has a repr of its own."""
    for cls in type(value).__mro__:
        if "__repr__" in vars(cls):
            if cls is not type:
                _print_repr(value, p, cycle)
                return
            break
    module, name = value.__module__, value.__qualname__
    if module in (None, "builtins", "exceptions"):
        p.text(name)
    else:
        p.text(f"{module}.{name}")


def _print_function(value: Any, p: Printer, cycle: bool) -> None:
    name = getattr(value, "__qualname__", value.__name__)
    module = value.__module__
    if module and module not in ("builtins", "exceptions"):
        name = f"{module}.{name}"
    try:
        import inspect

        name += str(inspect.signature(value))
    except ValueError:
        pass
    p.text(f"<function {name}>")


def _print_default(value: Any, p: Printer, cycle: bool) -> None:
    """An object whose class says nothing: `<module.Name at 0x...>`."""
    if type(value).__repr__ is not object.__repr__:
        _print_repr(value, p, cycle)
        return
    p.begin_group(1, "<")
    p.pretty(type(value))
    p.text(f" at 0x{id(value):x}")
    p.end_group(1, ">")


# By class, or by module and name where that need not be imported.
functions: dict[type | tuple[str, str], Function] = {
    tuple: _print_sequence,
    list: _print_sequence,
    dict: _make_mapping_printer("{", "}"),
    set: _print_set,
    frozenset: _print_set,
    super: _print_super,
    type: _print_class,
    types.FunctionType: _print_function,
    types.BuiltinFunctionType: _print_function,
    types.SimpleNamespace: _print_namespace,
    types.MappingProxyType: _make_mapping_printer("mappingproxy({", "})"),
    BaseException: _print_exception,
    ("collections", "defaultdict"): _print_defaultdict,
    ("collections", "OrderedDict"): _print_ordered_dict,
    ("collections", "deque"): _print_deque,
    ("collections", "Counter"): _print_counter,
    ("collections", "UserList"): _print_user_list,
    ("os", "_Environ"): _make_mapping_printer("environ{", "}"),
    ("re", "Pattern"): _print_pattern,
}


def _find_function(value: Any) -> Function:
    """The printer of the nearest class that has one."""
    cls = getattr(value, "__class__", None) or type(value)
    for base in getattr(cls, "__mro__", None) or type(value).__mro__:
        for key in (base, (getattr(base, "__module__", ""), base.__name__)):
            if key in functions:
                return functions[key]
        members = vars(base)
        if callable(members.get("_repr_pretty_")):
            return lambda value, p, cycle: value._repr_pretty_(p, cycle)
        if base is not object and callable(members.get("__repr__")):
            return _print_repr
    return _print_default


def for_type(cls: Any, function: Function | None) -> Function | None:
    """Set the printer of a class; the one it had.  None changes nothing."""
    before = functions.get(cls)
    if function is not None:
        functions[cls] = function
    return before


def for_type_by_name(
    module: str, name: str, function: Function | None
) -> Function | None:
    """The same for a class that may not be imported yet."""
    return for_type((module, name), function)


def pretty(
    value: Any,
    verbose: bool = False,
    max_width: int = WIDTH,
    newline: str = "\n",
    max_seq_length: int | None = None,
) -> str:
    """The text of an object."""
    printer = Printer(max_width, verbose)
    if max_seq_length is not None:
        printer.max_seq_length = max_seq_length
    printer.pretty(value)
    text = printer.getvalue()
    return text if newline == "\n" else text.replace("\n", newline)


def pprint(value: Any, **options: Any) -> None:
    """Print the text of an object."""
    print(pretty(value, **options))
