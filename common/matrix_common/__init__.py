"""What every package needs and none owns. Everything else builds on it; it imports none of the others."""

from typing import Final

from .moved import forwarded

__all__ = ["VERSION", "forwarded"]

VERSION: Final = "0.1.0"
"""The version of this program, from which the build takes it too."""
