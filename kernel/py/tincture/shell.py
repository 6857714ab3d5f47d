"""get_ipython(): the object that notebooks know as IPython's shell.

It is made when something first asks for it.  The kernel itself works without
it; cells.py and entry.py look here only when this module is loaded.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

from tincture import cells, entry, formatting
from tincture.magic import MagicsManager, UsageError, expand, find_nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EVENTS = (
    "pre_execute",
    "pre_run_cell",
    "post_execute",
    "post_run_cell",
    "shell_initialized",
)

# What ast_node_interactivity may be.
INTERACTIVITIES = (
    "all",
    "last",
    "last_expr",
    "none",
    "last_expr_or_assign",
)


class EventManager:
    """Functions that are called before and after cells."""

    def __init__(self) -> None:
        self.callbacks: dict[str, list[Any]] = {name: [] for name in EVENTS}

    def _check(self, event: str) -> list[Any]:
        if event not in self.callbacks:
            names = ", ".join(EVENTS)
            raise KeyError(f"no event is called {event!r}; there are {names}")
        return self.callbacks[event]

    def register(self, event: str, function: Any) -> None:
        """Call `function` at each event of a name."""
        if not callable(function):
            raise TypeError(f"Need a callable, got {function!r}")
        callbacks = self._check(event)
        if function not in callbacks:
            callbacks.append(function)

    def unregister(self, event: str, function: Any) -> None:
        """Call it no more."""
        callbacks = self._check(event)
        if function not in callbacks:
            raise ValueError(
                f"Function {function!r} is not registered as a {event} "
                "callback"
            )
        callbacks.remove(function)

    def trigger(self, event: str, *args: Any) -> None:
        """Call all; one that raises is reported, and the others still run.
        A function that takes nothing is called with nothing."""
        for function in list(self._check(event)):
            try:
                function(*(args if _takes_arguments(function) else ()))
            except Exception as error:
                formatting.report(error)


def _takes_arguments(function: Any) -> bool:
    import inspect

    try:
        return bool(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return True


class ExecutionInfo:
    """What pre_run_cell's callbacks get."""

    def __init__(
        self,
        raw_cell: str,
        store_history: bool,
        silent: bool,
        cell_id: str | None = None,
    ) -> None:
        self.raw_cell = raw_cell
        self.transformed_cell = raw_cell
        self.store_history = store_history
        self.silent = silent
        self.shell_futures = True
        self.cell_id = cell_id


class ExecutionResult:
    """What post_run_cell's callbacks get, and run_cell returns."""

    def __init__(self, info: ExecutionInfo | None) -> None:
        self.info = info
        self.execution_count: int | None = None
        self.error_before_exec: BaseException | None = None
        self.error_in_exec: BaseException | None = None
        self.result: Any = None

    @property
    def success(self) -> bool:
        """False when it raised."""
        return self.error_before_exec is None and self.error_in_exec is None

    def raise_error(self) -> None:
        """Raise what it raised."""
        for error in (self.error_before_exec, self.error_in_exec):
            if error is not None:
                raise error


class _DisplayPublisher:
    """shell.display_pub."""

    is_publishing = False

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: Any = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **options: Any,
    ) -> None:
        """Show a mime bundle."""
        from tincture.display import publish_display_data

        publish_display_data(
            data, metadata, transient=transient, update=update
        )

    def clear_output(self, wait: bool = False) -> None:
        """Remove the cell's output."""
        from tincture.display import clear_output

        clear_output(wait)


class _ExtensionManager:
    """shell.extension_manager."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.loaded: set[str] = set()

    def load_extension(self, name: str) -> str | None:
        """Import a module and let it extend the shell; in words why not."""
        import importlib

        if name in self.loaded:
            return "already loaded"
        module = importlib.import_module(name)
        if not hasattr(module, "load_ipython_extension"):
            return "no load function"
        module.load_ipython_extension(self.shell)
        self.loaded.add(name)
        return None

    def unload_extension(self, name: str) -> str | None:
        """Let an extension undo what it did; in words why not."""
        if name not in self.loaded:
            return "not loaded"
        self.loaded.discard(name)
        module = sys.modules.get(name)
        if not hasattr(module, "unload_ipython_extension"):
            return "no unload function"
        module.unload_ipython_extension(self.shell)  # type: ignore[union-attr]
        return None

    def reload_extension(self, name: str) -> str | None:
        """The two after each other."""
        self.unload_extension(name)
        return self.load_extension(name)


class _ShellClass(type):
    """Notebooks set options on the class, too."""

    def __setattr__(cls, name: str, value: Any) -> None:
        if name == "ast_node_interactivity":
            _set_interactivity(value)
        else:
            super().__setattr__(name, value)


def _set_interactivity(value: str) -> None:
    if value not in INTERACTIVITIES:
        raise ValueError(
            f"ast_node_interactivity is one of {', '.join(INTERACTIVITIES)}, "
            f"not {value!r}"
        )
    cells.interactivity = value


class ZMQInteractiveShell(metaclass=_ShellClass):
    """The shell.  Programs that want to know whether they run in a notebook
    look at this name, so it is Jupyter's."""

    _instance: ZMQInteractiveShell | None = None

    # IPython's options that are kept, and change nothing here.
    autoindent = False
    automagic = False
    colors = "nocolor"
    xmode = "Context"
    separate_in = ""
    show_rewritten_input = True
    kernel = None
    parent = None
    banner1 = banner2 = ""

    def __init__(self) -> None:
        from tincture import formatters, settings

        self.user_module: ModuleType = sys.modules["__main__"]
        self.user_ns: dict[str, Any] = entry.history().namespace
        self.user_global_ns = self.user_ns
        self.user_ns_hidden = {
            name: value
            for name, value in self.user_ns.items()
            if name in _OWN_NAMES
        }
        self.events = EventManager()
        self.display_pub = _DisplayPublisher()
        self.display_formatter = formatters.DisplayFormatter()
        self.magics_manager = MagicsManager(self)
        self.extension_manager = _ExtensionManager(self)
        self.config = settings.Config()
        self.configurables: list[Any] = []
        self.input_transformers_cleanup: list[Any] = []
        self.input_transformers_post: list[Any] = []
        self.ast_transformers: list[Any] = []
        self.meta = SimpleNamespace()
        self._custom_errors: tuple[type[BaseException], ...] = ()
        self._custom_handler: Any = None

    @classmethod
    def instance(cls, *args: Any, **options: Any) -> ZMQInteractiveShell:
        """The one there is."""
        return get_ipython()

    @classmethod
    def initialized(cls) -> bool:
        """A kernel always has one."""
        return True

    @property
    def ast_node_interactivity(self) -> str:
        """Which values of a cell are shown."""
        return cells.interactivity

    @ast_node_interactivity.setter
    def ast_node_interactivity(self, value: str) -> None:
        _set_interactivity(value)

    @property
    def execution_count(self) -> int:
        """The number of the cell that runs."""
        return entry.cell.count

    @property
    def history_manager(self) -> Any:
        """Inputs and results, as far as programs look at them."""
        history = entry.history()
        return SimpleNamespace(
            input_hist_raw=history.inputs,
            input_hist_parsed=history.inputs,
            output_hist=history.outputs,
            session_number=0,
        )

    # Magics

    def register_magics(self, *classes: Any) -> None:
        """Add the magics of classes."""
        self.magics_manager.register(*classes)

    def register_magic_function(
        self, func: Any, magic_kind: str = "line", magic_name: Any = None
    ) -> None:
        """Make a function a magic."""
        self.magics_manager.register_function(func, magic_kind, magic_name)

    def find_magic(self, name: str, magic_kind: str = "line") -> Any:
        """The magic, or None."""
        return self.magics_manager.magics[magic_kind].get(name.lstrip("%"))

    find_line_magic = find_magic

    def find_cell_magic(self, name: str) -> Any:
        """The cell magic, or None."""
        return self.find_magic(name, "cell")

    def _require_magic(self, name: str, kind: str) -> Any:
        if name.startswith("%"):
            raise UsageError(
                f"`%{name}` is a cell magic, which stands on the first line "
                "of a cell."
            )
        function = self.find_magic(name, kind)
        if function is None:
            raise UsageError(self._describe_missing(name, kind))
        return function

    def _describe_missing(self, name: str, kind: str) -> str:
        sign, other = ("%", "cell") if kind == "line" else ("%%", "line")
        label = "Line magic function" if kind == "line" else "Cell magic"
        text = f"{label} `{sign}{name}` not found"
        if self.find_magic(name, other) is not None:
            other_sign = "%%" if kind == "line" else "%"
            return (
                f"{text} (But {other} magic `{other_sign}{name}` exists, "
                "did you mean that instead?)."
            )
        from tincture.magics_other import describe_foreign

        foreign = describe_foreign(name)
        if foreign is not None:
            return f"{text}. {foreign}"
        nearest = find_nearest(name, list(self.magics_manager.magics[kind]))
        hint = "" if nearest is None else f" Did you mean `{sign}{nearest}`?"
        return f"{text}.{hint}"

    def _options_for(self, function: Any, depth: int) -> dict[str, Any]:
        if not getattr(function, "needs_local_scope", False):
            return {}
        frame = sys._getframe(depth + 1)
        return {"local_ns": frame.f_locals}

    def _expand_for(self, function: Any, line: str) -> str:
        if getattr(function, "_ipython_magic_no_var_expand", False):
            return line
        return expand(line, self.user_ns)

    def run_line_magic(
        self, magic_name: str, line: str, _stack_depth: int = 1
    ) -> Any:
        """Run `%magic_name line`."""
        function = self._require_magic(magic_name, "line")
        options = self._options_for(function, _stack_depth)
        return function(self._expand_for(function, line), **options)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run `%%magic_name line` with the lines below it."""
        function = self._require_magic(magic_name, "cell")
        options = self._options_for(function, 1)
        return function(self._expand_for(function, line), cell, **options)

    def magic(self, arg_s: str) -> Any:
        """Run a line magic from the text of its line."""
        name, _, line = arg_s.lstrip("%").partition(" ")
        return self.run_line_magic(name, line.lstrip(), _stack_depth=2)

    # Code

    def run_cell(
        self,
        raw_cell: str,
        store_history: bool = False,
        silent: bool = False,
        shell_futures: bool = True,
        cell_id: str | None = None,
    ) -> ExecutionResult:
        """Run code as a cell inside this one; an error is shown, not
        raised."""
        result = ExecutionResult(
            ExecutionInfo(raw_cell, store_history, silent, cell_id)
        )
        result.execution_count = self.execution_count
        try:
            compiled = cells.compile_body(raw_cell, "run_cell")
        except Exception as error:
            result.error_before_exec = error
            formatting.report(error)
            return result
        try:
            result.result = self.run_compiled(*compiled)
            if result.result is not None and not silent:
                entry.show_value(result.result)
        except Exception as error:
            result.error_in_exec = error
            formatting.report(error)
        entry.after_turn()
        return result

    def run_compiled(
        self,
        body: Any,
        last: Any,
        is_shown: bool,
        local_ns: dict[str, Any] | None = None,
    ) -> Any:
        """Run what cells.compile_body made; the value that is to be shown."""
        names = self.user_ns if local_ns is None else local_ns
        if body is not None:
            entry.run_code(body, self.user_ns, names)
        if last is None:
            return None
        value = entry.run_code(last, self.user_ns, names)
        return value if is_shown else None

    def run_code(self, code_obj: Any, **options: Any) -> None:
        """Run a code object in the notebook's names."""
        entry.run_code(code_obj, self.user_ns, self.user_ns)

    def ex(self, cmd: str) -> None:
        """Run a statement."""
        exec(cmd, self.user_global_ns, self.user_ns)  # noqa: S102

    def ev(self, expr: str) -> Any:
        """The value of an expression."""
        return eval(expr, self.user_global_ns, self.user_ns)  # noqa: S307

    def transform_cell(self, raw_cell: str) -> str:
        """The cell in Python."""
        from tincture import transform

        return transform.transform(raw_cell).source

    def var_expand(self, cmd: str, **options: Any) -> str:
        """The text with `{expression}` and `$name` replaced."""
        return expand(cmd, self.user_ns)

    def push(self, variables: Any, interactive: bool = True) -> None:
        """Give the notebook names: a dictionary, or names of the caller."""
        if isinstance(variables, dict):
            self.user_ns.update(variables)
            return
        if isinstance(variables, str):
            variables = variables.split()
        frame = sys._getframe(1)
        for name in variables:
            scope = frame.f_locals if name in frame.f_locals else frame.f_globals
            self.user_ns[name] = scope[name]

    def drop_by_id(self, variables: dict[str, Any]) -> None:
        """Take names away again that still are what was pushed."""
        for name, value in variables.items():
            if name in self.user_ns and self.user_ns[name] is value:
                del self.user_ns[name]

    def del_var(self, varname: str, by_name: bool = False) -> None:
        """Take a name away, and what results remember of its object."""
        value = self.user_ns.pop(varname)
        if not by_name:
            for name in [
                key for key, other in self.user_ns.items() if other is value
            ]:
                del self.user_ns[name]

    def reset(self, new_session: bool = True, **options: Any) -> None:
        """Forget all names of the notebook."""
        for name in self.user_names():
            del self.user_ns[name]

    def user_names(self) -> list[str]:
        """The names that the notebook itself made."""
        return [
            name
            for name in self.user_ns
            if not name.startswith("_") and name not in self.user_ns_hidden
        ]

    # Processes, of which there are none

    def system(self, cmd: str) -> None:
        """`!command`: done here where it is one of a few simple ones."""
        from tincture import commands

        status = commands.run(self, self.var_expand(cmd))
        self.user_ns["_exit_code"] = status

    system_raw = system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """`name = !command`: its lines, of the few there are."""
        from tincture import commands

        text = commands.capture(self, self.var_expand(cmd))
        return text.splitlines() if split else text

    # What is shown

    def showtraceback(
        self,
        exc_tuple: Any = None,
        filename: Any = None,
        tb_offset: Any = None,
        exception_only: bool = False,
        running_compiled_code: bool = False,
    ) -> None:
        """Show the exception that is being handled."""
        error = exc_tuple[1] if exc_tuple else sys.exception()
        if error is None:
            error = getattr(sys, "last_exc", None)
        if error is None:
            print("No traceback has been produced, nothing to show.")
            return
        if self._custom_handler and isinstance(error, self._custom_errors):
            self._custom_handler(
                self, type(error), error, error.__traceback__, tb_offset
            )
            return
        formatting.report(error)

    showsyntaxerror = showtraceback

    def set_custom_exc(self, exc_tuple: Any, handler: Any) -> None:
        """Let `handler` show exceptions of these classes in
        showtraceback()."""
        self._custom_errors = tuple(exc_tuple)
        self._custom_handler = handler

    def show_usage(self) -> None:
        """What `?` alone says."""
        from tincture.magics_names import USAGE

        print(USAGE)

    def set_next_input(self, text: str, replace: bool = False) -> None:
        """A cell cannot be made from here, so the text is printed."""
        note = "# This could be the next cell; cells are made by hand here."
        print(note, text, sep="\n")

    def object_inspect_text(self, oname: str, detail_level: int = 0) -> str:
        """What `oname?` shows."""
        from tincture import inspection

        reply = inspection.inspect_code(
            oname, len(oname), detail_level, self.user_ns
        )
        if not reply["found"]:
            raise KeyError(f"Object `{oname}` not found.")
        return reply["data"]["text/plain"]

    def ask_yes_no(
        self, prompt: str, default: str | None = None, interrupt: Any = None
    ) -> bool:
        """Ask the reader."""
        while True:
            answer = input(prompt).strip().lower() or (default or "")
            if answer[:1] in ("y", "n"):
                return answer.startswith("y")

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        """`%matplotlib gui`."""
        from matplotlib_inline import selection

        return selection.enable(gui)

    def enable_pylab(self, gui: Any = None, import_all: bool = True) -> Any:
        """`%pylab gui`."""
        return self.run_line_magic("pylab", gui or "")

    def enable_gui(self, gui: Any = None) -> None:
        """A page needs no other event loop."""

    def set_hook(self, *args: Any, **options: Any) -> None:
        """There are no editors and pagers to be replaced."""

    def write_payload(self, payload: Any, single: bool = True) -> None:
        """Replies have no payload."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"Tincture's get_ipython() has no {name!r}; it is a small "
            "stand-in for IPython's"
        )


# Names of the kernel's in the notebook's namespace.
_OWN_NAMES = {"In", "Out", "exit", "quit", "get_ipython"}

_shell: ZMQInteractiveShell | None = None


def get_ipython() -> ZMQInteractiveShell:
    """The shell, made when it is first asked for."""
    global _shell
    if _shell is None:
        from tincture import (
            magics_files,
            magics_names,
            magics_other,
            magics_run,
        )

        shell = ZMQInteractiveShell()
        for module in (magics_files, magics_names, magics_other, magics_run):
            shell.register_magics(*module.CLASSES)
        _shell = shell
    return _shell


def transform_source(source: str) -> str:
    """What the program's own functions make of a cell."""
    if _shell is None:
        return source
    functions = (
        *_shell.input_transformers_cleanup,
        *_shell.input_transformers_post,
    )
    if not functions:
        return source
    lines = source.splitlines(keepends=True)
    for function in functions:
        lines = function(lines)
    return "".join(lines)


def transform_tree(tree: Any) -> Any:
    """The same with its tree."""
    if _shell is None or not _shell.ast_transformers:
        return tree
    import ast

    for transformer in list(_shell.ast_transformers):
        tree = transformer.visit(tree)
    return ast.fix_missing_locations(tree)


def before_cell(source: str, is_stored: bool) -> None:
    """A cell begins."""
    if _shell is None:
        return
    _shell.events.trigger("pre_execute")
    info = ExecutionInfo(source, is_stored, not is_stored)
    _shell.events.trigger("pre_run_cell", info)


def after_cell(cell: Any) -> None:
    """It has ended."""
    if _shell is None:
        return
    _shell.events.trigger("post_execute")
    if not _shell.events.callbacks["post_run_cell"]:
        return
    result = ExecutionResult(ExecutionInfo(cell.source, cell.is_stored, False))
    result.execution_count = cell.count
    result.error_in_exec = cell.error
    result.result = cell.value
    _shell.events.trigger("post_run_cell", result)
