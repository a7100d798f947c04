"""Whether another text may be taken, or may still be in the course of being written."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from .writers import Writers


@dataclass(frozen=True, slots=True)
class Rests:
    """How long a text must be found the same before it is taken, in seconds.

    `quiet` is for one that its writer has finished as far as is known; `patience` for one that may be the beginning of
    another, and for one of which no event told.
    """

    quiet: float = 0.3
    patience: float = 2.0


class Rest:
    """Remembers the text that was looked at last, and what the one in force looked like.

    `due` is when to look again (monotonic seconds), None when nothing is waited for; `open` is the file that
    somebody has open for writing, and `held_up` for how many seconds that has been waited for.
    """

    def __init__(self, writers: Writers, rests: Rests, clock: Callable[[], float] = time.monotonic) -> None:
        self.rests = rests
        self.due: float | None = None
        self.open = ""
        self._writers = writers
        self._clock = clock
        self._seen: Hashable = None
        self._since = 0.0
        self._open_since = 0.0
        self._in_force: dict[str, bytes] = {}

    @property
    def held_up(self) -> float:
        """Seconds for which a file that is open for writing has kept texts from being taken."""
        return self._clock() - self._open_since if self.open else 0.0

    def took(self, contents: Mapping[str, bytes]) -> None:
        """These are the texts in force, by their paths: others are compared with them."""
        self._in_force = dict(contents)

    def end(self) -> None:
        """Nothing is waited for: the text is the one that was taken."""
        self.due, self.open, self._seen = None, "", None

    def keeps(self, text: Hashable, contents: Mapping[str, bytes], *, at_rest: bool) -> bool:
        """Whether the text known by `text`, of these files, is not to be taken yet; `due` says when to look again.

        `at_rest`: events told of it, and none for `quiet`.
        """
        now = self._clock()
        if text != self._seen:
            self._seen, self._since = text, now
        before, self.open = self.open, next(filter(self._writers.at, contents), "")
        if self.open:
            self._open_since = self._open_since if before else now
            self.due = now + self.rests.quiet
            return True
        if not at_rest or self._may_be_half(contents):
            self.due = self._since + self.rests.patience
            if now < self.due:
                return True
        self.due = None
        return False

    def _may_be_half(self, contents: Mapping[str, bytes]) -> bool:
        """Whether a file is gone, has fewer lines than in force, or no line end; but for those that came whole."""
        if self._in_force.keys() - contents.keys():
            return True
        return any(
            _lines(content) < _lines(self._in_force.get(path, b""))
            or (not _ends(content) and _ends(self._in_force.get(path, b"\n")))
            for path, content in contents.items()
            if content != self._in_force.get(path) and not self._writers.placed(path)
        )


def _lines(content: bytes) -> int:
    return content.count(b"\n")


def _ends(content: bytes) -> bool:
    return content.endswith(b"\n")
