r"""The Fleet as lines of text: what the bindings carry, and take apart only when they are asked.

A table of ten thousand hosts as literals of a language costs that language's parser tens of milliseconds in every
script; one long string costs next to nothing. So a binding holds two strings, `head` and `hosts`, splits the first
at its first question, and of the second only the lines that a question needs.

Lines end with LF, fields are parted by TAB. Text is escaped, so that LF, TAB and control characters do not occur in
it: `\\` `\n` `\t` `\r`, `\xHH` for other control characters, and in items also `\s` (blank) and `\c` (comma). An
*item* is `key=value`, or `word:key=value`; a list in it is `a,b,`, each value with a comma after it. Items are parted
by a blank. A site before a key also has `\d` for a colon and `\q` for an equals sign.

`hosts`, a line a host, in the order of the MATRIX:

    name, addresses, full name, site, rack, state, reason, note, roles, properties, states in roles, defaults

where addresses and roles are words, properties are items (`role:key=value` those of a tag), states in roles are items
`role:STATE=reason`, and defaults is the number of a `defaults` line, counted from 0.

`head`, whose lines are told apart by their first field:

    format N | generation N | digest HEX | properties WORDS | type KIND WORDS | site NAME
    state NAME in|out MEANING | defaults ITEMS
    role  NAME MEANING PARENT HOSTS IN-SERVICE ASKED LOOKUP
    group NAME SELECTOR HOSTS IN-SERVICE

where IN-SERVICE is `=` when it equals HOSTS, ASKED are the items of a role asked without a site, and LOOKUP those on
behalf of a host (`site:key=value` only in that site). KIND is `int`, `number` or `bool`; other properties are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from matrix_emitters.errors import EmitterError
from matrix_emitters.view.view import GroupTable, RoleTable, View
from matrix_grammar.model import Host, State, Value, text

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F)}
_TEXT = str.maketrans({**_CONTROL, "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})
_ITEM = str.maketrans({**_CONTROL, "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"} | {" ": "\\s", ",": "\\c"})
_WORD = str.maketrans({":": "\\d", "=": "\\q"})
_PLAIN = re.compile(r"[^\x00-\x20\x7f\\,]*")
_KINDS = {int: "int", float: "number", bool: "bool"}


@dataclass(frozen=True, slots=True)
class Records:
    """The texts of a generation, each line with its line end; in `bare_head` HOSTS and IN-SERVICE are left empty."""

    head: str
    bare_head: str
    hosts: str


_MADE: WeakKeyDictionary[View, Records] = WeakKeyDictionary()


def records(view: View) -> Records:
    """All that a binding says, as text. Raises EmitterError when one property has values of two kinds."""
    made = _MADE.get(view)
    if made is None:
        made = _MADE[view] = _records(view)
    return made


def _records(view: View) -> Records:
    kinds: dict[str, str] = {}
    head = [
        f"format\t{view.format}",
        f"generation\t{view.generation}",
        f"digest\t{view.digest}",
        "properties\t" + " ".join(view.property_names),
    ]
    head += (f"site\t{_text(site)}" for site in view.sites)
    head += (f"state\t{s.name}\t{'in' if s.in_service else 'out'}\t{_text(s.meaning)}" for s in view.states)
    head += (f"defaults\t{_items(defaults, kinds)}" for defaults in view.defaults)
    hosts = [_host(host, number, kinds) for host, number in zip(view.hosts, view.default_of, strict=True)]
    members, bare = _members(view, kinds, [host.name for host in view.hosts]), _members(view, kinds, None)
    for kind in sorted(set(kinds.values()) - {"text"}):
        head.append(f"type\t{kind}\t" + " ".join(sorted(key for key in kinds if kinds[key] == kind)))
    return Records(_lines([*head, *members]), _lines([*head, *bare]), _lines(hosts))


def _members(view: View, kinds: dict[str, str], names: Sequence[str] | None) -> list[str]:
    roles = [_role(role, names, kinds) for role in view.roles]
    return roles + [_group(group, names) for group in view.groups]


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _text(raw: str) -> str:
    return raw if raw.isalnum() else raw.translate(_TEXT)


def _value(value: Value) -> str:
    if type(value) is str:
        return value if _PLAIN.fullmatch(value) else value.translate(_ITEM)
    if isinstance(value, tuple):
        return "".join(f"{text(item).translate(_ITEM)}," for item in value)
    return text(value)


def _kind(key: str, value: Value, kinds: dict[str, str]) -> None:
    for item in value if isinstance(value, tuple) else (value,):
        kind = _KINDS.get(type(item), "text")
        if kinds.setdefault(key, kind) != kind:
            raise EmitterError(f"property {key} has a value of type {kind} ({text(item)}) and others of {kinds[key]}")


def _items(mapping: Mapping[str, Value], kinds: dict[str, str], word: str = "") -> str:
    made = []
    for key, value in mapping.items():
        if type(value) is not str or kinds.get(key) != "text":
            _kind(key, value, kinds)
        made.append(f"{word}{key}={_value(value)}")
    return " ".join(made)


def _state(state: State | None) -> tuple[str, str]:
    return ("", "") if state is None else (state.name, _text(state.reason))


def _host(host: Host, defaults: int, kinds: dict[str, str]) -> str:
    state, reason = _state(host.state)
    properties = [_items(host.properties, kinds)] if host.properties else []
    roles = []
    states = []
    for membership in host.memberships:
        roles.append(membership.role)
        if membership.properties:
            properties.append(_items(membership.properties, kinds, f"{membership.role}:"))
        if membership.state is not None:
            states.append(f"{membership.role}:{membership.state.name}={membership.state.reason.translate(_ITEM)}")
    site, rack, note = _text(host.site or ""), _text(host.rack or ""), _text(host.note)
    return (
        f"{host.name}\t{' '.join(host.addresses)}\t{host.fullname}\t{site}\t{rack}\t{state}\t{reason}\t{note}\t"
        f"{' '.join(roles)}\t{' '.join(properties)}\t{' '.join(states)}\t{defaults}"
    )


def _listed(hosts: tuple[int, ...], in_service: tuple[int, ...], names: Sequence[str] | None) -> str:
    if names is None:
        return "\t"
    serving = "=" if in_service == hosts else " ".join([names[number] for number in in_service])
    return " ".join([names[number] for number in hosts]) + "\t" + serving


def _role(role: RoleTable, names: Sequence[str] | None, kinds: dict[str, str]) -> str:
    lookup = [_items(role.everywhere, kinds)] if role.everywhere else []
    for site, local in role.by_site.items():
        lookup.append(_items(local, kinds, site.translate(_ITEM).translate(_WORD) + ":"))
    members = _listed(role.hosts, role.in_service, names)
    head = f"role\t{role.name}\t{_text(role.meaning)}\t{role.parent or ''}\t{members}"
    return f"{head}\t{_items(role.properties, kinds)}\t{' '.join(lookup)}"


def _group(group: GroupTable, names: Sequence[str] | None) -> str:
    members = _listed(group.hosts, group.in_service, names)
    return f"group\t{group.name}\t{_text(group.selector)}\t{members}"
