"""Properties that name a host: it must be there, and no guest may stand on itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matrix_common.words import did_you_mean
from matrix_grammar.diagnostics.problems import At, Problems
from matrix_grammar.model.facts import Facts, Value, texts
from matrix_grammar.statements.walk import Header, HostEntry, spots

from .assembly import Assembly
from .merging import property_at
from .roles import property_at as header_property_at


class References:
    """Checks what properties of type `host` name, and spells it as it is declared."""

    def __init__(self, keys: frozenset[str], assembly: Assembly, problems: Problems) -> None:
        self._keys = keys
        self._assembly = assembly
        self._problems = problems

    def check(self, entries: Sequence[HostEntry], headers: Sequence[Header]) -> None:
        """Check hosts, tags and headers."""
        for header in headers:
            for key in self._keys.intersection(header.properties):
                for name in self._unknown(header.properties[key]):
                    self._report(key, name, header_property_at(header, key))
        referring = [entry for entry in entries if entry[0].references]
        for result, spot in spots(referring):
            for key, name in dict.fromkeys(result.references):
                if self._unknown(name):
                    self._report(key, name, property_at(spot, key))
        if referring:
            self._respell()
            self._tell_circles(entries)

    def _unknown(self, value: Value) -> list[str]:
        return [
            name
            for name in texts(value)
            if name.lower() not in self._assembly.index and not self._problems.may_be_declared(name)
        ]

    def _report(self, key: str, name: str, at: At) -> None:
        cure = did_you_mean(self._problems.nearest(name, [host.name for host in self._assembly.hosts]))
        self._problems.add("M048", at, f"{key} names host {name}, which is declared nowhere", cure=cure)

    def _respell(self) -> None:
        """Name each host as its declaration does."""
        hosts, index = self._assembly.hosts, self._assembly.index

        def spelled(name: str) -> str:
            position = index.get(name.lower())
            return name if position is None else hosts[position].name

        for position, host in enumerate(hosts):
            for key in self._keys.intersection(host.properties):
                old = host.properties[key]
                names = tuple(spelled(name) for name in texts(old))
                new: Value = names if isinstance(old, tuple) else names[0]
                if new != old:
                    hosts[position] = host = replace(host, properties=Facts({**host.properties, key: new}))

    def _tell_circles(self, entries: Sequence[HostEntry]) -> None:
        """A guest stands on its parent, that perhaps on another; never on itself again."""
        hosts, index = self._assembly.hosts, self._assembly.index
        safe: set[str] = set()
        for host in hosts:
            path: list[str] = []
            name: str | None = host.name.lower()
            while name is not None and name not in safe and name not in path:
                path.append(name)
                position = index.get(name)
                parent = hosts[position].properties.get("on") if position is not None else None
                name = parent.lower() if isinstance(parent, str) else None
            if name in path:
                circle = path[path.index(name) :]
                at = property_at_host(entries, hosts[index[circle[-1]]].name)
                self._problems.add("M054", at, f"guests that stand on themselves: {' → '.join([*circle, circle[0]])}")
            safe.update(path)


def property_at_host(entries: Sequence[HostEntry], name: str) -> At:
    """Where a host's `on` is given."""
    for result, spot in spots(entries):
        for host in result.hosts:
            if host.name.lower() == name.lower() and "on" in host.properties:
                return property_at(spot, "on")
    raise LookupError(name)
