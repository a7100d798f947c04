"""Which groups of an Ansible inventory are within which, and whose variables count; `outline.py` makes roles of them.

After Ansible's documentation, "How variables are merged": `all` first, then group by group from those that are
least deep within others to the deepest, those of one depth by `ansible_group_priority`, then by name; the last counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .inventory import Inventory, InventoryGroup, Variable

PRIORITY: Final = "ansible_group_priority"
_DEEPEST: Final = 100


class Groups:
    """The groups but for `all` and `ungrouped`, which Ansible has by itself. Circles are taken out, and told."""

    def __init__(self, inventory: Inventory) -> None:
        self._outline = inventory.outline
        self.named = {name: group for name, group in inventory.groups.items() if name not in ("all", "ungrouped")}
        self._break_circles()
        self._parents: dict[str, list[str]] = {}
        for group in self.named.values():
            for child in group.children:
                self._parents.setdefault(child, []).append(group.name)
        self._above: dict[str, list[str]] = {}
        self._depths: dict[str, int] = {}
        self._ranks: dict[str, tuple[int, int, str]] = {}
        """By what the groups of a host are sorted."""
        self._orders: dict[tuple[str, ...], list[InventoryGroup]] = {}
        self._priorities = {name: self._priority(group) for name, group in inventory.groups.items()}
        self.of_host: dict[str, list[str]] = {}
        for group in self.named.values():
            for host in group.hosts:
                self.of_host.setdefault(host, []).append(group.name)

    def _priority(self, group: InventoryGroup) -> int:
        """Its `ansible_group_priority`, which says nothing else and is taken out."""
        variable = group.variables.pop(PRIORITY, None)
        if variable is None:
            return 1
        try:
            number = int(str(variable.value))
        except ValueError:
            self._outline.leave(variable.line, f"{group.name}: {PRIORITY}", "not a whole number")
            return 1
        told = "says whose variables count for a host in several groups: that is in the draft, the number is not"
        self._outline.change(variable.line, f"{group.name}: {PRIORITY}={number}", told)
        return number

    def above(self, name: str) -> list[str]:
        """The groups above a group, the nearest first."""
        known = self._above.get(name)
        if known is not None:
            return known
        parents = self._parents.get(name, ())
        if len(parents) == 1:
            self._above[name] = [parents[0], *self.above(parents[0])]
            return self._above[name]
        found: dict[str, None] = {}
        level = [name]
        while level:
            level = [parent for each in level for parent in self._parents.get(each, ()) if parent not in found]
            found.update(dict.fromkeys(level))
        self._above[name] = list(found)
        return self._above[name]

    def deciding(self, host: str) -> list[InventoryGroup]:
        """The groups that a host is in, itself or by their children; the first that sets a variable decides."""
        own = tuple(self.of_host.get(host, ()))
        if own not in self._orders:
            names = dict.fromkeys(name for each in own for name in (each, *self.above(each)))
            for name in names:
                if name not in self._ranks:
                    self._ranks[name] = (self._depth(name), self._priorities[name], name)
            order = sorted(names, key=self._ranks.__getitem__, reverse=True)
            self._orders[own] = [self.named[name] for name in order]
        return self._orders[own]

    def kinds(self) -> Iterable[list[InventoryGroup]]:
        """The groups of each set of hosts that are in the same ones, as `deciding` has them."""
        for host in self.of_host:
            self.deciding(host)
        return self._orders.values()

    def _depth(self, name: str) -> int:
        """How many groups are above one another over a group, at most."""
        todo = [name] if name not in self._depths else []
        while todo:
            each = todo[-1]
            waiting = [parent for parent in self._parents.get(each, ()) if parent not in self._depths]
            if waiting:
                todo += waiting
                continue
            self._depths[each] = 1 + max((self._depths[parent] for parent in self._parents.get(each, ())), default=0)
            todo.pop()
        return self._depths[name]

    def _break_circles(self) -> None:
        """Take out the children that would make a group its own ancestor, and those that nothing says more of."""
        state: dict[str, int] = {}
        below: dict[str, int] = {}  # how many groups are within one another below one
        for start in self.named:
            if start in state:
                continue
            path: list[tuple[str, Iterator[str]]] = [(start, iter(list(self.named[start].children)))]
            state[start] = 1
            while path:
                name, children = path[-1]
                child = next(children, None)
                if child is None:
                    state[name] = 2
                    below[name] = max((below[each] + 1 for each in self.named[name].children), default=0)
                    path.pop()
                elif child not in self.named or state.get(child) == 1 or len(path) + below.get(child, 0) > _DEEPEST:
                    line = self.named[name].children.pop(child)
                    reason = "no group of this inventory"
                    if child in self.named:
                        circle = state.get(child) == 1
                        reason = "the group is its own ancestor" if circle else f"more than {_DEEPEST} groups in a row"
                    self._outline.leave(line, f"{name}: {child}", reason)
                elif child not in state:
                    state[child] = 1
                    path.append((child, iter(list(self.named[child].children))))

    def tell_contests(self, but: Iterable[str]) -> None:
        """Tell the variables that groups with hosts in common set otherwise: a MATRIX has a value in each role."""
        passed = set(but)
        told: set[tuple[str, str, str]] = set()
        for groups in self.kinds():
            found: dict[str, tuple[str, Variable]] = {}
            for group in groups:
                for key, variable in group.variables.items():
                    winner, value = found.setdefault(key, (group.name, variable))
                    contest = (key, winner, group.name)
                    if value.value == variable.value or key in passed or contest in told:
                        continue
                    told.add(contest)
                    how = f"for hosts that are in {winner} too Ansible takes that one's; here each role has its own"
                    self._outline.change(variable.line, f"{group.name}: {key}", how)
