"""The door of the room: every name it promises, each imported only when asked for."""

import subprocess
import sys

import pytest

import matrix_grammar


@pytest.mark.parametrize("name", matrix_grammar.__all__)
def test_every_name_of_the_door_is_there(name: str) -> None:
    assert getattr(matrix_grammar, name) is not None


def test_the_lists_of_the_door_are_the_same() -> None:
    listed = [name for names in matrix_grammar._FILES.values() for name in names.split()]
    assert sorted(listed) == sorted(matrix_grammar.__all__)


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError, match="nosuch"):
        matrix_grammar.nosuch  # noqa: B018 - asking is what is tested


def test_a_well_formed_matrix_is_read_without_lark() -> None:
    program = (
        "import sys, matrix_grammar;"
        "matrix_grammar.loads('[a] k=1\\n    w[1-2]  10.0.0.[1-2]  [b x=1]  [STOP: y]\\n@group g=a!b\\n');"
        "slow = ('lark', 'matrix_grammar.diagnostics.catalogue.codes', 'matrix_grammar.layout.formatter');"
        "print([name for name in slow if name in sys.modules])"
    )
    paths = {"PYTHONPATH": ":".join(sys.path)}
    found = subprocess.run([sys.executable, "-c", program], env=paths, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
