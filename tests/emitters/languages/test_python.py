from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from language_drivers import printed

from matrix_grammar.reading import load

EXAMPLE = Path(__file__).parents[3] / "examples" / "MATRIX"
COMPILE = (
    "import py_compile, sys; "
    "py_compile.compile(sys.argv[1], doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)"
)


@pytest.fixture
def path(install):
    return install(load(EXAMPLE), "python") / "etc/dsas.py"


def run(path: Path, program: str, *switches: str) -> str:
    program = f"import sys; sys.path.append('{path.parent}'); {program}"
    return printed(sys.executable, "-B", "-W", "error", *switches, "-c", program)


def test_it_is_python_3_6(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_imports_nothing_that_is_not_loaded_already(path):
    program = (
        "before = set(sys.modules); import dsas; dsas.get_in('w104', 'ps', 'vip'); print(set(sys.modules) - before)"
    )
    assert run(path, program) == "{'dsas'}\n"


def test_it_needs_neither_site_nor_user_packages(path):
    assert run(path, "import dsas; print(dsas.hosts('ps&WARN')[0])", "-I", "-S") == "w104\n"


def test_its_answers_are_values(path):
    """A host is its name, spelled as the MATRIX spells it, whoever answers: equal, hashed and sorted as text is."""
    program = (
        "import importlib, dsas; asked = [dsas.hosts('ps'), dsas.serving('ps'), dsas.roles('w104'), dsas.groups()]; "
        "again = importlib.reload(dsas); "
        "print(asked == [again.hosts('ps'), again.serving('ps'), again.roles('w104'), again.groups()], "
        "dsas.name('W104') in dsas.hosts('ps'), set(dsas.serving('ps')) < set(dsas.hosts('ps')), "
        "all(hash(each) == hash(tuple(list(each))) for each in asked), max(dsas.hosts('lv')), "
        "{type(name) for each in asked for name in each} == {str})"
    )
    assert run(path, program) == "True True True True lv2 True\n"


def test_its_types_are_strict(path, tmp_path_factory):
    caller = tmp_path_factory.mktemp("caller") / "caller.py"
    caller.write_text(
        "import dsas\n\nnames: tuple[str, ...] = dsas.serving('ps')\ntrue: bool = dsas.in_service('w101')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(caller.parent), str(path), str(caller)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=caller.parent,
        env={**os.environ, "MYPYPATH": str(path.parent)},
    )
    assert ran.stdout == "Success: no issues found in 2 source files\n"


def test_answers_cannot_be_changed(path):
    program = """import dsas
for answer in (dsas.hosts(), dsas.serving('ps'), dsas.roles(), dsas.roles('w104'), dsas.sites(), dsas.groups(),
               dsas.addresses('mail1'), dsas.role_get('ps', 'vip'), dsas.texts('w101', 'ipmi')):
    assert type(answer) is tuple, answer
"""
    assert run(path, f"exec({program!r})") == ""


def test_a_wrong_name_is_an_exception_with_the_nearest_names(path):
    program = """import dsas
try:
    dsas.get('w101', 'wieght')
except LookupError as error:
    print(type(error).__name__, error)
"""
    assert run(path, f"exec({program!r})") == "UnknownName unknown property 'wieght'; did you mean weight?\n"


def test_compiled_by_content_a_changed_file_of_equal_size_and_time_is_seen(path, tmp_path):
    subprocess.run([sys.executable, "-c", COMPILE, str(path)], check=True, timeout=30)
    compiled = list(path.parent.rglob("*.pyc"))
    try:
        asked = "import dsas; print(dsas.generation, dsas.__cached__ is not None)"
        assert run(path, asked) == "41 True\n"
        before = path.stat()
        path.write_bytes(path.read_bytes().replace(b"generation = 41", b"generation = 42"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert run(path, asked) == "42 True\n"
        assert len(compiled) == 1
    finally:
        for file in compiled:
            file.unlink()
