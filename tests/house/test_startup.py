"""What is imported when, since every command pays for it."""

import subprocess
import sys
from pathlib import Path

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


AT_NEED = (
    "difflib", "email", "hashlib", "importlib.metadata", "importlib.resources", "json", "socket", "unicodedata",
    "matrix_grammar.syntax.parser", "matrix_grammar.resolve.groups",
    "matrix_grammar.selectors.selector", "matrix_emitters.artifacts.artifact",
    "matrix_emitters.bindings.sh.texts",
)  # fmt: skip


def test_check_imports_no_more_than_a_text_without_a_mistake_needs(tmp_path: Path) -> None:
    (tmp_path / "MATRIX").write_text("w1  10.0.0.1  [web]  weight=5\nw2  10.0.0.2  [web]\n")
    loaded = modules_after(
        "import contextlib, io\n"
        "from matrix_console.main import matrix\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        f"    matrix.main(['check', {str(tmp_path / 'MATRIX')!r}], standalone_mode=False)\n"
        "assert '2 hosts, 1 role' in out.getvalue()"
    )
    assert "matrix_grammar.statements.plain_lines" in loaded
    assert not loaded.intersection({*HEAVY, *AT_NEED} - {"matrix_grammar"})
