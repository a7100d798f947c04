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
    """The text of a piece by its subject."""
    return _text(f"{name}.sh")


@cache
def host_script(name: str) -> str:
    """The text of a script that runs on hosts, without remarks; all but switch.sh on one line."""
    text = _text("host", f"{name}.sh")
    if name == "switch":
        return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    before = f"{host_script(SHARED[name])} " if name in SHARED else ""
    return before + " ".join(text.split("\n")).strip()


def _text(*path: str) -> str:
    from importlib.resources import files  # 10 ms, which who sends no script never pays

    return files(__name__).joinpath(*path).read_text(encoding="ascii")
