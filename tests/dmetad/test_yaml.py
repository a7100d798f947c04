"""The yaml form: what was text is text to every reader, what was a number is a number."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from matrix_dmetad.answers.yaml import dump


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("w104.example.jp", "w104.example.jp"),
        *(
            (text, f"'{text}'")
            for text in ("1e3", "0o17", "yes", "Y", "null", "1:20", "2026-01-01", "=", "10.0.0.1", "")
        ),
        ("a\nb", '"a\\nb"'),
        ("\x1b[0m", '"\\e[0m"'),
        (None, "null"),
        (True, "true"),
        (-3, "-3"),
        (1.5, "1.5"),
        (1e20, "1.0e+20"),
    ],
)
def test_a_text_looks_like_one_in_yaml_1_1_and_in_1_2(value, spelled):
    assert dump({"k": value}) == f"k: {spelled}\n"


def test_lists_and_objects_are_blocks():
    assert dump({"node": ["a", "b"], "none": [], "hosts": {"a": {"weight": 1}}}) == (
        "node:\n- a\n- b\nnone: []\nhosts:\n  a:\n    weight: 1\n"
    )


ITEMS = st.text(st.characters(exclude_categories=["Cs"])) | st.integers() | st.booleans() | st.none()


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), ITEMS | st.lists(ITEMS)))
def test_what_is_read_back_is_what_was_written(value):
    assert yaml.safe_load(dump(value)) == value
