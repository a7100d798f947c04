from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "questions"))  # the conformance table, for the tests of every language


@pytest.fixture(scope="session")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds a fleet's bindings below a folder of its own, one per combination, and gives that folder."""
    from conformance import GENERATION, fleet

    from matrix_emitters import build

    made: dict[tuple[str, ...], Path] = {}

    def place(name: str, *only: str) -> Path:
        key = (name, *only)
        if key not in made:
            made[key] = tmp_path_factory.mktemp(name)
            for artifact in build(fleet(name), GENERATION, only=only):
                target = made[key] / artifact.path.lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(artifact.content)
        return made[key]

    return place
