"""What %config sets: a few classes of options, as IPython's.

An option is an attribute with an annotation.  Classes whose options mean
nothing here (of completion, history ...) take any and keep it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any



class Config(dict):  # type: ignore[type-arg]
    """get_ipython().config: nested dictionaries with attributes."""

    def __getattr__(self, name: str) -> Any:
        # Classes of options have names like this; others are no options.
        if not name[:1].isupper():
            raise AttributeError(name)
        return self.setdefault(name, Config())

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class Settings:
    """A class of options; there is one object of it."""

    _instance: Any = None

    @classmethod
    def instance(cls, *args: Any, **options: Any) -> Any:
        """The object."""
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    @classmethod
    def class_trait_names(cls) -> list[str]:
        """The options there are."""
        return sorted(
            name for name in cls.__annotations__ if not name.startswith("_")
        )


class InteractiveShell(Settings):
    """The options of the shell that mean something here."""

    ast_node_interactivity: str

    def __getattr__(self, name: str) -> Any:
        from tincture.shell import get_ipython

        return getattr(get_ipython(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        from tincture.shell import get_ipython

        setattr(get_ipython(), name, value)


class _Kept(Settings):
    """Options that mean nothing here."""


_KEPT = (
    "Application",
    "Completer",
    "HistoryManager",
    "IPCompleter",
    "IPKernelApp",
    "IPythonKernel",
    "LoggingMagics",
    "PlainTextFormatter",
    "ScriptMagics",
    "StoreMagics",
    "Widgets",
)


def find(name: str) -> Any:
    """The object of a class of options, or None."""
    if name == "InlineBackend":
        from matplotlib_inline.config import InlineBackend

        return InlineBackend.instance()
    if name in ("InteractiveShell", "ZMQInteractiveShell"):
        return InteractiveShell.instance()
    if name in _KEPT:
        return _Kept.instance()
    return None


def list_names() -> list[str]:
    """The classes whose options mean something."""
    return ["InlineBackend", "InteractiveShell"]
