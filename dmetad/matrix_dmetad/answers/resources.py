"""Every path and its answer: `/ps/node`, `/@host/w101/weight`, `/@select?q=…`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from matrix_dmetad.errors import Problem, echo
from matrix_emitters.artifacts import Manifest
from matrix_emitters.view import FORMAT, GroupTable, RoleTable
from matrix_grammar.model import Host, Value, text

from .documents import Document, Json, escaped, fact, lines, plain, table, words
from .facts import HOST_FACTS, Facts, near, state_facts, unknown
from .query import Query

NODE: Final = "node"


class Resources:
    """The answers of one snapshot. Pure: the same path and query give the same Document, or raise the same Problem."""

    def __init__(
        self, facts: Facts, manifest: Manifest | None, manifest_text: bytes, texts: Mapping[str, bytes]
    ) -> None:
        self.facts = facts
        self._manifest = manifest
        self._manifest_text = manifest_text
        self._texts = texts

    def answer(self, path: tuple[str, ...], query: Query) -> Document:
        """The answer to a path; of `@self` with the caller's name as the second segment. Raises Problem."""
        if not path:
            return self._roles(query)
        if path[0].startswith("@"):
            if path[0] not in _SPECIAL:
                raise Problem(404, "unknown-path", f"unknown path /{echo(path[0])}", near(path[0], _SPECIAL))
            return _SPECIAL[path[0]](self, path[1:], query)
        found = self.facts.collection(path[0])
        if len(path) == 1:
            return self._whole(found, query)
        if len(path) == 2:
            return self._property(found, path[1], query)
        raise Problem(404, "unknown-path", "nothing stands below a property")

    def _roles(self, query: Query) -> Document:
        query.only("all", "recursive")
        if not query.flag("recursive"):
            return words(self.facts.variable("roles"), tuple(self.facts.roles))
        inner = {name: self._whole(role, query) for name, role in self.facts.roles.items()}
        return Document(
            {name: document.value for name, document in inner.items()},
            lambda: [pair for document in inner.values() for pair in document.shell()],
        )

    def _groups(self, rest: tuple[str, ...], query: Query) -> Document:
        query.only()
        _ends(rest)
        return words(self.facts.variable("groups"), tuple(self.facts.groups))

    def _sites(self, rest: tuple[str, ...], query: Query) -> Document:
        query.only()
        _ends(rest)
        return words(self.facts.variable("sites"), self.facts.fleet.sites)

    def _whole(self, found: RoleTable | GroupTable, query: Query) -> Document:
        """All of a role or group; its hosts with what counts for each of them when recursive."""
        query.only("all", "recursive")
        everyone, deep = query.flag("all"), query.flag("recursive")
        hosts = self.facts.members(found, everyone)
        record: dict[str, Json] = {"name": found.name}
        properties: dict[str, Json] = {}
        if isinstance(found, RoleTable):
            properties = {key: plain(value) for key, value in found.properties.items()}
            record |= {"meaning": found.meaning, "parent": found.parent}
        else:
            record["selector"] = found.selector
        record[NODE] = [host.name for host in hosts]
        record["properties"] = properties
        if deep:
            role = found.name if isinstance(found, RoleTable) else None
            record["hosts"] = {host.name: self._in(host, role) for host in hosts}
        return Document(record, lambda: self._whole_in_shell(found, everyone, deep))

    def _in(self, host: Host, role: str | None) -> dict[str, Json]:
        facts: dict[str, Json] = {"address": host.address, "site": host.site, "rack": host.rack}
        if role is not None:
            return facts | self.facts.membership_record(host, role)
        own = self.facts.host_properties(host, None)
        return facts | state_facts(host.state) | {"in_service": host.in_service, "properties": own}

    def _whole_in_shell(self, found: RoleTable | GroupTable, everyone: bool, deep: bool) -> Iterator[tuple[str, str]]:
        names = [host.name for host in self.facts.members(found, everyone)]
        yield self._node_variable(found, everyone), " ".join(names)
        if isinstance(found, RoleTable):
            yield self.facts.variable(found.name, "meaning"), found.meaning
        keys: dict[str, None] = dict.fromkeys(found.properties) if isinstance(found, RoleTable) else {}
        if deep:
            for host in self.facts.members(found, everyone):
                keys.update(dict.fromkeys(self._in_keys(host, found)))
        for key in keys:
            yield from self._property_value(found, key, None, None, everyone).shell()

    def _in_keys(self, host: Host, found: RoleTable | GroupTable) -> Iterator[str]:
        yield from host.properties
        membership = host.membership(found.name) if isinstance(found, RoleTable) else None
        if membership is not None:
            yield from membership.properties

    def _node_variable(self, found: RoleTable | GroupTable, everyone: bool) -> str:
        return self.facts.variable(found.name, "all") if everyone else self.facts.variable(found.name)

    def _property(self, found: RoleTable | GroupTable, key: str, query: Query) -> Document:
        """One property of a role or group: the role's own value, or where hosts have their own, each host's."""
        query.only("all", "per", "site", "default")
        everyone = query.flag("all")
        if key in (NODE, "all"):
            everyone = everyone or key == "all"
            names = [host.name for host in self.facts.members(found, everyone)]
            return words(self._node_variable(found, everyone), names)
        variable = self.facts.variable(found.name, key)
        role = found.name if isinstance(found, RoleTable) else None
        if key == "meaning" and isinstance(found, RoleTable):
            return fact(variable, found.meaning)
        if key in HOST_FACTS:
            hosts = self.facts.members(found, everyone)
            return table(variable, {host.name: self._host_fact(host, key, role) for host in hosts})
        self.facts.known_property(key)
        site = self.facts.site(query.get("site"))
        return self._or_default(
            self._property_value(found, key, query.choice("per", "host", "role"), site, everyone),
            variable,
            query,
            f"{found.name} has no {key}" + (f" in site {site}" if site else ""),
        )

    def _property_value(
        self, found: RoleTable | GroupTable, key: str, per: str | None, site: str | None, everyone: bool
    ) -> Document:
        variable = self.facts.variable(found.name, key)
        role = found if isinstance(found, RoleTable) else None
        hosts = self.facts.members(found, everyone)
        if role is not None and per is None and site is None and key in role.properties:
            everybody = (self.facts.view.hosts[number] for number in role.hosts)
            per = (
                "host" if any(self.facts.own_value(host, key, role.name) is not None for host in everybody) else "role"
            )
        if role is not None and (per == "role" or site is not None):
            value: Value | None = role.properties.get(key)
            if site is not None:
                value = role.by_site.get(site, {}).get(key, role.everywhere.get(key))
            return fact(variable, value)
        name = role.name if role is not None else None
        values = ((host.name, host.property(key, name)) for host in hosts)
        return table(variable, {each: plain(value) for each, value in values if value is not None})

    def _host_fact(self, host: Host, key: str, role: str | None) -> Json:
        if role is not None and key in ("state", "reason"):
            return state_facts(host.state_in(role))[key]
        return HOST_FACTS[key](host)

    def _or_default(self, document: Document, variable: str, query: Query, nothing: str) -> Document:
        """The document, or where it has no value the caller's default, or the Problem that there is none."""
        if document.value is not None and document.value != {}:
            return document
        default = query.get("default")
        if default is None:
            raise Problem(404, "no-value", f"{nothing}; ?default=… gives one")
        return fact(variable, default)

    def _host(self, path: tuple[str, ...], query: Query) -> Document:
        """All of a host, or one fact or property of it; `?role=` as it counts in that role."""
        query.only("role", "recursive", "default")
        if not path:
            raise Problem(404, "unknown-path", "name a host: /@host/NAME")
        if len(path) > 2:
            raise Problem(404, "unknown-path", "nothing stands below a property")
        host = self.facts.host(path[0])
        asked = query.get("role")
        role = self.facts.role(asked).name if asked is not None else None
        if len(path) == 1:
            record = self.facts.host_record(host, role, query.flag("recursive"))
            return Document(record, lambda: self._host_in_shell(record))
        key = path[1]
        variable = self.facts.variable("host", key)
        if key in HOST_FACTS:
            value = self._host_fact(host, key, role)
            if key == "roles":
                return words(variable, host.roles)
            return Document(value, lambda: ((variable, "\n".join(_raw(value))),))
        self.facts.known_property(key)
        where = f"{host.name} has no {key}" + (f" in {role}" if role else "")
        return self._or_default(fact(variable, host.property(key, role)), variable, query, where)

    def _host_in_shell(self, record: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
        """DSAS_HOST, DSAS_HOST__ADDRESS …; DSAS_HOST_IN_SERVICE with one line, so that no property can be called so."""
        yield self.facts.variable("host"), str(record["name"])
        yield self.facts.variable("host") + "_IN_SERVICE", "true" if record["in_service"] else "false"
        for key in HOST_FACTS:
            value = record[key]
            parted = " " if key == "roles" else "\n"
            yield self.facts.variable("host", key), parted.join(_raw(value))
        properties = record["properties"]
        assert isinstance(properties, Mapping)
        for key, value in properties.items():
            yield self.facts.variable("host", key), "\n".join(_raw(value))

    def _select(self, rest: tuple[str, ...], query: Query) -> Document:
        query.only("q", "recursive")
        _ends(rest)
        selector = query.get("q")
        if selector is None:
            raise Problem(400, "bad-parameter", "say which hosts: /@select?q=SELECTOR")
        return self._hosts(self.facts.select(selector), query)

    def _hosts(self, hosts: tuple[Host, ...], query: Query) -> Document:
        variable = self.facts.variable("host")
        if not query.flag("recursive"):
            return words(variable, [host.name for host in hosts])
        value = {host.name: self.facts.host_record(host) for host in hosts}
        return Document(value, lambda: self._hosts_in_shell(hosts))

    def _hosts_in_shell(self, hosts: tuple[Host, ...]) -> Iterator[tuple[str, str]]:
        """The names, then for each fact and property the hosts that have one, a line each."""
        yield self.facts.variable("host"), " ".join(host.name for host in hosts)
        columns: dict[str, list[str]] = {key: [] for key in HOST_FACTS}
        for host in hosts:
            for key, read in HOST_FACTS.items():
                columns[key] += lines(read(host), host.name + " ")
            for key, value in self.facts.host_properties(host, None).items():
                columns.setdefault(key, []).extend(lines(value, host.name + " "))
        for key, column in columns.items():
            yield self.facts.variable("host", key), "\n".join(column)

    def _state(self, rest: tuple[str, ...], query: Query) -> Document:
        """The hosts whose own state it is; with their reasons when recursive."""
        query.only("recursive")
        states = self.facts.fleet.states
        if len(rest) != 1:
            raise Problem(404, "unknown-path", "name a state: /@state/STOP", tuple(states)[:3])
        if rest[0] not in states:
            raise unknown("state", rest[0], states)
        hosts = tuple(host for host in self.facts.fleet if host.state is not None and host.state.name == rest[0])
        if query.flag("recursive"):
            return self._hosts(hosts, query)
        return words(self.facts.variable("state"), [host.name for host in hosts])

    def _states(self, rest: tuple[str, ...], query: Query) -> Document:
        query.only()
        _ends(rest)
        states = self.facts.fleet.states.values()
        value: dict[str, Json] = {
            state.name: {"in_service": state.in_service, "meaning": state.meaning} for state in states
        }
        return Document(value, lambda: ((self.facts.variable("states"), " ".join(value)),))

    def _generation(self, rest: tuple[str, ...], query: Query) -> Document:
        """What the bindings of this generation call themselves."""
        query.only()
        _ends(rest)
        view = self.facts.view
        value: dict[str, int | str] = {"generation": view.generation, "digest": view.digest, "format": FORMAT}
        return Document(value, lambda: [(self.facts.variable(key), text(item)) for key, item in value.items()])

    def _matrix(self, rest: tuple[str, ...], query: Query) -> Document:
        """The text as it is; below it the texts that it includes, by their path."""
        query.only()
        name = "/".join(rest)
        if name and name not in self._texts:
            raise unknown("text", name, self._texts)
        content = self._texts[name] if name else next(iter(self._texts.values()))
        return Document(None, tuple, ("text", content))

    def _manifest_file(self, rest: tuple[str, ...], query: Query) -> Document:
        query.only()
        _ends(rest)
        if self._manifest is None:
            raise Problem(404, "no-manifest", "these answers come from a file, which has no manifest")
        value: dict[str, Json] = json.loads(self._manifest_text)
        scalars = {key: str(item) for key, item in value.items() if isinstance(item, (str, int))}
        named = {"digest": "manifest_digest", "format": "manifest_format"}
        return Document(
            value, lambda: [(self.facts.variable(named.get(key, key)), item) for key, item in scalars.items()]
        )


_SPECIAL: Final[Mapping[str, Callable[[Resources, tuple[str, ...], Query], Document]]] = {
    "@host": Resources._host,
    "@self": Resources._host,
    "@select": Resources._select,
    "@state": Resources._state,
    "@states": Resources._states,
    "@groups": Resources._groups,
    "@sites": Resources._sites,
    "@generation": Resources._generation,
    "@matrix": Resources._matrix,
    "@manifest": Resources._manifest_file,
}
"""The paths that are no role or group. Of methods, not of bound ones: those would be a circle that keeps a Fleet."""


def _ends(rest: tuple[str, ...]) -> None:
    if rest:
        raise Problem(404, "unknown-path", f"nothing is called {echo('/'.join(rest))} here")


def _raw(value: Json) -> list[str]:
    """The items of a value, as they are."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [text(item) for item in value if isinstance(item, (str, int, float))]
    return [text(value)] if isinstance(value, (str, int, float)) else [escaped(str(value))]
