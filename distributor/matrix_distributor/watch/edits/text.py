"""The text that the daemon watches: read again when it may have changed, taken when it did."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from matrix_distributor.errors import DistributorError
from matrix_distributor.origin.origin import Candidate, Origin
from matrix_distributor.origin.removals import RemovalsNeedConsent
from matrix_distributor.state.errors import StateError
from matrix_distributor.state.store import OriginState
from matrix_distributor.watch.reporting.log import Level, Log
from matrix_distributor.watch.reporting.noticing import Noticing
from matrix_emitters.reflection.model import Configuration
from matrix_emitters.restricted import with_what_is_not_allowed
from matrix_grammar.diagnostics import MatrixError
from matrix_grammar.reading import Reader, Reading

from .rest import Rest

LONG = 10.0
"""Seconds after which it is said that a file is still open for writing."""

_KINDS = {"text-wrong": "errors", "removals": "removals"}
"""By events of the log, as `matrix status` names what keeps a text."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the text was when it was last judged, and which generation was current then."""

    fingerprint: str
    generation: int


class WatchedText:
    """Reads the MATRIX of an origin; says once what is wrong with it, and gives what may be pushed."""

    def __init__(
        self,
        origin: Origin,
        log: Log,
        noticing: Noticing,
        rest: Rest,
        entries: Callable[[], Iterable[Configuration]] = tuple,
    ) -> None:
        self.origin = origin
        self.rest = rest
        self.entries = entries
        self._log = log
        self._noticing = noticing
        self._reader = Reader()
        self._seen: _Seen | None = None
        self._said = ""
        self._kind = ""
        self._paths: tuple[Path, ...] = (origin.matrix,)

    @property
    def paths(self) -> Sequence[Path]:
        """The files that were read last, the settings beside the MATRIX, and what stands for all own templates."""
        return (*self._paths, self.origin.settings, self.origin.templates_folder / "*.j2")

    @property
    def wrong(self) -> bool:
        """Whether something keeps the text, as it was when last looked at, from being pushed."""
        return bool(self._said)

    @property
    def waits(self) -> str:
        """What keeps it from being pushed, in a sentence; empty where nothing does."""
        return self._said

    @property
    def kind(self) -> str:
        """The kind of what keeps it, as `matrix status` names it; empty where nothing does."""
        return self._kind if self._said else ""

    def forget(self) -> None:
        """Take the text at the next look as if it were another one."""
        self._seen = None

    def look(self, state: OriginState, *, at_rest: bool) -> Candidate | None:
        """What the text now leads to, when it is another text than before and nothing keeps it from being pushed.

        What keeps it is said in the log, once for each text. A generation that someone else made meanwhile
        (`matrix push` beside the daemon) counts as a change. `at_rest`: events told of the text, and none for the quiet
        time. What may still be in the course of being written is left, and `rest.due` says until when: many editors
        write into the file itself.
        """
        reading = self._reader.read(self.origin.matrix, self.origin.includes)
        if reading.sources:
            self._paths = tuple(Path(source.path) for source in reading.sources)
        seen = _Seen(self._fingerprint(reading), state.current_number())
        if seen == self._seen:
            self.rest.end()
            return None
        if self._seen is None:
            self.rest.took(self._in_force(reading, state))
        if self.rest.keeps(seen, self._contents(reading), at_rest=at_rest):
            self._say_open()
            return None
        self._noticing.found("text", with_what_is_not_allowed(reading, self.entries).notices)
        candidate = self._take(reading, state)
        self._seen = _Seen(seen.fingerprint, state.current_number())
        self.rest.end()
        if candidate is not None:
            self.rest.took(self._contents(reading))
            self._recovered()
        return candidate

    def _in_force(self, reading: Reading, state: OriginState) -> dict[str, bytes]:
        """What the generation in force was made of, by the paths that these texts have now."""
        current = state.current()
        try:
            return self.origin.held(reading, current) if current is not None else {}
        except DistributorError:
            return {}

    def _contents(self, reading: Reading) -> dict[str, bytes]:
        """Every text that makes the generation, by its path."""
        contents = {source.path: source.content for source in reading.sources}
        with suppress(OSError):
            contents[str(self.origin.settings)] = self.origin.settings.read_bytes()
        with suppress(DistributorError):
            contents.update((str(text.path), text.content) for text in self.origin.template_texts())
        return contents

    def _say_open(self) -> None:
        """That a writer has kept the text from being taken for long."""
        if self.rest.held_up >= LONG:
            path = self.rest.open
            self._say(
                "warning",
                "text-open",
                f"{path} is open for writing: it is taken when its writer has closed it (fuser -v {path} names it; "
                "matrix push takes it as it is)",
                1,
            )

    def _take(self, reading: Reading, state: OriginState) -> Candidate | None:
        try:
            return self.origin.take(reading, state)
        except StateError:
            raise  # nothing is wrong with the text: it is to be taken once the state can be written again
        except MatrixError as error:
            errors = [d for d in error.diagnostics if d.severity == "error"]
            places = "; ".join(f"{d.place}: {d.code}: {d.message}" for d in errors[:3])
            more = f" and {len(errors) - 3} more (matrix check)" if len(errors) > 3 else ""
            self._say(
                "error",
                "text-wrong",
                f"the MATRIX has errors, what was good stays in force: {places}{more}",
                len(errors),
            )
        except RemovalsNeedConsent as error:
            self._say("warning", "removals", str(error), len(error.removals.hosts))
        except DistributorError as error:
            self._say("error", "not-pushed", str(error), 1)
        return None

    def _say(self, level: Level, event: str, sentence: str, count: int) -> None:
        self._kind = _KINDS.get(event, "not-pushed")
        if sentence != self._said:
            self._said = sentence
            self._log(level, event, sentence, count=count)

    def _recovered(self) -> None:
        if self._said:
            self._said = ""
            self._log("info", "text-good", "the MATRIX is good again")

    def _fingerprint(self, reading: Reading) -> str:
        whole = hashlib.sha256()
        for source in reading.sources:
            whole.update(f"{len(source.path)} {source.path} {len(source.content)} ".encode())
            whole.update(source.content)
        try:
            whole.update(self.origin.settings.read_bytes())
        except OSError:
            whole.update(b"no settings")
        try:
            for text in self.origin.template_texts():
                whole.update(f"{len(str(text.path))} {text.path} {len(text.content)} ".encode())
                whole.update(text.content)
        except DistributorError as error:
            whole.update(str(error).encode())
        whole.update(repr([(d.code, d.place) for d in reading.errors]).encode())
        return whole.hexdigest()
