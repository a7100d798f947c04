"""From texts to a Fleet: the whole way, once or again and again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from .assembly import Assembly
from .declarations import Declarations
from .diagnostics import Diagnostic, MatrixError
from .fleet import Fleet
from .groups import Groups
from .hosts import HostLines
from .lint import warn_of_empty, warn_of_properties, warn_of_roles
from .loader import Disk
from .model import Host, Role
from .naming import Naming, check_property_names
from .problems import Problems
from .properties import Properties
from .references import References
from .roles import RoleTexts, build_roles, order_of_mention
from .scope import Scopes, Setting
from .sources import Library, Source, Texts
from .tree import Forest
from .walk import Walk


@dataclass(frozen=True)
class Reading:
    """What came of reading a MATRIX.

    `fleet` is None when there is an error among the `diagnostics`, which are in order of place. `sources` are all texts that
    were read, the MATRIX first, each with its bytes as they were read once.
    """

    fleet: Fleet | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that make the MATRIX unusable."""
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that leave it usable."""
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "warning")


class Reader:
    """Reads a MATRIX, and keeps what unchanged lines were found to say, so that reading it again is cheap."""

    def __init__(self, library: Library | None = None) -> None:
        self._library = library or Disk()

    def read(self, path: str | os.PathLike[str]) -> Reading:
        """Read the MATRIX of that path and all that it includes. Never raises for what stands in them."""
        problems = Problems()
        forest = Forest(self._library, problems)
        text = forest.open(os.fspath(path))
        if text is None or forest.newer:
            return Reading(None, problems.in_order(), tuple(forest.sources))
        declarations = Declarations(problems)
        declarations.collect(text)
        properties = Properties(declarations, problems)
        catalogue: dict[str, Role] = {}
        scopes = Scopes()
        walk = Walk(HostLines(declarations, properties, problems, catalogue), properties, scopes, problems)
        walk.text(text, scopes.get(Setting()))
        assembly = Assembly(walk.entries, problems)
        texts = RoleTexts(walk.headers, problems)
        References(declarations.references, assembly, problems).check(walk.entries, walk.headers)
        members: dict[str, list[Host]] = {}
        for host in assembly.hosts:
            for membership in host.memberships:
                members.setdefault(membership.role, []).append(host)
        names = order_of_mention(walk.headers, assembly.hosts)
        catalogue.update(build_roles(names, texts, {}))
        roles = build_roles(names, texts, members)
        undeclared = properties.undeclared
        types = {**declarations.types, **{key: properties.kind(key) for key in undeclared}}
        fleet = Fleet(tuple(assembly.hosts), roles, {}, declarations.states, types)
        groups = Groups(fleet, walk.groups, problems).found
        fleet = Fleet(tuple(assembly.hosts), roles, groups, declarations.states, types)
        Naming(assembly, walk.headers, walk.entries, walk.groups, problems).check(names)
        check_property_names(declarations, undeclared, problems)
        warn_of_properties(declarations, undeclared, problems)
        warn_of_roles(roles, walk.headers, walk.entries, problems)
        warn_of_empty(os.fspath(path), assembly, problems)
        diagnostics = problems.in_order()
        return Reading(None if problems.errors else fleet, diagnostics, tuple(forest.sources))


def read(path: str | os.PathLike[str]) -> Reading:
    """Read a MATRIX from disk, once, with every diagnostic. Never raises for what stands in it."""
    return Reader().read(path)


def load(path: str | os.PathLike[str]) -> Fleet:
    """The Fleet of a MATRIX on disk. Raises MatrixError with all diagnostics when there is an error among them."""
    return _fleet(read(path))


def loads(text: str | bytes, name: str = "MATRIX", includes: Mapping[str, str | bytes] | None = None) -> Fleet:
    """The Fleet of a text; `includes` are the texts that it may include, by path. Raises MatrixError."""
    return _fleet(reads(text, name, includes))


def reads(text: str | bytes, name: str = "MATRIX", includes: Mapping[str, str | bytes] | None = None) -> Reading:
    """Read a text as `read` reads a file."""
    return Reader(Texts({**(includes or {}), name: text})).read(name)


def _fleet(reading: Reading) -> Fleet:
    if reading.fleet is None:
        raise MatrixError(reading.diagnostics)
    return reading.fleet
