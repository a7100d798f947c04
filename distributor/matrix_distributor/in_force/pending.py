"""One thing that is written and not in force, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "errors", "removals", "not-pushed", "newer", "unpushed", "reflection", "state", "daemon", "settings", "program"
]


@dataclass(frozen=True, slots=True)
class Pending:
    """What is written and not in force, why, and what to type so that it goes on.

    `kind`: the text has errors; it takes hosts away, which waits for a person (removals); something else keeps it from
    being pushed (not-pushed); it is newer than the generation; its generation was made and brought to no host
    (unpushed); a file that follows from it is not on its hosts (reflection); nothing can be written into the state; the
    daemon does not run, or is in trouble; it works by an earlier matrix.toml (settings) or by an earlier program.
    `on_its_way`: a daemon is about to see to it, and nobody has to do anything.
    """

    kind: Kind
    cause: str
    cure: str = ""
    on_its_way: bool = False
