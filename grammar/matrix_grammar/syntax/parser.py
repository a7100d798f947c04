"""The Lark parser of a line, which says what is written; imported only when the fast path declines a line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lark import Lark, Transformer, UnexpectedInput, UnexpectedToken
from lark import Token as Leaf
from lark.exceptions import VisitError

from .nodes import Blank, DirectiveLine, GroupDirective, HeaderLine, HostLine, MoreLine, Statement, directive_of
from .scanner import BadEscapeError, unquote
from .words import Pair, Quoted, Tag, TagBody, Token


class UnparsedError(ValueError):
    """A text that the grammar does not take; `offset` is where it stops being taken, blanks before it skipped."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(f"not understood from offset {offset}")


def parse(text: str) -> Statement:
    """The statement of a line by the grammar. Raises UnparsedError, and BadEscapeError with its offset in the line."""
    statement = _run(text.rstrip(" \t"), "line")
    assert isinstance(statement, Blank | HostLine | HeaderLine | MoreLine | DirectiveLine)
    return statement


def parse_tag(text: str) -> TagBody:
    """The body of a tag, brackets included, by the grammar. Raises UnparsedError and BadEscapeError."""
    body = _run(text, "tag")
    assert isinstance(body, TagBody)
    return body


def _run(text: str, start: str) -> object:
    try:
        return line_parser().parse(text, start=start)
    except UnexpectedInput as error:
        position = error.pos_in_stream
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        if ended or position is None:
            position = len(text)
        while position < len(text) and text[position] in " \t":
            position += 1
        raise UnparsedError(position) from error
    except VisitError as error:
        if isinstance(error.orig_exc, BadEscapeError | UnparsedError):
            raise error.orig_exc from error
        raise


@cache
def line_parser() -> Lark:
    """The parser of a line, and of a tag, as Lark makes it of the grammar."""
    grammar = files(__package__).joinpath("matrix.lark").read_text("utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=["line", "tag"],
        transformer=_Build(),
        maybe_placeholders=False,
    )


def _word(leaf: Leaf) -> Token:
    """A leaf without the blanks before it."""
    text = leaf.lstrip(" \t")
    assert leaf.start_pos is not None
    return Token(text, leaf.start_pos + len(leaf) - len(text) + 1)


def _quoted(token: Token) -> Quoted:
    return Quoted(_unquote(token.text, token.column), token.text, token.column)


def _unquote(text: str, column: int) -> str:
    """What a quoted string in that column says; a wrong escape is placed in the line."""
    try:
        return unquote(text)
    except BadEscapeError as error:
        raise BadEscapeError(error.offset + column - 1, error.escape) from error


def _pair(leaf: Leaf) -> Pair:
    token = _word(leaf)
    key, _, value = token.text.partition("=")
    if value.startswith('"'):
        return Pair(key, _unquote(value, token.column + len(key) + 1), True, token.text, token.column)
    return Pair(key, value, False, token.text, token.column)


def _tag(leaf: Leaf) -> Tag:
    token = _word(leaf)
    try:
        return Tag(token.column, parse_tag(token.text))
    except UnparsedError as error:
        raise UnparsedError(error.offset + token.column - 1) from error
    except BadEscapeError as error:
        raise BadEscapeError(error.offset + token.column - 1, error.escape) from error


class _Build(Transformer[Leaf, object]):
    """Makes the statements while Lark parses."""

    def blank(self, leaves: list[Leaf]) -> Blank:
        return Blank(_word(leaves[0]) if leaves else None)

    def host(self, leaves: list[Leaf]) -> HostLine:
        name = _word(leaves[0])
        by_name = next(_of(leaves, "BY_NAME"), None)
        return HostLine(
            name.column - 1,
            name,
            tuple(_word(leaf) for leaf in _of(leaves, "WORD")),
            _word(by_name) if by_name else None,
            tuple(_tag(leaf) for leaf in _of(leaves, "TAG")),
            tuple(_pair(leaf) for leaf in _of(leaves, "PAIR")),
            tuple(_quoted(_word(leaf)) for leaf in _of(leaves, "STRING")),
            _comment(leaves),
        )

    def header(self, leaves: list[Leaf]) -> HeaderLine:
        role = _word(leaves[0])
        return HeaderLine(
            Token(role.text[1:-1], role.column + 1),
            tuple(_pair(leaf) for leaf in _of(leaves, "PAIR")),
            tuple(_quoted(_word(leaf)) for leaf in _of(leaves, "STRING")),
            _comment(leaves),
        )

    def more(self, leaves: list[Leaf]) -> MoreLine:
        pairs = [_pair(leaf) for leaf in leaves if leaf.type in ("FIRST_PAIR", "PAIR")]
        return MoreLine(pairs[0].column - 1, tuple(pairs), _comment(leaves))

    def directive(self, leaves: list[Leaf]) -> DirectiveLine:
        word = _word(leaves[0])
        directive = (
            _group(leaves)
            if word.text == "@group"
            else directive_of(
                word.text,
                [_word(leaf) for leaf in _of(leaves, "WORD")],
                [_pair(leaf) for leaf in _of(leaves, "PAIR")],
                [_quoted(_word(leaf)) for leaf in _of(leaves, "STRING")],
            )
        )
        return DirectiveLine(word.column - 1, word, directive, _comment(leaves))

    def tag(self, leaves: list[Leaf]) -> TagBody:
        role = next(_of(leaves, "ROLE"), None)
        state = next(_of(leaves, "STATE"), None) or next(_of(leaves, "STATE_BECAUSE"), None)
        reason = next(_of(leaves, "REASON"), None)
        named = _word(state) if state else None
        if named and reason:
            named = Token(named.text.rstrip(" \t")[:-1], named.column)
        why = _word(reason) if reason else None
        return TagBody(
            "".join(leaves),
            _word(role) if role else None,
            tuple(_pair(leaf) for leaf in _of(leaves, "TAG_PAIR")),
            named,
            _quoted(why) if why and why.text.startswith('"') else why,
        )


def _group(leaves: list[Leaf]) -> GroupDirective:
    name, selector = (_word(leaf) for leaf in leaves if leaf.type in ("GROUP_NAME", "SELECTOR"))
    return GroupDirective(Token(name.text.rstrip(" \t")[:-1].rstrip(" \t"), name.column), selector)


def _of(leaves: list[Leaf], kind: str) -> Iterator[Leaf]:
    return (leaf for leaf in leaves if leaf.type == kind)


def _comment(leaves: list[Leaf]) -> Token | None:
    comment = next(_of(leaves, "COMMENT"), None)
    return _word(comment) if comment else None
