"""Our own walk finds what Python's `glob` finds."""

import os
from glob import glob
from pathlib import Path

import pytest

from matrix_grammar.texts import DiskLibrary

PATTERNS = [
    *("*", "*.matrix", "a/*", "a/*.matrix", "?/*", "[ab]/x.matrix", "**", "**/*.matrix", "a/**", "a/**/x.matrix"),
    *("**/b/*", "**/**/x.matrix", ".h/*", ".*", "*/.*", "./a/x.matrix", "a//x.matrix", "a/../b/x.matrix", "../*/a/*"),
    *("none", "none/*", "a/x.matrix/*", "link/*", "link/**/*.matrix", "[", "a**", "**x", "a/b/**/*"),
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("absolute", [False, True])
def test_the_same_is_found(tmp_path: Path, pattern: str, absolute: bool) -> None:
    top = tmp_path / "top"
    for name in ("a/x.matrix", "a/b/x.matrix", "a/b/c/.hidden.matrix", "b/x.matrix", "b/y", ".h/x.matrix", "x.matrix"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).touch()
    (top / "link").symlink_to("a")
    (top / "dangling").symlink_to("nowhere")
    if absolute:
        pattern = f"{top}/{pattern}"
    expected = {os.path.normpath(os.path.join(top, path)) for path in glob(pattern, root_dir=top, recursive=True)}
    assert DiskLibrary(top / "MATRIX").glob(pattern, str(top / "MATRIX")) == sorted(expected)
