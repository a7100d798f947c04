"""The public names of the packages: those of every day, and those that moved to a sub-package."""

import subprocess
import sys
from types import ModuleType

import pytest

import matrix_distributor.moved
import matrix_emitters.moved
import matrix_grammar.moved


@pytest.mark.parametrize("name", matrix_grammar.__all__)
def test_every_name_of_the_door_is_there(name: str) -> None:
    assert getattr(matrix_grammar, name) is not None


@pytest.mark.parametrize(
    "package", [matrix_grammar, matrix_emitters, matrix_distributor], ids=lambda each: each.__name__
)
def test_a_name_that_moved_is_found_with_a_warning_that_has_the_line_to_write(package: ModuleType) -> None:
    for name, place in package.moved.MOVED.items():
        with pytest.warns(DeprecationWarning, match=f"has moved: from {place.partition(':')[0]} import ") as warned:
            thing = getattr(package, name)
        namespace: dict[str, object] = {}
        exec(str(warned[0].message).partition(": ")[2], namespace)
        assert namespace[name] is thing


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


def test_what_the_page_about_own_bindings_named_before_is_found_with_a_warning() -> None:
    sys.modules.pop("matrix_emitters.records", None)
    with pytest.warns(DeprecationWarning, match="from matrix_emitters.bindings import records"):
        from matrix_emitters.records import records
    assert records is matrix_emitters.bindings.records
