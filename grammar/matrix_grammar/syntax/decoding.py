"""Decodes the bytes of a text, and refuses lines for the characters in them."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from matrix_common.merges import MERGE_SIGNS
from matrix_grammar.diagnostics.diagnostic import Diagnostic, Place
from matrix_grammar.texts.source import LONGEST_LINE, Source

MOST_REFUSED: Final = 10_000
"""Lines of a text that are refused for their characters before the rest is not looked at any more."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')


def decode(path: str, content: bytes, problems: list[Diagnostic]) -> tuple[Source, frozenset[int]]:
    """The source of these bytes, and the numbers of the lines that are refused for what stands in them.

    What is wrong is added to `problems`: one diagnostic for a line, and one for all of a file that is no text.
    """
    if b"\0" in content[:8192]:
        problems.append(_binary(path, content))
        return Source(path, content, ""), frozenset()
    refused: set[int] = set()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
        undecodable = _not_utf8(path, content)
        problems += undecodable
        refused.update(problem.place.line for problem in undecodable)
    if text.startswith("\ufeff"):
        text = text[1:]
        problems.append(
            Diagnostic(
                "M005", "warning", Place(path, 1, 1, 2), "the text begins with a byte-order mark, which is dropped",
                excerpt=text.split("\n", 1)[0].rstrip("\r"), cure="save it as UTF-8 without a byte-order mark",
            )
        )  # fmt: skip
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    source = Source(path, content, text)
    if any(text.startswith(sign) or f"\n{sign}" in text for sign in MERGE_SIGNS):
        from .conflict_markers import conflict_mistakes

        for conflict, lines in islice(conflict_mistakes(path, source.lines), MOST_REFUSED):
            problems.append(conflict)
            refused |= lines
    if _has_control(content, text) or len(max(source.lines, key=len, default="")) > LONGEST_LINE:
        for number, line in enumerate(source.lines, 1):
            problem = None if number in refused else check_line(path, number, line)
            if problem is not None:
                problems.append(problem)
                if problem.severity == "error":
                    refused.add(number)
                if len(refused) > MOST_REFUSED:
                    break
    return source, frozenset(refused)


_PLAIN: Final = bytes(range(0x20, 0x7F)) + b"\t\n"


def _has_control(content: bytes, text: str) -> bool:
    """Whether any line has a control character; a text of ASCII is looked through byte by byte in C."""
    return bool(content.replace(b"\r\n", b"\n").translate(None, _PLAIN)) and _CONTROL.search(text) is not None


def check_line(path: str, number: int, line: str) -> Diagnostic | None:
    """What is wrong with the characters of a line, if anything is."""
    if len(line) > LONGEST_LINE:
        return Diagnostic(
            "M004", "error", Place(path, number, LONGEST_LINE + 1, LONGEST_LINE + 2),
            f"a line of {len(line):,} characters; the longest may have {LONGEST_LINE:,}", excerpt=line,
            cure="is this file a MATRIX?",
        )  # fmt: skip
    control = _CONTROL.search(line)
    if control is None:
        return None
    outside = _CONTROL.search(_QUOTED.sub(lambda match: "_" * len(match[0]), line))
    if outside is None and "\0" not in line:
        return Diagnostic(
            "M049", "warning", Place(path, number, control.start() + 1, control.end() + 1),
            f"control character {_spell(control[0])} in a quoted string", excerpt=line,
            cure="it reaches every program that reads this value; remove it unless it is meant",
        )  # fmt: skip
    at = outside or control
    return Diagnostic(
        "M003", "error", Place(path, number, at.start() + 1, at.end() + 1), f"control character {_spell(at[0])}",
        excerpt=line, cure="remove it; in a quoted string write \\n for a new line and \\t for a tab",
    )  # fmt: skip


def _spell(character: str) -> str:
    return f"U+{ord(character):04X}"


def _binary(path: str, content: bytes) -> Diagnostic:
    offset = content.index(b"\0")
    return Diagnostic(
        "M003",
        "error",
        Place(path, 0, 0, 0),
        f"a NUL byte at offset {offset}: this is no text",
        cure="is this file a MATRIX?",
    )


def _not_utf8(path: str, content: bytes) -> list[Diagnostic]:
    """For each line that is not UTF-8 the first byte that is wrong, with the line as far as it can be shown."""
    undecodable: list[Diagnostic] = []
    offset = 0
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            column = len(line[: error.start].decode("utf-8").removeprefix("\ufeff" if number == 1 else "")) + 1
            if len(undecodable) > MOST_REFUSED:
                break
            undecodable.append(
                Diagnostic(
                    "M002", "error", Place(path, number, column, column + 1),
                    f"byte 0x{line[error.start]:02X} at offset {offset + error.start} is not UTF-8",
                    excerpt=line.rstrip(b"\r").decode("utf-8", "replace"), cure="save the file as UTF-8",
                )
            )  # fmt: skip
        offset += len(line) + 1
    return undecodable
