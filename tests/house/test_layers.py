"""The layer contract holds, and fails when somebody breaks it."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROOMS = {room: f"matrix_{room}" for room in ("grammar", "emitters", "distributor", "dmetad", "console")}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the rooms and their contract, to break things in."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for room, package in ROOMS.items():
        shutil.copytree(REPOSITORY / room / package, tmp_path / room / package)
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    paths = [str(house / room) for room in ROOMS]
    program = (
        f"import sys; sys.path[:0] = {paths!r}\n"
        "from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    )
    return subprocess.run([sys.executable, "-P", "-c", program], cwd=house, capture_output=True, text=True, check=False)


def test_the_rooms_as_they_are_keep_the_contract(house: Path) -> None:
    result = lint(house)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("grammar/matrix_grammar/names.py", "import matrix_console"),
        ("emitters/matrix_emitters/artifact.py", "import matrix_distributor"),
        ("dmetad/matrix_dmetad/__init__.py", "import matrix_distributor"),
        ("grammar/matrix_grammar/names.py", "import subprocess"),
        ("emitters/matrix_emitters/artifact.py", "def late() -> None:\n    import socket"),
        ("console/matrix_console/main.py", "import paramiko"),
    ],
)
def test_a_planted_import_that_breaks_the_contract_is_found(house: Path, where: str, line: str) -> None:
    path = house / where
    path.write_text(path.read_text() + f"\n{line}\n")
    result = lint(house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert where.removesuffix(".py").removesuffix("/__init__").split("/", 1)[1].replace("/", ".") in result.stdout


def test_rooms_are_entered_through_their_doors_only() -> None:
    broken = []
    for room, package in ROOMS.items():
        for path in sorted((REPOSITORY / room / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module or ""]
                for name in names:
                    other, _, inside = name.partition(".")
                    if other in ROOMS.values() and other != package and inside:
                        broken.append(f"{path.relative_to(REPOSITORY)}:{node.lineno}: {name}")
    assert broken == []
