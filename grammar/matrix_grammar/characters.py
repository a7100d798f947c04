"""Characters that are not what they look like: blanks that are none, nothing at all, letters of other scripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from .diagnostics import Diagnostic
from .nodes import DirectiveLine, Token, WrongLine
from .notice import NEXT_RELEASE
from .occurrences import pairs_of
from .problems import At, Problems, Spot
from .sources import Source
from .syntax import parse_line

_NOTHING: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\u206a-\u206f\u3164\uffa0"
    "\U000e0000-\U000e007f"
)
_BLANKS: Final = "\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_DASHES: Final = "\u02d7\u2010-\u2015\u2043\u2212\u30fc\u4e00\ufe58\ufe63\uff0d\uff70"
_QUOTES: Final = "\u00ab\u00bb\u2018-\u201f\u2032\u2033\u2036\u300c\u300d\u301d\u301e\uff02"
_LETTERS: Final = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0475"
        "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
        "\u03b1\u03bf\u03b9\u03bd\u03c1\u03c5\u03c7"
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0131\u0261",
        "aeopcyxijshdqwvABESIJKMHOPCTYXaoivpuxABEZHIKMNOPTYXig",
        strict=True,
    )
)
"""Letters of other scripts that a person takes for those of ASCII (Unicode's confusables)."""

_OTHERS: Final = {"\u3001": ",", "\u3002": ".", "\u00b7": ".", "\u30fb": ".", "\u2024": ".", "\u2044": "/"}
_NO_LETTER: Final = re.compile(f"[{_NOTHING}]")
_BLANK: Final = re.compile(f"[{_BLANKS}]")
_DASH: Final = re.compile(f"[{_DASHES}]")
_QUOTE: Final = re.compile(f"[{_QUOTES}]")
_OUT_OF_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_JOINERS: Final = "\u200c\u200d"
_ALIKE_IN_WORD: Final = re.compile(f"[{''.join(_LETTERS)}]")
_DOUBTFUL: Final = re.compile(f"[{_NOTHING}{_QUOTES}{''.join(_LETTERS)}].*")
_QUIET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(?:^|(?<=[ \t]))#.*')

_SAY_IT_ALREADY: Final = ("M002", "M003", "M062")

MOST_TOLD: Final = 1_000
"""Lines of one reading that are warned of for their characters."""


def name_of(letter: str) -> str:
    """A character by its code point and name, as `U+00A0 (no-break space)`."""
    name = unicodedata.name(letter, "").lower()
    return f"U+{ord(letter):04X} ({name})" if name else f"U+{ord(letter):04X}"


def what_it_is(letter: str) -> tuple[str, str]:
    """What is wrong with a character, and the cure; two empty texts for one that looks like no other."""
    named = name_of(letter)
    if _NO_LETTER.match(letter):
        return f"{named} is not to be seen", "remove it"
    if _BLANK.match(letter):
        return f"{named} looks like a blank, but is none", "type a blank in its place"
    if _QUOTE.match(letter):
        return f"{named} is not the quote that opens or closes a string", 'write "…"'
    plain = "-" if _DASH.match(letter) else _LETTERS.get(letter) or _OTHERS.get(letter) or _as_ascii(letter)
    return (f"{named} looks like {plain}, but is none", f"write {plain}") if plain else ("", "")


def _as_ascii(letter: str) -> str:
    """What a full-width or otherwise decorated character is in ASCII."""
    digit = unicodedata.decimal(letter, None)
    plain = str(digit) if digit is not None else unicodedata.normalize("NFKC", letter)
    return plain if plain.isascii() and plain.strip() else ""


def look_for_characters(sources: Sequence[Source], problems: Problems) -> None:
    """Say of a mistake in a line that such a character is what is wrong with it, and warn of those that passed.

    In quoted strings, comments and reasons they may be meant.
    """
    told = 0
    mistakes: dict[str, dict[int, list[int]]] = {}
    for index, found in enumerate(problems.found):
        if found.severity == "error" and found.place.line and found.code not in _SAY_IT_ALREADY:
            mistakes.setdefault(found.place.file, {}).setdefault(found.place.line, []).append(index)
    for source in sources:
        if source.content.isascii():
            continue
        wrong = mistakes.get(source.path, {})
        for number, indexes in wrong.items():
            if not source.lines[number - 1].isascii():
                _explain(Spot(source, number), indexes, problems)
        for number in _doubtful_lines(source.text):
            if number not in wrong and told < MOST_TOLD:
                told += _warn(Spot(source, number), problems)


def _doubtful_lines(text: str) -> Iterator[int]:
    """The numbers of the lines that have a doubtful character outside of quotes and comments."""
    number, counted = 1, 0
    for match in _DOUBTFUL.finditer(text):
        begin = text.rfind("\n", 0, match.start()) + 1
        if _DOUBTFUL.search(_QUIET.sub("", text[begin : match.end()])):
            number += text.count("\n", counted, begin)
            counted = begin
            yield number


def _explain(spot: Spot, indexes: Sequence[int], problems: Problems) -> None:
    """Put what a character is in place of the mistake that it makes of its line."""
    line = spot.text
    bare = _QUIET.sub(lambda match: "_" * len(match[0]), line)
    letters = [(match.start(), *what_it_is(match[0])) for match in _OUT_OF_ASCII.finditer(bare)]
    letters = [each for each in letters if each[1]]
    unread = isinstance(parse_line(line), WrongLine)
    for index in indexes:
        found = problems.found[index]
        covered = [each for each in letters if found.place.column <= each[0] + 1 < found.place.end] or [
            each for each in letters if unread or line[each[0]] in found.message
        ]
        if covered and not found.message.startswith("U+"):
            problems.found[index] = _told(found, spot, covered[0])


def _told(found: Diagnostic, spot: Spot, letter: tuple[int, str, str]) -> Diagnostic:
    start, message, cure = letter
    return replace(found, place=spot.place(start + 1, start + 2), message=message, cure=cure, hint="", notes=())


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
    if _NO_LETTER.match(letter):
        around = word[max(0, position - 1) : position] + word[position + 1 : position + 2]
        return letter not in _JOINERS or len(around) < 2 or around.isascii()
    if _QUOTE.match(letter):
        return position == 0
    return _ALIKE_IN_WORD.match(letter) is not None and any(each.isascii() and each.isalpha() for each in word)


def _bare_words(line: str) -> Iterator[tuple[str, int]]:
    """The values that stand without quotes, and the words of a directive, each with its column."""
    statement = parse_line(line)
    for pair, column in pairs_of(statement):
        if not pair.quoted:
            yield pair.value, column + len(pair.key) + 1
    if isinstance(statement, DirectiveLine):
        for argument in statement.arguments:
            if isinstance(argument, Token):
                yield argument.text, argument.column
