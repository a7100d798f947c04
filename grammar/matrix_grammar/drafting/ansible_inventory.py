"""What Ansible's inventories mean, whether written as INI or as YAML: an inventory to an outline.

A group is a role, and its variables are the role's properties. A group that only gathers others, and has no variables,
is a `@group`. Variables of `all` are defaults; those that say how a host is reached become addresses and `ssh.*`,
where a host's own go before its groups', and a group's before its parents'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from .outline import HostOutline, Outline, add
from .spelling import is_address

CONNECTION: Final = {
    "ansible_host": "address",
    "ansible_ssh_host": "address",
    "ansible_user": "ssh.user",
    "ansible_ssh_user": "ssh.user",
    "ansible_port": "ssh.port",
    "ansible_ssh_port": "ssh.port",
}
_DEEPEST: Final = 100
_MOST_MEMBERSHIPS: Final = 500_000
"""Roles of all hosts, those of groups within groups included."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that no property can have, and why."""

    reason: str


@dataclass(slots=True)
class Variable:
    """A variable: its line, and its value: a scalar, a list of scalars, or Unusable."""

    line: int
    value: object


@dataclass(slots=True)
class Group:
    """A group as it is written: hosts by name with the line of each, child groups, variables."""

    name: str
    line: int
    hosts: dict[str, int] = field(default_factory=dict)
    children: dict[str, int] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)


@dataclass(slots=True)
class Inventory:
    """An inventory as it is written."""

    outline: Outline = field(default_factory=lambda: Outline("ansible"))
    groups: dict[str, Group] = field(default_factory=dict)
    hosts: dict[str, dict[str, Variable]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def group(self, name: str, line: int) -> Group:
        """The group of that name, begun here when it is new."""
        return self.groups.setdefault(name, Group(name, line))

    def host(self, name: str, line: int) -> dict[str, Variable]:
        """The variables of the host of that name, begun here when it is new."""
        self.lines.setdefault(name, line)
        return self.hosts.setdefault(name, {})


def outline_of(inventory: Inventory) -> Outline:
    """The outline that says the same as the inventory."""
    return _Reader(inventory).outline()


class _Reader:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._outline = inventory.outline
        self._groups = {name: group for name, group in inventory.groups.items() if name not in ("all", "ungrouped")}
        self._depths: dict[str, int] = {}
        self._above: dict[str, list[str]] = {}
        self._reaching: dict[str, list[dict[str, Variable]]] = {}
        self._parents: dict[str, list[str]] = {}
        for group in self._groups.values():
            for child in group.children:
                if child in self._groups:
                    self._parents.setdefault(child, []).append(group.name)

    def outline(self) -> Outline:
        """Roles and groups in their order, hosts in theirs, and defaults."""
        self._break_circles()
        roles = {name for name, group in self._groups.items() if group.hosts or group.variables or not group.children}
        members = self._members(roles)
        for name, group in self._groups.items():
            if name in roles:
                facts = self._outline.role(name, group.line).facts
                for key, variable in group.variables.items():
                    if key not in CONNECTION:
                        self._fact(facts, f"{name}: {key}", key, variable)
            else:
                self._outline.groups[name] = (group.line, [child for child in group.children if child in self._groups])
        for name, variables in self._inventory.hosts.items():
            host = self._outline.host(name, self._inventory.lines[name])
            host.roles.update((role, {}) for role in members.get(name, ()))
            self._reach(host, name, variables)
            for key, variable in variables.items():
                if key not in CONNECTION:
                    self._fact(host.facts, f"{name}: {key}", key, variable)
        self._defaults()
        return self._outline

    def _break_circles(self) -> None:
        """Take out the children that would make a group its own ancestor, and those that nothing says more of."""
        state: dict[str, int] = {}
        below: dict[str, int] = {}  # how many groups are within one another below one
        for start in self._groups:
            if start in state:
                continue
            path: list[tuple[str, Iterator[str]]] = [(start, iter(list(self._groups[start].children)))]
            state[start] = 1
            while path:
                name, children = path[-1]
                child = next(children, None)
                if child is None:
                    state[name] = 2
                    below[name] = max((below[each] + 1 for each in self._groups[name].children), default=0)
                    path.pop()
                elif child not in self._groups or state.get(child) == 1 or len(path) + below.get(child, 0) > _DEEPEST:
                    line = self._groups[name].children.pop(child)
                    reason = "no group of this inventory"
                    if child in self._groups:
                        circle = state.get(child) == 1
                        reason = "the group is its own ancestor" if circle else f"more than {_DEEPEST} groups in a row"
                    self._outline.leave(line, f"{name}: {child}", reason)
                elif child not in state:
                    state[child] = 1
                    path.append((child, iter(list(self._groups[child].children))))

    def _members(self, roles: Iterable[str]) -> dict[str, list[str]]:
        """The roles of each host, by its name: of its own groups first, then of their ancestors that are roles."""
        found: dict[str, list[str]] = {}
        wanted, left = set(roles), _MOST_MEMBERSHIPS
        for name, group in self._groups.items():
            lineage = [name, *self._ancestors(name)]
            given = [each for each in lineage if each in wanted]
            if len(given) * len(group.hosts) > left:
                reason = f"its hosts are left without it: all hosts have more than {_MOST_MEMBERSHIPS:,} roles together"
                self._outline.leave(group.line, name, reason)
                continue
            left -= len(given) * len(group.hosts)
            for host in group.hosts:
                found.setdefault(host, []).extend(given)
        return {host: list(dict.fromkeys(mine)) for host, mine in found.items()}

    def _ancestors(self, name: str) -> list[str]:
        """The groups above a group, the nearest first."""
        known = self._above.get(name)
        if known is not None:
            return known
        found: dict[str, None] = {}
        level = [name]
        while level:
            level = [
                parent
                for each in level
                for parent in self._parents.get(each, ())
                if parent not in found and each in self._groups[parent].children
            ]
            found.update(dict.fromkeys(level))
        self._above[name] = list(found)
        return self._above[name]

    @cached_property
    def _connecting(self) -> frozenset[str]:
        """The groups with a variable that says how hosts are reached."""
        return frozenset(name for name, group in self._groups.items() if CONNECTION.keys() & group.variables.keys())

    def _reach(self, host: HostOutline, name: str, variables: dict[str, Variable]) -> None:
        """How a host is reached: its own variables, else those of its groups, the nearest first."""
        sources = [variables]
        own = [group.name for group in self._containing(name)]
        sources += [self._groups[group].variables for group in own]
        for group in own:
            sources += self._above_that_connect(group)
        found: dict[str, tuple[str, Variable]] = {}
        for source in sources:
            for key, meaning in CONNECTION.items():
                if key in source:
                    found.setdefault(meaning, (key, source[key]))
        for meaning, (key, variable) in found.items():
            if meaning == "address":
                self._address(host, variable)
            else:
                self._fact(host.facts, f"{name}: {key}", meaning, variable)
        if not host.addresses and is_address(name) and "address" not in found:
            self._outline.address(host, name, host.line)

    def _above_that_connect(self, group: str) -> list[dict[str, Variable]]:
        """The variables of the groups above one that say how hosts are reached, the nearest first."""
        if group not in self._reaching:
            above = self._ancestors(group)
            self._reaching[group] = [self._groups[each].variables for each in above if each in self._connecting]
        return self._reaching[group]

    def _containing(self, name: str) -> list[Group]:
        if not self._depths:
            for group in self._groups.values():
                self._depths[group.name] = len(self._ancestors(group.name))
            self._of_host: dict[str, list[Group]] = {}
            for group in self._groups.values():
                for host in group.hosts:
                    self._of_host.setdefault(host, []).append(group)
        return sorted(self._of_host.get(name, ()), key=lambda group: (-self._depths[group.name], group.name))

    def _address(self, host: HostOutline, variable: Variable) -> None:
        target = _text(variable.value)
        if target is None:
            self._outline.leave(variable.line, f"{host.name}: ansible_host", "not a plain value")
        elif is_address(target):
            self._outline.address(host, target, variable.line)
        elif target.lower() != host.name.lower():
            self._fact(host.facts, f"{host.name}: ansible_host", "ansible_host", variable)
            reason = "a name, not an address: kept as a property; the host is found by its own name"
            self._outline.change(variable.line, f"{host.name}: {target}", reason)

    def _fact(self, facts: dict[str, list[str]], where: str, key: str, variable: Variable) -> None:
        """A variable as a property; what is neither a scalar nor a list of scalars is left."""
        value = variable.value
        items = value if isinstance(value, list) else [value]
        texts = [_text(item) for item in items]
        known = [text for text in texts if text is not None]
        if not known or len(known) != len(texts):
            reason = next(
                (item.reason for item in items if isinstance(item, Unusable)), "not a value or a list of values"
            )
            self._outline.leave(variable.line, where, reason)
            return
        if any("{{" in text or "{%" in text for text in known):
            self._outline.change(variable.line, f"{where}: {known[0][:200]}", "a template, kept as it is written")
        add(facts, key, known)

    def _defaults(self) -> None:
        """Variables of `all`."""
        group = self._inventory.groups.get("all")
        for key, variable in group.variables.items() if group is not None else ():
            meaning = CONNECTION.get(key, key)
            if meaning == "address":
                self._outline.leave(variable.line, f"all: {key}", "an address belongs to one host")
            elif meaning not in self._outline.defaults:
                self._fact(self._outline.defaults, f"all: {key}", meaning, variable)


def _text(value: object) -> str | None:
    """A scalar as MATRIX spells it; None for what is no scalar, or nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
