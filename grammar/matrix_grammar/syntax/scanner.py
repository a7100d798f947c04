"""The fast path: well-formed lines to statements with regular expressions alone.

It takes exactly the lines that the grammar in `matrix.lark` takes and makes the same statements of them, which a test
compares on every kind of line; for any other line it answers None, and the grammar says what is wrong. Parsing with
Lark costs ten times as much per line, and importing it as much as reading 5,000 hosts.
"""

from __future__ import annotations

import re
from typing import Final

from .nodes import (
    Argument,
    Blank,
    DirectiveLine,
    GroupDirective,
    HeaderLine,
    HostLine,
    MoreLine,
    Statement,
    directive_of,
)
from .words import Pair, Quoted, Tag, TagBody, Token

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_RANGES = r'[^\s"\[\]]*(?:\[[^\s"\[\]]*\][^\s"\[\]]*)*'
_BARE = rf'(?=[^\s"\]]){_RANGES}'
_KEY = r'[^\s"=\[\]#@][^\s"=\[\]]*'
_WORD = r'[^\s"=\[\]#@][^\s"=\[\]]*(?:\[[^\s"=\[\]]*\][^\s"=\[\]]*)*'
_IN_TAG = rf'[^\s"=:\[\]]+(?:={_QUOTED}|={_BARE})?'
_REASON = rf'(?:{_QUOTED}|(?=[^\s"\]])[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)'
_TAG = rf'\[[ \t]*(?:{_IN_TAG}[ \t]+)*?(?:[^\s"=:\[\]]+:[ \t]*{_REASON}|{_IN_TAG})[ \t]*\]'
_END = r"(?=[ \t]|$)"

_ITEM: Final = re.compile(
    rf"[ \t]+(?:(?P<tag>{_TAG})|(?P<key>{_KEY})=(?:(?P<bare>{_BARE})|(?P<quoted>{_QUOTED}))"
    rf"|(?P<string>{_QUOTED})|(?P<word>{_WORD})){_END}"
)
_PLAIN_TAGS: Final = re.compile(rf"(?:[ \t]+\[[a-z][a-z0-9.]*\])+{_END}", re.ASCII)
_FIRST: Final = re.compile(rf"[ \t]*(?:(?P<host>{_WORD})|\[(?P<role>[^\s\"=:\[\]]+)\]|(?P<directive>@[^\s]+)){_END}")
_PIECE: Final = re.compile(
    rf"[ \t]*(?:(?P<key>[^\s\"=:\[\]]+)=(?:(?P<quoted>{_QUOTED})|(?P<bare>{_BARE}))"
    rf"|(?P<state>[^\s\"=:\[\]]+):[ \t]*(?P<reason>{_QUOTED}(?=[ \t]*$)|[^\s\"](?:.*\S)?)"
    rf"|(?P<word>[^\s\"=:\[\]]+)){_END}"
)
_GROUP: Final = re.compile(
    rf'[ \t]+([^\s"=\[\]#@]+)[ \t]*=[ \t]*((?!#)(?:{_QUOTED}|[^\s"]|[ \t]+(?=[^#\s]))+)(?:[ \t]+(#.*)|[ \t]*)'
)
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPES: Final = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}

DIRECTIVES: Final = {
    "@matrix": re.compile("w"),
    "@include": re.compile("[wq]"),
    "@domain": re.compile("w"),
    "@site": re.compile("w"),
    "@rack": re.compile("w"),
    "@default": re.compile("p+"),
    "@state": re.compile("wwq?"),
    "@property": re.compile("ww+q?"),
    "@strict": re.compile(""),
}
"""The arguments of each directive, as a pattern over w(ord), p(air) and q(uoted); `@group` has a form of its own."""


class BadEscapeError(ValueError):
    """A backslash in a quoted string before something that it cannot escape; `offset` counts from the quote."""

    def __init__(self, offset: int, escape: str) -> None:
        self.offset = offset
        self.escape = escape
        super().__init__(f"unknown escape {escape}")


def unquote(quoted: str) -> str:
    """What a quoted string says. Raises BadEscapeError."""
    inner = quoted[1:-1]
    if "\\" not in inner:
        return inner
    for match in _ESCAPE.finditer(inner):
        if match[1] not in _ESCAPES:
            raise BadEscapeError(match.start() + 1, match[0])
    return _ESCAPE.sub(lambda match: _ESCAPES[match[1]], inner)


def scan(text: str) -> Statement | None:
    """The statement of a well-formed line, or None when the grammar must look at it. Raises BadEscapeError."""
    first = _FIRST.match(text)
    if first is None:
        return _scan_other(text)
    kind = first.lastgroup
    start = first.start(kind)  # type: ignore[arg-type]
    word = Token(first[kind], start + 1)  # type: ignore[index]
    if kind == "host":
        return _scan_host(text, first.end(), word)
    if kind == "directive":
        return _scan_directive(text, first.end(), word)
    return _scan_header(text, first.end(), word) if start == 1 else None


def _scan_other(text: str) -> Statement | None:
    """A blank line, a comment, or `key=value …`."""
    bare = text.lstrip(" \t")
    indent = len(text) - len(bare)
    if not bare:
        return Blank()
    if bare[0] == "#":
        return Blank(Token(bare.rstrip(" \t"), indent + 1))
    items = _scan_items(" " + text, 0, -1)
    if items is None or items[0] or items[2] or items[3] or not items[1]:
        return None
    return MoreLine(indent, tuple(items[1]), items[4])


def _scan_host(text: str, position: int, name: Token) -> Statement | None:
    items = _scan_items(text, position, 0)
    if items is None:
        return None
    tags, pairs, strings, words, comment = items
    first_item = min(
        tags[0].column if tags else 1 << 30,
        pairs[0].column if pairs else 1 << 30,
        strings[0].column if strings else 1 << 30,
    )
    if words and words[-1].column > first_item:
        return None
    by_name = None
    if words and words[0].text == "-":
        by_name = words.pop(0)
    if any(word.text == "-" for word in words) or (by_name and words):
        return None
    return HostLine(name.column - 1, name, tuple(words), by_name, tuple(tags), tuple(pairs), tuple(strings), comment)


def _scan_header(text: str, position: int, role: Token) -> Statement | None:
    items = _scan_items(text, position, 0)
    if items is None or items[0] or items[3]:
        return None
    return HeaderLine(role, tuple(items[1]), tuple(items[2]), items[4])


def _scan_directive(text: str, position: int, word: Token) -> Statement | None:
    indent = word.column - 1
    if word.text == "@group":
        return _scan_group(text, position, word)
    shape = DIRECTIVES.get(word.text)
    items = _scan_items(text, position, 0) if shape is not None else None
    if shape is None or items is None or items[0] or any(word.text == "-" for word in items[3]):
        return None
    _, pairs, strings, words, comment = items
    arguments: list[Argument] = [*pairs, *strings, *words]
    arguments.sort(key=lambda argument: argument.column)
    letters = "".join("w" if type(a) is Token else "p" if type(a) is Pair else "q" for a in arguments)
    if not shape.fullmatch(letters):
        return None
    return DirectiveLine(indent, word, directive_of(word.text, words, pairs, strings), comment)


def _scan_group(text: str, position: int, word: Token) -> Statement | None:
    match = _GROUP.fullmatch(text, position)
    if match is None:
        return None
    name, selector = Token(match[1], match.start(1) + 1), Token(match[2], match.start(2) + 1)
    comment = Token(match[3].rstrip(" \t"), match.start(3) + 1) if match[3] else None
    return DirectiveLine(word.column - 1, word, GroupDirective(name, selector), comment)


_Items = tuple[list[Tag], list[Pair], list[Quoted], list[Token], Token | None]


def _scan_items(text: str, position: int, shift: int) -> _Items | None:
    """Everything after the first word, sorted by kind; `shift` is added to every column."""
    tags: list[Tag] = []
    pairs: list[Pair] = []
    strings: list[Quoted] = []
    words: list[Token] = []
    match = _ITEM.match
    shift += 1
    position = _take_plain_tags(text, position, shift, tags)
    while True:
        item = match(text, position)
        if item is None:
            break
        kind = item.lastgroup
        position = item.end()
        if kind == "tag":
            written = item[1]
            body = _bodies.get(written) or scan_tag(written)
            if body is None:
                return None
            tags.append(Tag(position - len(written) + shift, body))
        elif kind == "bare":
            start = item.start(2)
            pairs.append(Pair(item[2], item[3], False, text[start:position], start + shift))
        elif kind == "quoted":
            start = item.start(2)
            pairs.append(Pair(item[2], unquote(item[4]), True, text[start:position], start + shift))
        elif kind == "word":
            words.append(Token(item[6], item.start(6) + shift))
            position = _take_plain_tags(text, position, shift, tags)
        else:
            strings.append(Quoted(unquote(item[5]), item[5], item.start(5) + shift))
    if position == len(text):
        return tags, pairs, strings, words, None
    rest = text[position:].lstrip(" \t")
    if not rest:
        return tags, pairs, strings, words, None
    if rest[0] == "#" and text[position] in " \t":
        return tags, pairs, strings, words, Token(rest.rstrip(" \t"), len(text) - len(rest) + shift)
    return None


def _take_plain_tags(text: str, position: int, shift: int, tags: list[Tag]) -> int:
    """Take all tags from here that are nothing but a role, which most tags are; answers where they end."""
    run = _PLAIN_TAGS.match(text, position)
    if run is None:
        return position
    for written in run[0].split():
        body = _bodies.get(written) or scan_tag(written)
        assert body is not None
        position = text.index(written, position)
        tags.append(Tag(position + shift, body))
        position += len(written)
    return position


_bodies: dict[str, TagBody] = {}
_MOST_BODIES = 50_000


def scan_tag(written: str) -> TagBody | None:
    """The body of a tag as written, or None when the grammar must look at it. Raises BadEscapeError."""
    role: Token | None = None
    state: Token | None = None
    reason: Token | Quoted | None = None
    pairs: list[Pair] = []
    inner = written[:-1]
    position = 1
    while inner[position:].strip(" \t"):
        piece = _PIECE.match(inner, position)
        if piece is None or state is not None:
            return None
        kind = piece.lastgroup
        position = piece.end()
        if kind == "reason":
            state = Token(piece[4], piece.start(4) + 1)
            text, column = piece[5], piece.start(5) + 1
            reason = Quoted(unquote(text), text, column) if text[0] == '"' else Token(text, column)
        elif kind == "word":
            word = Token(piece[6], piece.start(6) + 1)
            if "a" <= word.text[0] <= "z" and role is None:
                role = word
            elif "a" <= word.text[0] <= "z":
                return None
            else:
                state = word
        elif role is None:
            return None
        else:
            quoted = kind == "quoted"
            value = unquote(piece[2]) if quoted else piece[3]
            start = piece.start(1)
            pairs.append(Pair(piece[1], value, quoted, inner[start:position], start + 1))
    if role is None and state is None:
        return None
    body = TagBody(written, role, tuple(pairs), state, reason)
    if len(_bodies) >= _MOST_BODIES:
        _bodies.clear()
    _bodies[written] = body
    return body
