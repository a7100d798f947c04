"""Warnings: what is allowed, and yet most likely not what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.diagnostics.diagnostic import Diagnostic, Place
from matrix_grammar.diagnostics.problems import At, Problems
from matrix_grammar.model.facts import texts
from matrix_grammar.model.names import binding_name
from matrix_grammar.model.role import Role
from matrix_grammar.statements.declarations import Declarations
from matrix_grammar.statements.walk import Header, HostEntry, spots

from .assembly import Assembly
from .merging import tag_at
from .roles import property_at

_ALIKE: Final = 0.8
"""How alike two names must be for one to be taken for a slip of the other (difflib's ratio)."""

_OURS: Final = ("check.", "vip.", "persist.")
"""Beginnings of built-in properties with which no other program's words begin."""

_DIGITS: Final = re.compile(r"\d+")


def warn_of_empty(path: str, assembly: Assembly, problems: Problems) -> None:
    """A MATRIX without a host is valid, and hardly meant."""
    if not assembly.hosts and not problems.errors:
        problems.diagnostics.append(Diagnostic("M006", "warning", Place(path, 0, 0, 0), "this MATRIX declares no host"))


def warn_of_properties(declarations: Declarations, undeclared: Mapping[str, At], problems: Problems) -> None:
    """A property that nothing declares, and whose name is close to one that is declared."""
    if declarations.strict or not undeclared:
        return
    from matrix_common.words import Slips  # most texts declare what they say

    slips = Slips(declarations.types)
    for key, at in undeclared.items():
        near = _slips(key, declarations.types) or slips.of(key)
        if near and binding_name(near[0]) != binding_name(key):
            at = at.first(len(key))
            problems.add(
                "M034", at, f"property {key} is not declared, but {near[0]} is", cure=did_you_mean(near[:1]),
                hint=f"if {key} is meant, declare it: @property {key} text",
            )  # fmt: skip
        elif not near and key.startswith(_OURS):
            family = key[: key.index(".") + 1]
            known = ", ".join(name for name in declarations.types if name.startswith(family))
            problems.add(
                "M034", at.first(len(key)), f"property {key} is not declared",
                cure=f"there are {known}", hint=f"if {key} is meant, declare it: @property {key} text",
            )  # fmt: skip


def _slips(word: str, known: Sequence[str] | Mapping[str, object]) -> tuple[str, ...]:
    """Names of which a word is probably a slip; a name with another number in it is another name."""
    bare = _DIGITS.sub("", word)
    return tuple(near for near in nearest(word, known, cutoff=_ALIKE) if _DIGITS.sub("", near) != bare)


def warn_of_roles(
    roles: Mapping[str, Role], headers: Sequence[Header], entries: Sequence[HostEntry], problems: Problems
) -> None:
    """Roles that only tags name and that are close to one with a header; VIPs with nobody behind them, or with two
    roles.
    """
    headed = {name: header for header in reversed(headers) for name in (header.role,)}
    for role in roles.values():
        if role.name not in headed and not any(name.startswith(f"{role.name}.") for name in headed):
            _warn_of_tag(role, headed, entries, problems)
    owners: dict[tuple[str, str], tuple[str, At]] = {}
    warned: set[str] = set()
    for header in headers:
        if "vip" not in header.properties:
            continue
        at = property_at(header, "vip")
        role = roles[header.role]
        if not role.in_service and role.name not in warned:
            warned.add(role.name)
            state = "no host is in it" if not role.hosts else "none of its hosts is in service"
            problems.add("M045", at, f"role {role.name} has a VIP, but {state}")
        for vip, protocol in _served(header):
            owner = owners.setdefault((vip, protocol), (role.name, at))
            if owner[0] != role.name:
                notes = [(owner[1], f"role {owner[0]} has it here")]
                problems.add("M055", at, f"VIP {vip} is that of role {owner[0]} too", notes=notes)


def _served(header: Header) -> Iterator[tuple[str, str]]:
    """The VIPs of a header, each with its transport (`proto`, said once or for each VIP): DNS is on both."""
    vips, protocols = texts(header.properties["vip"]), texts(header.properties.get("proto", "tcp"))
    for number, vip in enumerate(vips):
        yield vip, protocols[number if len(protocols) == len(vips) else 0]


def _warn_of_tag(role: Role, headed: Mapping[str, Header], entries: Sequence[HostEntry], problems: Problems) -> None:
    near = _slips(role.name, headed)
    if not near:
        return
    for result, spot in spots(entries):
        if result.hosts and result.hosts[0].membership(role.name) is not None:
            message = f"role {role.name} has no header, but {near[0]} has"
            hint = f"if {role.name} is meant, give it a header: [{role.name}]"
            problems.add("M046", tag_at(spot, role.name), message, cure=did_you_mean(near[:1]), hint=hint)
            return
