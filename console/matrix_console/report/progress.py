"""Progress over hosts: a line that counts and names stragglers on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from matrix_console.frame import Workspace


class Told(Protocol):
    """What became of a host."""

    @property
    def host(self) -> str:
        """Its name."""

    @property
    def good(self) -> bool:
        """Whether it is well."""


T = TypeVar("T", bound=Told)

NAMED = 4
"""So many hosts that are still to come are named."""


def with_progress(workspace: Workspace, outcomes: Iterable[T], hosts: Iterable[str], verb: str) -> Iterator[T]:
    """The outcomes as they come, while a terminal shows how many are done, how many failed and who is still out."""
    if not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.live import Live

    left = dict.fromkeys(hosts)
    total, bad = len(left), 0
    first = _line(verb, total, left, bad)
    with Live(
        first, console=workspace.errors, transient=True, refresh_per_second=10,
        redirect_stdout=False, redirect_stderr=False,  # rich would take colours in a text of others for ours
    ) as live:  # fmt: skip
        for outcome in outcomes:
            left.pop(outcome.host, None)
            bad += not outcome.good
            live.update(_line(verb, total, left, bad))
            yield outcome


def _line(verb: str, total: int, left: dict[str, None], bad: int) -> str:
    line = f"{verb}: {total - len(left)} of {total} hosts"
    if bad:
        line += f", {bad} not well"
    if left and len(left) < total:
        names = list(left)[:NAMED]
        line += f"; waiting for {', '.join(names)}" + (" …" if len(left) > NAMED else "")
    return line
