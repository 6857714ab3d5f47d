"""display() and what can be displayed."""

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

    def display(self, value: Any, **options: Any) -> None:
        """Show a new display under this handle's id."""
        display(value, display_id=self.display_id, **options)

    def update(self, value: Any, **options: Any) -> None:
        """Change every display of this id."""
        update_display(value, display_id=self.display_id, **options)


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
    _tincture.publish(name, content)


def _make_bundle(
    value: Any,
    include: Collection[str] | None,
    exclude: Collection[str] | None,
    raw: bool,
) -> formatting.Bundle | None:
    if not raw:
        return formatting.format_value(value, include, exclude)
    data = {
        mime_type: formatting.encode(mime_type, item)
        for mime_type, item in value.items()
    }
    return data, {}


def display(
    *objects: Any,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
    metadata: dict[str, Any] | None = None,
    transient: dict[str, Any] | None = None,
    display_id: str | bool | None = None,
    raw: bool = False,
    clear: bool = False,
    update: bool = False,
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
    for value in objects:
        bundle = _make_bundle(value, include, exclude, raw)
        if bundle is not None and bundle[0]:
            bundle[1].update(metadata or {})
            _publish(bundle, transient, update)
    return handle


def update_display(value: Any, *, display_id: str, **options: Any) -> None:
    """Change what was displayed under an id."""
    display(value, display_id=display_id, update=True, **options)


def clear_output(wait: bool = False) -> None:
    """Remove the cell's output, with ``wait`` only when new output comes."""
    _tincture.publish("clear_output", {"wait": bool(wait)})


def _read_file(filename: str | os.PathLike[str]) -> bytes:
    with open(filename, "rb") as file:
        return file.read()


class DisplayObject:
    """Data of one mime type, from memory or a file."""

    mime_type = "text/plain"

    def __init__(
        self,
        data: Any = None,
        filename: str | os.PathLike[str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if data is None and filename is not None:
            data = _read_file(filename).decode("utf-8")
        self.data = data
        self.metadata = metadata or {}

    def __repr__(self) -> str:
        module = type(self).__module__.split(".")[0]
        return f"<{module}.{type(self).__name__} object>"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> formatting.Bundle:
        data = {} if self.data is None else {self.mime_type: self.data}
        metadata = {self.mime_type: self.metadata} if self.metadata else {}
        return data, metadata


class HTML(DisplayObject):
    """HTML source."""

    mime_type = "text/html"

    def __html__(self) -> str:
        return self.data


class Markdown(DisplayObject):
    """Markdown source."""

    mime_type = "text/markdown"


class Latex(DisplayObject):
    """LaTeX source, with its dollar signs or environment."""

    mime_type = "text/latex"


class Javascript(DisplayObject):
    """JavaScript that the page runs."""

    mime_type = "application/javascript"


class SVG(DisplayObject):
    """An SVG drawing, as text or UTF-8 bytes."""

    mime_type = "image/svg+xml"


class JSON(DisplayObject):
    """A value that the page may show as a tree."""

    mime_type = "application/json"

    def __init__(
        self,
        data: Any = None,
        filename: str | os.PathLike[str] | None = None,
        metadata: dict[str, Any] | None = None,
        expanded: bool = False,
        root: str = "root",
    ) -> None:
        super().__init__(data, filename, metadata)
        if isinstance(self.data, (str, bytes)):
            import json

            self.data = json.loads(self.data)
        self.metadata = {"expanded": expanded, "root": root, **self.metadata}


_IMAGE_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)

_IMAGE_FORMATS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}


def _find_image_type(data: bytes, name: str | None) -> str:
    if name is not None:
        try:
            return _IMAGE_FORMATS[name.lower()]
        except KeyError:
            raise ValueError(f"unknown image format {name!r}") from None
    for start, mime_type in _IMAGE_STARTS:
        if data.startswith(start):
            return mime_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise ValueError("not a PNG, JPEG, GIF or WebP image; give a format")


class Image(DisplayObject):
    """A PNG, JPEG, GIF or WebP image: bytes, a file, or the URL of one."""

    def __init__(
        self,
        data: bytes | str | None = None,
        url: str | None = None,
        filename: str | os.PathLike[str] | None = None,
        format: str | None = None,
        width: int | None = None,
        height: int | None = None,
        alt: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if isinstance(data, str):
            filename, data = data, None
        if data is None and filename is not None:
            data = _read_file(filename)
        if (data is None) == (url is None):
            raise ValueError("an image has either data or a url")
        super().__init__(data, metadata=metadata)
        self.url = url
        self.mime_type = (
            "text/html" if data is None else _find_image_type(data, format)
        )
        sizes = {"width": width, "height": height, "alt": alt}
        self._attributes = {
            key: value for key, value in sizes.items() if value is not None
        }

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> formatting.Bundle:
        metadata = {**self._attributes, **self.metadata}
        if self.url is None:
            return (
                {self.mime_type: self.data},
                {self.mime_type: metadata} if metadata else {},
            )
        from html import escape

        attributes = "".join(
            f' {key}="{escape(str(value))}"'
            for key, value in self._attributes.items()
        )
        source = f'<img src="{escape(self.url)}"{attributes}>'
        return {"text/html": source}, {}
