"""The files of one entry, or why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matrix_emitters import EmitterError
from matrix_emitters.reflection import reflect
from matrix_emitters.reflection.model import Configuration, Finding, Reflected
from matrix_grammar import Fleet
from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.ranges import fold


@dataclass(frozen=True, slots=True)
class Made:
    """What an entry makes. `cause` says why it makes nothing that may be used: then there is nothing to apply.

    `warnings` are what our own checks say beside that.
    """

    entry: Configuration
    files: tuple[Reflected, ...] = ()
    cause: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that are to have a file of it."""
        return tuple(name for file in self.files for name in file.hosts)


def make(
    fleet: Fleet, generation: int, entry: Configuration, templates: Mapping[str, str], only: Iterable[str] | None = None
) -> Made:
    """The files of an entry for its hosts, or for those of `only` alone; a mistake in it is told, never raised."""
    try:
        files = reflect(fleet, generation, entry, templates, only)
    except (EmitterError, SelectorError) as error:
        return Made(entry, cause=str(error))
    found = dict.fromkeys((finding, file.hosts) for file in files for finding in file.findings)
    told = [(finding.severity, _sentence(finding, hosts)) for finding, hosts in found]
    wrong = list(dict.fromkeys(text for severity, text in told if severity == "error"))
    warnings = tuple(dict.fromkeys(text for severity, text in told if severity == "warning"))
    cause = "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")
    return Made(entry, files, cause, warnings)


def hosts_of(fleet: Fleet, entry: Configuration) -> tuple[str, ...]:
    """The hosts that an entry is for; none where the MATRIX does not know its selector, which making it tells."""
    try:
        return tuple(host.name for host in fleet.select(entry.hosts))
    except SelectorError:
        return ()


def _sentence(finding: Finding, hosts: tuple[str, ...]) -> str:
    named = fold(finding.hosts or hosts)
    return f"{named}: {finding.message}" + (f" ({finding.cure})" if finding.cure else "")
