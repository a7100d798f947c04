#!/usr/bin/env python3
"""Writes the tables of the READMEs, which say what every file of a folder is about, from the first lines of the files.

usage: readmes.py [--check]    --check writes nothing, and ends with 1 when a table is not what it would be

A folder with more than three files has a README. A file speaks for itself by the first sentence of its docstring or of
the comment at its head; one of tests without them by the name of its first test. What has neither (data) keeps the
words that its row has by hand; a row may be a pattern, as `*.txt`, for data of one kind.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
MOST_WITHOUT = 3
"""Files that a folder may have without a README."""

BEGIN, END = "<!-- files: made by `make golden` from the first lines of the files -->", "<!-- /files -->"
_UNLISTED = {"README.md", "__init__.py", "__main__.py", "py.typed", "conftest.py"}
_COMMENT = re.compile(
    r"(?:#!.*\n)?(?:<\?php\n)?\s*(?:\{#-?(?P<block>(?s:.*?))-?#\}|(?P<lines>(?:(?:%#|#|//|--)[^\n]*\n)+))"
)
_MARK = re.compile(r"(?m)^(?:%#|#+|//|--) ?")
_SENTENCE = re.compile(r"(?s)(.+?\.)(?=\s|$)")
_NO_WORDS = re.compile(r"frozen_string_literal|shellcheck|@return|\*")
"""What a comment begins with that says nothing of its file."""
_ROW = re.compile(r"^\| `([^`]+)` \| (.*) \|$", re.MULTILINE)


class Folder(NamedTuple):
    """A folder of the repository: the names of its files, and of the folders in it."""

    files: Sequence[str]
    folders: Sequence[str]


def repository() -> dict[PurePosixPath, Folder]:
    """Every folder, by its path."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    files: dict[PurePosixPath, list[str]] = {}
    inner: dict[PurePosixPath, set[str]] = {}
    for line in listing.stdout.splitlines():
        path = PurePosixPath(line)
        if (ROOT / path).is_file():
            files.setdefault(path.parent, []).append(path.name)
            for folder in path.parents[:-1]:
                inner.setdefault(folder.parent, set()).add(folder.name)
    paths = sorted({*files, *inner})
    return {path: Folder(sorted(files.get(path, [])), sorted(inner.get(path, set()))) for path in paths}


def about(path: Path) -> str:
    """The first sentence of what a file says of itself, or the `__init__.py` of a folder; "" where there is none."""
    path = path / "__init__.py" if path.is_dir() else path
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return ""
    if path.suffix == ".py":
        module = ast.parse(text)
        words = ast.get_docstring(module) or _first_test(module)
    else:
        comment = _COMMENT.match(text)
        lines = "" if path.suffix == ".j2" or comment is None else comment["lines"] or ""
        words = (comment and comment["block"]) or _MARK.sub("", lines)  # the lines of a template go into what it makes
        words = "" if _NO_WORDS.match(words.strip()) else words
    words = " ".join(words.split("\n\n")[0].split())
    sentence = _SENTENCE.match(words)
    return (sentence[1] if sentence else words).rstrip(".:").replace("|", "\\|")


def _first_test(module: ast.Module) -> str:
    """The first test of a file of tests, whose name is a sentence."""
    names = (each.name for each in ast.walk(module) if isinstance(each, ast.FunctionDef))
    name = next((name for name in names if name.startswith("test_")), "")
    return f"Among others: {name.removeprefix('test_').replace('_', ' ')}" if name else ""


def table(path: Path, folder: Folder, by_hand: Mapping[str, str]) -> str:
    """The table of a folder; `by_hand` are the rows that stand there."""
    patterns = {name: words for name, words in by_hand.items() if "*" in name}
    rows = []
    for name in (*(f"{each}/" for each in folder.folders), *folder.files):
        if name not in _UNLISTED and not any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            rows.append((name, about(path / name) or by_hand.get(name, "")))
    rows += [each for each in patterns.items() if fnmatch.filter(folder.files, each[0])]
    return "\n".join(["| | is about |", "|---|---|", *(f"| `{name}` | {words} |" for name, words in rows)])


def readme(path: Path, described: PurePosixPath, folder: Folder) -> str:
    """The README at `path` with the table of the folder `described`."""
    init = ROOT / described / "__init__.py"
    docstring = (ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or "") if init.is_file() else ""
    head = " ".join(docstring.split("\n\n")[0].split())
    text = path.read_text(encoding="utf-8") if path.is_file() else f"# {described.name}\n\n{head}\n"
    made = rf"# {re.escape(described.name)}\n\n[^\n]*\n+"
    if head and re.fullmatch(made, text.partition(BEGIN)[0]):  # no word of a person stands in it
        text = f"# {described.name}\n\n{head}\n\n{BEGIN}{text.partition(BEGIN)[2]}"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(ROOT / described, folder, dict(_ROW.findall(old)))}\n{END}{after}"


def wanted() -> dict[Path, str]:
    """Every README that there should be, with its text. That of a package describes the import package in it."""
    listed = repository()
    texts = {}
    for place, folder in listed.items():
        path = ROOT / place / "README.md"
        has_table = path.is_file() and BEGIN in path.read_text(encoding="utf-8")
        counted = [name for name in folder.files if name not in ("README.md", "py.typed")]
        if place != PurePosixPath() and (len(counted) > MOST_WITHOUT or has_table):
            package = place / f"matrix_{place.name}"
            described = package if package in listed else place
            texts[path] = readme(path, described, listed[described])
    return texts


def main() -> int:
    """0 when all is as it should be, or was written."""
    status = 0
    for path, text in wanted().items():
        for name, words in _ROW.findall(text):
            if not words:
                print(f"{path.relative_to(ROOT)}: nothing says what {name} is about: give it a first line")
                status = 1
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)}: its table is not what the files say: run make golden")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
