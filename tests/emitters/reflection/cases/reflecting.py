"""A text reflected, its program's own check, and text that means harm: what the tests of all built-ins share."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from matrix_parts import SEARCH_PATH

from matrix_emitters.reflection import reflect
from matrix_emitters.reflection.model import Allowed, Configuration, Reflected, body, entries
from matrix_grammar.reading import loads

HOSTILE = (
    'a"b', "a'b", "a\\", '\\"', "}", "a; b", "<% x %>", "# x", "a\nb", "a b", "${HOME}", "$(id)", "`id`", "%h", "%{x}",
    "{{ 7*7 }}", "{% x %}", ")", "é", "-x", "</Location>", "a\tb", '"\n}\nInclude /etc/passwd\n#', "x" * 300,
)  # fmt: skip

SURROUNDINGS = {"PATH": SEARCH_PATH, "LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}
"""The environment of programs that are not ours."""


def quoted(text: str) -> str:
    """A text as the MATRIX writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


ALLOWED = Allowed(programs=("/bin/true", "/bin/alive", "/bin/x", "/usr/lib/check", "/usr/local/bin/alive"))
"""The programs that the texts of these tests name."""


def entry_of(name: str, allowed: Allowed = ALLOWED, **table: object) -> Configuration:
    """The entry `name`, with these settings in matrix.toml."""
    return next(entry for entry in entries({name: table}, allowed) if entry.name == name)


def made(
    name: str, text: str, generation: int = 7, allowed: Allowed = ALLOWED, **table: object
) -> tuple[Reflected, ...]:
    """A built-in reflected from the text of a MATRIX."""
    return reflect(loads(text), generation, entry_of(name, allowed, **table))


def only(name: str, text: str, generation: int = 7, allowed: Allowed = ALLOWED, **table: object) -> Reflected:
    """The one text that comes out."""
    (found,) = made(name, text, generation, allowed, **table)
    return found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, env=SURROUNDINGS, check=False)


def checked(reflected: Reflected, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the entry's own check line over a text, as a host does."""
    staged = folder / "staged"
    staged.write_bytes(reflected.content)
    return run("sh", "-c", reflected.entry.check.replace("%s", str(staged)))


def errors(reflected: Reflected) -> list[str]:
    return [finding.message for finding in reflected.findings if finding.severity == "error"]


def lines_that_differ(one: Reflected, other: Reflected) -> tuple[list[str], list[str]]:
    """The lines that only one of two texts has, the header aside."""
    ours, theirs = (body(text.content).decode().splitlines() for text in (one, other))
    return [line for line in ours if line not in theirs], [line for line in theirs if line not in ours]
