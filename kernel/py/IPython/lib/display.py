"""Sound, frames, links to files and source code."""

from tincture.media import (
    Audio,
    Code,
    FileLink,
    FileLinks,
    IFrame,
    ScribdDocument,
    VimeoVideo,
    YouTubeVideo,
)

__all__ = [
    "Audio",
    "Code",
    "FileLink",
    "FileLinks",
    "IFrame",
    "ScribdDocument",
    "VimeoVideo",
    "YouTubeVideo",
]
