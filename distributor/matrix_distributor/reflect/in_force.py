"""Reflected files that are not on their hosts as the generation wants them, though nothing has failed there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from matrix_distributor.errors import DistributorError
from matrix_distributor.generation.generation import Generation
from matrix_distributor.in_force.pending import Pending
from matrix_distributor.origin.origin import stored_fleet
from matrix_distributor.origin.templates import templates_of
from matrix_distributor.state.records import ReflectRecord
from matrix_distributor.state.store import OriginState
from matrix_emitters.reflection.model import Configuration, body
from matrix_grammar import Fleet
from matrix_grammar.ranges import fold

from .making import Made, hosts_of, make


def of_its_hosts(
    records: Iterable[ReflectRecord], fleet: Fleet, entries: Iterable[Configuration]
) -> list[ReflectRecord]:
    """What is known of hosts that an entry is for now, at the path where it lies now: other hosts have no such file."""
    places = {(entry.name, name): entry.path for entry in entries for name in hosts_of(fleet, entry)}
    return [record for record in records if places.get((record.entry, record.host)) == record.path]


@dataclass
class Reflected:
    """Compares what each host was last given with what a generation wants there.

    `holding` are the hosts that hold that generation: of the others it is told that they do not.
    """

    state: OriginState
    fleet: Fleet
    generation: Generation
    records: Mapping[tuple[str, str], ReflectRecord]
    holding: Collection[str]
    _made: dict[tuple[str, int], Mapping[str, bytes]] = field(default_factory=dict)

    def pending(self, entries: Iterable[Configuration]) -> Iterator[Pending]:
        """Of each entry that goes along with pushes, or was applied on one of its hosts: what is not in force."""
        for entry in entries:
            if entry.push or any((entry.name, name) in self.records for name in hosts_of(self.fleet, entry)):
                yield from self._of(entry)

    def _of(self, entry: Configuration) -> Iterator[Pending]:
        made = self._make(self.fleet, self.generation, entry)
        if made is None or made.cause:
            why = made.cause if made is not None else "the own templates of the generation cannot be read"
            yield Pending("reflection", f"{entry.name}: {why}", f"matrix reflect {entry.name}")
            return
        wanted = _contents(made)
        late = [name for name in wanted if name in self.holding and not self._has(entry, name, wanted[name])]
        if late:
            cause = f"{entry.name}: not applied on {fold(late)} as generation {self.generation.number} wants it"
            yield Pending("reflection", cause, "matrix push" if entry.push else f"matrix reflect {entry.name} --apply")

    def _has(self, entry: Configuration, host: str, wanted: bytes) -> bool:
        """Whether a host was given this file, or has failed at it, which is told with its outcome."""
        record = self.records.get((entry.name, host))
        if record is None:
            return not entry.push  # never applied there, and nobody said that it should
        if record.result not in ("ok", "drifted") or record.wanted == self.generation.number:
            return True
        given = self._given(entry, record.wanted).get(host)
        return given is not None and body(given) == body(wanted)

    def _given(self, entry: Configuration, number: int) -> Mapping[str, bytes]:
        """The files of an earlier generation, by host; empty where they cannot be made any more."""
        key = (entry.name, number)
        if key not in self._made:
            self._made[key] = self._of_earlier(entry, number)
        return self._made[key]

    def _of_earlier(self, entry: Configuration, number: int) -> Mapping[str, bytes]:
        try:
            generation = self.state.generation(number)
        except DistributorError:
            return {}
        fleet = stored_fleet(generation)
        made = self._make(fleet, generation, entry) if fleet is not None else None
        return _contents(made) if made is not None else {}

    def _make(self, fleet: Fleet, generation: Generation, entry: Configuration) -> Made | None:
        try:
            return make(fleet, generation.number, entry, templates_of(generation))
        except DistributorError:
            return None


def _contents(made: Made) -> dict[str, bytes]:
    return {name: file.content for file in made.files for name in file.hosts}
