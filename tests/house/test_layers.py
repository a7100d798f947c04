"""The layer contract holds, and fails when somebody breaks it."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = {
    package: f"matrix_{package}"
    for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the packages and their contract, to break things in."""
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for folder, package in PACKAGES.items():
        shutil.copytree(REPOSITORY / folder / package, tmp_path / folder / package)
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    paths = [str(house / package) for package in PACKAGES]
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
        ("common/matrix_common/words/slips.py", "import matrix_grammar.model"),
        ("grammar/matrix_grammar/model/names.py", "import matrix_sources.outline"),
        ("sources/matrix_sources/files/genders.py", "import matrix_emitters.bindings"),
        ("sources/matrix_sources/files/genders.py", "import subprocess"),
        ("grammar/matrix_grammar/model/names.py", "import matrix_console"),
        ("emitters/matrix_emitters/artifacts/artifact.py", "import matrix_distributor"),
        ("dmetad/matrix_dmetad/__init__.py", "import matrix_distributor"),
        ("grammar/matrix_grammar/model/names.py", "import subprocess"),
        ("emitters/matrix_emitters/artifacts/artifact.py", "def late() -> None:\n    import socket"),
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


def test_packages_are_entered_through_their_folders_only() -> None:
    """A name of another package is imported from a folder, whose `__init__.py` exports it, never from a file."""
    broken = []
    for package, name in PACKAGES.items():
        for path in sorted((REPOSITORY / package / name).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                modules = []
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    modules = [node.module or ""]
                for module in modules:
                    other = module.partition(".")[0]
                    if other in PACKAGES.values() and other != name and not is_folder(module):
                        broken.append(f"{path.relative_to(REPOSITORY)}:{node.lineno}: {module}")
    assert broken == []


def is_folder(module: str) -> bool:
    top = module.partition(".")[0].removeprefix("matrix_")
    return (REPOSITORY / top / module.replace(".", "/") / "__init__.py").is_file()
