"""The fast path: well-formed selectors to their tree without Lark, whose import costs more than most questions.

It takes only what the grammar in `selector.lark` takes and makes the same tree of it, which a test compares on
random texts; for any other text it answers None, and the grammar says what is wrong.
"""

from __future__ import annotations

import re
from typing import Final

from .nodes import Fact, Name, Node, TooDeepError, chain

_TERM: Final = re.compile(
    r"[ \t]*(?:(\()"
    r"|(([a-z][a-z0-9._\-]*)[ \t]*(!=|<=|>=|=|<|>)[ \t]*"
    r'("[^"\\\n]*"|[^\s",&!^()\[\]=<>][^\s",&!^()\[\]]*))'
    r"|((?:[A-Za-z0-9_.*?\-]|\[[^\[\]\n]*\])+))"
)
_AFTER: Final = re.compile(r"[ \t]*(?:([,&!^])|(\)))|[ \t]*\Z")

_Open = tuple[list[Node], list[str]]


def scan(text: str) -> Node | None:
    """The tree of a well-formed selector, or None when the grammar must look at it."""
    outer: list[_Open] = []
    terms: list[Node] = []
    operators: list[str] = []
    position = 0
    while True:
        match = _TERM.match(text, position)
        if match is None:
            return None
        position = match.end()
        if match[1]:
            outer.append((terms, operators))
            terms, operators = [], []
            continue
        terms.append(_term(match))
        while True:
            after = _AFTER.match(text, position)
            if after is None:
                return None
            position = after.end()
            if after[1]:
                operators.append(after[1])
                break
            node = _close(terms, operators)
            if node is None or (after[2] is None) != (not outer):
                return None
            if after[2] is None:
                return node
            terms, operators = outer.pop()
            terms.append(node)


def _term(match: re.Match[str]) -> Node:
    if match[6]:
        return Name(match[6], match.start(6))
    value = match[5]
    return Fact(match[3], match[4], value[1:-1] if value[0] == '"' else value, match[2], match.start(2))


def _close(terms: list[Node], operators: list[str]) -> Node | None:
    try:
        return chain(terms[0], tuple(zip(operators, terms[1:], strict=True)))
    except TooDeepError:
        return None
