"""What can be displayed: the classes of IPython.display.

Their interface and their mime bundles are those of IPython, so that a
notebook shows the same here and there.  The media (sound, frames, links) are
in media.py.
"""

from __future__ import annotations

import os
from binascii import b2a_base64

from tincture.display import display, publish_display_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

def name_as_in_ipython(namespace: dict[str, Any], module: str) -> None:
    """Give a module's classes the home that a repr shows in Jupyter."""
    for value in namespace.values():
        if isinstance(value, type) and value.__module__ == namespace["__name__"]:
            value.__module__ = module


def is_file(name: Any) -> bool:
    """False also for text that cannot be a name."""
    try:
        return os.path.exists(name)
    except (OSError, ValueError, TypeError):
        return False


def read_url(url: str) -> bytes:
    """What is at an address, which a report can read of data: only."""
    from urllib.request import urlopen

    try:
        with urlopen(url) as response:
            return response.read()
    except OSError:
        raise OSError(
            f"{url[:200]} cannot be read: a report has no network.  Embed "
            "the file (tincture pack --file) and give its name"
        ) from None


def escape(text: str) -> str:
    """Text for HTML: html.escape without the import of its tables."""
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return text


_ENTITIES = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("'", "&#x27;"),
)


def html_size(**sizes: Any) -> str:
    """` width="3"` and the like, for those that are given."""
    return "".join(
        f' {key}="{escape(str(value))}"'
        for key, value in sizes.items()
        if value
    )


class DisplayObject:
    """Data from memory, a file or an address."""

    _read_flags = "r"
    _show_mem_addr = False
    metadata: Any = None

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: Any = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if isinstance(data, os.PathLike):
            data = os.fspath(data)
        if isinstance(data, str):
            if data.startswith("http") and url is None:
                data, url, filename = None, data, None
            elif filename is None and is_file(data):
                data, url, filename = None, None, data
        self.url = url
        self.filename = filename
        self.data = data
        if metadata is not None:
            self.metadata = metadata
        elif self.metadata is None:
            self.metadata = {}
        self.reload()
        self._check_data()

    def __repr__(self) -> str:
        if self._show_mem_addr:
            return super().__repr__()
        cls = type(self)
        return f"<{cls.__module__}.{cls.__name__} object>"

    def _check_data(self) -> None:
        """Refuse data that cannot be shown."""

    def _data_and_metadata(self) -> Any:
        if self.metadata:
            return self.data, dict(self.metadata)
        return self.data

    def reload(self) -> None:
        """Read the data again from its file or address."""
        if self.filename is not None:
            with open(self.filename, "rb") as file:
                data: Any = file.read()
        elif self.url is not None:
            data = read_url(self.url)
        else:
            return
        if "b" not in self._read_flags:
            data = data.decode("utf-8")
        self.data = data


class TextDisplayObject(DisplayObject):
    """Data that is text."""

    def _check_data(self) -> None:
        if self.data is not None and not isinstance(self.data, str):
            name = type(self).__name__
            raise TypeError(f"{name} expects text, not {self.data!r}")


class Pretty(TextDisplayObject):
    """Text that stands for itself."""

    def _repr_pretty_(self, p: Any, cycle: bool) -> None:
        p.text(self.data)


class HTML(TextDisplayObject):
    """HTML source."""

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: Any = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if isinstance(data, str) and _is_frame(data):
            import warnings

            warnings.warn(
                "Consider using IPython.display.IFrame instead", stacklevel=2
            )
        super().__init__(data, url, filename, metadata)

    def _repr_html_(self) -> Any:
        return self._data_and_metadata()

    def __html__(self) -> Any:
        return self._repr_html_()


def _is_frame(text: str) -> bool:
    start, end = text[:8].lower(), text[-9:].lower()
    return start == "<iframe " and end == "</iframe>"


class Markdown(TextDisplayObject):
    """Markdown source."""

    def _repr_markdown_(self) -> Any:
        return self._data_and_metadata()


class Math(TextDisplayObject):
    """A formula of LaTeX, without its dollar signs."""

    def _repr_latex_(self) -> Any:
        formula = self.data.strip("$")
        text = rf"$\displaystyle {formula}$"
        return (text, dict(self.metadata)) if self.metadata else text


class Latex(TextDisplayObject):
    """LaTeX source, with its dollar signs or environment."""

    def _repr_latex_(self) -> Any:
        return self._data_and_metadata()


def _find_svg(source: str) -> str:
    """The drawing without what stands before and after it in its file."""
    start, end = source.find("<svg"), source.rfind("</svg>")
    if start < 0 or end < start:
        return source
    return source[start : end + len("</svg>")]


class SVG(DisplayObject):
    """An SVG drawing, as text or UTF-8 bytes."""

    _read_flags = "rb"
    _data: str | None = None

    @property
    def data(self) -> str | None:
        """The drawing's source."""
        return self._data

    @data.setter
    def data(self, source: str | bytes | None) -> None:
        if isinstance(source, bytes):
            source = source.decode("utf-8", "replace")
        self._data = None if source is None else _find_svg(source)

    def _repr_svg_(self) -> Any:
        return self._data_and_metadata()


class ProgressBar(DisplayObject):
    """A bar that grows when `progress` is set; also an iterator."""

    def __init__(self, total: float) -> None:
        self.total = total
        self._progress: float = 0
        self.html_width = "60ex"
        self.text_width = 60
        self._display_id = os.urandom(8).hex()

    def __repr__(self) -> str:
        part = self.progress / self.total if self.total else 0
        bar = ("=" * int(part * self.text_width)).ljust(self.text_width)
        return f"[{bar}] {self.progress}/{self.total}"

    def _repr_html_(self) -> str:
        return (
            f"<progress style='width:{self.html_width}' max='{self.total}' "
            f"value='{self.progress}'></progress>"
        )

    def display(self) -> None:
        """Show the bar."""
        display(self, display_id=self._display_id)

    def update(self) -> None:
        """Show how far it is."""
        display(self, display_id=self._display_id, update=True)

    @property
    def progress(self) -> float:
        """How far it is, of `total`."""
        return self._progress

    @progress.setter
    def progress(self, value: float) -> None:
        self._progress = value
        self.update()

    def __iter__(self) -> ProgressBar:
        self.display()
        self._progress = -1
        return self

    def __next__(self) -> float:
        self.progress += 1
        if self.progress >= self.total:
            raise StopIteration
        return self.progress


class JSON(DisplayObject):
    """A dictionary or list that the page may show as a tree."""

    _data: Any = None

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: Any = None,
        expanded: bool = False,
        metadata: dict[str, Any] | None = None,
        root: str = "root",
        **options: Any,
    ) -> None:
        self.metadata = {
            "expanded": expanded,
            "root": root,
            **(metadata or {}),
            **options,
        }
        super().__init__(data, url, filename)

    def _check_data(self) -> None:
        if self.data is not None and not isinstance(self.data, (dict, list)):
            name = type(self).__name__
            raise TypeError(
                f"{name} expects JSONable dict or list, not {self.data!r}"
            )

    @property
    def data(self) -> Any:
        """The value."""
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if isinstance(data, (str, bytes)):
            import json

            data = json.loads(data)
        self._data = data

    def _data_and_metadata(self) -> Any:
        return self.data, self.metadata

    def _repr_json_(self) -> Any:
        return self._data_and_metadata()


class GeoJSON(JSON):
    """Places and shapes on a map."""

    def _ipython_display_(self) -> None:
        mime_type = "application/geo+json"
        text = "<IPython.display.GeoJSON object>"
        publish_display_data(
            {mime_type: self.data, "text/plain": text},
            {mime_type: self.metadata},
        )


class Javascript(TextDisplayObject):
    """JavaScript that the page runs; `lib` and `css` are addresses that it
    needs, which a report without network cannot load."""

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: Any = None,
        lib: str | list[str] | None = None,
        css: str | list[str] | None = None,
    ) -> None:
        self.lib = [lib] if isinstance(lib, str) else list(lib or ())
        self.css = [css] if isinstance(css, str) else list(css or ())
        super().__init__(data, url, filename)

    def _repr_javascript_(self) -> str:
        import json

        parts = [
            "document.head.append(Object.assign(document.createElement("
            f'"link"), {{rel: "stylesheet", href: {json.dumps(url)}}}));\n'
            for url in self.css
        ]
        for url in self.lib:
            parts.append(
                "await new Promise((resolve, reject) => document.head.append("
                'Object.assign(document.createElement("script"), {onload: '
                f"resolve, onerror: reject, src: {json.dumps(url)}}})));\n"
            )
        source = "".join(parts) + (self.data or "")
        return f"(async () => {{\n{source}\n}})();" if self.lib else source


_IMAGE_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
)
_IMAGE_FORMATS = ("png", "jpeg", "gif", "webp")


def _find_image_format(data: bytes) -> str:
    for start, name in _IMAGE_STARTS:
        if data.startswith(start):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    raise ValueError("not a PNG, JPEG, GIF or WebP image; give a format")


def _number(data: bytes, order: str = "big") -> int:
    return int.from_bytes(data, order)  # type: ignore[arg-type]


def _jpeg_size(data: bytes) -> tuple[int, int]:
    i = 2
    while i + 9 <= len(data):
        marker = data[i + 1]
        # The frame's header, of whatever kind of JPEG.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _number(data[i + 7 : i + 9]), _number(data[i + 5 : i + 7])
        i += 2 + _number(data[i + 2 : i + 4])
    raise ValueError("a JPEG image without a size")


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        width = _number(data[24:27], "little") + 1
        return width, _number(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = _number(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width = _number(data[26:28], "little") & 0x3FFF
    return width, _number(data[28:30], "little") & 0x3FFF


def _image_size(data: bytes, name: str) -> tuple[int, int]:
    """Width and height in pixels."""
    if name == "png":
        return _number(data[16:20]), _number(data[20:24])
    if name == "gif":
        return _number(data[6:8], "little"), _number(data[8:10], "little")
    return _jpeg_size(data) if name == "jpeg" else _webp_size(data)


class Image(DisplayObject):
    """A PNG, JPEG, GIF or WebP image: bytes, a file, or the URL of one."""

    _read_flags = "rb"

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: Any = None,
        format: str | None = None,
        embed: bool | None = None,
        width: int | None = None,
        height: int | None = None,
        retina: bool = False,
        unconfined: bool = False,
        metadata: dict[str, Any] | None = None,
        alt: str | None = None,
    ) -> None:
        if isinstance(data, os.PathLike):
            data = os.fspath(data)
        if data is None and url is None and filename is None:
            raise ValueError(
                "No image data found. Expecting filename, url, or data."
            )
        self.embed = embed if embed is not None else url is None
        self.retina = retina
        self.unconfined = unconfined
        self.format = self._normalize(format)
        given = metadata or {}
        self.width = width or given.get("width")
        self.height = height or given.get("height")
        self.alt = alt or given.get("alt")
        super().__init__(data, url, filename, metadata)
        if self.embed and isinstance(self.data, str):
            raise FileNotFoundError(
                f"No such file or directory: '{self.data}'"
            )

    def _normalize(self, name: str | None) -> str | None:
        if name is None:
            return None
        name = {"jpg": "jpeg"}.get(name.lower(), name.lower())
        if self.embed and name not in _IMAGE_FORMATS:
            raise ValueError(f"unknown image format {name!r}")
        return name

    def reload(self) -> None:
        """Read the data again from its file or address."""
        if not self.embed:
            return
        super().reload()
        if not isinstance(self.data, (bytes, bytearray, memoryview)):
            return
        self.data = bytes(self.data)
        if self.format is None:
            self.format = _find_image_format(self.data)
        if self.retina:
            width, height = _image_size(self.data, self.format)
            self.width, self.height = width // 2, height // 2

    def _repr_html_(self) -> str | None:
        if self.embed:
            return None
        source = escape(str(self.url or self.filename or ""))
        size = html_size(width=self.width, height=self.height)
        if self.unconfined:
            size += ' class="unconfined"'
        return f'<img src="{source}"{size}{html_size(alt=self.alt)}/>'

    def _attributes(self) -> dict[str, Any]:
        sizes = {
            "width": self.width,
            "height": self.height,
            "unconfined": self.unconfined,
            "alt": self.alt,
        }
        shown = {key: value for key, value in sizes.items() if value}
        return {**self.metadata, **shown}

    def _data_and_metadata(self) -> Any:
        data = b2a_base64(self.data, newline=False).decode("ascii")
        metadata = self._attributes()
        return (data, metadata) if metadata else data

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> Any:
        if not self.embed:
            return {"text/html": self._repr_html_()}, {}
        mime_type = f"image/{self.format}"
        metadata = self._attributes()
        return (
            {mime_type: self.data},
            {mime_type: metadata} if metadata else {},
        )

    def _repr_png_(self) -> Any:
        is_it = self.embed and self.format == "png"
        return self._data_and_metadata() if is_it else None

    def _repr_jpeg_(self) -> Any:
        is_it = self.embed and self.format == "jpeg"
        return self._data_and_metadata() if is_it else None


class Video(DisplayObject):
    """A film: a URL, a file, or with `embed=True` its bytes."""

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: Any = None,
        embed: bool = False,
        mimetype: str | None = None,
        width: int | None = None,
        height: int | None = None,
        html_attributes: str = "controls",
    ) -> None:
        if isinstance(data, os.PathLike):
            data = os.fspath(data)
        if data is not None and not isinstance(data, str) and not embed:
            raise ValueError(
                "To embed videos, you must pass embed=True (this may make "
                "your notebook files huge)\nConsider passing Video(url='...')"
            )
        self.mimetype = mimetype
        self.embed = embed
        self.width = width
        self.height = height
        self.html_attributes = html_attributes
        super().__init__(data, url, filename)

    def reload(self) -> None:
        """The data is read when it is shown."""

    def _source(self) -> str:
        """The address that the element plays."""
        # A report has no server beside it, so a file must come along.
        is_file_here = self.filename is not None and is_file(self.filename)
        if not self.embed and not is_file_here:
            return str(self.url or self.filename or "")
        data = self.data
        if is_file_here:
            with open(self.filename, "rb") as file:
                data = file.read()
        elif self.url is not None:
            data = read_url(self.url)
        if not isinstance(data, str):  # else it is base64 already
            data = b2a_base64(data, newline=False).decode("ascii")
        return f"data:{self._find_type()};base64,{data}"

    def _find_type(self) -> str:
        import mimetypes

        name = str(self.filename or self.url or "")
        return self.mimetype or mimetypes.guess_type(name)[0] or "video/mp4"

    def _repr_html_(self) -> str:
        size = html_size(width=self.width, height=self.height)
        return (
            f'<video src="{escape(self._source())}" {self.html_attributes}'
            f"{size}>This browser does not play this video.</video>"
        )


def _make_shortcut(mime_type: str, name: str) -> Any:
    """display_html and its like: only one form of each object."""

    def show(*objs: Any, **options: Any) -> None:
        raw = options.pop("raw", False)
        metadata = options.pop("metadata", None)
        if options:
            raise TypeError(f"unexpected options: {', '.join(options)}")
        for value in objs:
            if raw:
                about = {mime_type: metadata} if metadata else None
                publish_display_data({mime_type: value}, about)
            else:
                display(value, metadata=metadata, include=[mime_type])

    show.__name__ = show.__qualname__ = name
    show.__doc__ = f"Display the {mime_type} form of objects."
    return show


display_pretty = _make_shortcut("text/plain", "display_pretty")
display_html = _make_shortcut("text/html", "display_html")
display_markdown = _make_shortcut("text/markdown", "display_markdown")
display_svg = _make_shortcut("image/svg+xml", "display_svg")
display_png = _make_shortcut("image/png", "display_png")
display_jpeg = _make_shortcut("image/jpeg", "display_jpeg")
display_webp = _make_shortcut("image/webp", "display_webp")
display_latex = _make_shortcut("text/latex", "display_latex")
display_json = _make_shortcut("application/json", "display_json")
display_javascript = _make_shortcut(
    "application/javascript", "display_javascript"
)
display_pdf = _make_shortcut("application/pdf", "display_pdf")

name_as_in_ipython(globals(), "IPython.core.display")
