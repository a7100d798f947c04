"""What a request to a host carries: a whole generation, or what changes in one that the host keeps."""

from __future__ import annotations

from typing import Protocol


class Payload(Protocol):
    """A generation, as a request names and sends it."""

    @property
    def number(self) -> int:
        """Its number, from 1."""

    @property
    def digest(self) -> str:
        """The digest over its files, in hex."""

    @property
    def archive(self) -> bytes:
        """All of it, as one compressed stream."""


class DeltaPayload(Protocol):
    """What leads to a generation from another one."""

    @property
    def base(self) -> str:
        """The generation it starts from, as a host names it (N-DIGEST12)."""

    @property
    def stream(self) -> bytes:
        """What is sent."""
