"""Options of a notebook's own magics, declared by decorators."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from tincture.magic import UsageError, split_words


class MagicArgumentParser(argparse.ArgumentParser):
    """A parser that raises UsageError instead of leaving."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)

    def parse_argstring(self, argstring: str) -> argparse.Namespace:
        """The options of a line."""
        return self.parse_args(split_words(argstring))


def _name_of(function: Any) -> str:
    return function.__name__.removeprefix("magic_")


def magic_arguments(name: str | None = None) -> Callable[..., Any]:
    """Give a magic a parser, made of the decorators below this one."""

    def decorate(function: Any) -> Any:
        parser = MagicArgumentParser(
            prog=f"%{name or _name_of(function)}",
            description=function.__doc__,
            add_help=False,
        )
        for args, options in reversed(getattr(function, "_arguments", [])):
            parser.add_argument(*args, **options)
        function.parser = parser
        return function

    return decorate


def argument(*args: Any, **options: Any) -> Callable[..., Any]:
    """An argument, with what argparse's add_argument takes."""

    def decorate(function: Any) -> Any:
        arguments = getattr(function, "_arguments", [])
        function._arguments = [*arguments, (args, options)]
        return function

    return decorate


def parse_argstring(magic_func: Any, argstring: str) -> argparse.Namespace:
    """The options of the line that a magic was given."""
    return magic_func.parser.parse_argstring(argstring)


__all__ = [
    "MagicArgumentParser",
    "argument",
    "magic_arguments",
    "parse_argstring",
]
