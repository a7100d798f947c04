import re
import time

import pytest
from ClusterShell.NodeSet import NodeSet
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix_grammar.ranges.ranges import RangeError, expand, fold, fold_digits, parse


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("w101", ["w101"]),
        ("w[101-103]", ["w101", "w102", "w103"]),
        ("n[008-011]", ["n008", "n009", "n010", "n011"]),
        ("[1-9/3]", ["1", "4", "7"]),
        ("[1-3,7]x", ["1x", "2x", "3x", "7x"]),
        ("[7,1-2,7]", ["7", "1", "2", "7"]),
        ("d[a-c,x]", ["da", "db", "dc", "dx"]),
        ("d[a-e/2]", ["da", "dc", "de"]),
        ("r[1-2]n[09-10]", ["r1n09", "r1n10", "r2n09", "r2n10"]),
        ("[0-0]", ["0"]),
    ],
)
def test_expands_in_the_order_written(pattern, texts):
    assert expand(pattern) == texts
    assert parse(pattern).count == len(texts)
    assert parse(pattern).has_ranges == ("[" in pattern)


@pytest.mark.parametrize(
    ("pattern", "message", "start", "end"),
    [
        ("w[1-3", "not closed", 1, 5),
        ("w1]", "no `[`", 2, 3),
        ("w[[1]]", "not closed", 1, 6),
        ("w[]", "empty", 2, 3),
        ("w[1,,2]", "empty", 4, 5),
        ("w[3-1]", "write `1-3`", 2, 5),
        ("w[c-a]", "write `a-c`", 2, 5),
        ("w[a-C]", "one case", 2, 5),
        ("w[01-100]", "different widths", 2, 8),
        ("w[1-010]", "different widths", 2, 7),
        ("w[1-9/0]", "no step", 2, 7),
        ("w[1-9/2/2]", "no range", 2, 9),
        ("w[1-a]", "no range", 2, 5),
        ("w[1, 2]", "no range", 4, 6),
        ("w[１-３]", "no range", 2, 5),
        ("[2001:db8::1]:80", "no range", 1, 12),
        (f"w[{'9' * 5000}]", "digits", 2, 5002),
    ],
)
def test_says_what_is_wrong_and_where(pattern, message, start, end):
    with pytest.raises(RangeError, match=re.escape(message)) as caught:
        expand(pattern)
    assert (caught.value.start, caught.value.end) == (start, end)


def test_a_billion_is_counted_but_not_expanded():
    begun = time.process_time()
    assert parse("w[1-1000000000]x[1-1000]").count == 10**12
    with pytest.raises(RangeError, match="1,000,000,000 texts; at most 1,000,000"):
        expand("w[1-1000000000]")
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        ([], ""),
        (["db"], "db"),
        (["w103", "w101", "w105", "w102"], "w[101-103,105]"),
        (["n09", "n010", "n9", "n10"], "n[9,09-10,010]"),
        (["n099", "n100", "n101"], "n[099-101]"),
        (["n99", "n100"], "n[99-100]"),
        (["r1n1", "r1n2", "r2n1", "r2n2", "r3n1"], "r[1-2]n[1-2],r3n1"),
        (["web1.a2", "web1.a3"], "web1.a[2-3]"),
        (["b1", "a1", "b2"], "b[1-2],a1"),
    ],
)
def test_folds(names, folded):
    assert fold(names) == folded


def test_folds_digits_alone():
    assert fold_digits(["3", "1", "2", "07"]) == "1-3,07"


def expand_list(folded):
    return [name for part in re.findall(r"(?:[^,\[]|\[[^\]]*\])+", folded) for name in expand(part)]


numbers = st.tuples(st.sampled_from(["%d", "%02d", "%03d"]), st.integers(0, 120)).map(lambda pair: pair[0] % pair[1])
flat = st.tuples(st.sampled_from(["w", "db", "x-"]), numbers, st.sampled_from(["", ".a"])).map("".join)
deep = st.tuples(st.sampled_from("rs"), numbers, st.sampled_from("nm"), numbers).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(flat | deep | st.sampled_from(["mail", "vpn"])))
def test_what_is_folded_expands_to_the_same_names(names):
    expanded = expand_list(fold(names))
    assert sorted(expanded) == sorted(set(names))


@settings(max_examples=150, deadline=None)
@given(st.lists(flat, min_size=1))
def test_one_dimension_folds_as_clustershell_folds(names):
    ours = re.findall(r"(?:[^,\[]|\[[^\]]*\])+", fold(names))
    assert ",".join(sorted(ours)) == ",".join(
        sorted(re.findall(r"(?:[^,\[]|\[[^\]]*\])+", str(NodeSet.fromlist(names))))
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(deep, min_size=1))
def test_several_dimensions_mean_what_clustershell_means(names):
    assert NodeSet(fold(names)) == NodeSet.fromlist(names)
    assert sorted(expand_list(str(NodeSet.fromlist(names)))) == sorted(set(names))


items = st.one_of(
    st.integers(0, 50).map(str),
    st.tuples(st.integers(0, 9), st.integers(10, 40)).map(lambda pair: f"{pair[0]:02d}-{pair[1]}"),
    st.tuples(st.integers(0, 20), st.integers(20, 40), st.integers(1, 5)).map(lambda t: f"{t[0]}-{t[1]}/{t[2]}"),
)
brackets = st.lists(items, min_size=1, max_size=3).map(lambda parts: f"[{','.join(parts)}]")


@settings(max_examples=100, deadline=None)
@given(brackets, brackets)
def test_patterns_expand_as_clustershell_expands(one, two):
    for pattern in (f"w{one}", f"r{one}n{two}"):
        assert set(expand(pattern)) == set(NodeSet(pattern))


def test_a_hundred_thousand_names_fold_in_time_about_linear():
    def cost(count):
        names = [f"r{n // 100}n{n % 100:02d}" for n in range(count)]
        begun = time.process_time()
        fold(names)
        return time.process_time() - begun

    assert cost(100_000) < 25 * max(cost(10_000), 0.005)
