"""Names against one another: roles, groups and hosts share one name space, and no two may meet in the bindings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matrix_grammar.diagnostics.problems import At, Problems
from matrix_grammar.model.names import RESERVED_NAMES, binding_name
from matrix_grammar.statements.declarations import Declarations
from matrix_grammar.statements.walk import GroupLine, Header, HostEntry, spots

from .assembly import Assembly
from .merging import declaring_at, tag_at
from .roles import role_at


class Naming:
    """Checks the names of a MATRIX."""

    def __init__(
        self,
        assembly: Assembly,
        headers: Iterable[Header],
        entries: Iterable[HostEntry],
        groups: Iterable[GroupLine],
        problems: Problems,
    ) -> None:
        self._assembly = assembly
        self._headers = list(headers)
        self._entries = entries
        self._groups = {line.name.text: line for line in groups}
        self._problems = problems

    def check(self, roles: Iterable[str]) -> None:
        """Check roles, groups and hosts."""
        spelled: dict[str, str] = {}
        roles = dict.fromkeys(roles)
        for name in roles | dict.fromkeys(self._groups):
            self._check_one(name, name in roles)
            other = spelled.setdefault(binding_name(name), name)
            if other != name:
                notes = [(self._at(other), f"{other} stands here")]
                variable = f"DSAS_{binding_name(name)}"
                self._problems.add("M044", self._at(name), f"{name} and {other} would both be ${variable}", notes=notes)
        self._check_full_names()

    def _check_one(self, name: str, is_role: bool) -> None:
        what = "role" if is_role else "group"
        if name in RESERVED_NAMES:
            self._problems.add("M038", self._at(name), f"the bindings keep the name {name}; a {what} cannot have it")
        position = self._assembly.index.get(name)
        if position is not None:
            host = self._assembly.hosts[position]
            notes = [(declaring_at(spots(self._entries), host), f"host {host.name} is declared here")]
            message = f"{name} is a {what} and a host"
            self._problems.add("M043", self._at(name), message, cure="one of the two needs another name", notes=notes)
        elif is_role and name in self._groups:
            line = self._groups[name]
            at = line.spot.at(line.name)
            self._problems.add(
                "M043", at, f"{name} is a group and a role", notes=[(self._at(name), "the role stands here")]
            )

    def _check_full_names(self) -> None:
        """A host's name with the domain behind it may be the very name of another."""
        hosts, index = self._assembly.hosts, self._assembly.index
        for key in [key for key in index if "." in key]:
            for position in {index.get(key[:dot]) for dot, letter in enumerate(key) if letter == "."} - {None}:
                assert position is not None
                host = hosts[position]
                if host.fullname.lower() == key:
                    other = hosts[index[key]]
                    notes = [(declaring_at(spots(self._entries), host), f"{host.name} is declared here")]
                    message = f"{other.name} is also the full name of {host.name}"
                    self._problems.add("M052", declaring_at(spots(self._entries), other), message, notes=notes)

    def _at(self, name: str) -> At:
        """Where a role or group is first named."""
        for header in self._headers:
            if header.role == name or header.role.startswith(f"{name}."):
                return role_at(header)
        for result, spot in spots(self._entries):
            if result.hosts and result.hosts[0].membership(name) is not None:
                return tag_at(spot, name)
        line = self._groups[name]
        return line.spot.at(line.name)


def check_property_names(declarations: Declarations, seen: Mapping[str, At], problems: Problems) -> None:
    """No two properties, declared or not, may have names that meet in the bindings."""
    for other, name in declarations.colliding(seen):
        places = {**declarations.places, **{f"property {key}": at for key, at in seen.items()}}
        at, first = places.get(f"property {name}"), places.get(f"property {other}")
        if at is None:
            at, first, name, other = first, None, other, name
        assert at is not None
        notes = [(first, f"{other} stands here")] if first else []
        message = f"properties {name} and {other} would both be {binding_name(name)} in the bindings"
        problems.add("M044", at, message, cure=f"write {other}" if not first or name in seen else "", notes=notes)
