"""The pages for people: made on the server, whole without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, urlencode

from matrix_dmetad.answers.documents import Document, lines
from matrix_dmetad.answers.formats import NAMES, title
from matrix_dmetad.errors import Problem
from matrix_emitters.artifacts import Manifest
from matrix_emitters.view import GroupTable, RoleTable, View
from matrix_grammar.model import Host

if TYPE_CHECKING:
    from jinja2 import Environment

    from matrix_dmetad.answers.facts import Facts
    from matrix_dmetad.answers.query import Query

ROWS: Final = 300
"""Hosts on one page; `?from=` and the links below the table lead to the others."""

_MOST_COLUMNS: Final = 40
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


class Shown(Protocol):
    """What pages show of a snapshot."""

    view: View
    facts: Facts
    manifest: Manifest | None
    name: str
    """`N-DIGEST12` of its generation."""
    modified: float
    """When it came to be, in seconds since the epoch."""
    refused: str
    """Why what came after it cannot be used; empty while it is the latest."""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # a page is seldom asked for, and the import is slow

    environment = Environment(
        loader=PackageLoader("matrix_dmetad.answers.pages", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["segment"] = lambda name: quote(str(name), safe="")
    return environment


def render(snapshot: Shown, path: tuple[str, ...], query: Query, document: Document, now: float) -> bytes:
    """The page of a path. Raises Problem for a filter that is no selector."""
    if path[:1] in (("@host",), ("@self",)) and len(path) == 2:
        return _host_page(snapshot, path[1], now)
    if (len(path) <= 1 and (not path or not path[0].startswith("@"))) or path[0] in ("@select", "@state"):
        return _table_page(snapshot, path, query, now)
    body = "\n".join(lines(document.value)) if document.raw is None else document.raw[1].decode("utf-8", "replace")
    return _spell(snapshot, "value.html.j2", now, title="/" + "/".join(path), body=body, here=_address(path, query))


def render_problem(snapshot: Shown | None, problem: Problem, now: float) -> bytes:
    """The page of a problem, with the filter box so that it can be put right."""
    return _spell(snapshot, "problem.html.j2", now, title=title(problem.status), problem=problem)


def _table_page(snapshot: Shown, path: tuple[str, ...], query: Query, now: float) -> bytes:
    facts = snapshot.facts
    hosts: Sequence[Host] = snapshot.view.hosts
    collection: RoleTable | GroupTable | None = None
    selector = (query.get("q") or "").strip()
    if path and path[0] == "@state":
        hosts = [host for host in hosts if host.state is not None and host.state.name == path[1]]
    elif path and path[0] != "@select":
        collection = facts.collection(path[0])
        hosts = facts.members(collection, everyone=True)
    if selector:
        chosen = {host.name for host in facts.select(selector)}
        hosts = [host for host in hosts if host.name in chosen]
    first = query.number("from", 1)
    shown = hosts[first - 1 : first - 1 + ROWS]
    columns = _columns(snapshot, shown, collection)
    return _spell(
        snapshot,
        "table.html.j2",
        now,
        title=" ".join(path) if path else "MATRIX",
        found=collection,
        is_role=isinstance(collection, RoleTable),
        properties={} if not isinstance(collection, RoleTable) else _as_text(collection.properties),
        columns=columns,
        rows=[_row(host, columns, collection) for host in shown],
        selector=selector,
        total=len(hosts),
        first=first,
        last=first - 1 + len(shown),
        before=_address(path, query, max(1, first - ROWS)) if first > 1 else None,
        after=_address(path, query, first + ROWS) if first - 1 + ROWS < len(hosts) else None,
        here=_address(path, query),
        action="/" + "/".join(quote(part, safe="") for part in path),
    )


def _columns(snapshot: Shown, shown: Sequence[Host], collection: RoleTable | GroupTable | None) -> list[str]:
    """The roles that stand over the table: all, or of very many those that a host shown has."""
    roles = list(snapshot.facts.roles)
    if collection is not None or len(roles) > _MOST_COLUMNS:
        present = {role for host in shown for role in host.roles}
        roles = [role for role in roles if role in present][:_MOST_COLUMNS]
    return roles


def _row(host: Host, columns: Sequence[str], collection: RoleTable | GroupTable | None) -> dict[str, Any]:
    role = collection.name if isinstance(collection, RoleTable) else None
    state = host.state if role is None else host.state_in(role)
    cells: list[dict[str, Any] | None] = []
    for column in columns:
        if host.membership(column) is None:
            cells.append(None)
        else:
            here = host.state_in(column)
            cells.append({"state": here, "look": _look(here), "own": here is not host.state})
    return {"host": host, "state": state, "look": _look(state), "cells": cells}


def _look(state: Any) -> str:
    """How a state is coloured."""
    return "up" if state is None else "warn" if state.in_service else "out"


def _host_page(snapshot: Shown, name: str, now: float) -> bytes:
    facts = snapshot.facts
    host = facts.host(name)
    memberships = [
        {
            "role": role,
            "state": host.state_in(role),
            "look": _look(host.state_in(role)),
            "properties": _as_text(facts.host_properties(host, role)),
        }
        for role in host.roles
    ]
    return _spell(
        snapshot,
        "host.html.j2",
        now,
        title=host.name,
        host=host,
        look=_look(host.state),
        properties=_as_text(facts.host_properties(host, None)),
        memberships=memberships,
        here=f"/@host/{quote(host.name, safe='')}",
    )


def _as_text(properties: Mapping[str, Any]) -> dict[str, list[str]]:
    return {key: list(lines(value)) for key, value in properties.items()}


def _address(path: tuple[str, ...], query: Query, first: int | None = None) -> str:
    """A path with its filter, for links."""
    kept = [(key, value) for key, value in query.items if key in ("q", "recursive", "all", "role", "per", "site")]
    if first is not None:
        kept.append(("from", str(first)))
    return "/" + "/".join(quote(part, safe="") for part in path) + ("?" + urlencode(kept) if kept else "")


def _spell(snapshot: Shown | None, template: str, now: float, **more: Any) -> bytes:
    shared: dict[str, Any] = {
        "selector": "",
        "here": None,
        "action": "/",
        "forms": NAMES,
        "generation": None,
        "refused": "",
    }
    if snapshot is not None:
        moment = datetime.fromtimestamp(snapshot.modified, UTC)
        shared |= {
            "generation": snapshot.name,
            "refused": snapshot.refused,
            "author": snapshot.manifest.author if snapshot.manifest else "",
            "moment": moment.strftime("%Y-%m-%d %H:%M:%S UTC"),
            "age": age(now - snapshot.modified),
            "roles": snapshot.view.roles,
            "groups": snapshot.view.groups,
        }
    return _environment().get_template(template).render(shared | more).encode()


def age(seconds: float) -> str:
    """A time in the past in the words of a person."""
    for size, unit in _UNITS:
        count = int(seconds // size)
        if count > 0:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "less than a minute ago"
