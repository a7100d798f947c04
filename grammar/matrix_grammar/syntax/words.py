"""The tokens, quoted strings, pairs and tags of a line, each where it stands. Columns count from 1."""

from __future__ import annotations

from typing import NamedTuple


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
    def value_offset(self) -> int:
        """How many characters stand before the value (before its opening quote, if it has one)."""
        return len(self.key) + 1


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

    def in_line(self, part: Token | Quoted | Pair) -> Token:
        """A part of the body, as a word of the line."""
        return Token(part.text, self.column_of(part))


Item = Tag | Pair | Quoted
