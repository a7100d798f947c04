"""A site in a folder, for tests of the commands: its files, the hosts of an embedded fleet, and verbs that run here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from matrix_console.main import matrix
from matrix_distributor.embedded import FleetProcess


def call(folder: Path, verb: str, *words: str, status: int = 0) -> Result:
    """A verb on the MATRIX of a folder, which ends with that status; an error that it does not catch fails the test."""
    result = CliRunner().invoke(matrix, [verb, "-f", str(folder), *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def embedded(names: Sequence[str], factory: pytest.TempPathFactory, *, remove: bool = False) -> Iterator[FleetProcess]:
    """The hosts of a fixture."""
    with FleetProcess(names, factory.mktemp("embedded") / "fleet", remove=remove) as fleet:
        yield fleet


class CommandSite:
    """A folder with a MATRIX, on which verbs are called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, verb: str, *words: str, status: int = 0) -> Result:
        """A verb, which ends with that status."""
        return call(self.folder, verb, *words, status=status)

    def json(self, verb: str, *words: str, status: int = 0) -> Any:
        """The verb's answer for programs."""
        return json.loads(self.run(verb, *words, "--json", status=status).stdout)

    def edit(self, old: str, new: str, name: str = "MATRIX") -> None:
        """Replace what stands in a file, which must be there."""
        text = (self.folder / name).read_text()
        assert old in text
        (self.folder / name).write_text(text.replace(old, new))
