"""Source texts: where they come from, which may be included, and how bytes become lines."""

from .disk import DiskLibrary
from .fence import real_path
from .source import (
    LARGEST_FILE,
    LONGEST_LINE,
    Included,
    Library,
    MemoryLibrary,
    OverlayLibrary,
    TooMuch,
    Unreadable,
    decode,
)

__all__ = [
    "LARGEST_FILE",
    "LONGEST_LINE",
    "DiskLibrary",
    "Included",
    "Library",
    "MemoryLibrary",
    "OverlayLibrary",
    "TooMuch",
    "Unreadable",
    "decode",
    "real_path",
]
