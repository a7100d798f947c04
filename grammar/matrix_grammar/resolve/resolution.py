"""From the tree of texts to the Fleet, stage by stage; and what is kept from one reading to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.fleet import Fleet
from matrix_grammar.model.declared import Group
from matrix_grammar.model.host import Host
from matrix_grammar.model.role import Role
from matrix_grammar.statements.declarations import Declarations
from matrix_grammar.statements.host_lines import HostLines
from matrix_grammar.statements.properties import Properties
from matrix_grammar.statements.scope import Scopes, Surroundings
from matrix_grammar.statements.tree import SourceNode
from matrix_grammar.statements.walk import HostEntry, Walk

from .assembly import Assembly
from .merging import property_at
from .name_rules import Naming, check_property_names
from .references import References
from .role_warnings import warn_of_empty, warn_of_properties, warn_of_roles
from .roles import RoleTexts, build_roles, order_of_mention

LEAST_KEPT: Final = 4_000
"""Hosts whose results may be kept beside half as many again as are in use, before all are let go."""


class Resolution:
    """Resolves texts, again and again.

    Under the same declarations a line in the same scope means the same, so its result is kept; when declarations
    change, everything is forgotten.
    """

    def __init__(self, keep: bool) -> None:
        self.problems = Problems()
        self._keep = keep
        self._fingerprint: object = None
        self._scopes = Scopes()
        self._lines: HostLines | None = None
        self._properties: Properties | None = None
        self._catalogue: Mapping[str, Role] = {}
        self._version = 1

    @property
    def kept(self) -> int:
        """How many results of lines are kept."""
        return self._scopes.size

    def fleet(self, text: SourceNode, path: str) -> Fleet:
        """The fleet of these texts. Every mistake is in `problems`; with an error among them the fleet is of no
        use.
        """
        problems = self.problems
        declarations = Declarations(problems)
        declarations.collect(text)
        lines, properties = self._begin(declarations)
        walk = Walk(lines, properties, self._scopes, problems, self._keep)
        walk.text(text, self._scopes.get(Surroundings()))
        self._forget_if_stale(sum(len(result.hosts) for result, _, _ in walk.entries))
        texts = RoleTexts(walk.headers, problems)
        self._settle(lines, build_roles(order_of_mention(walk.headers, ()), texts, {}))
        assembly = Assembly(walk.entries, problems, lines.catalogue, self._version)
        References(declarations.references, assembly, problems).check(walk.entries, walk.headers)
        members: dict[str, list[Host]] = {}
        for host in assembly.hosts:
            for membership in host.memberships:
                role_hosts = members.get(membership.role)
                if role_hosts is None:
                    role_hosts = members[membership.role] = []
                role_hosts.append(host)
        roles = build_roles([*order_of_mention(walk.headers, ()), *members], texts, members)
        undeclared = self._undeclared(properties, walk.entries)
        types = {**declarations.types, **{key: properties.kind(key) for key in sorted(undeclared)}}
        hosts = tuple(assembly.hosts)
        groups: Mapping[str, Group] = {}
        if walk.groups:
            from .groups import Groups  # with selectors 8 ms

            groups = Groups(walk.groups, problems, hosts, roles, declarations.states, types).evaluated
        Naming(assembly, walk.headers, walk.entries, walk.groups, problems).check(roles)
        check_property_names(declarations, undeclared, problems)
        warn_of_properties(declarations, undeclared, problems)
        warn_of_roles(roles, walk.headers, walk.entries, problems)
        warn_of_empty(path, assembly, problems)
        return Fleet(hosts, roles, groups, declarations.states, types)

    def _begin(self, declarations: Declarations) -> tuple[HostLines, Properties]:
        """The resolvers of lines, with all that they know if the declarations are those of the last reading."""
        if self._lines is None or self._properties is None or self._fingerprint != declarations.fingerprint:
            self._fingerprint = declarations.fingerprint
            self._scopes.forget()
            if self._properties is not None:
                self._properties.forget()
            self._properties = Properties(declarations, self.problems)
            self._lines = HostLines(declarations, self._properties, self.problems, {})
        self._properties.undeclared = {}
        self._lines.catalogue = {}
        self._lines.begin()
        return self._lines, self._properties

    def _forget_if_stale(self, hosts: int) -> None:
        """Let go of what is kept when most of it is of lines that are no longer there, as after months of edits."""
        if self._scopes.weight > 1.5 * hosts + LEAST_KEPT:
            self._fingerprint = None

    def _settle(self, lines: HostLines, catalogue: dict[str, Role]) -> None:
        """Give the hosts of this reading what the headers say; those of earlier ones are renewed if that has
        changed.
        """
        if self._catalogue != catalogue:
            self._version += 1
            self._catalogue = catalogue
        lines.catalogue.update(catalogue)

    def _undeclared(self, properties: Properties, entries: Sequence[HostEntry]) -> dict[str, At]:
        """The properties that nothing declares, each where it stands first; those of known lines too."""
        places = properties.undeclared
        for result, source, number in entries:
            for key in result.undeclared:
                if key not in places:
                    places[key] = property_at(Spot(source, number), key)
        return places
