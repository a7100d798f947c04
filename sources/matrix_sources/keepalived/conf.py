"""keepalived.conf to a tree of statements: words, blocks and line numbers, with nothing known of what they mean.

Braces open and close a block wherever they stand outside double quotes, on the line of their keyword or on the next
one, as in keepalived's own parser. Words are split at blanks; `"…"` and `'…'` hold one together, and inside
them a backslash escapes (keepalived.conf(5), "Quoted strings").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matrix_sources.outline.leftover import Leftover
from matrix_sources.outline.spelling import is_plain

from .lines import Lines

DEEPEST: Final = 32
"""Blocks within one another; keepalived's own keywords need six. What is deeper is left out."""

_PIECE: Final = re.compile(r'"[^"]*"?|[{}]|[^{}"]+', re.DOTALL)
_BRACES: Final = re.compile("([{}])")
_WORD: Final = re.compile(r"""(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'|[^ \t\f\v\r"])+""", re.DOTALL)
_QUOTED: Final = re.compile(r""""((?:[^"\\]|\\.)*)"?|'((?:[^'\\]|\\.)*)'""", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]+|[0-7]{1,3}|c.|.)", re.DOTALL)
_ESCAPES: Final = {"a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True, slots=True)
class KeepalivedStatement:
    """One keyword with its words, the line it stands in (from 1), and what its block holds; None without a block."""

    words: tuple[str, ...]
    line: int
    block: tuple[KeepalivedStatement, ...] | None = None

    @property
    def keyword(self) -> str:
        """The first word."""
        return self.words[0] if self.words else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words behind the keyword."""
        return self.words[1:]

    def each(self, keyword: str) -> tuple[KeepalivedStatement, ...]:
        """The statements of its block with that keyword, in order."""
        return tuple(statement for statement in self.block or () if statement.keyword == keyword)


@dataclass(frozen=True, slots=True)
class KeepalivedConf:
    """A keepalived.conf: its statements; what could not be understood of its form; its comments by line."""

    statements: tuple[KeepalivedStatement, ...]
    leftovers: tuple[Leftover, ...] = ()
    comments: tuple[tuple[int, str], ...] = ()

    def each(self, keyword: str) -> tuple[KeepalivedStatement, ...]:
        """The statements of the top with that keyword, in order."""
        return tuple(statement for statement in self.statements if statement.keyword == keyword)


def parse_keepalived(text: str, config_id: str | None = None) -> KeepalivedConf:
    """The tree of a keepalived.conf; never raises: what is wrong with its form stands in `leftovers`.

    `$NAME=value` is replaced where it is used. Conditional lines (`@main …`) count where they match `config_id`, and
    are told without one; so are `include` and `~SEQ`, which are not followed.
    """
    lines = Lines(text, config_id)
    tree = _Tree(lines.leftovers)
    for number, line in lines:
        tree.read(number, line)
    statements = tree.finish()
    return KeepalivedConf(statements, tuple(sorted(lines.leftovers)), tuple(lines.comments))


@dataclass(slots=True)
class _Open:
    """A block that is not closed yet."""

    words: tuple[str, ...]
    line: int
    statements: list[KeepalivedStatement]


class _Tree:
    """Builds the statements from lines, without recursion."""

    def __init__(self, leftovers: list[Leftover]) -> None:
        self._leftovers = leftovers
        self._stack = [_Open((), 0, [])]
        self._too_deep = 0

    def read(self, number: int, line: str) -> None:
        """The words and braces of one line."""
        words: tuple[str, ...] = ()
        for piece in _pieces(line):
            if piece == "{":
                self._begin(words, number)
                words = ()
            elif piece == "}":
                self._add(words, number)
                self._end(number)
                words = ()
            else:
                words = self._words(piece, number)
        self._add(words, number)

    def finish(self) -> tuple[KeepalivedStatement, ...]:
        """The statements of the top; blocks still open are closed, and told."""
        while len(self._stack) > 1:
            opened = self._stack[-1]
            self._leave(opened.line, " ".join(opened.words), "its block is not closed")
            self._end(opened.line)
        return tuple(self._stack[0].statements)

    def _leave(self, number: int, text: str, reason: str) -> None:
        self._leftovers.append(Leftover(number, text, reason))

    def _words(self, piece: str, number: int) -> tuple[str, ...]:
        if is_plain(piece) and '"' not in piece and "'" not in piece:
            return tuple(piece.split())
        if _open_quote(piece):
            self._leave(number, piece.strip(), "a quote is not closed")
        return tuple(_unquoted(match[0]) for match in _WORD.finditer(piece))

    def _add(self, words: tuple[str, ...], number: int) -> None:
        if words and not self._too_deep:
            self._stack[-1].statements.append(KeepalivedStatement(words, number))

    def _begin(self, words: tuple[str, ...], number: int) -> None:
        """A block: of the words before the brace, or of the statement before it, which stands alone in its line."""
        if self._too_deep or len(self._stack) > DEEPEST:
            if not self._too_deep:
                self._leave(number, " ".join(words), f"a block within {DEEPEST} others")
            self._too_deep += 1
            return
        siblings = self._stack[-1].statements
        if not words and siblings and siblings[-1].block is None:
            last = siblings.pop()
            words, number = last.words, last.line
        elif not words:
            self._leave(number, "{", "a block without a keyword")
        self._stack.append(_Open(words, number, []))

    def _end(self, number: int) -> None:
        if self._too_deep:
            self._too_deep -= 1
        elif len(self._stack) == 1:
            self._leave(number, "}", "there is no `{` to it")
        else:
            done = self._stack.pop()
            self._stack[-1].statements.append(KeepalivedStatement(done.words, done.line, tuple(done.statements)))


def _pieces(line: str) -> Iterator[str]:
    """The braces of a line, and the texts between them."""
    if '"' not in line:
        yield from (text for text in _BRACES.split(line) if text.strip())
        return
    text = ""
    for match in _PIECE.finditer(line):
        if match[0] in ("{", "}"):
            if text.strip():
                yield text
            text = ""
            yield match[0]
        else:
            text += match[0]
    if text.strip():
        yield text


def _open_quote(piece: str) -> bool:
    """Whether a double quote in it is not closed."""
    return '"' in re.sub(r'"(?:[^"\\]|\\.)*"', "", piece, flags=re.DOTALL)


def _unquoted(word: str) -> str:
    """A word without its quotes, the escapes in them replaced."""
    return _QUOTED.sub(lambda match: _ESCAPE.sub(_escaped, match[1] or match[2] or ""), word)


def _escaped(match: re.Match[str]) -> str:
    """The character that an escape stands for, as in a shell."""
    code = match[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[-2:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    if code[0] == "c" and len(code) > 1:
        return chr(ord(code[1]) & 0x1F)
    return _ESCAPES.get(code, code)
