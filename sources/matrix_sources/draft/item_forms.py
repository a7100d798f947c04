"""The items of a line without their values: of lines that have the same forms one stands for all (`abridgement.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from matrix_grammar.model import PropertyType, ValueMistake, property_table, read_value
from matrix_grammar.ranges import Pattern, RangeError, parse
from matrix_grammar.statements import LOCATION_NAME

_BARE: Final = re.compile(r"[A-Za-z0-9_./:@%+,*~=;?&<>|^!$(){}-]+")
_QUOTED: Final = re.compile(r'"(?:[^"\\\n]|\\["\\nt])*"')


class Forms(dict[str, str]):
    """Items by what they say: without its value where that is right, else the item itself.

    Of a range how many values it has is left; one that has more or fewer than the line has hosts is of another form.
    """

    def __init__(self, types: Mapping[str, PropertyType]) -> None:
        super().__init__()
        self._types = types
        self.in_doubt = False
        """Whether an item speaks of another host."""

    def __missing__(self, item: str) -> str:
        if item[0] == '"':  # a note, of which most hosts have their own: kept, they would be as many as the hosts
            return '""' if _QUOTED.fullmatch(item) else item
        form = self[item] = self._judged(item)
        return form

    def _judged(self, item: str) -> str:
        key, sign, value = item.partition("=")
        kind = self._types.get(key)
        if item[0] == "[" or not sign or not value:
            return item
        if key == "rack":
            return "rack=" if LOCATION_NAME.fullmatch(value) else item
        if kind is None:
            return item
        if kind.kind == "host":
            self.in_doubt = True
        if value[0] == '"':
            return f'{key}=""' if kind.kind == "text" and _QUOTED.fullmatch(value) else item
        if "[" in value:
            steps = stepped(value) if _steps(kind) else None
            if steps is None or not all(_BARE.fullmatch(end) and _is_right(kind, end) for end in steps.ends):
                return item
            return f"{key}=[{steps.many}]"
        return f"{key}=" if _BARE.fullmatch(value) and _is_right(kind, value) else item


class Steps(NamedTuple):
    """A text with one range of numbers, and the first and the last of the texts of each of its spans.

    Those between have the same digits or numbers between theirs: where both are right, so are all.
    """

    pattern: Pattern
    many: int
    ends: list[str]


def stepped(text: str) -> Steps | None:
    """What a text with one range of numbers stands for; None for any other text."""
    try:
        pattern = parse(text)
    except RangeError:
        return None
    if len(pattern.dimensions) != 1 or any(span.letters for span in pattern.dimensions[0]):
        return None
    head, tail = pattern.literals
    ends = [
        f"{head}{code:0{span.width}d}{tail}"
        for span in pattern.dimensions[0]
        for code in (span.codes[0], span.codes[-1])
    ]
    return Steps(pattern, pattern.count, ends)


def _steps(kind: PropertyType) -> bool:
    """Whether values of this type are right where their numbers are between those of right ones."""
    return kind.kind in ("int", "ip") or (kind.kind == "text" and kind.name not in property_table().types)


def _is_right(kind: PropertyType, value: str) -> bool:
    try:
        read_value(kind, value)
    except ValueMistake:
        return False
    return True
