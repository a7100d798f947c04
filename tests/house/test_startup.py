"""What is imported when, since every command pays for it."""

import subprocess
import sys

import pytest

HEAVY = ("paramiko", "watchdog", "jinja2", "uvicorn", "rich", "lark", "matrix_grammar", "matrix_distributor")


def modules_after(statement: str) -> set[str]:
    program = f"import sys\nsys.path[:] = {sys.path!r}\n{statement}\nprint(*sorted(sys.modules), sep='\\n')"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("absent", ["paramiko", "watchdog", "jinja2", "uvicorn", "rich", "click"])
def test_the_grammar_comes_without_the_weight_of_other_rooms(absent: str) -> None:
    assert absent not in modules_after("import matrix_grammar")


def test_help_imports_click_and_nothing_heavier() -> None:
    loaded = modules_after(
        "import contextlib, io\n"
        "from matrix_console.main import matrix\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "    matrix.main(['--help'], standalone_mode=False)\n"
        "assert 'watch' in out.getvalue()"
    )
    assert "click" in loaded
    assert not loaded.intersection(HEAVY)
