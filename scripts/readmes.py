#!/usr/bin/env python3
"""Writes the tables "file | is about" of the README of every folder from the first lines of its files.

usage: readmes.py [--check]    --check writes nothing, and ends with 1 when a table is not what it would be

A folder with more than three files has one. A file speaks for itself by the first sentence of its docstring or of the
comment at its head; what has neither (data, templates without one) keeps the words that its row has by hand. A row may
also be a pattern, as `*.txt`, for data of one kind.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
MOST_WITHOUT = 3
"""Files that a folder may have without a README."""

BEGIN, END = "<!-- files: made by `make golden` from the first lines of the files -->", "<!-- /files -->"
_UNSEEN = {"README.md", "__init__.py", "__main__.py", "py.typed", "conftest.py"}
_COMMENT = re.compile(r"(?:#!.*\n)?(?:<\?php\n)?(?:\s*(?:\{#-?|%#|/\*+|#|//|--)\s?(?P<text>[^\n]*))")
_SENTENCE = re.compile(r"(?s)(.+?[.:])(?=\s|$)")
_ROW = re.compile(r"^\| `([^`]+)` \| (.*) \|$", re.MULTILINE)


def folders() -> Iterator[tuple[PurePosixPath, list[str], list[str]]]:
    """Every folder of the repository with its files and its sub-folders, both by name."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files: dict[PurePosixPath, list[str]] = {}
    inner: dict[PurePosixPath, set[str]] = {}
    for line in listing.stdout.splitlines():
        path = PurePosixPath(line)
        if not (ROOT / path).is_file():
            continue
        files.setdefault(path.parent, []).append(path.name)
        for folder in path.parents[:-1]:
            inner.setdefault(folder.parent, set()).add(folder.name)
    for folder in sorted({*files, *inner}):
        yield folder, sorted(files.get(folder, [])), sorted(inner.get(folder, set()))


def about(path: Path) -> str:
    """What a file or a folder says of itself; an empty text where it says nothing."""
    if path.is_dir():
        path = path / "__init__.py"
        if not path.is_file():
            return ""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return ""
    if path.suffix == ".py":
        words = ast.get_docstring(ast.parse(text)) or ""
    else:
        match = _COMMENT.match(text)
        words = match["text"] if match else ""
        words = re.sub(r"\s*(#\}|-#\}|\*/)\s*$", "", words)
    words = " ".join(words.split("\n\n")[0].split())
    sentence = _SENTENCE.match(words)
    return (sentence[1] if sentence else words).rstrip(".:").replace("|", "\\|")


def table(folder: Path, files: Sequence[str], inner: Sequence[str], by_hand: Mapping[str, str]) -> str:
    """The table of a folder; `by_hand` are the rows that stand there."""
    rows = []
    patterns = [name for name in by_hand if "*" in name]
    for name in (*(f"{each}/" for each in inner), *files):
        if name in _UNSEEN or any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            continue
        rows.append((name, about(folder / name) or by_hand.get(name, "")))
    rows += [(pattern, by_hand[pattern]) for pattern in patterns if any(fnmatch.fnmatch(n, pattern) for n in files)]
    return "\n".join(["| | is about |", "|---|---|", *(f"| `{name}` | {words} |" for name, words in rows)])


def readme(folder: PurePosixPath, files: Sequence[str], inner: Sequence[str]) -> str:
    """The README of a folder with its table as it should be."""
    path = ROOT / folder / "README.md"
    head = " ".join((ast.get_docstring(ast.parse(init.read_text())) or "").split("\n\n")[0].split()) if (
        init := ROOT / folder / "__init__.py").is_file() else ""
    text = path.read_text(encoding="utf-8") if path.is_file() else f"# {folder.name}\n\n{head}\n\n{BEGIN}\n{END}\n"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(ROOT / folder, files, inner, dict(_ROW.findall(old)))}\n{END}{after}"


def wanted() -> dict[Path, str]:
    """Every README that there should be, with its text."""
    texts = {}
    for folder, files, inner in folders():
        counted = [name for name in files if name not in ("README.md", "py.typed")]
        if str(folder) != "." and (len(counted) > MOST_WITHOUT or "README.md" in files and BEGIN in (ROOT / folder / "README.md").read_text()):
            texts[ROOT / folder / "README.md"] = readme(folder, files, inner)
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
