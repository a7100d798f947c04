"""A check of a host key that looks at the key alone, and lets nobody in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from .host_key import HostKeyCheck, HostKeyRefused


@dataclass(frozen=True, slots=True)
class Looker:
    """Is called with the key that each host shows, in the pool's thread, in place of a login.

    Jump hosts are logged in to. With `given_first` hosts are asked for a key of a type that the MATRIX gives before any
    other.
    """

    see: Callable[[HostKeyCheck, bytes], None]
    given_first: bool = False


class Look(HostKeyCheck):
    """A check that hands the key to a Looker, and refuses the login."""

    def __init__(self, check: HostKeyCheck, looker: Looker) -> None:
        super().__init__(**{field.name: getattr(check, field.name) for field in fields(check)})
        self._looker = looker

    def algorithms(self) -> tuple[str, ...]:
        """Plain keys of the types that the MATRIX gives first, where these are looked for."""
        if not self._looker.given_first or not self.from_matrix:
            return super().algorithms()
        return self.plain_algorithms({key.type for key in self.from_matrix})

    def verify(self, blob: bytes) -> None:
        """Hand it over."""
        self._looker.see(self, blob)
        raise HostKeyRefused("the key was looked at, and nothing more", "")
