"""What `python -m build` makes is whole: the commands work from the wheel alone."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
COMMANDS = ("matrix", "matrixd", "dmetad", "FORALL", "SYNCALL", "DIFFALL")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed into a folder of its own; the dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    # Warnings are errors in our code; what pip warns of in its own parts depends on the machine's settings for it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    result = subprocess.run([*pip, str(wheel)], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def run(installed: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed), "COLUMNS": "100"}
    environment.pop("MATRIX_FILE", None)
    program = [str(installed / "bin" / command), *arguments]
    return subprocess.run(program, env=environment, cwd=installed, capture_output=True, text=True, check=False)


def test_the_wheel_holds_every_file_of_the_rooms_and_the_example(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    packages = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
    listing = subprocess.run(
        ["git", "ls-files", *(f"{package}/matrix_{package}" for package in packages)],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    expected = {path.partition("/")[2] for path in listing.stdout.splitlines()}
    expected |= {f"matrix_console/demo/examples/{name}" for name in ("MATRIX", "matrix.d/osk1.matrix")}
    assert expected <= held
    for suffix in (".lark", ".j2", ".sh", "py.typed"):
        assert any(name.endswith(suffix) for name in expected), suffix


def test_the_installed_commands_answer(installed: Path) -> None:
    assert sorted(path.name for path in (installed / "bin").iterdir()) == sorted(COMMANDS)
    assert run(installed, "matrix", "--version").stdout.startswith("matrix 0.")
    assert run(installed, "matrixd", "--help").stdout.startswith("Usage: matrixd [OPTIONS]")
    example = installed / "matrix_console/demo/examples"
    assert run(installed, "matrix", "query", "-f", str(example), "ps&UP").stdout == "w[101-104]\n"


def test_the_metadata_server_is_there_with_its_pages(installed: Path) -> None:
    assert run(installed, "dmetad", "--help").stdout.startswith("usage: dmetad ")
    assert (installed / "matrix_dmetad/answers/pages/base.html.j2").is_file()
    assert (installed / "matrix_dmetad/http/static/dmetad.js").is_file()
