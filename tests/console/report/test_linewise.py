"""Differences of texts: as difflib finds them, and in bounded work where that would take for ever."""

from __future__ import annotations

import difflib
import random

import pytest

from matrix_console.report import linewise
from matrix_console.report.linewise import MOST_WORK, TOO_MUCH, unified


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("context", [0, 1, 3])
def test_ordinary_texts_differ_as_difflib_says(seed: int, context: int) -> None:
    chance = random.Random(seed)
    before = [chance.choice("abcdefgh") * chance.randint(1, 3) for _ in range(chance.randint(0, 60))]
    after = [line for line in before if chance.random() > 0.1]
    for _ in range(chance.randint(0, 5)):
        after.insert(chance.randint(0, len(after)), "new")
    expected = list(difflib.unified_diff(before, after, "a", "b", lineterm="", n=context))
    assert list(unified(before, after, "a", "b", context)) == expected


def _every_other(common: list[str]) -> tuple[list[str], list[str]]:
    """Each call finds one line, and leaves the rest for the next."""
    before, after = ([text for line in common for text in (line, f"{line} {side}")] for side in "ab")
    return before, after


def _hostile() -> dict[str, tuple[list[str], list[str]]]:
    chance = random.Random(1)
    many = [f"line {n}" for n in range(20_000)]
    few = [chance.choice("ab") for _ in range(199)]
    return {
        "every other": _every_other(many),
        "shuffled": (many, chance.sample(many, len(many))),
        "two words": (few * 40, [chance.choice("ab") for _ in range(199)]),
        "empty lines": ([""] * 500_000, [*[""] * 499_999, "x"]),
    }


@pytest.mark.parametrize("name", _hostile())
def test_what_would_take_for_ever_is_shown_as_a_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = _hostile()[name]
    work = [0]
    longest = difflib.SequenceMatcher.find_longest_match

    def counted(self: difflib.SequenceMatcher[str], alo: int, ahi: int, blo: int, bhi: int) -> difflib.Match:
        work[0] += ahi - alo
        return longest(self, alo, ahi, blo, bhi)

    monkeypatch.setattr(difflib.SequenceMatcher, "find_longest_match", counted)
    lines = list(unified(["same", *before, "end"], ["same", *after, "end"], "a", "b"))
    assert work[0] <= MOST_WORK
    assert _applied(["same", *before, "end"], lines) == ["same", *after, "end"]
    if name == "every other":
        assert lines[2].endswith(f"@@ {TOO_MUCH}")


@pytest.mark.parametrize(
    ("before", "after"),
    [(["a"], ["b"]), ([], ["b"]), (["a"], []), (list("xay"), list("xby")), (list("aa"), list("aaa"))],
)
def test_a_change_as_a_whole_is_a_unified_diff(
    before: list[str], after: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linewise, "MOST_WORK", -1)
    lines = list(unified(before, after, "a", "b"))
    assert _applied(before, lines) == after


def _applied(before: list[str], lines: list[str]) -> list[str]:
    """What patch(1) would make of it."""
    result: list[str] = []
    place = 0
    for line in lines[2:]:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            begin = int(start) - (count != "0")
            result += before[place:begin]
            place = begin
        elif line[0] == "+":
            result.append(line[1:])
        else:
            assert before[place] == line[1:]
            result += [line[1:]] if line[0] == " " else []
            place += 1
    return result + before[place:]
