"""display() and its like; the classes are in display_objects.py."""

from __future__ import annotations

import os

import _tincture

from tincture import formatting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any


def _new_display_id() -> str:
    return os.urandom(16).hex()


class DisplayHandle:
    """A display that can be updated later."""

    def __init__(self, display_id: str | None = None) -> None:
        self.display_id = display_id or _new_display_id()

    def __repr__(self) -> str:
        return f"<DisplayHandle display_id={self.display_id}>"

    def display(self, obj: Any, **options: Any) -> None:
        """Show a new display under this handle's id."""
        display(obj, display_id=self.display_id, **options)

    def update(self, obj: Any, **options: Any) -> None:
        """Change every display of this id."""
        update_display(obj, display_id=self.display_id, **options)


def _publish(
    bundle: formatting.Bundle,
    transient: dict[str, Any],
    is_update: bool,
) -> None:
    data, metadata = bundle
    content: dict[str, Any] = {"data": data, "metadata": metadata}
    if transient or is_update:
        content["transient"] = transient
    name = "update_display_data" if is_update else "display_data"
    formatting.publish(name, content)


def publish_display_data(
    data: dict[str, Any],
    metadata: dict[str, Any] | None = None,
    *,
    transient: dict[str, Any] | None = None,
    update: bool = False,
    **options: Any,
) -> None:
    """Show a mime bundle as it is."""
    data = {
        mime_type: formatting.encode(mime_type, item)
        for mime_type, item in data.items()
    }
    _publish((data, metadata or {}), transient or {}, update)


def _merge(old: Any, new: Any) -> Any:
    """`new` over `old`, member by member where both are dictionaries."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    merged = dict(old)
    for key, value in new.items():
        merged[key] = _merge(old.get(key), value)
    return merged


def display(
    *objs: Any,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
    metadata: dict[str, Any] | None = None,
    transient: dict[str, Any] | None = None,
    display_id: str | bool | None = None,
    raw: bool = False,
    clear: bool = False,
    update: bool = False,
    **options: Any,
) -> DisplayHandle | None:
    """Show objects below the cell.

    With ``display_id`` (a name, or True for a new one) the result is a
    handle whose ``update`` changes what was shown.  ``raw=True`` takes mime
    bundles as they are.
    """
    handle = None
    transient = dict(transient or {})
    if display_id is True:
        handle = DisplayHandle()
    elif display_id:
        handle = DisplayHandle(str(display_id))
    if handle is not None:
        transient["display_id"] = handle.display_id
    elif update:
        raise TypeError("display_id required for update_display")
    if clear:
        clear_output(wait=True)
    if not objs and handle is not None:
        objs, raw = ({},), True  # a place to be filled
    for value in objs:
        if raw:
            publish_display_data(
                value, metadata, transient=transient, update=update
            )
            continue
        bundle = formatting.format_value(value, include, exclude)
        if bundle is not None and bundle[0]:
            merged = _merge(bundle[1], metadata or {})
            _publish((bundle[0], merged), transient, update)
    return handle


def update_display(obj: Any, *, display_id: str, **options: Any) -> None:
    """Change what was displayed under an id."""
    options["update"] = True
    display(obj, display_id=display_id, **options)


def clear_output(wait: bool = False) -> None:
    """Remove the cell's output, with ``wait`` only when new output comes."""
    _tincture.publish("clear_output", {"wait": bool(wait)})
