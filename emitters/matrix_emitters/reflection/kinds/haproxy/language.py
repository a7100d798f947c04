"""HAProxy's configuration: how an argument is written in it, and how a text is read back (its manual, section 2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from matrix_emitters.errors import EmitterError
from matrix_emitters.writing.quoting import Language

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:\[\]@,=?&%+~-]+", re.ASCII)
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f]")
_WORD: Final = re.compile(r"""(?:[^\s"'\\#]|\\.|'[^'\n]*'|"(?:[^"\\\n]|\\.)*")+""")
_PIECE: Final = re.compile(r"""'([^'\n]*)'|"((?:[^"\\\n]|\\.)*)"|\\(.)|([^"'\\]+)""")


def _spell(value: object) -> str:
    r"""An argument, in single quotes where it needs them: within those nothing means anything; `'` is `'\''`."""
    spelled = str(value)
    found = _FORBIDDEN.search(spelled)
    if found or not spelled:
        why = f"it holds {found[0]!r}" if found else "it is empty"
        raise EmitterError(f"{spelled!r:.80} cannot be written in haproxy.cfg: {why}")
    if _PLAIN.fullmatch(spelled):
        return spelled
    return "'" + spelled.replace("'", "'\\''") + "'"


HAPROXY: Final = Language("haproxy", _spell)


@dataclass(frozen=True, slots=True)
class Section:
    """A section: the words of its first line, and those of each line in it."""

    words: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


SECTIONS: Final = frozenset(
    {
        *("backend", "cache", "defaults", "fcgi-app", "frontend", "global", "http-errors", "listen"),
        *("log-forward", "mailers", "peers", "program", "resolvers", "ring", "userlist"),
    }
)
"""The words that start a section; everything else is a line within one."""


def parse_haproxy(text: str) -> tuple[Section, ...]:
    """The sections of a configuration. Raises EmitterError for a line that cannot be read, or outside any section."""
    found: list[tuple[tuple[str, ...], list[tuple[str, ...]]]] = []
    for line in text.split("\n"):
        words = _words(line)
        if words and words[0] in SECTIONS:
            found.append((words, []))
        elif words and found:
            found[-1][1].append(words)
        elif words:
            raise EmitterError(f"haproxy: outside any section: {line!r:.80}")
    return tuple(Section(words, tuple(lines)) for words, lines in found)


def _words(line: str) -> tuple[str, ...]:
    words: list[str] = []
    at = 0
    while at < len(line):
        if line[at] in " \t\r":
            at += 1
        elif line[at] == "#":
            break
        else:
            match = _WORD.match(line, at)
            if match is None:
                raise EmitterError(f"haproxy: cannot be read: {line!r:.80}")
            words.append("".join(_plain(piece) for piece in _PIECE.finditer(match[0])))
            at = match.end()
    return tuple(words)


def _plain(piece: re.Match[str]) -> str:
    single, double, escaped, plain = piece.groups()
    if double is not None:
        return re.sub(r'\\(["\\$])', r"\1", double)
    return next(part for part in (single, escaped, plain) if part is not None)
