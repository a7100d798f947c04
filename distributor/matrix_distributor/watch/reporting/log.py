"""What the daemon says: one event a line, for people, as key=value, or as JSON."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, TextIO

from matrix_common.terminal import safe, safe_json

LogForm = Literal["plain", "logfmt", "json"]
Level = Literal["info", "warning", "error"]
Field = str | int | float | bool | tuple[str, ...]


class Log:
    """Writes events. `plain` gives the sentence alone; the other forms its name, level, time and fields too."""

    def __init__(
        self, form: LogForm, stream: TextIO | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._form = form
        self._stream = stream or sys.stderr
        self._clock = clock
        self._lock = threading.Lock()

    def __call__(self, level: Level, event: str, sentence: str, **fields: Field) -> None:
        """Say that `event` happened: a sentence for people, fields for programs. Times in fields are seconds."""
        now = self._clock()
        text = _harmless(sentence)
        if self._form == "json":
            record = {"time": _spell(now), "level": level, "event": event, "message": text, **fields}
            line = safe_json(json.dumps(record))
        elif self._form == "logfmt":
            head = f"time={_spell(now)} level={level} event={event} message={_quoted(text)}"
            line = " ".join([head, *(f"{key}={_quoted(_text(value))}" for key, value in fields.items())])
        else:
            mark = "" if level == "info" else f"{level}: "
            line = f"{now.astimezone():%H:%M:%S} {mark}{text}"
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                # A log that cannot be written (a full disk, a reader that went away) must not end the daemon.
                return


def _spell(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(value: Field) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.3f}"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _quoted(text: str) -> str:
    plain = text and all(c.isascii() and c.isprintable() and c not in ' "=\\' for c in text)
    return text if plain else safe_json(json.dumps(text))


def _harmless(text: str) -> str:
    return safe("; ".join(text.split("\n")))
