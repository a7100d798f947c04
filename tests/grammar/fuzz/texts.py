"""Texts for the fuzz: valid ones, mutations of them, and noise; the same number always gives the same text."""

import random
import re
from pathlib import Path

from matrix_grammar.diagnostics.catalogue import CODES

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "MATRIX"

SPICE = [
    "[",
    "]",
    '"',
    "\\",
    "=",
    "#",
    " ",
    "\t",
    "\n",
    "\r",
    "\0",
    "-",
    ",",
    "&",
    "!",
    "^",
    "(",
    ")",
    "@",
    "*",
    ":",
    "/",
    ".",
    "$(touch x)",
    "`id`",
    "'",
    "?>",
    "'''",
    "\x1b[2J",
    "\u202e",
    "\ufeff",
    "\u00a0",
    "é",
    "日本",
    "[1-3]",
    "[1-1000000000]",
    "[001-3]",
    "[a-f]",
    "[9-1]",
    "[]",
    "[STOP]",
    "[WARM: x]",
    "[ps weight=5]",
    "[ps STOP: y]",
    "weight=1",
    "weight=x",
    "vip=",
    'a="',
    'a="b"',
    "10.0.0.1",
    "2001:db8::1",
    "010.1.1.1",
    "999999999999999999999999",
    "@include *",
    "@group a = a",
    "@matrix 1",
    "@matrix 9",
    "@site s",
    "@strict",
    "@property a int 1..2",
    "@state X out",
    "@default a=b",
    "w101",
    "W101",
    "ps",
]


def _seeds() -> list[str]:
    examples = [code.wrong for code in CODES.values() if isinstance(code.wrong, str) and len(code.wrong) < 1000]
    return [
        EXAMPLE.read_text("utf-8"),
        *filter(None, examples),
        *[c.right for c in CODES.values() if 0 < len(c.right) < 1000],
    ]


SEEDS = _seeds()


def make(number: int) -> str:
    """The text of that number; ranges in it are either small or refused, for a million hosts take half a minute."""
    return re.sub(r"(?<!\d)\d{5,7}(?=\])", "99", _make(number))


def _make(number: int) -> str:
    choose = random.Random(number)
    kind = choose.randrange(10)
    if kind == 0:
        return "".join(choose.choice(SPICE) for _ in range(choose.randrange(60)))
    if kind == 1:
        return "".join(
            chr(choose.choice((choose.randrange(128), choose.randrange(0xD800)))) for _ in range(choose.randrange(80))
        )
    text = choose.choice(SEEDS if kind > 4 else SEEDS[:1])
    if kind == 2:
        text += choose.choice(SEEDS)
    for _ in range(choose.randrange(1, 6)):
        text = _mutated(text, choose)
    return text


def _mutated(text: str, choose: random.Random) -> str:
    at = choose.randrange(len(text) + 1)
    match choose.randrange(5):
        case 0:
            return text[:at] + choose.choice(SPICE) + text[at:]
        case 1:
            return text[:at] + text[at + choose.randrange(1, 8) :]
        case 2:
            return text[:at] + choose.choice(SPICE) + text[at + choose.randrange(1, 8) :]
        case 3:
            lines = text.split("\n")
            choose.shuffle(lines)
            return "\n".join(lines)
        case _:
            other = choose.randrange(len(text) + 1)
            low, high = sorted((at, other))
            return text[:high] + text[low:high] + text[high:]
