"""Makes of a script that is written for people the text that a host is sent.

The sources have a line a step, telling names, and comments that say why. Hosts are sent less: names become letters
(registers.py) and comments go, since the text goes to every host with every call, and some sshd take no long command.
What is a word of a command line becomes one line: the login shell of the host reads it, and csh reads a line end or a
`!` within a word in a way of its own. The sources use no single quotes, each of which takes five bytes in such a word.
The text that comes out is held by tests/emitters/golden/host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from matrix_emitters.errors import EmitterError

from .registers import FAR, HERE, register

_OPENS = re.compile(r"(?:[{(|&;]|(?:^|[\s;])(?:then|do|else|in))$")
"""What a line ends with that needs no `;` after it."""
_PATTERN = re.compile(r"[^()]*(?:\(\)[^()]*)*\)$")
"""The line of a case that has the pattern alone: `names)`."""

_BLANK = re.compile(r"(?<!\)) ;;")
"""A blank before `;;` that does not follow a pattern."""

_REGISTER = re.compile(r"DSAS__([A-Za-z][A-Za-z_]*?)(?=_?(?![A-Za-z_]))")


def template(text: str) -> str:
    """A template with short names, without the comments that start with `##`.

    Raises EmitterError for a register that has no letter.
    """
    lines = (line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("##"))
    return _REGISTER.sub(lambda match: register(match[1]), shortened("".join(lines), HERE))


def one_line(script: str) -> str:
    """A script as one line, with short names. Raises EmitterError where a quoted text goes over a line end.

    One that ends with a function has a `;` at its end, so that more can follow.
    """
    parts: list[str] = []
    before = ""
    for line in _lines(script):
        parts += [_between(before, line) if before else "", line]
        before = line
    return shortened("".join([*parts, ";" if before == "}" else ""]))


def _between(before: str, line: str) -> str:
    """What stands between two lines when they become one."""
    if line.startswith((")", ";;")) or before.endswith("("):
        return ""
    return " " if _OPENS.search(before) or _is_pattern(before) else "; "


def _is_pattern(line: str) -> bool:
    """Whether a line is the pattern of a case alone; `)` alone ends a subshell."""
    return line != ")" and _PATTERN.fullmatch(line) is not None


def without_remarks(script: str) -> str:
    """A script line by line with short names, without the lines that are comments alone."""
    return shortened("".join(line for line in script.splitlines(keepends=True) if not line.lstrip().startswith("#")))


def _lines(script: str) -> Iterator[str]:
    """The lines that say something, without what is a comment, and without the blank before `;;`."""
    for line in script.splitlines():
        code = _BLANK.sub(";;", _code(line).strip())
        command = code.removesuffix(" ;;")
        if code and command != code and not _is_pattern(command):
            code = command + ";;"
        if code:
            yield code


def _code(line: str) -> str:
    """A line up to the comment at its end."""
    if "#" not in line and "'" not in line and '"' not in line:
        return line
    code = _TEXT.match(line)
    assert code is not None
    if line[code.end() : code.end() + 1] not in ("", "#"):
        raise EmitterError(f"a text does not end in its line of a host script: {line.strip()}")
    return code[0]


_TEXT = re.compile(r"""(?:[^'"\\#]+|\\.|'[^']*'|"(?:[^"\\]+|\\.)*"|(?<=\S)#)*""")
"""What is no comment: words, and texts in quotes."""

_ARITHMETIC = re.compile(r"\$\(\([^()]*\)\)")
_WORD = re.compile(r"(?<![\w$])[A-Za-z_]+")
_USES = (
    re.compile(r"(\$\{?#?)([A-Za-z_]+)"),
    re.compile(r"(for )([A-Za-z_]+)(?= (?:in|do)\b)"),
    re.compile(r"(read -r )([A-Za-z_]+)"),
)
"""Where a name is a variable: `$name`, `${name…`, after `for` and `read -r`, and `name=` where a word begins."""


def shortened(script: str, table: Mapping[str, str] = FAR) -> str:
    """A script with the letters of its variables: those of the names in a table of registers.py."""
    letters = {name: letter for letter, names in table.items() for name in names.split()}
    script = _ARITHMETIC.sub(lambda sum_: _WORD.sub(lambda word: letters.get(word[0], word[0]), sum_[0]), f"\n{script}")
    for use in (*_USES, _assignment("|".join(letters))):
        script = use.sub(lambda found: found[1] + letters.get(found[2], found[2]), script)
    return script[1:]


@cache
def _assignment(names: str) -> re.Pattern[str]:
    return re.compile(rf"([\s;({{&|])({names})(?==)")
