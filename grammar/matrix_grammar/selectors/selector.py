"""Selectors: `ps&WARN`, `(lv,ps)!w[101-103]`, `site=tky1&weight>=5`. See `selector.lark` for what may be written.

A role, group or state means all its hosts, out of service or not; a state means the host's own. `UP` is every host
whose own state leaves it in service. A fact compares the host's own value or its `@default`: `=` and `!=` compare
texts (a list equals if one item does; `!=` is the complement of `=`), the others compare numbers, among the hosts that
have one. Patterns compare with names without case; a host may also be named by its full name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.diagnostics.diagnostic import Diagnostic, Place, SelectorError

from .errors import UNKNOWN_NAME, UNKNOWN_PROPERTY, listed
from .evaluation import Evaluation
from .hostset import HostSet
from .index import BUILT_IN, Index, Indexed
from .nodes import Chain, Fact, Name, Node, names_in
from .scanner import scan

__all__ = [
    "Chain",
    "Fact",
    "HostSet",
    "Index",
    "Name",
    "Node",
    "evaluate",
    "names_in",
    "parse_selector",
    "unknown_name",
]


def parse_selector(text: str) -> Node:
    """The tree of a selector, with the offset of every term. Raises SelectorError where the text is no selector."""
    node = scan(text)
    if node is None:
        from .parser import parse  # imports Lark

        node = parse(text)
    return node


def evaluate(index: Index, text: str) -> HostSet:
    """The hosts that a selector names. Raises SelectorError with everything that is wrong with it."""
    try:
        node = parse_selector(text)
    except SelectorError as error:
        raise _meant_by_at(index, text, error.diagnostics[0]) or error from None
    return HostSet(index.hosts, Evaluation(index, text).run(node))


def _meant_by_at(index: Index, text: str, problem: Diagnostic) -> SelectorError | None:
    """The same error with the name that was meant, where it is an `@` as other programs write it before a group."""
    start = problem.place.column
    word = re.match(r"[A-Za-z0-9_.-]+", text[start:]) if text[start - 1 : start] == "@" else None
    if word is None:
        return None
    known = (*index.roles, *index.groups)
    names = (word[0],) if word[0] in known else nearest(word[0], known)
    return (
        SelectorError([replace(problem, cure=f"a role or group is written without `@`: {' or '.join(names)}")])
        if names
        else None
    )


def unknown_name(fleet: Indexed, name: str, kind: str) -> SelectorError:
    """The error for a name that was asked for and is not known.

    `kind` is `host`, `role`, `group`, `property`, or `name` for any of the first three.
    """
    index = fleet.index
    kinds: dict[str, Iterable[str]] = {"role": index.roles, "group": index.groups, "host": index.names}
    if kind == "property":
        kinds = {kind: (*BUILT_IN, *index.properties)}
    elif kind in kinds:
        kinds = {kind: kinds[kind]}
    code = UNKNOWN_PROPERTY if kind == "property" else UNKNOWN_NAME
    hint = listed((f"{each[:-1]}ies" if each == "property" else f"{each}s", names) for each, names in kinds.items())
    known = [each for names in kinds.values() for each in names]
    place = Place("selector", 1, 1, max(len(name), 1) + 1)
    cure = did_you_mean(nearest(name, known))
    return SelectorError([Diagnostic(code, "error", place, f"unknown {kind} {name}", name, cure, hint)])
