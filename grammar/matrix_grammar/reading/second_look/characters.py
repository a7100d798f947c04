"""Mistakes that come of characters which are not what they look like, and warnings of those that passed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from matrix_common.characters import ALIKE_IN_WORD, DOUBTFUL, JOINERS, NO_LETTER, OUT_OF_ASCII, QUOTE, what_it_is
from matrix_common.trouble import NEXT_RELEASE
from matrix_grammar.diagnostics.diagnostic import Diagnostic
from matrix_grammar.diagnostics.problems import At, Problems, Spot
from matrix_grammar.syntax.lines import parse_line
from matrix_grammar.syntax.nodes import DirectiveLine, WrongLine
from matrix_grammar.syntax.occurrences import pairs_of
from matrix_grammar.syntax.words import Token
from matrix_grammar.texts.source import Source

_QUIET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(?:^|(?<=[ \t]))#.*')

_SAY_IT_ALREADY: Final = ("M002", "M003", "M062")

MOST_TOLD: Final = 1_000
"""Lines of one reading that are warned of for their characters."""


def look_for_characters(sources: Sequence[Source], problems: Problems) -> None:
    """Say of a mistake in a line that such a character is what is wrong with it, and warn of those that passed.

    In quoted strings, comments and reasons they may be meant.
    """
    warnings = 0
    mistakes: dict[str, dict[int, list[int]]] = {}
    for index, mistake in enumerate(problems.diagnostics):
        if mistake.severity == "error" and mistake.place.line and mistake.code not in _SAY_IT_ALREADY:
            mistakes.setdefault(mistake.place.file, {}).setdefault(mistake.place.line, []).append(index)
    for source in sources:
        if source.content.isascii():
            continue
        wrong = mistakes.get(source.path, {})
        for number, indexes in wrong.items():
            if not source.lines[number - 1].isascii():
                _explain(Spot(source, number), indexes, problems)
        for number in _doubtful_lines(source.text):
            if number not in wrong and warnings < MOST_TOLD:
                warnings += _warn(Spot(source, number), problems)


def _doubtful_lines(text: str) -> Iterator[int]:
    """The numbers of the lines that have a doubtful character outside of quotes and comments."""
    number, counted = 1, 0
    for match in DOUBTFUL.finditer(text):
        begin = text.rfind("\n", 0, match.start()) + 1
        if DOUBTFUL.search(_QUIET.sub("", text[begin : match.end()])):
            number += text.count("\n", counted, begin)
            counted = begin
            yield number


def _explain(spot: Spot, indexes: Sequence[int], problems: Problems) -> None:
    """Put what a character is in place of the mistake that it makes of its line."""
    line = spot.text
    bare = _QUIET.sub(lambda match: "_" * len(match[0]), line)
    letters = [(match.start(), *what_it_is(match[0])) for match in OUT_OF_ASCII.finditer(bare)]
    letters = [each for each in letters if each[1]]
    unread = isinstance(parse_line(line), WrongLine)
    for index in indexes:
        mistake = problems.diagnostics[index]
        covered = [each for each in letters if mistake.place.column <= each[0] + 1 < mistake.place.end] or [
            each for each in letters if unread or line[each[0]] in mistake.message
        ]
        if covered and not mistake.message.startswith("U+"):
            problems.diagnostics[index] = _explained(mistake, spot, covered[0])


def _explained(mistake: Diagnostic, spot: Spot, letter: tuple[int, str, str]) -> Diagnostic:
    start, message, cure = letter
    return replace(mistake, place=spot.place(start + 1, start + 2), message=message, cure=cure, hint="", notes=())


def _warn(spot: Spot, problems: Problems) -> bool:
    """Warn of what passed on a line, if anything did; a value that nobody quoted has none of them."""
    for word, column in _bare_words(spot.text):
        for position, letter in enumerate(word):
            if _is_doubtful(word, position, letter):
                message, cure = what_it_is(letter)
                at = At(spot, column + position, column + position + 1)
                hint = "if it is meant, put the value into quotes"
                problems.add("M063", at, message + NEXT_RELEASE, cure=cure, hint=hint)
                return True
    return False


def _is_doubtful(word: str, position: int, letter: str) -> bool:
    if letter.isascii():
        return False
    if NO_LETTER.match(letter):
        around = word[max(0, position - 1) : position] + word[position + 1 : position + 2]
        return letter not in JOINERS or len(around) < 2 or around.isascii()
    if QUOTE.match(letter):
        return position == 0
    return ALIKE_IN_WORD.match(letter) is not None and any(each.isascii() and each.isalpha() for each in word)


def _bare_words(line: str) -> Iterator[tuple[str, int]]:
    """The values that stand without quotes, and the words of a directive, each with its column."""
    statement = parse_line(line)
    for pair, column in pairs_of(statement):
        if not pair.quoted:
            yield pair.value, column + pair.value_offset
    if isinstance(statement, DirectiveLine):
        for argument in statement.arguments:
            if isinstance(argument, Token):
                yield argument.text, argument.column
