"""The AST: what each line of a text is, with the exact place of every word.

Columns count from 1, in characters. A statement knows no file and no line number, so that the same line parsed once
serves wherever it stands; `Line` adds both. `Line.text` and the tokens keep the layout exactly as written.
"""

from __future__ import annotations

from typing import NamedTuple

from matrix_grammar.diagnostics.diagnostic import Place


class Token(NamedTuple):
    """A word as it stands in the line."""

    text: str
    column: int

    @property
    def end(self) -> int:
        """The column after its last character."""
        return self.column + len(self.text)


class Quoted(NamedTuple):
    """A `"quoted string"`: what it says, and `text`, how that is written."""

    value: str
    text: str
    column: int

    @property
    def end(self) -> int:
        """The column after the closing quote."""
        return self.column + len(self.text)


class Pair(NamedTuple):
    """`key=value`: `value` is what it says (ranges not yet expanded), `text` the whole pair as written."""

    key: str
    value: str
    quoted: bool
    text: str
    column: int

    @property
    def end(self) -> int:
        """The column after its last character."""
        return self.column + len(self.text)

    @property
    def value_column(self) -> int:
        """The column in which the value begins (its opening quote, if it has one)."""
        return self.column + len(self.key) + 1


class TagBody(NamedTuple):
    """What stands between the brackets of a tag; columns count from its opening bracket, which is column 1.

    At least one of `role` and `state` is given; `pairs` only with a role, `reason` only with a state.
    """

    text: str
    role: Token | None
    pairs: tuple[Pair, ...]
    state: Token | None
    reason: Token | Quoted | None


class Tag(NamedTuple):
    """`[role key=value STATE: reason]` on a host line, at this column."""

    column: int
    body: TagBody

    @property
    def text(self) -> str:
        """The tag as written, brackets included."""
        return self.body.text

    @property
    def end(self) -> int:
        """The column after the closing bracket."""
        return self.column + len(self.body.text)

    def column_of(self, part: Token | Quoted | Pair) -> int:
        """The column in the line of a part of the body."""
        return self.column + part.column - 1


Item = Tag | Pair | Quoted


class Blank(NamedTuple):
    """A line that says nothing, but perhaps a comment."""

    comment: Token | None = None


class HostLine(NamedTuple):
    """`name [address …|-] [tag] … key=value … "note"`. `indent` is the number of blanks before the name.

    A host that is found by its name has the token `-` as `by_name`. More than one note is a mistake of meaning, not
    of form.
    """

    indent: int
    name: Token
    addresses: tuple[Token, ...] = ()
    by_name: Token | None = None
    tags: tuple[Tag, ...] = ()
    pairs: tuple[Pair, ...] = ()
    notes: tuple[Quoted, ...] = ()
    comment: Token | None = None

    @property
    def declares(self) -> bool:
        """Whether this is the host's declaring line: it gives an address, or `-`."""
        return bool(self.addresses) or self.by_name is not None

    @property
    def items(self) -> tuple[Item, ...]:
        """Tags, pairs and notes in the order in which they stand."""
        items: list[Item] = [*self.tags, *self.pairs, *self.notes]
        return tuple(sorted(items, key=lambda item: item.column))


class HeaderLine(NamedTuple):
    """`[role] "meaning" key=value …` in column 1; the token of the role is without its brackets."""

    role: Token
    pairs: tuple[Pair, ...] = ()
    notes: tuple[Quoted, ...] = ()
    comment: Token | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """Pairs and meanings in the order in which they stand."""
        items: list[Item] = [*self.pairs, *self.notes]
        return tuple(sorted(items, key=lambda item: item.column))


class MoreLine(NamedTuple):
    """`key=value …`, more properties of the header or host just above. `indent` 0 is a mistake of meaning."""

    indent: int
    pairs: tuple[Pair, ...]
    comment: Token | None = None


Argument = Token | Pair | Quoted


class DirectiveLine(NamedTuple):
    """`@word …`. `word` holds the `@`. `@group`'s arguments are two tokens: the name and the selector as written."""

    indent: int
    word: Token
    arguments: tuple[Argument, ...] = ()
    comment: Token | None = None


class WrongLine(NamedTuple):
    """A line that does not parse: the code of its mistake, the columns it stands at, and what to say about it."""

    code: str
    column: int
    end: int
    message: str
    cure: str = ""
    hint: str = ""


Statement = Blank | HostLine | HeaderLine | MoreLine | DirectiveLine | WrongLine


class Line(NamedTuple):
    """One line of a text: its number from 1, its text without line end, and what it is."""

    file: str
    number: int
    text: str
    statement: Statement

    def place(self, column: int, end: int) -> Place:
        """The place of these columns."""
        return Place(self.file, self.number, column, end)


class Document(NamedTuple):
    """All lines of one text, in order, blank ones and comments included."""

    file: str
    lines: tuple[Line, ...]

    @property
    def wrong(self) -> tuple[Line, ...]:
        """The lines that do not parse."""
        return tuple(line for line in self.lines if isinstance(line.statement, WrongLine))
