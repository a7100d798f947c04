"""Changes that take members away from under a VIP: all of them, or more than half, wait for a person."""

from __future__ import annotations

from dataclasses import dataclass

from matrix_emitters.reflection.model.entry import Configuration
from matrix_emitters.reflection.model.reflector import reflector
from matrix_grammar import Fleet


@dataclass(frozen=True, slots=True)
class Removal:
    """A service that loses all its members, or more than half. `lost` are hosts, or addresses that no host has.

    `left` is how many of those that were there before still get traffic. `gone`: the service itself is there no longer.
    """

    service: str
    lost: tuple[str, ...]
    left: int
    gone: bool = False

    def __str__(self) -> str:
        count = len(self.lost)
        names = ", ".join(self.lost[:5]) + (f" and {count - 5} more" if count > 5 else "")
        if self.gone:
            return (
                f"{self.service} is taken away, with {'its member' if count == 1 else f'all {count} members'}: {names}"
            )
        if not self.left:
            return f"{self.service} loses {'its only member' if count == 1 else f'all its {count} members'}: {names}"
        return f"{self.service} loses {count} of its {count + self.left} members: {names}"


def removals(entry: Configuration, old: bytes, new: bytes, fleet: Fleet | None = None) -> tuple[Removal, ...]:
    """The removals that a new text of an entry brings over an old one, in the order of the old.

    `old` may be any text that a host has, written by hand or generated; empty where there was none. With a Fleet its
    hosts are named, else addresses. Members of weight 0 get no traffic and count as taken out. Empty for own templates,
    and for kinds without services. Raises EmitterError for an old text that cannot be read.
    """
    if entry.own or not old.strip():
        return ()
    made = reflector(entry.template)
    before = made.serving(old.decode(errors="replace"))
    after = made.serving(new.decode())
    names = {address: host.name for host in (fleet or ()) for address in host.addresses}
    found = []
    for service, members in before.items():
        lost = members - after.get(service, frozenset())
        left = len(members) - len(lost)
        if members and 2 * len(lost) > len(members):
            told = tuple(sorted(names.get(member, member) for member in lost))
            found.append(Removal(service, told, left, service not in after))
    return tuple(found)
