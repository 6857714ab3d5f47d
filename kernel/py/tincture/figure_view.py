"""The page's side of a figure, as Python sees it.

A displayed figure is a picture, which is what a saved page keeps, and a comm
beside it, by which the page shows a live canvas instead.  One message carries
all that changed since the last one:

    page to kernel   {"batch": n, "events": [{"type": ...}, ...]}
    kernel to page   {"ack": n, "frame": {"x", "y", "width", "height"},
                      "size": [width, height], "ratio": r, "cursor": ...}

The bytes of a frame are RGBA, in the message's first buffer; positions count
pixels of the screen from the top left.  The page has one batch under way at a
time, so a slow figure skips movements and never runs behind.

As long as no page has answered (a notebook that is run while it is packed),
the picture itself is kept up to date.
"""

from __future__ import annotations

import io
import os
import time
from binascii import b2a_base64
from typing import TYPE_CHECKING, Any

import _tincture
from comm import create_comm
from comm.base_comm import BaseComm

if TYPE_CHECKING:
    from tincture.figure_backend import FigureCanvas

TARGET = "tincture.figure"
MIME_TYPE = "application/vnd.tincture.figure+json"

# Frames that a running cell draws one after another are sent at most this
# often; the last one is always sent.
FRAME_INTERVAL_S = 1 / 60

# Screens have between one and four pixels a CSS pixel.
RATIO_LIMIT = 4.0

Region = tuple[int, int, int, int]


def clamp_ratio(ratio: Any) -> float:
    """A ratio of pixels that a figure can be drawn at."""
    try:
        number = float(ratio)
    except (TypeError, ValueError):
        return 1.0
    return min(max(number, 1.0), RATIO_LIMIT) if number == number else 1.0


# The screen's pixels a CSS pixel; the page says so when Python starts or goes
# on in a copy of memory, and again when the window moves to another screen.
screen_ratio = 1.0


def read_screen_ratio() -> None:
    """Take what the page says when Python starts."""
    global screen_ratio
    screen_ratio = clamp_ratio(os.environ.get("TINCTURE_PIXEL_RATIO", 1))


read_screen_ratio()


def _unite(one: Region | None, other: Region) -> Region:
    if one is None:
        return other
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


class FigureView:
    """What the page shows of one canvas, and what it has still to be told."""

    def __init__(self, canvas: FigureCanvas) -> None:
        self._canvas = canvas
        self.comm: BaseComm | None = None
        self.display_id = ""
        # The page has the canvas; it then keeps the picture itself.
        self.is_attached = False
        # The page took it away, because its cell runs again.
        self.is_released = False
        # It was closed for good; nothing shows it by itself any more.
        self.is_frozen = False
        self.is_in_batch = False
        # What the page knows, and what it is to be told next.
        self._known: dict[str, Any] = {}
        self._changes: dict[str, Any] = {}
        self._region: Region | None = None
        # It has had a whole frame, which a part can be painted over.
        self._has_frame = False
        self._is_picture_old = False
        self._sent_at = 0.0

    @property
    def is_shown(self) -> bool:
        """True while a page may show the live figure."""
        return self.comm is not None

    def tell(self, **changes: Any) -> None:
        """Let the page know with the next message."""
        for name, value in changes.items():
            if name not in self._known or self._known[name] != value:
                self._known[name] = value
                self._changes[name] = value

    def add_region(self, region: Region | None = None) -> None:
        """These pixels (x0, y0, x1, y1) have changed, or all."""
        width, height = self._canvas.get_width_height(physical=True)
        x0, y0, x1, y1 = region or (0, 0, width, height)
        region = (max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))
        if region[0] < region[2] and region[1] < region[3]:
            self._region = _unite(self._region, region)
            self._is_picture_old = True

    def send_soon(self) -> None:
        """Send now, unless a frame went a moment ago or a batch will."""
        now = time.monotonic()
        if not self.is_in_batch and now - self._sent_at >= FRAME_INTERVAL_S:
            self.send()

    def send(self, ack: int | None = None) -> None:
        """Send everything that the page does not know yet."""
        if self.comm is None:
            return
        data, self._changes = self._changes, {}
        buffers = []
        if self._region is not None:
            buffers.append(self._take_frame(data))
            self._sent_at = time.monotonic()
        if ack is not None:
            data["ack"] = ack
        if data:
            self.comm.send(data, buffers=buffers)

    def _take_frame(self, data: dict[str, Any]) -> memoryview:
        """The bytes of the changed pixels; describes them in `data`."""
        canvas = self._canvas
        pixels = memoryview(canvas.buffer_rgba())
        height, width = pixels.shape[:2]
        whole = (0, 0, width, height)
        region = (self._has_frame and self._region) or whole
        # The figure may have got another size since the region was noted.
        x0, x1 = (min(side, width) for side in region[0::2])
        y0, y1 = (min(side, height) for side in region[1::2])
        self._has_frame, self._region = True, None
        data["frame"] = {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}
        data["size"] = [width, height]
        data["ratio"] = canvas.device_pixel_ratio
        rows = pixels.cast("B")[y0 * width * 4 : y1 * width * 4]
        if (x0, x1) == (0, width):
            return rows
        import numpy

        array = numpy.frombuffer(rows, numpy.uint8).reshape(-1, width, 4)
        return memoryview(array[:, x0:x1].tobytes())

    # --- The picture ---

    def encode_picture(self) -> bytes:
        """The canvas as PNG, as it was drawn last."""
        from PIL import Image

        self._is_picture_old = False
        pixels = memoryview(self._canvas.buffer_rgba())
        height, width = pixels.shape[:2]
        image = Image.frombuffer("RGBA", (width, height), pixels.cast("B"))
        if image.getextrema()[3] == (255, 255):
            image = image.convert("RGB")
        out = io.BytesIO()
        image.save(out, "png")
        return out.getvalue()

    def _make_content(self) -> dict[str, Any]:
        canvas = self._canvas
        width, height = canvas.get_width_height()
        picture = b2a_base64(self.encode_picture(), newline=False)
        data: dict[str, Any] = {
            "image/png": picture.decode("ascii"),
            "text/plain": (
                f"<Figure size {width}x{height}"
                f" with {len(canvas.figure.axes)} Axes>"
            ),
        }
        if self.comm is not None:
            data[MIME_TYPE] = {"comm_id": self.comm.comm_id}
        return {
            "data": data,
            "metadata": {"image/png": {"width": width, "height": height}},
            "transient": {"display_id": self.display_id},
        }

    def show(self) -> None:
        """Display the figure where output goes now."""
        self.is_released = self.is_frozen = False
        if self.comm is None:
            # The page sees first that there is a figure, then where.
            self.display_id = os.urandom(16).hex()
            self.comm = create_comm(TARGET, data={})
            self.comm.on_msg(self._canvas.handle_message)
            self.comm.on_close(self._canvas.handle_close)
        _tincture.publish("display_data", self._make_content())
        # The page asks for a frame when it has a place for it.
        self._region, self._has_frame = None, self.is_attached

    def keep_picture(self) -> None:
        """Bring the picture up to date, where no page does it."""
        if self._is_picture_old and self.is_shown and not self.is_attached:
            _tincture.publish("update_display_data", self._make_content())

    # --- Its end ---

    def attach(self) -> None:
        """A page has made a canvas for it: tell it everything."""
        self.is_attached = True
        self._changes = dict(self._known)
        self.add_region()

    def detach(self) -> BaseComm | None:
        """Forget the page; gives the comm, which is still open."""
        comm, self.comm = self.comm, None
        self.is_attached = False
        return comm

    def close(self) -> None:
        """Leave the last picture, and nothing live behind it."""
        self.send()
        comm = self.comm
        if self._is_picture_old and comm is not None and not self.is_attached:
            self.comm = None  # so that the picture says nothing of a comm
            _tincture.publish("update_display_data", self._make_content())
        self.detach()
        self.is_frozen = True
        if comm is not None:
            comm.close()
