"""When the text is looked at: once after a burst of hints, now and then in one that never ends, and by a poll."""

from __future__ import annotations

from matrix_distributor.watch.edits.rest import Rests

RESTLESS = 1.0
"""Seconds without rest in the folders of the texts after which the text is looked at all the same, at least twice
`watch.quiet`: another program may write beside it all the while."""


class Looks:
    """The daemon's decisions, without threads, clocks or network. Times are those of a clock that never goes back."""

    def __init__(self, rests: Rests) -> None:
        self.rests = rests
        self._poll = 0.0
        self._hints: tuple[float, float] | None = None  # when the first and the last came that were not followed yet

    def hint(self, now: float) -> None:
        """Something changed in the folders of the texts."""
        self._hints = (self._hints[0] if self._hints else now, now)

    def once_more(self, now: float) -> None:
        """Forget the hints that came, and look again soon: there may have been edits that gave none."""
        self._hints = (now, now)

    def poll_at(self, time: float) -> None:
        """Look at that time, whatever hints say."""
        self._poll = time

    def next_due(self) -> float:
        """When the text is to be looked at."""
        if self._hints is None:
            return self._poll
        first, last = self._hints
        return min(self._poll, last + self.rests.quiet, first + self._restless)

    def take(self, now: float) -> tuple[float, bool] | None:
        """When what is to be looked at now was noticed, and whether the folders are at rest; None: not yet."""
        if self._hints is not None and now >= self._hints[1] + self.rests.quiet:
            noticed, self._hints = self._hints[0], None
            return noticed, True
        if self._hints is not None and now >= self._hints[0] + self._restless:
            noticed, self._hints = self._hints[0], (now, self._hints[1])
            return noticed, False
        return (now, False) if now >= self._poll else None

    @property
    def _restless(self) -> float:
        """Seconds after which what never rests is looked at."""
        return max(RESTLESS, 2 * self.rests.quiet)
