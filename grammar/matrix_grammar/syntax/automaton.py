"""Where a line stops being one, found by the tables that Lark made of the grammar, without Lark.

Lark takes as long to import and to make its tables as `matrix check` of a thousand hosts. So the tables are kept in
`matrix.lark.json`, which a test holds equal to what Lark makes of `matrix.lark`; another compares what is found here
with what Lark finds. What makes a statement of a line is Lark alone.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Any

TABLES = os.path.join(os.path.dirname(__file__), "matrix.lark.json")
"""For each state the terminals in the order in which they are tried, and what follows on each symbol: a state, or as
-1, -2 … a rule to reduce by; the rules as symbol and length; the pattern of each terminal."""


def stops(text: str) -> int | None:
    """The offset from which on the grammar does not take a line, blanks before it skipped; None when only Lark can
    tell: it takes the line, or there is a backslash, of which a wrong escape is another mistake.
    """
    if "\\" in text:
        return None
    text = text.rstrip(" \t")
    tags: list[tuple[int, int]] = []
    offset = _run(text, "line", tags)
    for begin, end in tags if offset is None else ():
        tag = text[begin:end].lstrip(" \t")
        within = _run(tag, "tag", [])
        if within is not None:
            return end - len(tag) + within
    return offset


def _run(text: str, start: str, tags: list[tuple[int, int]]) -> int | None:
    """Where a text is not taken as `start`; the tags in it are added to `tags`."""
    tables = _tables()
    states, rules = tables["states"], tables["rules"]
    stack = [tables["starts"][start]]
    position = 0
    while True:
        kind, end = "$END", position
        if position < len(text):
            terminal = _scanner(stack[-1]).match(text, position)
            if terminal is None:
                return _past_blanks(text, position)
            kind, end = terminal.lastgroup or "", terminal.end()
        while (action := states[stack[-1]].get(kind)) is not None and action < 0:
            symbol, length = rules[-action - 1]
            del stack[len(stack) - length :]
            stack.append(states[stack[-1]][symbol])
            if kind == "$END" and stack[-1] == tables["ends"][start]:
                return None
        if action is None:
            return _past_blanks(text, position)
        if kind == "TAG":
            tags.append((position, end))
        stack.append(action)
        position = end


def _past_blanks(text: str, position: int) -> int:
    return len(text) - len(text[position:].lstrip(" \t"))


@cache
def _tables() -> dict[str, Any]:
    import json

    with open(TABLES, encoding="utf-8") as file:
        tables: dict[str, Any] = json.load(file)
    return tables


@cache
def _scanner(state: int) -> re.Pattern[str]:
    """The terminals that may stand here, in one pattern."""
    patterns = _tables()["patterns"]
    return re.compile("|".join(f"(?P<{name}>{patterns[name]})" for name in _tables()["terminals"][state].split()))
