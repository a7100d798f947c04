"""The hosts of a MATRIX from what all its lines say: each declared once, added to elsewhere, addresses told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matrix_common.words import did_you_mean
from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.model.host import Host
from matrix_grammar.model.role import Role
from matrix_grammar.model.values import ValueMistake, address_identity, canonical_address
from matrix_grammar.model.vocabulary import DIRECTIVES
from matrix_grammar.statements.scope import Result
from matrix_grammar.statements.walk import HostEntry, spots
from matrix_grammar.syntax.lines import parse_line
from matrix_grammar.syntax.nodes import HostLine

from .merging import Merging, Part, name_at

_MOST_NAMED = 5
"""Names listed in one message."""


class Assembly:
    """Puts the hosts together. `hosts` are in the order of their declaring lines, `index` finds them by lower-case
    name.
    """

    def __init__(
        self, entries: Sequence[HostEntry], problems: Problems, catalogue: Mapping[str, Role], version: int
    ) -> None:
        self._catalogue = catalogue
        self._version = version
        self._problems = problems
        self._entries = entries
        self.hosts: list[Host] = []
        self.index: dict[str, int] = {}
        self._adds = False
        self._declare()
        if self._adds:
            self._add()

    def _declare(self) -> None:
        keys: list[str] = []
        identities: list[str] = []
        version = self._version
        for result, source, number in self._entries:
            hosts = result.hosts
            if result.version != version or hosts[0].line != number or hosts[0].file != source.path:
                self._renew(result, source.path, number)
                hosts = result.hosts
            if result.declares:
                self.hosts += hosts
                keys += result.keys
                identities += result.identities
            else:
                self._adds = True
        self.index = dict(zip(keys, range(len(keys)), strict=True))
        if len(self.index) != len(keys):
            self._report_declared_twice()
        if len(set(identities)) != len(identities):
            self._report_shared_addresses()

    def _renew(self, result: Result, file: str, line: int) -> None:
        """Bring a result that an earlier reading found to where it stands now, and to what the headers say now."""
        first = result.hosts[0]
        if first.catalogue is not self._catalogue or first.line != line or first.file != file:
            result.hosts = tuple([moved(host, file, line, self._catalogue) for host in result.hosts])
        result.version = self._version

    def _report_declared_twice(self) -> None:
        """Keep the first declaration of each host, and tell of the others."""
        first: dict[str, tuple[Spot, str]] = {}
        hosts: list[Host] = []
        for result, spot in spots(self._entries):
            if not result.declares:
                continue
            reported = False
            for key, host in zip(result.keys, result.hosts, strict=True):
                before = first.setdefault(key, (spot, host.name))
                if len(first) > len(hosts):
                    hosts.append(host)
                elif not reported:
                    reported = True
                    self._report_twice(host.name, before, spot)
        self.hosts = hosts
        self.index = {host.name.lower(): number for number, host in enumerate(hosts)}

    def _report_twice(self, name: str, before: tuple[Spot, str], spot: Spot) -> None:
        as_name = "" if before[1] == name else f" as {before[1]} (names are compared without case)"
        cure = "a line that only adds roles, state or properties gives no address"
        if before[0] == spot:
            return self._problems.add("M035", name_at(spot), f"this line gives {name} twice")
        note = (name_at(before[0]), f"declared here first{as_name}")
        return self._problems.add("M035", name_at(spot), f"host {name} is declared twice", cure=cure, notes=[note])

    def _report_shared_addresses(self) -> None:
        """An address belongs to one host, however it is spelled."""
        first: dict[str, tuple[Spot, str, str]] = {}
        reported: set[Spot] = set()
        for result, spot in spots(self._entries):
            for host in result.hosts:
                for address in host.addresses:
                    before = first.get(address_identity(address))
                    if before is None:
                        first[address_identity(address)] = (spot, host.name, address)
                        continue
                    declared_twice = before[0] != spot and before[1].lower() == host.name.lower()
                    if not declared_twice and spot not in reported:
                        reported.add(spot)
                        self._report_address(host.name, address, before, spot)

    def _report_address(self, name: str, address: str, before: tuple[Spot, str, str], spot: Spot) -> None:
        note = (_address_at(before[0], before[2]), f"{before[1]} has it here")
        message = (
            f"address {address} belongs to {before[1]}" if before[1] != name else f"address {address} is given twice"
        )
        self._problems.add("M036", _address_at(spot, address, last=True), message, notes=[note])

    def _add(self) -> None:
        """Merge what other lines add to the hosts."""
        additions: dict[int, list[tuple[int, Part]]] = {}
        for rank, (result, spot) in enumerate(spots(self._entries)):
            if result.declares:
                continue
            missing = []
            for key, part in zip(result.keys, result.hosts, strict=True):
                at = self.index.get(key)
                if at is None:
                    missing.append(part.name)
                else:
                    additions.setdefault(at, []).append((rank, (part, spot)))
            if missing:
                self._report_missing(missing, spot)
        if not additions:
            return
        for rank, (result, spot) in enumerate(spots(self._entries)):
            for key in result.keys if result.declares else ():
                at = self.index[key]
                if at in additions and self.hosts[at].line == spot.number and self.hosts[at].file == spot.source.path:
                    additions[at].append((rank, (self.hosts[at], spot)))
        merging = Merging(self._problems)
        for at, ranked in additions.items():
            ranked.sort(key=lambda pair: pair[0])
            self.hosts[at] = merging.host(self.hosts[at], [part for _, part in ranked])

    def _report_missing(self, names: list[str], spot: Spot) -> None:
        """Tell of hosts that no line declares, unless a line that could not be read may have done so."""
        missing = [name for name in names if not self._problems.may_be_declared(name)]
        if not missing:
            return
        near = self._problems.nearest(missing[0], [host.name for host in self.hosts])
        listed = ", ".join(missing[:_MOST_NAMED]) + (
            f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        )
        directive = f"@{missing[0]}" if f"@{missing[0]}" in DIRECTIVES else ""
        cure = (
            did_you_mean([directive] if directive else near)
            or "the line that declares a host gives its address, or `-` for `found by its name`"
        )
        self._problems.add("M037", name_at(spot), f"host {listed} is declared nowhere", cure=cure)


def moved(host: Host, file: str, line: int, catalogue: Mapping[str, Role]) -> Host:
    """The same host in another place (dataclasses.replace takes twice as long, and a header's edit moves all
    hosts).
    """
    return Host(
        host.name, host.addresses, host.fullname, host.site, host.rack, host.state, host.memberships, host.properties,
        host.defaults, host.note, file, line, catalogue,
    )  # fmt: skip


def _address_at(spot: Spot, address: str, last: bool = False) -> At:
    """Where a line gives an address; the whole of a range that gives it."""
    statement = parse_line(spot.text)
    assert isinstance(statement, HostLine)
    tokens = [token for token in statement.addresses if "[" in token.text or _same(token.text, address)]
    return spot.at(tokens[-1 if last else 0])


def _same(text: str, address: str) -> bool:
    """Whether a text spells this address."""
    try:
        return address_identity(canonical_address(text)) == address_identity(address)
    except ValueMistake:
        return False
