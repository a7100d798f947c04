"""FORALL, SYNCALL and DIFFALL in sh, and what runs on hosts, whichever face asked: the same for every Fleet.

`host/` has the scripts of the far side, of which the distributor's own commands and the sh functions send the same.
"""

from functools import cache
from importlib.resources import files

PARTS = {"forall": ("forall",), "syncall": ("files", "syncall"), "diffall": ("files", "diffall")}
"""What each of the three is made of, beside what all have."""

SENT = {"forall": ("run",), "syncall": ("survey", "copy", "fetch", "switch"), "diffall": ("survey", "fetch")}
"""The scripts that each has run on hosts."""


@cache
def part(name: str) -> str:
    """The text of a piece by its subject."""
    return files(__name__).joinpath(f"{name}.sh").read_text(encoding="ascii")


@cache
def host_script(name: str) -> str:
    """The text of a script that runs on hosts; all but switch.sh on one line, as some login shells want it."""
    text = files(__name__).joinpath("host", f"{name}.sh").read_text(encoding="ascii")
    return text if name == "switch" else " ".join(text.split("\n")).strip()
