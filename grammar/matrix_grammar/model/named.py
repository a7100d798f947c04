"""What has a name is sorted by it."""

from __future__ import annotations

from functools import total_ordering


@total_ordering
class Named:
    """Two of one kind in the order of their names, compared without case first."""

    __slots__ = ()

    name: str

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Named) or type(self) is not type(other):
            return NotImplemented
        return (self.name.lower(), self.name) < (other.name.lower(), other.name)
