"""What is wrong inside of a tag that the grammar does not take."""

from __future__ import annotations

import re
from typing import Final

from matrix_grammar.model.vocabulary import STATES

from .nodes import WrongLine

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_SPACED_PAIR: Final = re.compile(r'([^\s"=\[\]#@]+)([ \t]*)=([ \t]*)([^\s"=\[\]#]*)')
_WORD: Final = re.compile(r"[^\s]+")
_BECAUSE: Final = "a reason stands behind a colon: [STOP: why]"


def wrong(code: str, offset: int, length: int, message: str, cure: str = "", hint: str = "") -> WrongLine:
    """A WrongLine by offset and length, at least one column wide."""
    return WrongLine(code, offset + 1, offset + 1 + max(1, length), message, cure, hint)


def closing_bracket(rest: str) -> int | None:
    """The offset of the bracket that closes the first one; quotes hide brackets, unless they are not closed."""
    depth = 0
    position = 0
    while position < len(rest):
        letter = rest[position]
        if letter == '"' and (match := _QUOTED.match(rest, position)):
            position = match.end()
            continue
        depth += (letter == "[") - (letter == "]")
        if depth == 0:
            return position
        position += 1
    return None


def inside_tag(text: str, offset: int) -> bool:
    """Whether the offset lies in a bracket that a blank precedes."""
    start = text.rfind(" [", 0, offset)
    start = max(start, text.rfind("\t[", 0, offset))
    if start < 0:
        return False
    close = closing_bracket(text[start + 1 :])
    return close is None or start + 1 + close >= offset


def diagnose_tag(offset: int, tag: str) -> WrongLine:
    """A tag whose inside is not one, at the place where it stops being one."""
    from .parser import UnparsedError, parse_tag

    try:
        parse_tag(tag)
    except UnparsedError as error:
        return diagnose_in_tag(offset + error.offset, tag[error.offset :], tag[: error.offset])
    return wrong("M053", offset, len(tag), "this tag is not understood")


def diagnose_in_tag(offset: int, rest: str, before: str = "") -> WrongLine:
    """Something in a tag that cannot stand there; `rest` is the line from there on, `before` what precedes it."""
    state = before.strip("[ \t").rpartition(" ")[2].isupper()
    inner = rest.split("]")[0]
    stripped = inner.lstrip(" \t")
    offset += len(inner) - len(stripped)
    if not stripped:
        return wrong(
            "M053", offset, 1, "something is missing here in the tag", "say why behind the colon, or remove it"
        )
    pair = _SPACED_PAIR.match(stripped)
    if pair:
        key, before, after, value = pair.groups()
        if before or after or not value:
            cure = f"write {key}={value or 'value'}, without blanks"
            return wrong("M019", offset, len(pair[0].rstrip()), f"{key} has no value", cure)
        return wrong(
            "M053", offset, len(pair[0]), "properties stand behind the role of their tag", f"write [role {pair[0]}]"
        )
    match = _WORD.match(stripped)
    word = match[0] if match else ""
    if word.endswith(":"):
        return wrong("M053", offset, len(word), f"{word} without a reason", "say why, or remove the colon")
    cure = (
        f"one role a tag: [{word}]"
        if not state and word.islower() and word.isascii() and word.replace(".", "").isalnum()
        else _BECAUSE
    )
    if word.upper() in STATES and word != word.upper():
        cure = f"states are UPPER CASE: {word.upper()}"
    return wrong("M053", offset, len(word), f"{word or 'this'} cannot stand here in a tag", cure)
