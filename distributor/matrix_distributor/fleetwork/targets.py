"""Which hosts are meant: a selector or several, less some, and those out of service set aside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from matrix_grammar import Fleet
from matrix_grammar.model import Host

from .errors import FleetworkError

_MORE = re.compile(r"[^A-Za-z0-9_.,\s-]")
"""What makes more of a selector than a list of names."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Hosts in the order of the MATRIX: those to work on, and those set aside since they are out of service.

    `named` are the names of hosts that somebody has named one by one, and not by a role, a range or a pattern.
    """

    hosts: tuple[Host, ...]
    skipped: tuple[Host, ...]
    named: frozenset[str] = frozenset()


def choose(fleet: Fleet, selectors: Iterable[str], *, exclude: Iterable[str] = (), all_: bool = False) -> Chosen:
    """The hosts that any of the selectors names, but those of `exclude`; with `all_` those out of service as well.

    Raises SelectorError for a name that is not known, FleetworkError when no selector is given or none is left.
    """
    words = [word for word in selectors if word.strip()]
    if not words:
        raise FleetworkError("no hosts are named: give a selector, or '*' for all of them")
    wanted = {host.name for word in words for host in fleet.select(word)}
    named = len(wanted)
    for word in exclude:
        wanted -= {host.name for host in fleet.select(word)}
    if not wanted:
        why = " once those of -x are taken away" if named else ""
        raise FleetworkError(f"{' '.join(words)} names no host{why}")
    hosts = [host for host in fleet.hosts if host.name in wanted]
    working = tuple(host for host in hosts if all_ or host.in_service)
    left = tuple(host for host in hosts if not (all_ or host.in_service))
    return Chosen(working, left, _named(words, left))


def _named(words: Iterable[str], hosts: Iterable[Host]) -> frozenset[str]:
    """Which of the hosts stand by their own names in the selectors, alone or between commas."""
    said = {name.strip().lower() for word in words if not _MORE.search(word) for name in word.split(",")}
    return frozenset(host.name for host in hosts if said & {host.name.lower(), host.fullname.lower()})
