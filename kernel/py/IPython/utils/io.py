"""The same under the name it had before."""

from tincture.capture import CapturedIO, capture_output

__all__ = ["CapturedIO", "capture_output"]
