"""FORALL, SYNCALL and DIFFALL in sh, and what runs on hosts, whichever face asked: the same for every Fleet.

`host/` has the scripts of the far side, of which the distributor's own commands and the sh functions send the same.
"""

from functools import cache

PARTS = {"forall": ("forall",), "syncall": ("files", "syncall"), "diffall": ("files", "diffall")}
"""What each of the three is made of, beside what all have."""

SENT = {"forall": ("run",), "syncall": ("survey", "copy", "fetch", "switch"), "diffall": ("survey", "fetch")}
"""The scripts that each has run on hosts."""

SHARED = {"copy": "ground", "fetch": "ground", "run": "firm"}
"""Functions that stand before a script: `ground` goes to a folder step by step and tells whether others can change what
leads there, `firm` finds where a folder of one's own stays one's own."""


@cache
def part(name: str) -> str:
    """The text of a piece by its subject, as a host has it."""
    from matrix_emitters.bindings.sh.assembly import shortened
    from matrix_emitters.bindings.sh.registers import HERE

    return shortened(_text(f"{name}.sh"), HERE)


@cache
def host_script(name: str) -> str:
    """The text of a script that runs on hosts, as it is sent: with short names, and all but switch.sh on one line."""
    from matrix_emitters.bindings.sh.assembly import one_line

    text = _text("host", f"{name}.sh")
    if name == "switch":
        return words_of_a_go(text)
    before = f"{host_script(SHARED[name])} " if name in SHARED else ""
    return before + one_line(text)


def words_of_a_go(text: str) -> str:
    """Functions for a `go` as they are sent, in the variables of switch.sh."""
    from matrix_emitters.bindings.sh.assembly import without_remarks

    return without_remarks(text)


def _text(*path: str) -> str:
    from importlib.resources import files  # 10 ms, which who sends no script never pays

    return files(__name__).joinpath(*path).read_text(encoding="ascii")
