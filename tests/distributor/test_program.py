"""Which program makes generations: a change of any file of it is another program."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from matrix_distributor.origin.program import folders, newest

REPOSITORY = Path(__file__).parents[2]


def test_every_package_that_a_generation_is_made_by_is_looked_at() -> None:
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [layer.split(" | ") for layer in contracts[0]["layers"]]
    own = next(number for number, layer in enumerate(layers) if "matrix_distributor" in layer)
    below = {"matrix_distributor", *(package for layer in layers[own + 1 :] for package in layer)}
    assert {Path(folder).name for folder in folders()} == below
    assert all((Path(folder) / "__init__.py").is_file() for folder in folders())


@pytest.mark.parametrize("place", ["", "inner", "inner/deep"])
def test_a_file_that_changes_anywhere_below_is_newer(tmp_path: Path, place: str) -> None:
    (tmp_path / "inner" / "deep").mkdir(parents=True)
    path = tmp_path / place / "part.py"
    path.write_text("")
    before = newest([str(tmp_path)])
    while path.stat().st_ctime_ns <= before:  # the clock of a file system may stand still for a moment
        os.utime(path, ns=(0, 0))
    assert newest([str(tmp_path)]) > before
