"""Source texts: where they come from, and which may be included."""

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
    "real_path",
]
