"""Sound, frames, links to files and source code: IPython.lib.display."""

from __future__ import annotations

import os
from binascii import b2a_base64

from tincture.display_objects import (
    DisplayObject,
    TextDisplayObject,
    escape,
    name_as_in_ipython,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Formatter = Callable[[str, list[str], Any], list[str]]

_FULL_SCALE = 32767  # of a 16-bit sample


class Audio(DisplayObject):
    """A sound: samples (a list, or an array of one row a channel) with their
    rate, the bytes of a file, its name, or its URL."""

    _read_flags = "rb"

    def __init__(
        self,
        data: Any = None,
        filename: Any = None,
        url: str | None = None,
        embed: bool | None = None,
        rate: float | None = None,
        autoplay: bool = False,
        normalize: bool = True,
        *,
        element_id: str | None = None,
    ) -> None:
        if filename is None and url is None and data is None:
            raise ValueError(
                "No audio data found. Expecting filename, url, or data."
            )
        if embed is False and url is None:
            raise ValueError("No url found. Expecting url when embed=False")
        self.embed = url is None or embed is True
        self.autoplay = autoplay
        self.element_id = element_id
        super().__init__(data, url, filename)
        if self.data is not None and not isinstance(self.data, bytes):
            if rate is None:
                raise ValueError(
                    "rate must be specified when data is a numpy array or "
                    "list of audio samples."
                )
            self.data = _make_wave(self.data, rate, normalize)

    def reload(self) -> None:
        """Read the data again from its file or address."""
        import mimetypes

        if self.embed:
            super().reload()
        name = self.filename or self.url
        self.mimetype = mimetypes.guess_type(str(name))[0] or "audio/wav"

    def src_attr(self) -> str:
        """The address that the element plays."""
        if self.embed and self.data is not None:
            data = b2a_base64(self.data, newline=False).decode("ascii")
            return f"data:{self.mimetype};base64,{data}"
        return escape(self.url or "")

    def autoplay_attr(self) -> str:
        """` autoplay`, or nothing."""
        return ' autoplay="autoplay"' if self.autoplay else ""

    def element_id_attr(self) -> str:
        """The element's id, or nothing."""
        return f' id="{escape(self.element_id)}"' if self.element_id else ""

    def _repr_html_(self) -> str:
        return (
            f'<audio controls="controls"{self.element_id_attr()}'
            f"{self.autoplay_attr()}>"
            f'<source src="{self.src_attr()}" type="{self.mimetype}">'
            "This browser does not play this sound.</audio>"
        )


def _read_channels(data: Any) -> tuple[list[float], int]:
    """The samples one after another, those of one moment together, and how
    many channels there are."""
    rows = list(data)
    if not rows or not hasattr(rows[0], "__iter__"):
        return [float(sample) for sample in rows], 1
    channels = [[float(sample) for sample in row] for row in rows]
    moments = zip(*channels, strict=True)
    return [sample for moment in moments for sample in moment], len(channels)


def _find_scale(loudest: float, normalize: bool) -> float:
    if not normalize and loudest > 1:
        raise ValueError(
            "Audio data must be between -1 and 1 when normalize=False."
        )
    return _FULL_SCALE / (loudest or 1.0) if normalize else _FULL_SCALE


def _encode_list(data: Any, normalize: bool) -> tuple[bytes, int]:
    """Samples as 16-bit numbers, and how many channels there are."""
    import array
    import sys

    samples, channel_count = _read_channels(data)
    loudest = max(map(abs, samples), default=0.0)
    scale = _find_scale(loudest, normalize)
    numbers = array.array("h", [int(sample * scale) for sample in samples])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes(), channel_count


def _encode_array(data: Any, normalize: bool) -> tuple[bytes, int]:
    """The same of an array of numpy."""
    if data.ndim not in (1, 2):
        raise ValueError("Array audio input must be a 1D or 2D array")
    channel_count = data.shape[0] if data.ndim == 2 else 1
    samples = data.astype(float).T.ravel()
    loudest = float(abs(samples).max()) if samples.size else 0.0
    scale = _find_scale(loudest, normalize)
    return (samples * scale).astype("<i2").tobytes(), channel_count


def _make_wave(data: Any, rate: float, normalize: bool) -> bytes:
    """A WAV file of samples; without `normalize` they are from -1 to 1."""
    import io
    import wave

    encode = _encode_array if hasattr(data, "ndim") else _encode_list
    frames, channel_count = encode(data, normalize)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channel_count)
        file.setframerate(rate)
        file.setsampwidth(2)
        file.writeframes(frames)
    return out.getvalue()


class IFrame:
    """Another page inside this one."""

    def __init__(
        self,
        src: Any,
        width: Any,
        height: Any,
        extras: Iterable[str] | None = None,
        **params: Any,
    ) -> None:
        self.src = src
        self.width = width
        self.height = height
        self.extras = list(extras or ())
        self.params = params

    def _repr_html_(self) -> str:
        address = str(self.src)
        if self.params:
            from urllib.parse import urlencode

            address += "?" + urlencode(self.params)
        extras = "".join(f" {extra}" for extra in self.extras)
        return (
            f'<iframe width="{escape(str(self.width))}" '
            f'height="{escape(str(self.height))}" src="{escape(address)}" '
            f'frameborder="0" allowfullscreen{extras}></iframe>'
        )


class YouTubeVideo(IFrame):
    """A film of YouTube, by the id in its address."""

    def __init__(
        self,
        id: str,
        width: Any = 400,
        height: Any = 300,
        allow_autoplay: bool = False,
        **params: Any,
    ) -> None:
        self.id = id
        if allow_autoplay:
            extras = [*params.pop("extras", ()), 'allow="autoplay"']
            params.update(autoplay=1, extras=extras)
        address = f"https://www.youtube.com/embed/{id}"
        super().__init__(address, width, height, **params)


class VimeoVideo(IFrame):
    """A film of Vimeo, by the id in its address."""

    def __init__(
        self, id: str, width: Any = 400, height: Any = 300, **params: Any
    ) -> None:
        address = f"https://player.vimeo.com/video/{id}"
        super().__init__(address, width, height, **params)


class ScribdDocument(IFrame):
    """A document of Scribd, by its number."""

    def __init__(
        self, id: Any, width: Any = 400, height: Any = 300, **params: Any
    ) -> None:
        address = f"https://www.scribd.com/embeds/{id}/content"
        super().__init__(address, width, height, **params)


# A file of this size or less comes with its link.
LINK_DATA_LIMIT = 4 << 20


class FileLink:
    """A link to a file of the kernel's.

    A report has no server that could answer for the file, so the link
    carries the file itself, where that is not too large.
    """

    def __init__(
        self,
        path: Any,
        url_prefix: str = "",
        result_html_prefix: str = "",
        result_html_suffix: str = "<br>",
    ) -> None:
        if os.path.isdir(path):
            raise ValueError(
                "Cannot display a directory using FileLink. "
                f"Use FileLinks to display '{path}'."
            )
        self.path = os.fsdecode(path)
        self.url_prefix = url_prefix
        self.result_html_prefix = result_html_prefix
        self.result_html_suffix = result_html_suffix

    def _link(self, path: str, text: str) -> str:
        address = self.url_prefix + path
        if not self.url_prefix and os.path.getsize(path) <= LINK_DATA_LIMIT:
            with open(path, "rb") as file:
                data = b2a_base64(file.read(), newline=False).decode("ascii")
            address = f"data:application/octet-stream;base64,{data}"
        name = escape(os.path.basename(path))
        return (
            f'<a href="{escape(address)}" download="{name}" '
            f'target="_blank">{escape(text)}</a>'
        )

    def _repr_html_(self) -> str:
        if not os.path.exists(self.path):
            return (
                f"Path (<tt>{escape(self.path)}</tt>) doesn't exist. It may "
                "still be in the process of being generated, or you may have "
                "the incorrect path."
            )
        link = self._link(self.path, self.path)
        return f"{self.result_html_prefix}{link}{self.result_html_suffix}"

    def __repr__(self) -> str:
        return os.path.abspath(self.path)


class FileLinks(FileLink):
    """Links to the files below a directory."""

    def __init__(
        self,
        path: Any,
        url_prefix: str = "",
        included_suffixes: Iterable[str] | None = None,
        result_html_prefix: str = "",
        result_html_suffix: str = "<br>",
        notebook_display_formatter: Formatter | None = None,
        terminal_display_formatter: Formatter | None = None,
        recursive: bool = True,
    ) -> None:
        if os.path.isfile(path):
            raise ValueError(
                "Cannot display a file using FileLinks. "
                f"Use FileLink to display '{path}'."
            )
        self.path = os.fsdecode(path).rstrip("/") or "/"
        self.url_prefix = url_prefix
        self.included_suffixes = included_suffixes
        self.result_html_prefix = result_html_prefix
        self.result_html_suffix = result_html_suffix
        self.notebook_display_formatter = (
            notebook_display_formatter or self._format_html
        )
        self.terminal_display_formatter = (
            terminal_display_formatter or self._format_text
        )
        self.recursive = recursive

    def _select(self, folder: str, names: list[str], suffixes: Any) -> list[str]:
        return [
            name
            for name in names
            if os.path.isfile(os.path.join(folder, name))
            and (suffixes is None or os.path.splitext(name)[1] in suffixes)
        ]

    def _format_html(
        self, folder: str, names: list[str], suffixes: Any = None
    ) -> list[str]:
        before, after = self.result_html_prefix, self.result_html_suffix
        lines = []
        for name in self._select(folder, names, suffixes):
            link = self._link(os.path.join(folder, name), name)
            lines.append(f"{before}&nbsp;&nbsp;{link}{after}")
        if lines:
            lines.insert(0, f"{before}{escape(folder)}/{after}")
        return lines

    def _format_text(
        self, folder: str, names: list[str], suffixes: Any = None
    ) -> list[str]:
        chosen = self._select(folder, names, suffixes)
        return [f"{folder}/", *(f"  {name}" for name in chosen)] if chosen else []

    def _format(self, format_folder: Formatter) -> str:
        lines: list[str] = []
        folders = sorted((folder, names) for folder, _, names in os.walk(self.path))
        for folder, names in folders if self.recursive else folders[:1]:
            lines += format_folder(folder, names, self.included_suffixes)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if not os.path.exists(self.path):
            return super()._repr_html_()
        return self._format(self.notebook_display_formatter)

    def __repr__(self) -> str:
        return self._format(self.terminal_display_formatter)


class Code(TextDisplayObject):
    """Source code, coloured where Pygments is there."""

    def __init__(
        self,
        data: Any = None,
        url: str | None = None,
        filename: Any = None,
        language: str | None = None,
    ) -> None:
        self.language = language
        super().__init__(data, url, filename)

    def __repr__(self) -> str:
        return self.data

    def _lexer(self) -> Any:
        from pygments import lexers

        if self.language:
            return lexers.get_lexer_by_name(self.language)
        if self.filename:
            return lexers.get_lexer_for_filename(self.filename)
        return lexers.guess_lexer(self.data)

    def _repr_html_(self) -> str:
        try:
            from pygments import highlight
            from pygments.formatters import HtmlFormatter
        except ImportError:
            return f"<pre><code>{escape(self.data)}</code></pre>"
        formatter = HtmlFormatter()
        styles = formatter.get_style_defs(".highlight")
        code = highlight(self.data, self._lexer(), formatter)
        return f"<style>{styles}</style>{code}"


name_as_in_ipython(globals(), "IPython.lib.display")
