"""The AST: what each line of a text is, with the exact place of every word.

Columns count from 1, in characters. A statement knows no file and no line number, so that the same line parsed once
serves wherever it stands; `Line` adds both. `Line.text` and the tokens keep the layout exactly as written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from matrix_grammar.diagnostics.diagnostic import Place

from .words import Item, Pair, Quoted, Tag, Token


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
    def bracketed(self) -> Token:
        """The role with its brackets."""
        return Token(f"[{self.role.text}]", self.role.column - 1)

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


class VersionDirective(NamedTuple):
    """`@matrix N`."""

    version: Token


class IncludeDirective(NamedTuple):
    """`@include GLOB`."""

    glob: Token | Quoted

    @property
    def pattern(self) -> str:
        """What the glob says."""
        return self.glob.value if isinstance(self.glob, Quoted) else self.glob.text


class LocationDirective(NamedTuple):
    """`@domain NAME`, `@site NAME` or `@rack NAME`; `kind` is the word without its `@`."""

    kind: Literal["domain", "site", "rack"]
    name: Token


class DefaultDirective(NamedTuple):
    """`@default key=value …`."""

    pairs: tuple[Pair, ...]


class GroupDirective(NamedTuple):
    """`@group NAME=SELECTOR`; the selector as written."""

    name: Token
    selector: Token


class StateDirective(NamedTuple):
    """`@state NAME in|out "meaning"`."""

    name: Token
    service: Token
    meaning: Quoted | None


class PropertyDirective(NamedTuple):
    """`@property NAME TYPE … "meaning"`; `details` are the words behind the type: its bounds or choices, and `list`."""

    name: Token
    kind: Token
    details: tuple[Token, ...]
    meaning: Quoted | None


class StrictDirective(NamedTuple):
    """`@strict`."""


Directive = (
    VersionDirective
    | IncludeDirective
    | LocationDirective
    | DefaultDirective
    | GroupDirective
    | StateDirective
    | PropertyDirective
    | StrictDirective
)
Argument = Token | Pair | Quoted


def directive_of(word: str, words: Sequence[Token], pairs: Sequence[Pair], strings: Sequence[Quoted]) -> Directive:
    """The directive of that word (with its `@`), but `@group`, from its arguments, which are of the right form."""
    meaning = strings[0] if strings else None
    match word.removeprefix("@"):
        case "matrix":
            return VersionDirective(words[0])
        case "include":
            return IncludeDirective(meaning or words[0])
        case "domain" | "site" | "rack" as kind:
            return LocationDirective(kind, words[0])
        case "default":
            return DefaultDirective(tuple(pairs))
        case "state":
            return StateDirective(words[0], words[1], meaning)
        case "property":
            return PropertyDirective(words[0], words[1], tuple(words[2:]), meaning)
        case "strict":
            return StrictDirective()
    raise ValueError(f"{word} is no directive")


class DirectiveLine(NamedTuple):
    """`@word …`: `word` holds the `@`, `directive` what it says."""

    indent: int
    word: Token
    directive: Directive
    comment: Token | None = None

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """Everything behind the word, in the order in which it stands."""
        match self.directive:
            case VersionDirective(argument) | IncludeDirective(argument) | LocationDirective(_, argument):
                return (argument,)
            case DefaultDirective(pairs):
                return pairs
            case GroupDirective(name, selector):
                return (name, selector)
            case StateDirective(name, service, meaning):
                return (name, service, *_given(meaning))
            case PropertyDirective(name, kind, details, meaning):
                return (name, kind, *details, *_given(meaning))
            case StrictDirective():
                return ()


def _given(meaning: Quoted | None) -> tuple[Quoted, ...]:
    return () if meaning is None else (meaning,)


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
