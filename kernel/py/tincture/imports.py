"""What the kernel adds to modules when a program imports them.

Importing asyncio at every start would cost more than all the rest of the
kernel, so its event loop is put in place right after the first import; so
are the backends of matplotlib and what else is listed here.

The kernel has a small `IPython` of its own.  A real one on sys.path wins,
whole: then its display functions are the kernel's.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


def _finish_asyncio(module: ModuleType) -> None:
    from tincture import event_loop

    event_loop.install()


def _finish_getpass(module: ModuleType) -> None:
    from tincture import waiting

    waiting.install_getpass(module)


def _finish_socket(module: ModuleType) -> None:
    if sys.platform == "emscripten":
        from tincture import sockets

        sockets.install(module)


def _finish_http(module: ModuleType) -> None:
    if sys.platform == "emscripten":
        from tincture import http_modules

        {
            "http.client": http_modules.install,
            "urllib3.connection": http_modules.install_urllib3,
            "urllib3.contrib.emscripten": http_modules.install_urllib3_own,
        }[module.__name__](module)


def _finish_registry(module: ModuleType) -> None:
    """Let matplotlib.use() know a page's backends, without a search through
    all metadata, and not by another package's claim."""
    from matplotlib_inline import selection

    registry = module.backend_registry
    read = registry._read_entry_points

    def store_own() -> None:
        for name, backend in selection.NAMES.items():
            if name:
                registry._name_to_module[name] = backend
                if name not in registry._BUILTIN_BACKEND_TO_GUI_FRAMEWORK:
                    registry._backend_to_gui_framework[name] = "headless"

    def read_others() -> list[tuple[str, str]]:
        store_own()  # once more, because the registry can be emptied
        return [one for one in read() if one[0] not in selection.NAMES]

    store_own()
    registry._read_entry_points = read_others


def _finish_pyplot(module: ModuleType) -> None:
    """Redraw figures when a cell has ended, as in IPython, and not at every
    call, which is what pyplot does where it does not see IPython."""
    from tincture import cells

    hooks = module._ReplDisplayHook

    def install() -> None:
        module._REPL_DISPLAYHOOK = hooks.IPYTHON  # type: ignore[attr-defined]
        if module._draw_all_if_interactive not in cells.after_turn:
            cells.after_turn.append(module._draw_all_if_interactive)

    def uninstall() -> None:
        module._REPL_DISPLAYHOOK = hooks.NONE  # type: ignore[attr-defined]
        if module._draw_all_if_interactive in cells.after_turn:
            cells.after_turn.remove(module._draw_all_if_interactive)

    module.install_repl_displayhook = install  # type: ignore[attr-defined]
    module.uninstall_repl_displayhook = uninstall  # type: ignore[attr-defined]
    install()
    if "matplotlib_inline.selection" in sys.modules:
        sys.modules["matplotlib_inline.selection"].finish_pyplot()


def _finish_pool(module: ModuleType) -> None:
    if sys.platform == "emscripten":
        from tincture import thread_pools

        thread_pools.install(module)


def _finish_process(module: ModuleType) -> None:
    from tincture import processes

    processes.finish_multiprocessing(module)


def _finish_tqdm_notebook(module: ModuleType) -> None:
    """Without widgets, a bar of text."""
    if getattr(module, "IProgress", None) is None:
        from tqdm import std

        for name in ("tqdm", "tqdm_notebook"):
            setattr(module, name, std.tqdm)
        for name in ("trange", "tnrange"):
            setattr(module, name, std.trange)


def _finish_real_display(module: ModuleType) -> None:
    own = sys.modules["tincture.display"]
    for name in (
        "DisplayHandle",
        "clear_output",
        "display",
        "publish_display_data",
        "update_display",
    ):
        setattr(module, name, getattr(own, name))


def _finish_real_shell(module: ModuleType) -> None:
    from tincture import entry

    module.get_ipython = entry.get_ipython  # type: ignore[attr-defined]


def _finish_real_capture(module: ModuleType) -> None:
    from tincture import capture

    module.capture_output = capture.capture_output  # type: ignore[attr-defined]


def _finish_real_class(module: ModuleType) -> None:
    """`InteractiveShell.instance()` is the kernel's."""
    from tincture import entry

    cls: Any = module.InteractiveShell
    cls.initialized = classmethod(lambda cls: True)
    cls.instance = classmethod(lambda cls, *args, **options: entry.get_ipython())


_FINISH: dict[str, Callable[[ModuleType], None]] = {
    "asyncio": _finish_asyncio,
    "getpass": _finish_getpass,
    "http.client": _finish_http,
    "matplotlib.backends.registry": _finish_registry,
    "matplotlib.pyplot": _finish_pyplot,
    "multiprocessing.pool": _finish_pool,
    "multiprocessing.process": _finish_process,
    "socket": _finish_socket,
    "tqdm.notebook": _finish_tqdm_notebook,
    "urllib3.connection": _finish_http,
    "urllib3.contrib.emscripten": _finish_http,
}

# For the real IPython.
_FINISH_REAL: dict[str, Callable[[ModuleType], None]] = {
    "IPython.core.display_functions": _finish_real_display,
    "IPython.core.getipython": _finish_real_shell,
    "IPython.core.interactiveshell": _finish_real_class,
    "IPython.utils.capture": _finish_real_capture,
}


class Finder:
    """Stands first on sys.meta_path and finds nothing by itself."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec another finder has, with the kernel's part added."""
        if name == "IPython" or name.startswith("IPython."):
            return _find_real_ipython(name, path)
        if name not in _FINISH:
            return None
        for finder in sys.meta_path:
            if finder is not cls:
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    _add_to_loader(spec.loader, _FINISH[name])
                    return spec
        return None


def is_stand_in() -> bool:
    """Whether the IPython that was imported is the kernel's own."""
    module = sys.modules.get("IPython")
    return getattr(module, "__spec__", None) is None or (
        module.__spec__.origin == "frozen"  # type: ignore[union-attr]
    )


def _find_real_ipython(
    name: str, path: Sequence[str] | None
) -> ModuleSpec | None:
    """The spec of a module of a real IPython, if there is one."""
    from _frozen_importlib_external import PathFinder

    spec = PathFinder.find_spec(name, path)
    if spec is not None and name in _FINISH_REAL:
        _add_to_loader(spec.loader, _FINISH_REAL[name])
    if spec is None and name != "IPython" and not is_stand_in():
        # Nothing of the stand-in in a real one.
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return spec


def _add_to_loader(
    loader: Any, finish: Callable[[ModuleType], None]
) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        del loader.exec_module
        execute(module)
        finish(module)

    loader.exec_module = exec_module


def install() -> None:
    """Add the finder; modules imported already are finished now."""
    sys.meta_path.insert(0, Finder)
    for name, finish in _FINISH.items():
        if name in sys.modules:
            finish(sys.modules[name])
