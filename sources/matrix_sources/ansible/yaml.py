"""An Ansible inventory as YAML. The text is composed to nodes, so that every value has its line; nothing is constructed
but scalars, lists and mappings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import yaml

from matrix_sources.outline.leftover import DraftError

from .ini import expanded, without_port
from .inventory import Inventory, InventoryGroup, Unusable, Variable
from .yaml_nodes import root_of

_DEEPEST: Final = 60
_SPARE: Final = 100_000
"""Values more than a text has letters: so many can come of aliases alone."""


def read_yaml(text: str) -> Inventory:
    """The inventory of a YAML text. Raises DraftError."""
    try:
        root = root_of(text)
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise DraftError(f"{where}{error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise DraftError(str(error)) from error
    except RecursionError as error:
        raise DraftError("values within values without an end") from error
    return _Reader(len(text) + _SPARE).inventory(root)


class _Reader:
    """Walks the nodes; a node that aliases share is walked each time, up to a bound."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inventory = Inventory()
        self._visited = 0

    def inventory(self, root: yaml.Node | None) -> Inventory:
        """The inventory of the whole document."""
        if root is not None and not isinstance(root, yaml.MappingNode):
            raise DraftError("an inventory is a mapping of groups")
        for name, _, node in self._pairs(root):
            self._group(name, node, 0)
        return self._inventory

    def _group(self, name: str, node: yaml.Node, depth: int) -> InventoryGroup:
        line = node.start_mark.line + 1
        group = self._inventory.group(name, line)
        if depth > _DEEPEST:
            raise DraftError(f"line {line}: groups within groups without an end")
        if not _is_nothing(node) and not isinstance(node, yaml.MappingNode):
            self._leave(node, name, "a group is a mapping of hosts, vars and children")
            return group
        for key, at, value in self._pairs(node):
            if key == "hosts":
                self._hosts(group, value)
            elif key == "vars":
                self._variables(value, group.variables, f"{name}: vars")
            elif key == "children":
                for child, line, below in self._children(group, value):
                    self._group(child, below, depth + 1)
                    group.children.setdefault(child, line)
            else:
                self._inventory.outline.leave(at, f"{name}: {key}", "no part of a group: hosts, vars, children")
        return group

    def _children(self, group: InventoryGroup, node: yaml.Node) -> Iterator[tuple[str, int, yaml.Node]]:
        node = _named(node)
        if _is_nothing(node) or isinstance(node, yaml.MappingNode):
            yield from self._pairs(node)
        else:
            self._leave(node, f"{group.name}: children", "not a mapping of groups")

    def _hosts(self, group: InventoryGroup, node: yaml.Node) -> None:
        node = _named(node)
        if not _is_nothing(node) and not isinstance(node, yaml.MappingNode):
            self._leave(node, f"{group.name}: hosts", "not a mapping of hosts")
            return
        for pattern, line, below in self._pairs(node):
            variables: dict[str, Variable] = {}
            bare, port = without_port(pattern)
            if port:
                variables["ansible_port"] = Variable(line, port)
            self._variables(below, variables, pattern)
            for name in expanded(self._inventory, line, bare):
                held = self._inventory.host(name, line)
                for key, variable in variables.items():
                    self._inventory.set(held, name, key, variable)
                group.hosts.setdefault(name, line)

    def _variables(self, node: yaml.Node, variables: dict[str, Variable], where: str) -> None:
        if not _is_nothing(node) and not isinstance(node, yaml.MappingNode):
            self._leave(node, where, "not a mapping of variables")
            return
        for key, line, value in self._pairs(node):
            self._inventory.set(variables, where, key, Variable(line, self._value(value, 0)))

    def _value(self, node: yaml.Node, depth: int) -> object:
        """A scalar as text, a list of scalars as a list; anything else is not for a property."""
        if isinstance(node, yaml.SequenceNode) and depth == 0:
            self._count(len(node.value))
            return [self._value(item, 1) for item in node.value]
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        return Unusable("values within values")

    def _pairs(self, node: yaml.Node | None, depth: int = 0) -> Iterator[tuple[str, int, yaml.Node]]:
        """Key, line and value of a mapping, merge keys (`<<`) followed; a key that is no scalar is left."""
        if not isinstance(node, yaml.MappingNode):
            return
        self._count(len(node.value))
        own = {key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._leave(key, "", "a key that is no text")
            elif key.tag != "tag:yaml.org,2002:merge":
                yield key.value, key.start_mark.line + 1, value
            elif depth > _DEEPEST:
                raise DraftError(f"line {key.start_mark.line + 1}: merge keys within one another without an end")
            else:
                for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    for name, line, below in self._pairs(merged, depth + 1):
                        if name not in own:
                            own.add(name)
                            yield name, line, below

    def _count(self, nodes: int) -> None:
        self._visited += nodes
        if self._visited > self._most:
            raise DraftError(f"more than {self._most:,} values: its aliases multiply")

    def _leave(self, node: yaml.Node, text: str, reason: str) -> None:
        self._inventory.outline.leave(node.start_mark.line + 1, text, reason)


def _is_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _named(node: yaml.Node) -> yaml.Node:
    """A name alone (`hosts: web1`) as the mapping that Ansible takes it for; other nodes as they are."""
    if not isinstance(node, yaml.ScalarNode) or _is_nothing(node):
        return node
    nothing = yaml.ScalarNode("tag:yaml.org,2002:null", "", node.start_mark, node.end_mark)
    return yaml.MappingNode("tag:yaml.org,2002:map", [(node, nothing)], node.start_mark, node.end_mark)


def _scalar(node: yaml.ScalarNode) -> object:
    """A scalar as Ansible takes it, but numbers as they are written."""
    if node.tag == "tag:yaml.org,2002:null":
        return Unusable("nothing is set")
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in ("yes", "true", "on")
    if node.tag in ("!vault", "!vault-encrypted"):
        return Unusable("encrypted with ansible-vault")
    return node.value
