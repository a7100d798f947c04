"""Source texts: where they come from, which may be included, and how bytes become lines."""

from .disk import Disk
from .fence import real_path
from .source import LARGEST_FILE, LONGEST_LINE, Included, Library, Overlay, Texts, TooMuch, Unreadable, decode

__all__ = [
    "LARGEST_FILE",
    "LONGEST_LINE",
    "Disk",
    "Included",
    "Library",
    "Overlay",
    "Texts",
    "TooMuch",
    "Unreadable",
    "decode",
    "real_path",
]
