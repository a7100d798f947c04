"""keepalived.conf line by line as its own parser sees it: comments off, `$NAME` replaced, conditional lines told.

After keepalived.conf(5), "Comments", "Conditional configuration" and "Parameter substitution". A definition is replaced
where it is used, so a parameter may stand for several lines, and those may name further parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from matrix_sources.outline.leftover import Leftover

LONGEST_LINE: Final = 4_096
"""Characters in one line, parameters replaced; a longer one is left out. keepalived itself reads 1,023."""

_MOST_CHARACTERS: Final = 8 * 1024 * 1024
_MOST_DEPTH: Final = 32

_STRING = r'"(?:[^"\\]|\\.)*"?'
_COMMENT: Final = re.compile(rf"{_STRING}|\\.|[!#]", re.DOTALL)
_PLAIN: Final = re.compile(r"[^!#\\]*")
"""A line without a comment, and without a sign that an escape keeps from beginning one."""

_ESCAPED_SIGN: Final = re.compile(rf"({_STRING})|\\([!#])", re.DOTALL)
_DEFINITION: Final = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)", re.DOTALL)
_USE: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$))")
_INCLUDE: Final = re.compile(r"include[rmwba]?[ \t]+\S")
_CONDITION: Final = re.compile(r"@(\^?)(\S*)(.*)", re.DOTALL)

NumberedLine = tuple[int, str]


class Lines:
    """Gives the lines that count, each with its number in the text; `leftovers` and `comments` fill meanwhile.

    With a `config_id` a conditional line (`@main priority 150`) counts where it matches, as `keepalived -i` has it.
    """

    def __init__(self, text: str, config_id: str | None = None) -> None:
        self._text = text
        self._config_id = config_id
        self._definitions: dict[str, list[str]] = {"_HASH": ["#"], "_BANG": ["!"]}
        self._given = 0
        self.leftovers: list[Leftover] = []
        self.comments: list[NumberedLine] = []

    def __iter__(self) -> Iterator[NumberedLine]:
        raw = enumerate(self._text.replace("\r\n", "\n").split("\n"), 1)
        for number, written in raw:
            if len(written) > LONGEST_LINE:
                self._leave(number, written, f"a line of {len(written):,} characters")
                continue
            line = self._decommented(number, written)
            if not line:
                continue
            if line[0] not in "@~i" and "$" not in line and self._given + len(line) <= _MOST_CHARACTERS:
                self._given += len(line)
                yield number, line
                continue
            if line.startswith("$") and line.endswith("\\") and (match := _DEFINITION.match(line[:-1].rstrip())):
                self._definitions[match[1]] = [*filter(None, [match[2]]), *self._continued(raw)]
                continue
            yield from self._expanded(number, line, 0)
            if self._given > _MOST_CHARACTERS:
                self._leave(number, line, f"more than {_MOST_CHARACTERS:,} characters; the rest is not read")
                return

    def _leave(self, number: int, text: str, reason: str) -> None:
        self.leftovers.append(Leftover(number, text, reason))

    def _decommented(self, number: int, written: str) -> str:
        """The line without its comment; `!` and `#` begin none between double quotes or behind a backslash."""
        if _PLAIN.fullmatch(written):
            return written.strip(" \t\r\f\v")
        for match in _COMMENT.finditer(written):
            if match[0] in "!#":
                comment = written[match.start() :].strip("!# \t")
                if comment:
                    self.comments.append((number, comment))
                written = written[: match.start()]
                break
        return _ESCAPED_SIGN.sub(lambda match: match[1] or match[2], written).strip(" \t\r\f\v")

    def _continued(self, raw: Iterator[NumberedLine]) -> Iterator[str]:
        """The further lines of a definition of several lines, each but the last with a backslash at its end."""
        for number, written in raw:
            if not written.strip():
                continue
            line = self._decommented(number, written[:LONGEST_LINE])
            if line.rstrip("\\").strip():
                yield line.removesuffix("\\").rstrip()
            if not line.endswith("\\"):
                return

    def _expanded(self, number: int, line: str, depth: int) -> Iterator[NumberedLine]:
        """The lines that a line stands for once what it names is replaced."""
        self._given += len(line)
        if self._given > _MOST_CHARACTERS:
            return
        if depth > _MOST_DEPTH or len(line) > LONGEST_LINE:
            return self._leave(number, line, "its parameters name one another without an end")
        if line.startswith("@"):
            matched = self._matched(number, line)
            if matched:
                yield from self._expanded(number, matched, depth + 1)
        elif match := _DEFINITION.fullmatch(line):
            self._definitions[match[1]] = [match[2]]
        elif line.startswith("~"):
            self._leave(number, line, "a sequence block; write its lines out")
        elif _INCLUDE.match(line):
            self._leave(number, line, "another file; import it by itself")
        else:
            first, *further = self._replaced(line)
            if further or first != line:
                for text in (first, *further):
                    if text.strip():
                        yield from self._expanded(number, text.strip(), depth + 1)
            else:
                yield number, line

    def _matched(self, number: int, line: str) -> str:
        """What stands behind the condition of a line, if it holds; one that cannot be decided is told."""
        match = _CONDITION.fullmatch(line)
        assert match is not None
        rest = match[3].strip()
        if self._config_id is None:
            self._leave(number, line, f"for the config-id {match[1] and 'other than '}{match[2]} alone")
            return ""
        return rest if (match[2] == self._config_id) != bool(match[1]) else ""

    def _replaced(self, line: str) -> list[str]:
        """The line with its parameters replaced once; one of several lines counts only where it ends the line."""
        behind: list[str] = []
        length = len(line)

        def value(match: re.Match[str]) -> str:
            nonlocal length
            lines = self._definitions.get(match[1] or match[2])
            if lines is None or length > LONGEST_LINE or (len(lines) > 1 and match.end() != len(line)):
                return match[0]
            behind.extend(lines[1:])
            length += len(lines[0]) if lines else 0
            return lines[0] if lines else ""

        return [_USE.sub(value, line), *behind]
