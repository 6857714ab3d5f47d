"""What a reader does with a figure, from the page's words to matplotlib's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from matplotlib.backend_bases import (
    KeyEvent,
    LocationEvent,
    MouseButton,
    MouseEvent,
    ResizeEvent,
)

from tincture import figure_view

if TYPE_CHECKING:
    from tincture.figure_backend import FigureCanvas

Event = dict[str, Any]

# A bit of the page's `buttons`, and whose it is.
BUTTON_BITS = (
    (1, MouseButton.LEFT),
    (2, MouseButton.RIGHT),
    (4, MouseButton.MIDDLE),
    (8, MouseButton.BACK),
    (16, MouseButton.FORWARD),
)

# Keys whose matplotlib name is not the page's in small letters.
KEY_NAMES = {
    "AltGraph": "alt",
    "CapsLock": "caps_lock",
    "NumLock": "num_lock",
    "ScrollLock": "scroll_lock",
}

# Modifiers in the order in which matplotlib writes them before a key.
KEY_MODIFIERS = ("ctrl", "alt", "shift", "super")

# The longest side of a figure in CSS pixels: a larger one would not fit into
# memory several times over.
SIDE_LIMIT = 4096

# The tools of the page's toolbar: methods of matplotlib's.
TOOLS = ("home", "back", "forward", "pan", "zoom")

# What the page can ask to download.
SAVE_FORMATS = ("png", "svg", "pdf")


def name_key(key: str, modifiers: list[str]) -> str:
    """matplotlib's name for a key of the page.

    A modifier that makes another character of the key, as Shift does of a
    letter, is in that character already.
    """
    if len(key) == 1:
        name = key
        modifiers = [each for each in modifiers if each != "shift"]
    else:
        name = KEY_NAMES.get(key) or key.removeprefix("Arrow").lower()
    own = {"control": "ctrl", "meta": "super"}.get(name, name)
    parts = [each for each in KEY_MODIFIERS if each in modifiers]
    return "+".join([*(each for each in parts if each != own), name])


def _place(canvas: FigureCanvas, event: Event) -> tuple[float, float]:
    """The position in matplotlib's pixels, which count from below."""
    height = canvas.get_width_height(physical=True)[1]
    return float(event["x"]), height - float(event["y"])


def _handle_button(canvas: FigureCanvas, event: Event) -> None:
    x, y = canvas.last_place = _place(canvas, event)
    is_release = event["type"] == "release"
    MouseEvent(
        "button_release_event" if is_release else "button_press_event",
        canvas,
        x,
        y,
        # The page counts the buttons from 0.
        int(event["button"]) + 1,
        dblclick=event["type"] == "double",
        modifiers=event["modifiers"],
        guiEvent=event,
    )._process()


def _handle_move(canvas: FigureCanvas, event: Event) -> None:
    x, y = canvas.last_place = _place(canvas, event)
    held = {button for bit, button in BUTTON_BITS if event["buttons"] & bit}
    MouseEvent(
        "motion_notify_event",
        canvas,
        x,
        y,
        buttons=held,
        modifiers=event["modifiers"],
        guiEvent=event,
    )._process()


def _handle_scroll(canvas: FigureCanvas, event: Event) -> None:
    x, y = canvas.last_place = _place(canvas, event)
    MouseEvent(
        "scroll_event",
        canvas,
        x,
        y,
        step=float(event["step"]),
        modifiers=event["modifiers"],
        guiEvent=event,
    )._process()


def _handle_border(canvas: FigureCanvas, event: Event) -> None:
    x, y = canvas.last_place = _place(canvas, event)
    LocationEvent(
        f"figure_{event['type']}_event",
        canvas,
        x,
        y,
        modifiers=event["modifiers"],
        guiEvent=event,
    )._process()
    if event["type"] == "leave":
        canvas.view.tell(message="")


def _handle_key(canvas: FigureCanvas, event: Event) -> None:
    KeyEvent(
        "key_press_event"
        if event["type"] == "key_down"
        else "key_release_event",
        canvas,
        name_key(str(event["key"]), event["modifiers"]),
        *canvas.last_place,
        guiEvent=event,
    )._process()


def _handle_tool(canvas: FigureCanvas, event: Event) -> None:
    if event["name"] in TOOLS and canvas.toolbar is not None:
        getattr(canvas.toolbar, event["name"])()


def _handle_resize(canvas: FigureCanvas, event: Event) -> None:
    ratio, figure = canvas.device_pixel_ratio, canvas.figure
    width, height = (
        min(max(float(event[side]), 1.0), SIDE_LIMIT) * ratio / figure.dpi
        for side in ("width", "height")
    )
    figure.set_size_inches(width, height, forward=False)
    ResizeEvent("resize_event", canvas)._process()
    canvas.draw_idle()


def _handle_ratio(canvas: FigureCanvas, event: Event) -> None:
    ratio = figure_view.clamp_ratio(event["ratio"])
    figure_view.screen_ratio = ratio
    if canvas._set_device_pixel_ratio(ratio):
        canvas.draw_idle()


def _handle_attach(canvas: FigureCanvas, event: Event) -> None:
    _handle_ratio(canvas, event)
    canvas.view.attach()


def _handle_save(canvas: FigureCanvas, event: Event) -> None:
    if event["format"] in SAVE_FORMATS:
        canvas.download(event["format"])


def _handle_release(canvas: FigureCanvas, event: Event) -> None:
    canvas.release()


HANDLERS: dict[str, Callable[[FigureCanvas, Event], None]] = {
    "press": _handle_button,
    "double": _handle_button,
    "release": _handle_button,
    "move": _handle_move,
    "scroll": _handle_scroll,
    "enter": _handle_border,
    "leave": _handle_border,
    "key_down": _handle_key,
    "key_up": _handle_key,
    "tool": _handle_tool,
    "resize": _handle_resize,
    "ratio": _handle_ratio,
    "attach": _handle_attach,
    "save": _handle_save,
    "rerun": _handle_release,
}


def handle(canvas: FigureCanvas, event: Event) -> None:
    """Pass one event on; one of an unknown type is an error."""
    kind = event.get("type")
    handler = HANDLERS.get(kind) if isinstance(kind, str) else None
    if handler is None:
        raise ValueError(f"a figure knows no event {kind!r}")
    handler(canvas, event)
