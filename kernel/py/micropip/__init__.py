"""micropip's names: packages come into a report when it is packed, so there
is nothing to install, and what is not here is said with the way to bring it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

__all__ = ["install", "list", "uninstall"]

# How the answers end that nothing has to be done about.
_FINE = ("is here already.", "has nothing to do here.")


class _Done:
    """Can be awaited, and need not be."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield

    def __repr__(self) -> str:
        return "<nothing to install>"


def install(
    requirements: str | Iterable[str],
    keep_going: bool = False,
    deps: bool = True,
    credentials: str | None = None,
    pre: bool = False,
    **options: Any,
) -> _Done:
    """See whether the packages are here; a ValueError says what to do where
    one is not."""
    from tincture import missing

    names = [requirements] if isinstance(requirements, str) else requirements
    problems = []
    for name in names:
        answer = missing.explain_requirement(name)
        if not answer.endswith(_FINE):
            problems.append(answer)
            if not keep_going:
                break
    if problems:
        raise ValueError("\n".join(problems))
    return _Done()


def list() -> dict[str, str]:
    """Version by name of each package that is here."""
    from importlib import metadata

    return {
        distribution.name: distribution.version
        for distribution in metadata.distributions()
    }


def uninstall(packages: str | Iterable[str]) -> None:
    """Nothing can be taken out of a running report."""
    raise ValueError(
        "packages cannot be uninstalled here: pack the notebook without them"
    )
