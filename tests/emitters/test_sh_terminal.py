"""What makes text of others harmless in sh shows the same as the installed commands do."""

from __future__ import annotations

import os
import random
import subprocess

import pytest
from matrix_parts import require

from matrix_common.terminal import UNSAFE, safe, safe_bytes
from matrix_emitters.bindings import build
from matrix_grammar.reading import loads

from .questions.shells import SHELLS

AWKS = {"awk": (), "busybox": ("busybox",)}


def lines() -> list[bytes]:
    """Every edge of what is unsafe, every byte alone, and bytes that are nearly UTF-8."""
    edges = {code + more for ends in UNSAFE for code in ends for more in (-1, 0, 1)} | {
        0x3042,
        0x1F600,
        0x10FFFF,
        0xE0100,
    }
    found = [f"x{chr(code)}y".encode() for code in sorted(edges) if 0 < code != 10 and not 0xD800 <= code <= 0xDFFF]
    found += [bytes([before, byte]) for byte in range(1, 256) if byte != 10 for before in b"p\t"]
    choose = random.Random(5)
    nearly = [*b"\xe0\xed\xf0\xf4\xc2\xc1\xe3\x80\x9b\xa0\x81A\x1b\xff\xbf\x90\t"]
    return found + [bytes(choose.choices(nearly, k=choose.randrange(1, 12))) for _ in range(300)]


@pytest.fixture(scope="module")
def functions() -> str:
    (text,) = (
        artifact.content.decode()
        for artifact in build(loads("@matrix 1\nw1 10.0.0.1\n"), 1, only=["sh"])
        if artifact.path.endswith("/fleet.sh")
    )
    return text[text.index("unsafe=") : text.index("quote() {")]


def run(shell: str, awk: str, script: str, *words: bytes, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    own = f'awk() {{ {" ".join(AWKS[awk])} awk "$@"; }}\n' if AWKS[awk] else ""
    command = [*SHELLS[shell], "-c", f"LC_ALL=C; export LC_ALL\n{own}{script}", "sh", *words]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize("shell", SHELLS)
def test_lines_of_output_and_words_are_shown_as_by_the_commands(shell: str, awk: str, functions: str) -> None:
    require(SHELLS[shell][0])
    given = lines()
    whole = b"\n".join(given) + b"\n"
    done = run(shell, awk, functions + "tame", stdin=whole)
    assert (done.stdout, done.stderr) == (safe_bytes(whole), b"")
    words = [*given[::9], b"a\nb", b"a\n\n", b"\\033[31m", b"-n", b"%s", b""]
    done = run(shell, awk, functions + 'for each do say "$each"; done', *words)
    told = [safe(os.fsdecode(word)).encode() for word in words]
    assert done.stderr.split(b"\n") == [*told, b""]
