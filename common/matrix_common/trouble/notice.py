"""What works in this release and is refused in the next, with the line that keeps it working."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NEXT_RELEASE: Final = ": the next release refuses it"
"""The end of the message of a diagnostic that stands for a notice."""

TO_ALLOW: Final = "to allow it, put under [allow] in matrix.toml: "
"""The begin of the cure of such a diagnostic; the line to paste follows."""

TO_KEEP: Final = "to keep it, put into the MATRIX: "
"""The begin of the hint of a diagnostic for which a line of the MATRIX itself keeps working what works now."""


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """A new restriction that warns for one release: an upgrade never stops what worked.

    `where` is the file, or file and line, that would be refused; `cause` says why, in a sentence without its full stop.
    `paste` is the text, ready to paste, that goes `into` the file of that name and allows it; both are empty where
    `cause` says what else to do.
    """

    where: str
    cause: str
    paste: str = ""
    into: str = ""

    def __str__(self) -> str:
        cure = f"; to allow it, put into {self.into}: {self.paste}" if self.paste else ""
        return f"the next release refuses {self.where}: {self.cause}{cure}"
