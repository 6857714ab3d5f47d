"""The other magics: matplotlib, packages, settings, cells in other languages,
and those that a page has no use for, which say so."""

from __future__ import annotations

from tincture import commands, display_objects, settings
from tincture.display import display
from tincture.magic import (
    KINDS,
    Magics,
    UsageError,
    cell_magic,
    line_magic,
    magics_class,
    no_var_expand,
    split_options,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@magics_class
class MatplotlibMagics(Magics):
    """How figures are shown."""

    @line_magic
    def matplotlib(self, line: str = "") -> None:
        """Choose how figures are shown: `%matplotlib inline` as pictures,
        `%matplotlib` or `%matplotlib widget` as figures that can be moved
        and zoomed; `%matplotlib --list` lists all."""
        from matplotlib_inline import selection

        options, name = split_options(line.rstrip("; "), "l", ("list",))
        if options:
            names = selection.list_names()
            print(f"Available matplotlib backends: {names}")
            return
        shown, _ = selection.enable(name)
        if not name:
            print(f"Using matplotlib backend: {shown}")

    @line_magic
    def pylab(self, line: str = "") -> None:
        """Import numpy's and pyplot's names, as `%pylab [--no-import-all]
        [BACKEND]` once was the way to do; `import` says more clearly what
        is used."""
        from matplotlib_inline import selection

        options, name = split_options(line, "", ("no-import-all",))
        shown, _ = selection.enable(name or "inline")
        print(f"Using matplotlib backend: {shown}")
        print(
            "%pylab is deprecated, use %matplotlib inline and import the "
            "required libraries."
        )
        print("Populating the interactive namespace from numpy and matplotlib")
        self.shell.ex(
            "import numpy\nimport matplotlib\n"
            "from matplotlib import pylab, mlab, pyplot\n"
            "np = numpy\nplt = pyplot"
        )
        if "no-import-all" not in options:
            self.shell.ex(
                "from matplotlib.pylab import *\nfrom numpy import *"
            )


@magics_class
class PackageMagics(Magics):
    """Packages and extensions."""

    @line_magic
    def pip(self, line: str = "") -> None:
        """Say what is here and how a package comes into a report; nothing
        is installed while it is read."""
        commands.answer_installer(line)

    aliases = {name: "pip" for name in commands.INSTALLERS}

    @line_magic
    def load_ext(self, line: str = "") -> None:
        """Load an extension of IPython, if it is here; else only say so."""
        for name in line.split():
            self._load(name)

    def _load(self, name: str) -> None:
        if name in _OTHER_EXTENSIONS:
            print(f"The extension {name} is ignored: {_OTHER_EXTENSIONS[name]}")
            return
        try:
            problem = self.shell.extension_manager.load_extension(name)
        except ModuleNotFoundError as error:
            if error.name != name.partition(".")[0]:
                raise
            print(f"The extension {name} is not here, and is ignored.")
            return
        if problem == "already loaded":
            print(
                f"The {name} extension is already loaded. To reload it, use:"
                f"\n  %reload_ext {name}"
            )
        elif problem == "no load function":
            print(f"The {name} module is not an IPython extension.")

    @line_magic
    def unload_ext(self, line: str = "") -> None:
        """Let an extension undo what it did."""
        for name in line.split():
            problem = self.shell.extension_manager.unload_extension(name)
            if problem:
                print(f"The {name} extension cannot be unloaded: {problem}.")

    @line_magic
    def reload_ext(self, line: str = "") -> None:
        """Load an extension again."""
        for name in line.split():
            self.shell.extension_manager.unload_extension(name)
            self._load(name)

    @line_magic
    def autoreload(self, line: str = "") -> None:
        """Ignored: the modules of a report do not change behind it."""


_OTHER_EXTENSIONS = {
    "autoreload": "the modules of a report do not change behind it.",
    "tensorboard": "it needs a server.",
    "google.colab.data_table": "it belongs to another service.",
    "jupyter_black": "it formats code in another editor.",
    "nb_black": "it formats code in another editor.",
    "lab_black": "it formats code in another editor.",
}


@magics_class
class SettingsMagics(Magics):
    """Options."""

    @no_var_expand
    @line_magic
    def config(self, line: str = "") -> Any:
        """Set an option: `%config InlineBackend.figure_format = "svg"`.
        `%config` lists the classes, `%config CLASS` its options, `%config
        CLASS.OPTION` shows one."""
        place, sign, value = line.strip().partition("=")
        place = place.strip()
        if not place:
            print("Available objects for config:")
            for name in settings.list_names():
                print(f"    {name}")
            return None
        class_name, _, option = place.partition(".")
        target = settings.find(class_name)
        if target is None:
            raise UsageError(
                f"Invalid config statement: {line!r}, "
                "should be `Class.trait = value`; there are "
                f"{', '.join(settings.list_names())}"
            )
        if not option:
            _list_options(class_name, target)
            return None
        if not sign:
            return getattr(target, option)
        setattr(target, option, self.shell.ev(value.strip()))
        return None

    @line_magic
    def xmode(self, line: str = "") -> None:
        """Ignored: there is one way in which errors are shown here."""
        print(f"%xmode {line}: errors are shown in one way only here.")

    @line_magic
    def colors(self, line: str = "") -> None:
        """Ignored: colours are the page's."""
        print(f"%colors {line}: colours are the page's here.")

    @line_magic
    def automagic(self, line: str = "") -> None:
        """Ignored: commands always begin with their % here."""
        print("Automagic is OFF here: commands always begin with %.")

    aliases = {"autocall": "automagic"}

    @line_magic
    def alias_magic(self, line: str = "") -> None:
        """Give a magic another name: `%alias_magic [-l] [-c] NAME MAGIC`."""
        options, rest = split_options(line, "lc", ("line", "cell"))
        words = rest.split()
        if len(words) != 2:
            raise UsageError("%alias_magic needs a new name and a magic's")
        name, target = (word.lstrip("%") for word in words)
        kinds = [kind for kind in KINDS if {kind, kind[0]} & options.keys()]
        is_found = False
        for kind in kinds or KINDS:
            function = self.shell.find_magic(target, kind)
            if function is not None:
                is_found = True
                self.shell.register_magic_function(function, kind, name)
                sign = "%" if kind == "line" else "%%"
                print(
                    f"Created `{sign}{name}` as an alias for "
                    f"`{sign}{target}`."
                )
        if not is_found:
            raise UsageError(f"there is no magic {target!r}")


def _list_options(class_name: str, target: Any) -> None:
    print(f"{class_name} options\n{'-' * (len(class_name) + 8)}")
    for name in type(target).class_trait_names():
        print(f"{class_name}.{name}\n    Current: {getattr(target, name)!r}")


def _make_cell(cls: Any, name: str, language: str) -> Any:
    def show(self: Any, line: str, cell: str) -> None:
        value = cls(cell)
        if "--isolated" in line.split():
            value.metadata = {"isolated": True}
        display(value)

    show.__name__ = name
    show.__doc__ = f"Show the cell as {language}."
    return no_var_expand(cell_magic(show))


@magics_class
class DisplayMagics(Magics):
    """Cells in other languages that the page shows."""

    html = _make_cell(display_objects.HTML, "html", "HTML")
    markdown = _make_cell(display_objects.Markdown, "markdown", "Markdown")
    latex = _make_cell(display_objects.Latex, "latex", "LaTeX")
    svg = _make_cell(display_objects.SVG, "svg", "an SVG drawing")
    javascript = _make_cell(
        display_objects.Javascript, "javascript", "JavaScript"
    )
    aliases = {"HTML": "html", "SVG": "svg", "js": "javascript"}


@magics_class
class ShellMagics(Magics):
    """Commands of a system that is not there."""

    @line_magic
    def system(self, line: str = "") -> Any:
        """The lines that a command prints, of the few that are done here."""
        return self.shell.getoutput(line)

    aliases = {"sx": "system"}

    @line_magic
    def alias(self, line: str = "") -> None:
        """Ignored: there are no commands that could have another name."""
        print(f"%alias is ignored: {commands.REFUSAL}.")


# Why a page has no such magic, by name and kind.
_REFUSED_LINES = {
    "debug": "a debugger needs a terminal.  %tb shows the traceback again",
    "pdb": "a debugger needs a terminal.  %tb shows the traceback again",
    "store": "nothing is kept between sessions here.  Saving the report "
    "keeps its outputs",
    "edit": "there is no other editor than the page",
    "macro": "define a function",
    "bookmark": "there are no directories to come back to",
    "connect_info": "there is nothing to connect to",
    "qtconsole": "there is nothing to connect to",
    "logstart": "the notebook is its own log",
    "logstop": "the notebook is its own log",
    "logon": "the notebook is its own log",
    "logoff": "the notebook is its own log",
    "logstate": "the notebook is its own log",
    "mamba_shell": "there are no processes here",
    "notebook": "saving the report saves the notebook",
    "lprun": "line_profiler has compiled parts.  %prun works",
    "mprun": "memory_profiler needs processes",
    "memit": "memory_profiler needs processes",
}

_REFUSED_CELLS = {
    name: commands.REFUSAL
    for name in (
        "!", "bash", "cmd", "perl", "pypy", "python", "python2", "python3",
        "R", "ruby", "script", "sh", "sx", "system",
    )
}  # fmt: skip
_REFUSED_CELLS["debug"] = _REFUSED_LINES["debug"]
_REFUSED_CELLS["cython"] = "there is no compiler here"

# Accepted without a word, because nothing depends on them.
_IGNORED_LINES = (
    "autoindent",
    "autosave",
    "doctest_mode",
    "gui",
    "killbgscripts",
)

# Magics of other services and packages, in words.
_FOREIGN = {
    "sql": "It is one of the package jupysql or ipython-sql.",
    "R": "It is one of the package rpy2, which needs R.",
    "tensorboard": "It needs a server.",
    "watermark": "It is one of the package watermark.",
    "cython": "There is no compiler here.",
}


def describe_foreign(name: str) -> str | None:
    """Where a magic that is not here comes from."""
    return _FOREIGN.get(name)


def _make_refusal(name: str, kind: str, reason: str) -> Any:
    sign = "%" if kind == "line" else "%%"

    def refuse(self: Any, line: str = "", cell: str | None = None) -> None:
        raise UsageError(f"{sign}{name} is not to be had: {reason}.")

    refuse.__doc__ = f"Not to be had: {reason}."
    mark = line_magic if kind == "line" else cell_magic
    return no_var_expand(mark(name)(refuse))


def _make_ignored(name: str) -> Any:
    def ignore(self: Any, line: str = "") -> None:
        pass

    ignore.__doc__ = "Ignored: it changes nothing here."
    return line_magic(name)(ignore)


def _make_refusing_class() -> type:
    members: dict[str, Any] = {}
    for kind, table in (("line", _REFUSED_LINES), ("cell", _REFUSED_CELLS)):
        for name, reason in table.items():
            members[f"{kind}_{name}"] = _make_refusal(name, kind, reason)
    for name in _IGNORED_LINES:
        members[f"ignore_{name}"] = _make_ignored(name)
    return magics_class(type("RefusedMagics", (Magics,), members))


CLASSES = (
    MatplotlibMagics,
    PackageMagics,
    SettingsMagics,
    DisplayMagics,
    ShellMagics,
    _make_refusing_class(),
)
