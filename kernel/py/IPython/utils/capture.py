"""Output that is kept instead of sent."""

from tincture.capture import CapturedIO, RichOutput, capture_output

__all__ = ["CapturedIO", "RichOutput", "capture_output"]
