from __future__ import annotations

from random import Random

import pytest
from language_drivers import everything

from matrix_grammar.reading import loads

ROLES = ("ps", "db", "db.master", "db.master.hot", "log")
VALUES = {
    "weight": lambda random: str(random.randint(0, 9)),
    "ratio": lambda random: random.choice(["0.1", "10", "-2.50", "3.0", "0.000001"]),
    "spare": lambda random: random.choice(["true", "false"]),
    "tags": lambda random: random.choice(["a", '"b c"', '"d, e"', '""']),
    "note-to": lambda random: random.choice(["x", '"it\'s = so: fine"', '"two\\nlines"']),
}


def properties(random: Random) -> str:
    """Some properties, `tags` perhaps more than once."""
    made = [f"{key}={value(random)}" for key, value in VALUES.items() if random.random() < 0.3]
    if random.random() < 0.2:
        made += [f"tags={random.choice('mno')}", f"tags={random.choice('pqr')}"]
    return " ".join(made)


def state(random: Random, colon: str) -> str:
    name = random.choice(["WARN", "STOP", "DRAIN", "SLOW"])
    return name + random.choice(["", f"{colon} because {random.randint(1, 99)}"])


def tag(random: Random, role: str) -> str:
    inner = [role, properties(random), state(random, ":") if random.random() < 0.3 else ""]
    return f"[{' '.join(part for part in inner if part)}]"


def header(random: Random, role: str) -> str:
    return f'[{role}] "for {role}" {properties(random)}'


def matrix_at_random(random: Random) -> str:
    """Roles with and without headers, for all sites and for one; hosts with tags, states, defaults; groups."""
    lines = ["@domain example.jp", "@property ratio number", "@property spare bool", "@property tags text list"]
    lines += ["@state DRAIN out", "@state SLOW in"]
    lines += [header(random, role) for role in ROLES if random.random() < 0.5]
    number = 0
    for site in (None, "tky", "osk"):
        if site:
            lines += [f"@site {site}", f"@rack {site}-1"]
        if random.random() < 0.7:
            lines.append("@default " + (properties(random) or "weight=1"))
        lines += [header(random, role) for role in ROLES if site and random.random() < 0.4]
        lines += ["@rack r2"] if random.random() < 0.5 else []
        for _ in range(random.randint(1, 3)):
            number += 1
            tags = " ".join(tag(random, role) for role in ROLES if random.random() < 0.4)
            own = f"[{state(random, ':')}]" if random.random() < 0.4 else ""
            lines.append(f"h{number} 192.0.2.{number} {tags} {own} {properties(random)}")
    used = {role for role in ROLES for line in lines if f"[{role}" in line}
    lines += [f"@group some = {','.join(sorted(used)) or '*'}", "@group well = UP!STOP"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(4))
def test_random_fleets_are_answered_alike(language, seed, agrees):
    fleet = loads(matrix_at_random(Random(seed)))
    agrees(language, fleet, everything(fleet))
