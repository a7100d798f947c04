from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from conformance import FLEETS, fleet
from matrix_parts import require
from shells import SHELLS, run, source

from matrix_grammar import Fleet
from matrix_grammar.diagnostics import MatrixError

HOW_MANY = 80
ODDITIES = (
    "", " ", "()", "(", ")", "&", ",", "!", "a b", "[1-2]", "x[", "x]", "*[1-2]", "w[1-2", "w[2-1]", "w[01-2]",
    "w[1-3/0]", "w[a-c]", "w[a-C]", "w[1,,2]", "w[]", "w[1-2]]", "**", "?", "??*", "os=", "=x", "os==x", "os=<x",
    "weight=>5", "weight<5.", "weight<.5", "weight>-1", "weight>+3", "weight>=007", "weight>4.99999",
    "weight<=1000000000000000000000", 'os="a', 'os="\\q"', 'os="a"b', "Os=x", "up", "UP", "STOP", "WARN", "DRAIN",
    "nosuch", "no-such*", "site=x", "rack=x", "name=x", "state=x", "note=x", "weight!=10", "ratio>2.99", "tries<=-5",
    "s[01-03/2]", "[s-s]01", "s0[1-2,3]", "a?b", "é", "a\nb", "\t*\t", "((*))", "w[101-102]w", "W10[1-3]",
    "w[000101]", "tries>=-5.0", "ratio=3", "address=x",
)  # fmt: skip


def selectors(made: Fleet, seed: int) -> list[str]:
    """Random selectors, most of them right, and every oddity once."""
    choose = random.Random(seed)
    hosts = [host.name for host in made]
    words = [*made.roles, *made.groups, *made.states, "UP", "*", *choose.sample(hosts, 5), "w10*", "*1", "s0?", "*-*"]
    facts = [
        "weight>=5",
        "os=debian",
        "os!=debian",
        "weight<5",
        "ratio>1",
        "name!=w101",
        f'name="{hosts[0]}"',
        "spare=true",
    ]

    def term(depth: int) -> str:
        kind = choose.random()
        if depth and kind < 0.25:
            return f"({chain(depth - 1)})"
        if kind < 0.4:
            return choose.choice(facts)
        if kind < 0.45:
            return choose.choice(ODDITIES)
        return choose.choice(words)

    def chain(depth: int) -> str:
        text = term(depth)
        for _ in range(choose.randrange(4)):
            text += choose.choice(["", " "]) + choose.choice(",&!^") + choose.choice(["", " "]) + term(depth)
        return text

    return [*ODDITIES, *(chain(2) for _ in range(HOW_MANY))]


@pytest.mark.parametrize("name", [name for name in FLEETS if name != "thousand"])
@pytest.mark.parametrize("shell", SHELLS)
def test_random_selectors_mean_what_they_mean_to_the_grammar(
    shell: str, name: str, placed: Callable[..., Path]
) -> None:
    require(SHELLS[shell][0])
    made = fleet(name)
    asked = selectors(made, seed=len(name))
    wanted = []
    for text in asked:
        try:
            wanted.append("".join(f"{host.name}\n" for host in made.select(text)))
        except MatrixError:
            wanted.append("refused\n")
    lines = [f"dsas_hosts '{text}' || echo refused; echo @@" for text in asked]  # none has a quote; zsh expands =x
    status, output, errors = run(shell, source(placed(name, "sh")) + "\n".join(lines))
    assert status == 0, errors
    answers = output.split("@@\n")
    wrong = [
        f"{text!r}: {got!r}, not {want!r}"
        for text, got, want in zip(asked, answers, wanted, strict=False)
        if got != want
    ]
    assert not wrong, "\n".join(wrong)
    assert errors.count("\n") == errors.count("dsas: ") == wanted.count("refused\n")
