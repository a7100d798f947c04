"""What is written and not in force, as `matrix status` says it: gathered, for people, for programs."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matrix_common.paths import SETTINGS_FILE
from matrix_console.frame import Workspace
from matrix_console.settings import SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor.generation import Generation
    from matrix_distributor.in_force import Pending, Watching
    from matrix_distributor.state import OriginState, ReflectRecord, Sign
    from matrix_grammar import Fleet
    from matrix_grammar.reading import Reading

_ANSWER = 5.0
"""Seconds that systemd has to say whether a unit is enabled."""


@dataclass
class Standing:
    """How the text, the newest generation, the one that was `aimed` at hosts, and the daemon stand to each other."""

    workspace: Workspace
    reading: Reading
    state: OriginState
    newest: Generation
    aimed: Generation

    @cached_property
    def watching(self) -> Watching:
        """What is known of the daemon."""
        from matrix_distributor.in_force import Watching, settings_sum
        from matrix_distributor.state import is_held

        folder = self.workspace.settings.state
        sign = self.state.life.last()
        held = is_held(folder)
        return Watching(sign, held, time.time(), settings_sum(self.workspace.folder / SETTINGS_FILE), folder)

    def under_way(self, since: float, more: float = 0.0) -> bool:
        """Whether a daemon is about to see to what came to be at that time, in seconds since 1970."""
        patience = self.watching.patience
        return patience > 0 and time.time() - since <= patience + more

    @cached_property
    def young(self) -> bool:
        """Whether a daemon may still be bringing the generation to hosts for the first time."""
        return self.under_way(datetime.fromisoformat(self.aimed.manifest.time).timestamp())

    def pending(self, records: Iterable[ReflectRecord], holding: Collection[str]) -> list[Pending]:
        """All of it, what concerns everything first. `holding` are the hosts that hold the generation aimed at."""
        from matrix_distributor.in_force import last_change, of_state

        full = list(of_state(self.workspace.settings.state))
        text = list(self._text())
        others = (self.workspace.folder / SETTINGS_FILE, self.workspace.settings.reflect_templates)
        changed = last_change(self.workspace.path, self.reading, (*others, *self._left))
        told = any(each.kind != "newer" for each in text)  # what keeps it, which the daemon would say again
        watching = [
            each for each in self.watching.pending(changed, _is_enabled) if not (told and each.kind == "not-pushed")
        ]
        kept = told or bool(full) or any(each.kind == "not-pushed" for each in watching)
        soon = not kept and self.under_way(changed)
        text = [replace(each, on_its_way=soon) if each.kind == "newer" else each for each in text]
        return [*full, *text, *self._unpushed(kept), *watching, *self._reflected(records, holding)]

    @property
    def _left(self) -> set[Path]:
        """The folders of texts that are gone: their times tell when those went."""
        texts = [self.workspace.folder / path for path in self.newest.texts]
        return {text.parent for text in texts if not text.exists()}

    @cached_property
    def _origin(self) -> Any:
        """The origin as who reads alone sees it: nothing is signed."""
        from matrix_distributor.origin import Origin

        workspace = self.workspace
        return Origin(
            matrix=workspace.path.absolute(), state=workspace.settings.state.absolute(),
            options=workspace.binding_options, templates=workspace.templates, includes=workspace.includes,
        )  # fmt: skip

    def _text(self) -> Iterator[Pending]:
        """Of the text. Where the caller may not push, since files are another's, a daemon that may is the judge."""
        from matrix_distributor.in_force import Pending, of_text

        refused = self.workspace.verdict.refused
        if refused and not self.watching.alive:
            yield Pending("not-pushed", refused[0])
        try:
            found = of_text(self._origin, self.reading, self.state, limit=self.workspace.settings.push_host_limit)
        except SettingsError as error:
            found = (Pending("not-pushed", str(error)),)
        yield from (each for each in found if not (refused and each.kind == "not-pushed"))

    def _unpushed(self, kept: bool) -> Iterator[Pending]:
        from matrix_distributor.in_force import Pending

        if self.newest.number > self.aimed.number:
            made = datetime.fromisoformat(self.newest.manifest.time).timestamp()
            cause = f"generation {self.newest.number} was made, and brought to no host yet"
            yield Pending("unpushed", cause, "matrix push", on_its_way=not kept and self.under_way(made))

    def _reflected(self, records: Iterable[ReflectRecord], holding: Collection[str]) -> Iterator[Pending]:
        """Of reflected files. Own templates of somebody else's are not even rendered."""
        known = {(record.entry, record.host): record for record in records}
        entries = self.workspace.reflect_entries if self.workspace.settings.reflect_entries or known else ()
        pushed = [entry for entry in entries if entry.push]
        if not pushed and not known:
            return
        from matrix_distributor.in_force import Pending
        from matrix_distributor.reflect import Reflected

        if self.workspace.settings.push_account and pushed:
            from matrix_console.reflect.rollout import reflection_of

            try:
                reflection_of(self.workspace)
            except SettingsError as error:
                yield Pending("not-pushed", str(error))
        fleet = self._fleet
        if fleet is None or self.workspace.verdict.refused:
            return
        comparing = Reflected(self.state, fleet, self.newest, known, holding)
        made = datetime.fromisoformat(self.newest.manifest.time).timestamp()
        for each in comparing.pending(entries):
            more = len(fleet) * (self.workspace.settings.reflect_pause + _ANSWER)
            carried = each.cure == "matrix push"  # the daemon carries those alone that go along with a push
            yield replace(each, on_its_way=carried and self.under_way(made, more))

    @cached_property
    def _fleet(self) -> Fleet | None:
        """The Fleet of the newest generation."""
        from matrix_distributor.origin import stored_fleet

        return stored_fleet(self.newest)


def _is_enabled(sign: Sign) -> bool:
    """Whether systemd is to run the unit of a daemon; where it cannot be asked, somebody meant it to run."""
    program = shutil.which("systemctl")
    if program is None:
        return True
    words = [program, *(["--user"] if sign.user else []), "is-enabled", "--quiet", "--", sign.unit]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER, check=False)  # noqa: S603 - systemctl asks systemd alone
    except (OSError, subprocess.TimeoutExpired):
        return True
    return done.returncode == 0


def is_alarm(pending: Iterable[Pending]) -> bool:
    """Whether there is something that a person has to see to."""
    return any(not each.on_its_way for each in pending)


def print_pending(console: Console, pending: Iterable[Pending]) -> None:
    """A line each with what it is, and the command that goes on."""
    from rich.text import Text

    from matrix_common.terminal import safe

    for each in sorted(pending, key=lambda each: each.on_its_way):
        line = Text()
        line.append("on its way: " if each.on_its_way else "not in force: ", "yellow" if each.on_its_way else "red")
        line.append(safe(each.cause))
        console.print(line, soft_wrap=True)
        if each.cure and not each.on_its_way:
            console.print(Text(f"    → {safe(each.cure)}"), soft_wrap=True)


def as_json(pending: Iterable[Pending]) -> dict[str, Any]:
    """For programs: whether all that is written is in force, and what is not."""
    each = [asdict(one) for one in pending]
    return {"in_force": not each, "pending": each}
