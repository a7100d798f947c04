"""What is wrong, and what to do about it, as values."""

from .notice import NEXT_RELEASE, TO_ALLOW, TO_KEEP, Notice

__all__ = [
    "NEXT_RELEASE",
    "TO_ALLOW",
    "TO_KEEP",
    "Notice",
]
