"""The fast path gives the tree that the grammar gives, or leaves the text to it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrix_grammar.diagnostics import SelectorError
from matrix_grammar.selectors.parser import parse
from matrix_grammar.selectors.scanner import scan

COMMON = [
    "ps",
    "ps!cache",
    "(a&b)!c",
    "w[101-103,105]",
    "w10*",
    "*",
    "UP",
    "site=tky1 & weight >= 5",
    'tag="a,b (c)"',
    "((a),(b^(c)))",
    "a.b-c_d,[a-c]1",
    " a ",
    "os!=debian!w1",
]

pieces = st.sampled_from(
    [
        "a",
        "ps",
        "w[1-3,5]",
        "*",
        "?",
        "-",
        ".",
        "=",
        "!=",
        "<",
        ">=",
        "key=",
        "k!=v",
        'k="v"',
        r'k="\""',
        '"',
        "\\",
        "[",
        "]",
    ]
    + list(",&!^()") * 2
    + [" ", "\t", "\n", "A", "é", "0", ":", "/", "#", "@"]
)


def by_grammar(text):
    try:
        return parse(text)
    except SelectorError:
        return None


@pytest.mark.parametrize("text", COMMON)
def test_common_selectors_need_no_lark(text):
    assert scan(text) is not None
    assert scan(text) == parse(text)


@settings(max_examples=600, deadline=None)
@given(st.lists(pieces, max_size=12).map("".join))
@example("ps\n")
@example("ps,\n")
@example("a\x0bb")
@example("(" * 70 + "a" + ",b)" * 70)
@example('k="a"b')
@example("k=v=w")
@example("w[1\n]")
def test_the_fast_path_agrees_with_the_grammar(text):
    fast = scan(text)
    if fast is not None:
        assert fast == by_grammar(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_selector_or_a_diagnostic(text):
    tree = by_grammar(text)
    fast = scan(text)
    assert fast is None or fast == tree
