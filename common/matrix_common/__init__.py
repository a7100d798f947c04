"""What every package needs and none owns. Everything else builds on it; it imports none of the others."""

from .moved import forwarded

__all__ = ["forwarded"]
