"""Whether the key that a host shows may be trusted, and the known_hosts files behind that."""

from .known_hosts import KnownKey

__all__ = [
    "KnownKey",
]
