from __future__ import annotations

import subprocess
import sys

import pytest
from jinja2 import DictLoader, TemplateAssertionError, TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError

from matrix_emitters import EmitterError
from matrix_emitters.writing import Language, Name, environment

OTHER = Language("other", lambda value: f'"{value}"')
TESTED = Language("tested", lambda value: "<" + str(value).replace("<", "&lt;") + ">")


def rendered(source: str, **context: object) -> str:
    return environment(TESTED, DictLoader({"t": source})).get_template("t").render(**context)


def test_quoted_values_names_and_numbers_may_stand_in_the_output() -> None:
    assert rendered("{{ v|quote }} {{ n }} {{ 3 }}", v="a<b", n=Name("w-1.x")) == "<a&lt;b> w-1.x 3"


def test_parts_that_are_safe_can_be_joined_and_stay_safe() -> None:
    joined = TESTED.join(", ", [TESTED.literal("a"), Name("b")])
    assert rendered("[{{ v }}]", v=joined) == "[<a>, b]"
    with pytest.raises(EmitterError, match="neither quoted nor a plain name"):
        TESTED.join(", ", [TESTED.literal("a"), "b"])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "source",
    [
        "{{ v }}", "{{ 'text' }}", "{{ true }}", "{{ 1.5 }}", "{{ none }}", "{{ v|quote ~ 'x' }}",
        "{{ (v|quote) + 'x' }}",
        "{{ (v|quote)[1:] }}", "{{ (v|quote).upper() }}", "{{ '%s' % v }}", "{{ foreign }}", "{{ [v|quote] }}",
        "{% set x %}{{ v|quote }}{% endset %}{{ x }}", "{% macro m() %}x{% endmacro %}{{ m() }}",
    ],
)  # fmt: skip
def test_anything_else_fails_the_build_harmless_or_not(source: str) -> None:
    with pytest.raises(EmitterError, match="tested template: unquoted"):
        rendered(source, v="a", foreign=OTHER.literal("a"))


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ nosuch }}", UndefinedError),
        ("{{ nosuch|quote }}", UndefinedError),
        ("{{ v.nosuch|quote }}", UndefinedError),
        ("{% include '/etc/passwd' %}", TemplateNotFound),
        ("{{ v|safe }}", TemplateAssertionError),
        ("{{ v.__class__.__mro__|quote }}", SecurityError),
        ("{{ range(3)|quote }}", UndefinedError),
    ],
)
def test_a_template_reaches_nothing_but_what_it_is_given(source: str, error: type[Exception]) -> None:
    with pytest.raises((error, EmitterError)):
        rendered(source, v="a")


@pytest.mark.parametrize("text", ["", "a b", "a'", "a\n", "-n", "é", "a;b", "$x", "a\0"])
def test_a_name_holds_nothing_that_means_anything_to_a_language(text: str) -> None:
    with pytest.raises(EmitterError, match="not a plain name"):
        Name(text)


def test_reading_manifests_does_not_import_jinja() -> None:
    code = "import sys, matrix_emitters; matrix_emitters.Manifest; sys.exit('jinja2' in sys.modules)"
    environment_of_child = {"PYTHONPATH": ":".join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment_of_child, check=False).returncode == 0
