"""A line's words as cells, which the layout then aligns."""

from __future__ import annotations

from typing import Literal, NamedTuple, assert_never

from matrix_grammar.syntax.nodes import Blank, DirectiveLine, HeaderLine, HostLine, Line, MoreLine, Statement, WrongLine
from matrix_grammar.syntax.words import Item, Tag

Kind = Literal["host", "indented host", "header", "directive", "comment"]

INDENT = 4
"""Blanks before a host under its header."""


class Row(NamedTuple):
    """A line to lay out: rows of one kind that stand together are aligned with each other.

    A row without a first cell says more of the row above; it is indented also where there is nothing to align with.
    """

    kind: Kind
    cells: tuple[str, ...]
    written: str
    comment: str = ""
    indent: int = 0


def row_of(line: Line, owner: Statement | None) -> Row:
    """The row of a line; `owner` is the host or header line that a line of further properties belongs to."""
    statement = line.statement
    comment = (
        "" if isinstance(statement, WrongLine) or statement.comment is None else statement.comment.text.rstrip(" \t")
    )
    match statement:
        case Blank():
            indent = INDENT if line.text[:1] in (" ", "\t") else 0
            return Row("comment", (), line.text, comment, indent)
        case HostLine():
            indented = statement.indent > 0
            return Row(
                "indented host" if indented else "host", _host(statement), line.text, comment, INDENT if indented else 0
            )
        case HeaderLine():
            items = "  ".join(_item(item) for item in statement.items)
            return Row("header", (f"[{statement.role.text}]", items), line.text, comment)
        case MoreLine():
            return _more(statement, line.text, comment, owner)
        case DirectiveLine():
            return Row("directive", _directive(statement), line.text, comment)
        case WrongLine():
            raise ValueError("a line that does not parse has no layout")
    assert_never(statement)


def _host(line: HostLine) -> tuple[str, ...]:
    address = "-" if line.by_name else " ".join(token.text for token in line.addresses)
    return (line.name.text, address, *(_item(item) for item in line.items))


def _more(line: MoreLine, written: str, comment: str, owner: Statement | None) -> Row:
    pairs = tuple(pair.text for pair in line.pairs)
    if line.indent == 0:  # a mistake, which must stay one
        return Row("directive", ("  ".join(pairs),), written, comment)
    if isinstance(owner, HeaderLine):
        return Row("header", ("", "  ".join(pairs)), written, comment)
    if isinstance(owner, HostLine) and owner.indent:
        return Row("indented host", ("", "", *pairs), written, comment, INDENT)
    return Row("host", ("", "", *pairs), written, comment)


def _item(item: Item) -> str:
    if not isinstance(item, Tag):
        return item.text
    body = item.body
    words = [body.role.text] if body.role else []
    words += [pair.text for pair in body.pairs]
    if body.state:
        words.append(f"{body.state.text}: {body.reason.text}" if body.reason else body.state.text)
    return f"[{' '.join(words)}]"


def _directive(line: DirectiveLine) -> tuple[str, ...]:
    """The word and its arguments in columns; words of a type and of a selector are one column."""
    word, texts = line.word.text, [argument.text for argument in line.arguments]
    if word == "@group":
        return (word, texts[0], f"= {texts[1]}")
    if word != "@property":
        return (word, *texts)
    quoted = texts.pop() if texts[-1].startswith('"') else ""
    return (word, texts[0], " ".join(texts[1:]), quoted)
