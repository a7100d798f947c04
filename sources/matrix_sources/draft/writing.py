"""An outline to the text of a draft: laid out as `matrix fmt` would, hosts in ranges, what was left at the end.

The text is read back before it is given away: a draft that does not pass is a mistake of this program, not of the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from matrix_grammar.layout import Row, laid_out
from matrix_sources.outline.leftover import Leftover
from matrix_sources.outline.outline import Outline, RawFacts
from matrix_sources.outline.spelling import LONGEST_VALUE, comment, has_strange, is_plain

from .body import Body
from .naming import legal_names
from .reading_back import read_back

_LONGEST_LINE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a MATRIX, and what of the foreign text is not in it as it stood, in the order of its lines."""

    text: str
    leftovers: tuple[Leftover, ...]
    hosts: int
    roles: int


def write(outline: Outline, source: str) -> Draft:
    """The draft of an outline; `source` names the foreign text in the comments."""
    _drop_what_no_line_takes(outline)
    names = legal_names(outline)
    leftovers = tuple(sorted(outline.leftovers))
    rows: list[Row | None] = [
        Row("comment", (), "", comment(f"Drafted by matrix import {outline.kind} from {source}")),
        Row("directive", ("@matrix", "1"), "@matrix 1"),
        None,
        *Body(outline, names).rows(),
    ]
    remarks = [*_told("Not carried over", [left for left in leftovers if not left.changed])]
    remarks += _told("Carried over in another form", [left for left in leftovers if left.changed])
    remarks += _remarks(outline.comments)
    lines = laid_out(rows)
    text = "".join(f"{line}\n" for line in (*lines, *remarks))
    hosts, roles = read_back(outline, names, rows, lines, text)
    return Draft(text, leftovers, hosts, roles)


def _drop_what_no_line_takes(outline: Outline) -> None:
    """Values that are too long are left out, and told; so are characters that no text has."""
    odd = {value for value in _all_values(outline) if not (len(value) <= LONGEST_VALUE and is_plain(value))}
    for line, name, facts in _holders(outline) if odd else ():
        for key, values in list(facts.items()):
            if odd.isdisjoint(values):
                continue
            if any(len(value) > LONGEST_VALUE for value in values):
                outline.leave(line, f"{name}: {key}", f"a value of more than {LONGEST_VALUE:,} characters")
                del facts[key]
            elif any(has_strange(value) for value in values):
                outline.change(line, f"{name}: {key}", "without its control characters")
    for host in outline.hosts.values():
        if not any(host.roles.values()):
            continue
        size = 0
        for role, facts in host.roles.items():
            for key in list(facts) if facts else ():
                size += 300 + len(facts[key]) * 150 + 2 * sum(map(len, facts[key]))
                if size > _LONGEST_LINE // 2:
                    outline.leave(host.line, f"{host.name}: {role}: {key}", "more than a line takes")
                    del facts[key]


def _all_values(outline: Outline) -> set[str]:
    """What all facts say, each text once."""
    said: set[str] = set().union(*outline.defaults.values())
    for role in outline.roles.values():
        said.update(*role.facts.values())
    for host in outline.hosts.values():
        said.update(*host.facts.values())
        for facts in host.roles.values():
            if facts:
                said.update(*facts.values())
    return said


def _holders(outline: Outline) -> Iterator[tuple[int, str, RawFacts]]:
    """Whatever has facts: its line, its name, and they."""
    yield 0, "every host", outline.defaults
    for role in outline.roles.values():
        yield role.line, role.name, role.facts
    for host in outline.hosts.values():
        yield host.line, host.name, host.facts
        for facts in host.roles.values():
            yield host.line, host.name, facts


def _told(title: str, leftovers: Sequence[Leftover]) -> Iterator[str]:
    """What was left, as comments with their lines."""
    if leftovers:
        yield from ("", comment(f"{title}:"))
    for left in leftovers:
        where = f"line {left.line}: " if left.line else ""
        yield comment(f"  {where}{left.text}: {left.reason}")


def _remarks(comments: Sequence[tuple[int, str]]) -> Iterator[str]:
    if comments:
        yield from ("", comment("Its comments:"))
    for line, text in comments:
        yield comment(f"  line {line}: {text}")
