"""What can go wrong while bindings are made."""

from __future__ import annotations


class EmitterError(Exception):
    """A binding that cannot be made as asked: what is wrong, where, and what to do."""
