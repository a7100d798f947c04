from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from matrix_parts import require
from shells import SHELLS, run, source

PAGE = Path(__file__).parents[2] / "docs/bindings/sh.md"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_page_shows_what_its_script_prints(shell: str, placed: Callable[..., Path]) -> None:
    require(SHELLS[shell][0])
    script, shown = re.findall(r"```(?:sh|text)\n(.*?)```", PAGE.read_text(), re.DOTALL)[:2]
    script = script.replace(". /etc/dsas.conf\n", source(placed("example", "sh")))
    status, output, _ = run(shell, f"exec 2>&1\n{script}")
    assert (status, output) == (0, shown)


def test_the_page_names_every_function(placed: Callable[..., Path]) -> None:
    defined = re.findall(r"^(dsas_[a-z]\w*)\(\)", (placed("example", "sh") / "etc/dsas.conf").read_text(), re.MULTILINE)
    assert len(defined) == 24
    assert [name for name in defined if f"`{name}" not in PAGE.read_text()] == []
