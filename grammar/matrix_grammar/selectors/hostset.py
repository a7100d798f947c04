"""A set of hosts of one Fleet, in the order of the MATRIX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, overload

from matrix_grammar.ranges.folding import fold

if TYPE_CHECKING:
    from matrix_grammar.model.host import Host

_FLAGS = bytes.maketrans(b"01", b"\0\1")


class HostSet(Sequence["Host"]):
    """Immutable; a sequence of hosts in the order of the MATRIX, with the operators of sets.

    `&`, `|`, `-` and `^` take another set of the same Fleet, and raise ValueError for one of another.
    """

    def __init__(self, universe: tuple[Host, ...], bits: int) -> None:
        self._universe = universe
        self._bits = bits

    @cached_property
    def _hosts(self) -> tuple[Host, ...]:
        return tuple(compress(self._universe, flags(self._bits)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its hosts."""
        return tuple(host.name for host in self._hosts)

    @cached_property
    def folded(self) -> str:
        """Its names as one short text: `w[101-103,105]`."""
        return fold(self.names)

    def __len__(self) -> int:
        return self._bits.bit_count()

    def __iter__(self) -> Iterator[Host]:
        return iter(self._hosts)

    @overload
    def __getitem__(self, index: int) -> Host: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Host, ...]: ...
    def __getitem__(self, index: int | slice) -> Host | tuple[Host, ...]:
        return self._hosts[index]

    def __contains__(self, item: object) -> bool:
        """Whether a host, or the host of that name (compared without case), is in it."""
        if isinstance(item, str):
            return item.lower() in self._by_name
        name = getattr(item, "name", None)
        return isinstance(name, str) and self._by_name.get(name.lower()) == item

    @cached_property
    def _by_name(self) -> dict[str, Host]:
        return {host.name.lower(): host for host in self._hosts}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HostSet):
            return NotImplemented
        if self._universe is other._universe:
            return self._bits == other._bits
        return self._hosts == other._hosts

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        return f"<HostSet {self.folded}>"

    def _other(self, other: HostSet) -> int:
        if self._universe is not other._universe and self._universe != other._universe:
            raise ValueError("these are sets of two different fleets")
        return other._bits

    def __and__(self, other: HostSet) -> HostSet:
        return HostSet(self._universe, self._bits & self._other(other))

    def __or__(self, other: HostSet) -> HostSet:
        return HostSet(self._universe, self._bits | self._other(other))

    def __sub__(self, other: HostSet) -> HostSet:
        return HostSet(self._universe, self._bits & ~self._other(other))

    def __xor__(self, other: HostSet) -> HostSet:
        return HostSet(self._universe, self._bits ^ self._other(other))


def flags(bits: int) -> bytes:
    """A byte 0 or 1 for each bit, the lowest first, up to the highest that is set."""
    return f"{bits:b}".encode()[::-1].translate(_FLAGS)


def bits_of(positions: Sequence[int] | set[int]) -> int:
    """The bits at these positions, in time linear in the highest (setting them one by one would be quadratic)."""
    if not positions:
        return 0
    top = max(positions)
    digits = bytearray(b"0") * (top + 1)
    for position in positions:
        digits[top - position] = 49
    return int(digits, 2)
