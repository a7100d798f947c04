"""What dmetad says where a person or the journal reads it: hostile words in every field, and none comes out raw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from on_terminal import OnTerminal, raw

HOSTILE = "\x1b]0;own\x07\x1b[45m\x9b2J\u202e\u200b\u2028\x7f\x85\U000e0041Z"
SEEN = ("<U+001B>]0;own", r"\u001b]0;own", r"\x1b]0;own", "<U+E0041>Z")

CASES: dict[str, tuple[list[str], dict[str, str], str, str]] = {
    "an option": ([f"--{HOSTILE}"], {}, "", ""),
    "an address": (["--listen", HOSTILE], {}, "", ""),
    "a file": (["--file", f"/nowhere/{HOSTILE}", "--listen", "unix:HERE/s"], {}, "", "not loaded,"),
    "the environment": ([], {"MATRIX_DMETAD_ALLOW": HOSTILE}, "", ""),
    "a setting": (["--file", "MATRIX"], {}, '[dmetad]\n"HOSTILE" = 1\n', ""),
    "where it listens": (["--file", "MATRIX", "--listen", f"unix:HERE/{HOSTILE}"], {}, "", "listening"),
    "a text with mistakes": (["--file", "bad", "--listen", "unix:HERE/s"], {}, "", "not loaded,"),
}
"""The words of the command line, the environment, matrix.toml, and what it has said when it may end."""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnTerminal]:
    with OnTerminal(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("field", CASES)
def test_nothing_raw_is_said(field: str, terminal: bool, tmp_path: Path, commands: OnTerminal) -> None:
    words, environment, settings, until = CASES[field]
    (tmp_path / "MATRIX").write_text("@matrix 1\nw1 10.0.0.1\n")
    (tmp_path / "bad").write_text(f'@matrix 1\n@include "{HOSTILE}"\n')
    (tmp_path / "matrix.toml").write_text(settings.replace("HOSTILE", "\\u001b]0;own\\u0007\\u202e"))
    line = ["dmetad", *(word.replace("HERE", str(tmp_path)) for word in words)]
    told = commands.call(line, tmp_path, environment, terminal=terminal, until=until)
    assert raw(told.out + told.err) == "", ascii(told)
    assert any(mark in (told.out + told.err).decode() for mark in SEEN), ascii(told)
