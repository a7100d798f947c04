"""An inventory of Ansible as it is written, whether as INI or as YAML."""

from __future__ import annotations

from dataclasses import dataclass, field

from matrix_sources.outline.outline import Outline


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
class InventoryGroup:
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
    groups: dict[str, InventoryGroup] = field(default_factory=dict)
    hosts: dict[str, dict[str, Variable]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def group(self, name: str, line: int) -> InventoryGroup:
        """The group of that name, begun here when it is new."""
        found = self.groups.get(name)
        if found is None:
            found = self.groups[name] = InventoryGroup(name, line)
        return found

    def set(self, variables: dict[str, Variable], where: str, key: str, variable: Variable) -> None:
        """Set a variable of a host or group; one that is set to another value already is told: the last one counts."""
        before = variables.get(key)
        if before is not None and before.value != variable.value:
            self.outline.leave(before.line, f"{where}: {key}", "it is given again below")
        variables[key] = variable

    def host(self, name: str, line: int) -> dict[str, Variable]:
        """The variables of the host of that name, begun here when it is new."""
        found = self.hosts.get(name)
        if found is None:
            self.lines[name] = line
            found = self.hosts[name] = {}
        return found
