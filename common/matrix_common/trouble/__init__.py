"""What is wrong, and what to do about it, as values."""

from typing import TYPE_CHECKING

from matrix_common.moved import forwarded

from .notice import NEXT_RELEASE, TO_ALLOW, TO_KEEP, Notice

if TYPE_CHECKING:
    from .trouble import NO_TROUBLE, Trouble, Troubled

__all__ = [
    "NEXT_RELEASE",
    "NO_TROUBLE",
    "TO_ALLOW",
    "TO_KEEP",
    "Notice",
    "Trouble",
    "Troubled",
]

if not TYPE_CHECKING:  # a text is checked without it
    __getattr__ = forwarded(__name__, dict.fromkeys(("NO_TROUBLE", "Trouble", "Troubled"), f"{__name__}.trouble"))
