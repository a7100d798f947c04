"""What an Ansible inventory means: an inventory to an outline.

A group is a role, and its variables are the role's properties. A group that only gathers others, and has no variables,
is a `@group`. Variables of `all` are defaults; those that say how a host is reached become addresses and `ssh.*` of the
host, whoever sets them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from matrix_sources.outline.outline import HostOutline, Outline, add
from matrix_sources.outline.spelling import is_address

from .groups import Groups
from .inventory import Inventory, Unusable, Variable

CONNECTION: Final = {
    "ansible_ssh_host": "address",
    "ansible_host": "address",
    "ansible_ssh_user": "ssh.user",
    "ansible_user": "ssh.user",
    "ansible_ssh_port": "ssh.port",
    "ansible_port": "ssh.port",
}
"""What says how a host is reached. Of two names for one thing the old one counts, whoever sets it."""

_MOST_MEMBERSHIPS: Final = 500_000
"""Roles of all hosts, those of groups within groups included."""

_WAYS: Final = frozenset({*CONNECTION, "ansible_connection"})
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
_SSH: Final = ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh")

Source = tuple[str, Variable]
"""A variable, and the group that has it; nothing for a host's own."""


def outline_of(inventory: Inventory) -> Outline:
    """The outline that says the same as the inventory."""
    return _Reader(inventory).outline()


class _Reader:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._outline = inventory.outline
        self._groups = Groups(inventory)
        self._taken: set[tuple[str, str]] = set()
        self._reaching: dict[tuple[str, ...], dict[str, Source]] = {}
        ungrouped = inventory.groups.get("ungrouped")
        self._ungrouped = ungrouped.variables if ungrouped is not None else {}
        everywhere = inventory.groups.get("all")
        self._all = everywhere.variables if everywhere is not None else {}

    def outline(self) -> Outline:
        """Roles and groups in their order, hosts in theirs, and defaults."""
        named = self._groups.named
        roles = {name for name, group in named.items() if group.hosts or group.variables or not group.children}
        members = self._members(roles)
        for name, group in named.items():
            if name in roles:
                facts = self._outline.role(name, group.line).facts
                for key, variable in group.variables.items():
                    if key not in CONNECTION:
                        self._fact(facts, f"{name}: {key}", key, variable)
            else:
                self._outline.groups[name] = (group.line, list(group.children))
        for name, variables in self._inventory.hosts.items():
            self._host(name, variables, members.get(name, ()))
        self._groups.tell_contests(CONNECTION)
        self._defaults()
        self._tell_unused()
        return self._outline

    def _members(self, roles: Iterable[str]) -> dict[str, list[str]]:
        """The roles of each host, by its name: of its own groups first, then of their ancestors that are roles."""
        found: dict[str, list[str]] = {}
        wanted, left = set(roles), _MOST_MEMBERSHIPS
        for name, group in self._groups.named.items():
            given = [each for each in (name, *self._groups.above(name)) if each in wanted]
            if len(given) * len(group.hosts) > left:
                reason = f"its hosts are left without it: all hosts have more than {_MOST_MEMBERSHIPS:,} roles together"
                self._outline.leave(group.line, name, reason)
                continue
            left -= len(given) * len(group.hosts)
            for host in group.hosts:
                found.setdefault(host, []).extend(given)
        return {host: list(dict.fromkeys(mine)) for host, mine in found.items()}

    def _host(self, name: str, variables: dict[str, Variable], roles: Iterable[str]) -> None:
        """A host with its roles, its own variables, and how it is reached."""
        shared = self._shared(name)
        if ("ansible_connection" in variables or "ansible_connection" in shared) and self._is_left(
            name, variables, shared
        ):
            return
        line = self._inventory.lines[name]
        known = self._outline.hosts.get(name.lower())
        host = self._outline.host(name, line)
        for role in roles:
            if role not in host.roles:
                host.roles[role] = {}
        if known is not None:
            for key, variable in variables.items():
                told = f"names are compared without case, and what {known.name} has counts"
                self._outline.leave(variable.line, f"{name}: {key}", told)
            return
        self._reach(host, name, variables, shared)
        for key, variable in variables.items():
            if key in CONNECTION:
                continue
            if type(variable.value) is str and "{" not in variable.value:
                host.facts.setdefault(key, []).append(variable.value)
            else:
                self._fact(host.facts, f"{name}: {key}", key, variable)
        if name not in self._groups.of_host:
            for key, variable in self._ungrouped.items():
                if key not in CONNECTION and key not in variables:
                    self._taken.add(("ungrouped", key))
                    self._fact(host.facts, f"{name}: {key}", key, variable)

    def _shared(self, name: str) -> dict[str, Source]:
        """What the groups of a host and `all` say of how it is reached; the first that sets a variable decides."""
        own = tuple(self._groups.of_host.get(name, ()))
        found = self._reaching.get(own)
        if found is None:
            groups = [(group.name, group.variables) for group in self._groups.deciding(name) if group.variables]
            if not own:
                groups = [("ungrouped", self._ungrouped)]
            found = self._reaching[own] = {}
            for group, variables in (*groups, ("all", self._all)):
                for key in _WAYS.intersection(variables):
                    found.setdefault(key, (group, variables[key]))
        return found

    def _is_left(self, name: str, variables: dict[str, Variable], shared: dict[str, Source]) -> bool:
        """Whether it is this machine alone; of other hosts that Ansible does not reach over SSH that is told."""
        found = variables.get("ansible_connection") or shared["ansible_connection"][1]
        connection = _text(found.value)
        if connection in _SSH or connection is None:
            return False
        line, told = self._inventory.lines[name], f"{name}: ansible_connection={connection}"
        if connection.rpartition(".")[2] != "local" or name not in _THIS_MACHINE:
            self._outline.change(line, told, "a host here, which matrix reaches over SSH; Ansible does not")
            return False
        self._outline.leave(line, told, "this machine itself, no host to push to")
        for key, variable in variables.items():
            if key != "ansible_connection":
                self._outline.leave(variable.line, f"{name}: {key}", "of a host that is not in the draft")
        return True

    def _reach(self, host: HostOutline, name: str, variables: dict[str, Variable], shared: dict[str, Source]) -> None:
        """How a host is reached. What `all` says is a default, and stands at no host."""
        chosen: dict[str, str] = {}
        for key in [key for key in CONNECTION if key in variables or key in shared]:
            meaning = CONNECTION[key]
            source, variable = ("", variables[key]) if key in variables else shared[key]
            if chosen.setdefault(meaning, key) != key:
                self._tell_twin(name, key, chosen[meaning], source, variable)
            elif source != "all":
                self._taken.add((source, key))
                if meaning == "address":
                    self._address(host, variable)
                else:
                    self._fact(host.facts, f"{name}: {key}", meaning, variable)
        if "address" not in chosen and not host.addresses and is_address(name):
            self._outline.address(host, name, host.line)

    def _tell_twin(self, name: str, key: str, chosen: str, source: str, variable: Variable) -> None:
        """Tell a variable that another name for the same thing puts out of force; that of `all` is a default still."""
        if source == "":
            self._outline.leave(variable.line, f"{name}: {key}", f"{chosen} counts here")
        elif source != "all" and (source, key) not in self._taken:
            self._taken.add((source, key))
            self._outline.change(variable.line, f"{source}: {key}", f"not for hosts that have {chosen}, as {name}")

    def _address(self, host: HostOutline, variable: Variable) -> None:
        target = _text(variable.value)
        if target is None:
            self._outline.leave(variable.line, f"{host.name}: ansible_host", "not a plain value")
        elif (":" in target or target[:1].isdigit()) and is_address(target):
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
        chosen: dict[str, str] = {}
        for key, meaning in CONNECTION.items():
            if key in self._all:
                chosen.setdefault(meaning, key)
        for key, variable in self._all.items():
            meaning = CONNECTION.get(key, key)
            if meaning == "address":
                self._outline.leave(variable.line, f"all: {key}", "an address belongs to one host")
            elif chosen.get(meaning, key) != key:
                self._outline.leave(variable.line, f"all: {key}", f"{chosen[meaning]} counts here")
            else:
                self._fact(self._outline.defaults, f"all: {key}", meaning, variable)

    def _tell_unused(self) -> None:
        """Variables that no host takes, and that no role has."""
        ungrouped = self._inventory.groups.get("ungrouped")
        for group in (*self._groups.named.values(), *([ungrouped] if ungrouped is not None else ())):
            for key, variable in group.variables.items():
                if (key in CONNECTION or group is ungrouped) and (group.name, key) not in self._taken:
                    self._outline.leave(variable.line, f"{group.name}: {key}", "no host takes it from there")
        for child, line in ungrouped.children.items() if ungrouped is not None else ():
            self._outline.leave(line, f"ungrouped: {child}", "a group of hosts that are in no group")


def _text(value: object) -> str | None:
    """A scalar as MATRIX spells it; None for what is no scalar, or nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
