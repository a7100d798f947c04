"""The properties of some names as they are written in the texts, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from matrix_grammar.diagnostics.diagnostic import Place
from matrix_grammar.ranges.ranges import RangeError, expand
from matrix_grammar.texts.source import Source

from .lines import parse_line
from .nodes import DefaultDirective, DirectiveLine, HeaderLine, HostLine, MoreLine, Statement
from .words import Pair


class Written(NamedTuple):
    """One value of a property, where it stands; `excerpt` is its line, empty in a text that is not shown."""

    key: str
    value: str
    place: Place
    excerpt: str


def written(sources: Sequence[Source], keys: Iterable[str]) -> Iterator[Written]:
    """Every value of these properties, ranges written out, in the order of the texts.

    `check=misc:` stands for the values of `check` that begin so; there may be others among them, which have ranges.
    """
    terms = list(keys)
    wanted = frozenset(key.partition("=")[0] for key in terms)
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(_pattern, terms))})")
    for source in sources:
        done, number, counted = 0, 1, 0
        for match in pattern.finditer(source.text):
            if match.start() < done:
                continue
            begin = source.text.rfind("\n", 0, match.start()) + 1
            end = source.text.find("\n", begin)
            done = end if end >= 0 else len(source.text)
            number += source.text.count("\n", counted, begin)
            counted = begin
            yield from written_in_line(source, number, source.text[begin:done], wanted)


def _pattern(key: str) -> str:
    name, _, begin = key.partition("=")
    return re.escape(name) + "=" + (rf'(?:"?{re.escape(begin)}|[^\s"]*\[)' if begin else "")


def written_in_line(source: Source, number: int, line: str, wanted: frozenset[str]) -> Iterator[Written]:
    """Every value of these properties on one line, ranges written out."""
    for pair, column in pairs_of(parse_line(line)):
        if pair.key in wanted:
            place = Place(source.path, number, column, column + len(pair.text))
            for value in _values(pair):
                yield Written(pair.key, value, place, "" if source.standing else line)


def pairs_of(statement: Statement) -> Iterator[tuple[Pair, int]]:
    """The pairs of a line, each with the column in which it begins."""
    match statement:
        case HostLine():
            yield from ((pair, pair.column) for pair in statement.pairs)
            yield from ((pair, tag.column_of(pair)) for tag in statement.tags for pair in tag.body.pairs)
        case HeaderLine() | MoreLine():
            yield from ((pair, pair.column) for pair in statement.pairs)
        case DirectiveLine(directive=DefaultDirective(pairs)):
            yield from ((pair, pair.column) for pair in pairs)


def _values(pair: Pair) -> list[str]:
    if pair.quoted or "[" not in pair.value:
        return [pair.value]
    try:
        return list(dict.fromkeys(expand(pair.value)))
    except RangeError:
        return [pair.value]
