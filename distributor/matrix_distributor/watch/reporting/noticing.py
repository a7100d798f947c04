"""What the next release refuses, said in the log when it is found and when it is other than before."""

from __future__ import annotations

from collections.abc import Iterable

from matrix_common.trouble import Notice

from .log import Log


class Noticing:
    """Remembers what was said of the settings and of the text, each of which is looked at at its own times."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._said: dict[str, tuple[Notice, ...]] = {}

    def found(self, origin: str, notices: Iterable[Notice]) -> None:
        """What was found in `settings` or `text` just now: each that was not there before is one event."""
        now, before = tuple(dict.fromkeys(notices)), self._said.get(origin, ())
        self._said[origin] = now
        for notice in now:
            if notice not in before:
                self._log(
                    "warning", "next-release", str(notice), where=notice.where, cause=notice.cause, paste=notice.paste,
                    into=notice.into,
                )  # fmt: skip
        if before and not now:
            self._log("info", "next-release", f"nothing of the {origin} is refused by the next release any more")
