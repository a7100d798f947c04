"""What was found of files: whose they are not to be, and what the next release will refuse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from matrix_common.trouble.notice import Notice


class UntrustedError(Exception):
    """A file that somebody else can have written; says which, whose, and what to type."""


class Verdict(NamedTuple):
    """`refused` are messages, each with what to type; `notices` is what works in this release alone."""

    refused: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    def insist(self) -> None:
        """Raise UntrustedError with the first thing that is refused, if anything is."""
        if self.refused:
            more = f" ({len(self.refused) - 1} more like this)" if len(self.refused) > 1 else ""
            raise UntrustedError(self.refused[0] + more)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """All of them as one; of notices that the same line answers, the first."""
    refused: dict[str, None] = {}
    notices: dict[tuple[str, str], Notice] = {}
    for verdict in verdicts:
        refused.update(dict.fromkeys(verdict.refused))
        for notice in verdict.notices:
            notices.setdefault((notice.paste, notice.into) if notice.paste else (notice.where, notice.cause), notice)
    return Verdict(tuple(refused), tuple(notices.values()))
