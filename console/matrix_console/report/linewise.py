"""How two texts differ, line by line, in bounded time whatever the texts are."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from itertools import accumulate

MOST_WORK = 2_000_000
"""Comparisons for one pair of texts, about half a second; beyond it the differing part is shown as a whole."""

LARGEST = 4 * 1024 * 1024
"""Bytes; what is larger is not compared line by line."""

TOO_MUCH = "too much to be compared line by line"

_Opcode = tuple[str, int, int, int, int]


def unified(
    before: Sequence[str], after: Sequence[str], old: str, new: str, context: int = 3, end: str = ""
) -> Iterator[str]:
    """A unified diff as `difflib.unified_diff` makes it; `end` is that of the lines that are not of the texts.

    Where finding the smallest one would take too long, all between the first and the last difference is one change, and
    its head says so.
    """
    said, groups = _compared(before, after, context)
    for place, group in enumerate(groups):
        if not place:
            yield f"--- {old}{end}"
            yield f"+++ {new}{end}"
        first, last = group[0], group[-1]
        yield f"@@ -{_span(first[1], last[2])} +{_span(first[3], last[4])} @@{said}{end}"
        for tag, begin, stop, other_begin, other_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[begin:stop])
                continue
            yield from (f"-{line}" for line in before[begin:stop])
            yield from (f"+{line}" for line in after[other_begin:other_end])


def _compared(before: Sequence[str], after: Sequence[str], context: int) -> tuple[str, list[list[_Opcode]]]:
    try:
        return "", list(_Bounded(before, after).get_grouped_opcodes(context))
    except _TooMuchError:
        return f" {TOO_MUCH}", [_as_a_whole(before, after, context)]


def _as_a_whole(before: Sequence[str], after: Sequence[str], context: int) -> list[_Opcode]:
    shorter = min(len(before), len(after))
    head = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    tail = next((n for n in range(shorter - head) if before[-1 - n] != after[-1 - n]), shorter - head)
    end, other_end = len(before) - tail, len(after) - tail
    front, back = min(head, context), min(tail, context)
    return [
        ("equal", head - front, head, head - front, head),
        ("replace", head, end, head, other_end),
        ("equal", end, end + back, other_end, other_end + back),
    ]


def _span(begin: int, end: int) -> str:
    """A range of lines as diff(1) writes it."""
    length = end - begin
    if length == 1:
        return str(begin + 1)
    return f"{begin if not length else begin + 1},{length}"


class _TooMuchError(Exception):
    pass


class _Bounded(difflib.SequenceMatcher[str]):
    """Gives up when it has compared too much."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        super().__init__(None, before, after)
        places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        self._costs = [0, *accumulate(1 + len(places.get(line, ())) for line in before)]
        self._work = 0

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        """As of old, unless it is too much."""
        self._work += self._costs[-1 if ahi is None else ahi] - self._costs[alo]
        if self._work > MOST_WORK:
            raise _TooMuchError
        return super().find_longest_match(alo, ahi, blo, bhi)
