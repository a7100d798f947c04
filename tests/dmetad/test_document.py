"""Output in docs/dmetad.md is real output."""

from __future__ import annotations

import re
import subprocess

import pytest
from dmetad_server import REPOSITORY

DOCUMENT = (REPOSITORY / "docs/dmetad.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```", DOCUMENT, re.DOTALL)


@pytest.mark.needs("curl", "dash")
@pytest.mark.parametrize(("commands", "output"), EXAMPLES)
def test_what_the_document_shows_is_what_happens(example, commands, output):
    done = subprocess.run(
        ["dash", "-c", commands.replace("http://meta", example.url)], capture_output=True, text=True, check=True
    )
    assert done.stdout == output
    assert done.stderr == ""


def test_there_are_examples_and_every_option_is_named():
    from matrix_dmetad.settings import known

    assert len(EXAMPLES) == 3
    wanted = {"--" + item.field.replace("_", "-") for item in known()}
    assert {name for name in wanted if name not in DOCUMENT} <= {"--grace", "--poll"}
