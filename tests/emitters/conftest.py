from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

sys.path.insert(0, str(Path(__file__).parent / "questions"))  # the conformance table, for the tests of every language

NO_FILES: Mapping[str, str] = MappingProxyType({})


@pytest.fixture(scope="session")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds a fleet's bindings below a folder of its own, one per combination, and gives that folder."""
    from conformance import GENERATION, fleet

    from matrix_emitters.bindings import build

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


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts a package `site_plugin` with its metadata on sys.path, as pip would: entry point group, line, source, and
    further files of the package by name.
    """
    from matrix_emitters.bindings import registered
    from matrix_emitters.reflection.model import reflectors
    from matrix_grammar.model import property_table

    def put(group: str, line: str, source: str, files: Mapping[str, str] = NO_FILES) -> None:
        package = {f"site_plugin/{name}": content for name, content in files.items()}
        package["site_plugin/__init__.py" if files else "site_plugin.py"] = source
        for name, content in package.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        metadata = tmp_path / "site_plugin-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: site_plugin\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{line}\n")
        importlib.invalidate_caches()

    def forget() -> None:
        registered.cache_clear()
        reflectors.cache_clear()
        property_table.cache_clear()
        sys.modules.pop("site_plugin", None)

    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    yield put
    forget()
