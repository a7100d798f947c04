"""Selectors: `ps&WARN`, `(lv,ps)!w[101-103]`, `site=tky1&weight>=5`. See `selector.lark` for what may be written.

A role, group or state means all its hosts, out of service or not; a state means the host's own. `UP` is every host
whose own state leaves it in service. A fact compares the host's own value or its `@default`: `=` and `!=` compare
texts (a list equals if one item does; `!=` is the complement of `=`), the others compare numbers, among the hosts that
have one. Patterns compare with names without case; a host may also be named by its full name.
"""

from __future__ import annotations

import re
from dataclasses import replace

from matrix_common.words import nearest
from matrix_grammar.diagnostics.diagnostic import Diagnostic, SelectorError

from .evaluation import Evaluation
from .hostset import HostSet
from .index import Index
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
