"""Every diagnostic is held to its row of the table."""

import pytest

from matrix_grammar.diagnostics.catalogue import CODES, Code
from matrix_grammar.reading import reads

WITH_EXAMPLES = [code for code in CODES.values() if code.wrong]


@pytest.mark.parametrize("code", WITH_EXAMPLES, ids=lambda code: code.code)
def test_the_wrong_example_earns_exactly_its_code(code: Code) -> None:
    reading = reads(code.wrong, includes=code.includes)
    assert [(d.code, d.severity) for d in reading.diagnostics] == [(code.code, code.severity)]
    assert (reading.fleet is None) == (code.severity == "error")


@pytest.mark.parametrize("code", WITH_EXAMPLES, ids=lambda code: code.code)
def test_the_right_example_has_nothing_wrong(code: Code) -> None:
    assert reads(code.right, includes=code.includes).diagnostics == ()


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_every_code_is_explained(code: Code) -> None:
    assert code.title
    assert code.explanation.endswith((".", ")", "`"))
    assert len(code.explanation) > 30


def test_only_what_no_text_can_earn_has_no_example() -> None:
    assert [code.code for code in CODES.values() if not code.wrong] == [
        "M001",
        "M056",
        "M057",
        "M058",
        "M059",
        "M060",
        "M061",
        "M069",
        "M087",
        "M090",
        "M091",
        "M092",
    ]
