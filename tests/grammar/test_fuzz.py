"""A small share of `make fuzz`, the same texts each time; and texts that hypothesis makes up."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def _module(name: str) -> ModuleType:
    path = Path(__file__).parent / "fuzz" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"matrix_fuzz_{name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


oracle, texts = _module("oracle"), _module("texts")


@pytest.mark.parametrize("first", range(0, 1500, 100))
def test_whatever_the_text_the_promises_hold(first: int) -> None:
    for number in range(first, first + 100):
        oracle.check(texts.make(number))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_line_is_answered(text: str) -> None:
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        oracle.check(text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='w1[]-=,:#@" \\\nabAB*&!^().', max_size=50))
def test_any_line_of_the_letters_that_matter_is_answered(text: str) -> None:
    oracle.check(text)
    oracle.check_selector(text)
