"""What is wrong with a line that the grammar does not take: one mistake, the first, in words and with its cure."""

from __future__ import annotations

import re
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_grammar.model.vocabulary import DIRECTIVES

from .mistakes_in_tags import closing_bracket, diagnose_in_tag, diagnose_tag, inside_tag, wrong
from .nodes import WrongLine

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_KEY: Final = re.compile(r'([^\s"=\[\]#@]+)=')
_SPACED_PAIR: Final = re.compile(r'([^\s"=\[\]#@]+)[ \t]*=[ \t]*([^\s"=\[\]#]*)')
_WORD: Final = re.compile(r"[^\s]+")
_DOUBTFUL: Final = "‘’‚“”„«»"
_ADDRESS: Final = re.compile(r"[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*")


def diagnose(text: str, offset: int) -> WrongLine:
    """The mistake of a line that is not understood from this offset on."""
    rest = text[offset:]
    first = text.lstrip(" \t")[:1]
    if not rest:
        return _ended(text)
    if rest[0].isspace():
        cure = "type a blank in its place"
        return wrong("M018", offset, 1, f"U+{ord(rest[0]):04X} looks like a blank, but is none", cure)
    if rest[0] in _DOUBTFUL:
        return wrong("M016", offset, 1, f"{rest[0]} is not the quote that opens a string", 'write "…"')
    if rest[0] == '"':
        return _quote(text, offset, rest)
    if rest[0] == "[":
        return _bracket(text, offset, rest)
    if rest[0] == "]":
        return wrong("M017", offset, 1, "a closing bracket that nothing opens")
    if first == "@":
        return _directive(text, offset, rest)
    if inside_tag(text, offset):
        return diagnose_in_tag(offset, rest, text[:offset].rpartition("[")[2])
    if rest[0] == "#":
        return wrong("M018", offset, 1, "a comment begins after a blank", "put a blank before the #")
    return _pair(text, offset, rest) or _word(text, offset, rest)


def wrong_escape(text: str, offset: int, escape: str) -> WrongLine:
    """The mistake of a backslash before something other than what it may stand before."""
    cure = "write \\\\ for a backslash" if escape not in ("\\'", "\\r") else ""
    return WrongLine("M020", offset + 1, offset + 3, f"unknown escape {escape}", cure, 'escapes: \\" \\\\ \\n \\t')


def _ended(text: str) -> WrongLine:
    """The line ends where something is missing."""
    word = text.split()[0]
    form = DIRECTIVES.get(word)
    end = len(text.rstrip())
    return wrong("M021", end, 1, f"something is missing behind {word}", f"write it like {form}" if form else "")


def _quote(text: str, offset: int, rest: str) -> WrongLine:
    match = _QUOTED.match(rest)
    if match is None:
        return wrong(
            "M016",
            offset,
            len(rest),
            "the quote is not closed",
            'close it with ", or write \\" for a quote in the text',
        )
    if match.end() < len(rest) and rest[match.end()] not in " \t":
        return wrong(
            "M016",
            offset + match.end(),
            1,
            "a blank is missing after the closing quote",
            'write \\" for a quote in the text',
        )
    word = text.split()[0]
    if word in DIRECTIVES:
        return wrong(
            "M021", offset, match.end(), f"{word} has no quoted text here", f"write it like {DIRECTIVES[word]}"
        )
    return wrong("M018", offset, match.end(), "a quoted string cannot stand here")


def _bracket(text: str, offset: int, rest: str) -> WrongLine:
    """A tag, a header or a range that is not one."""
    close = closing_bracket(rest)
    if close is None:
        return wrong("M017", offset, len(rest), "the bracket is not closed", "close it with ]")
    tag = rest[: close + 1]
    before = text[:offset]
    if not before.strip(" \t"):
        return _header(offset, rest, tag)
    if before[-1] not in " \t":
        return wrong("M017", offset, len(tag), "a blank is missing before the tag")
    if text[0] == "[":
        return wrong("M051", offset, len(tag), "a header has no tags", "tags stand on the lines of the hosts below")
    if text.lstrip(" \t")[0] == "@" or "=" in before.split()[0]:
        return wrong("M051", offset, len(tag), "a tag cannot stand here", "tags stand on the lines of hosts")
    if close + 1 < len(rest) and rest[close + 1] not in " \t":
        return wrong("M017", offset + close + 1, 1, "a blank is missing after the tag")
    if not tag.strip("[] \t"):
        return wrong("M017", offset, len(tag), "an empty tag")
    return diagnose_tag(offset, tag)


def _header(offset: int, rest: str, tag: str) -> WrongLine:
    name = tag[1:-1].strip()
    if len(tag) < len(rest) and rest[len(tag)] not in " \t":
        return wrong(
            "M014",
            offset,
            len(tag),
            "a host's name cannot begin with a range",
            "and a blank is missing, if this is a header",
        )
    if offset:
        cure = "begin it in column 1, if it is a header; a host line begins with the host's name"
        return wrong("M051", offset, len(tag), f"a header [{name}] begins in column 1", cure)
    if ":" in name or name.isupper():
        return wrong("M051", offset, len(tag), "a state stands on the line of a host, not in a header")
    if "=" in name:
        return wrong(
            "M051", offset, len(tag), "properties of a header stand behind its bracket", "write [role] key=value"
        )
    return wrong("M013", offset, len(tag), f"{name or 'nothing'} cannot name a role", hint="lower case, as [lv.master]")


def _directive(text: str, offset: int, rest: str) -> WrongLine:
    word = text.split()[0]
    form = DIRECTIVES.get(word)
    if form is None:
        cure = did_you_mean(nearest(word, DIRECTIVES))
        start = text.index("@")
        return wrong(
            "M040", start, len(word), f"unknown directive {word}", cure, f"directives: {', '.join(DIRECTIVES)}"
        )
    here = _WORD.match(rest)
    length = len(here[0]) if here else 1
    return wrong("M021", offset, length, f"{here[0] if here else rest} cannot stand here", f"write it like {form}")


def _pair(text: str, offset: int, rest: str) -> WrongLine | None:
    """`key=value` that is not one."""
    match = _KEY.match(rest)
    if match is None:
        spaced = _SPACED_PAIR.match(rest)
        if spaced:
            cure = f"write {spaced[1]}={spaced[2] or 'value'}, without blanks"
            return wrong("M019", offset, len(spaced[0].rstrip()), "blanks around the =", cure)
        if rest[0] == "=":
            name = text[:offset].rstrip(" \t").rpartition(" ")[2].rpartition("\t")[2]
            behind = _WORD.match(rest[1:].lstrip(" \t"))
            if name and text[0] not in "[@":
                cure = f"write {name}={behind[0] if behind else 'value'}, without blanks"
                return wrong("M019", offset, 1, "blanks around the =", cure)
            return wrong("M019", offset, 1, "a = without a name before it", "write key=value, without blanks")
        return None
    key, value = match[1], rest[match.end() :]
    at = offset + match.end()
    if not value or value[0] in " \t":
        nearby = _WORD.match(value.lstrip(" \t"))
        cure = (
            f"write {key}={nearby[0]}, without blanks"
            if nearby and nearby[0][0] not in '#["' and "=" not in nearby[0]
            else f'write {key}="" for an empty one'
        )
        return wrong("M019", offset, len(match[0]), f"{key} has no value", cure)
    if value[0] == '"':
        return _quote(text, at, value)
    for position, letter in enumerate(value):
        if letter == '"':
            return wrong("M016", at + position, 1, "a quote within a value", f'quote it whole: {key}="…"')
        if letter.isspace() and letter not in " \t":
            return wrong(
                "M018",
                at + position,
                1,
                f"U+{ord(letter):04X} looks like a blank, but is none",
                "type a blank in its place",
            )
        if letter in " \t":
            break
    return wrong(
        "M017",
        at,
        len(value.split()[0]),
        "brackets that do not fit together",
        f'if they are meant literally, quote them: {key}="…"',
    )


def _word(text: str, offset: int, rest: str) -> WrongLine:
    """A bare word where none can stand."""
    first_word = _WORD.match(rest)
    word = first_word[0] if first_word else rest[:1]
    for position, letter in enumerate(word):
        if letter in '"[]' or letter.isspace():
            where = offset + position
            what = {'"': "M016", "[": "M017", "]": "M017"}.get(letter, "M018")
            cure = "put a blank before it" if letter != "]" else ""
            return wrong(what, where, 1, f"{letter} cannot stand within {word.split(letter)[0] or 'a word'}", cure)
    if text[0] == "[":
        return wrong("M018", offset, len(word), f"{word} cannot stand in a header", 'a meaning stands in quotes: "…"')
    if word == "-":
        return wrong("M018", offset, 1, "- stands in place of the addresses, right behind the name")
    if _ADDRESS.fullmatch(word):
        return wrong("M018", offset, len(word), "an address stands right behind the name of its host")
    return wrong(
        "M018",
        offset,
        len(word),
        f"{word} cannot stand here",
        'a note stands in quotes: "…"; a role or state in brackets',
    )
