"""Files to their hosts: all are asked first, then one after the other is changed, backups before masters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.reach import Converse
from matrix_distributor.dialogue.dialogue import Dialogue, Failure
from matrix_distributor.fleetwork.outcomes import ending
from matrix_distributor.hosts.targets import target_of
from matrix_emitters.reflection import apply_order
from matrix_emitters.reflection.model import Configuration, Reflected, services_of
from matrix_grammar import Fleet

from .applying import ApplyOptions, apply_dialogue
from .consent import objection_for
from .outcome import ReflectOutcome
from .probing import Endpoint, reached

TRIES = 3
"""How often VIPs that take no connection any more are tried, a second apart."""


@dataclass
class Rollout:
    """Brings files to hosts. What takes away most of what stands behind a VIP waits for `accept_removals`.

    `applied` hears of a file as soon as it is in force on a host, before the pause and the probes that follow: its
    outcome comes after these.
    """

    fleet: Fleet
    converse: Converse
    options: ApplyOptions
    accept_removals: bool = False
    applied: Callable[[ReflectOutcome], None] = lambda outcome: None
    _stopped: bool = field(init=False, default=False)
    _bell: SimpleQueue[None] = field(init=False, default_factory=SimpleQueue)
    _why: str = field(init=False, default="")

    def stop(self, why: str) -> None:
        """Begin with no further host, and end a pause; one that is spoken to goes on to its end. From any thread.

        From a signal handler too: to set a threading.Event there waits for ever for whom it interrupted at it.
        """
        self._why = why
        self._stopped = True
        self._bell.put(None)

    def carry(self, files: Sequence[Reflected]) -> Iterator[ReflectOutcome]:
        """The files of one entry to all their hosts; an outcome for every host, those with nothing to do first.

        Nothing is changed when a host has an objection, or its path cannot be used. What fails on a host that is in
        service ends the run; a host that cannot be reached, or is out of service, does not.
        """
        wanted = {name: file for file in files for name in file.hosts}
        if not wanted:
            return
        entry = files[0].entry
        order = apply_order(self.fleet, entry, wanted)
        found = {outcome.host: outcome for outcome in self._ask(order, wanted, replace(self.options, dry=True))}
        changing = [name for name in order if found[name].ok and found[name].change != "same"]
        yield from (found[name] for name in order if self.options.dry or name not in changing)
        if self.options.dry:
            return
        refused = [name for name in order if found[name].result == "failed" and found[name].stage != "command"]
        if refused:
            yield from self._left(changing, wanted, f"nothing is changed, since {', '.join(refused)} cannot take it")
        elif entry.apply:
            yield from self._one_by_one(entry, changing, wanted)
        else:
            yield from self._ask(changing, wanted, self.options)

    def _one_by_one(
        self, entry: Configuration, names: Sequence[str], wanted: Mapping[str, Reflected]
    ) -> Iterator[ReflectOutcome]:
        before = reached(self._vips()) if self.options.probe and names else frozenset()
        for place, name in enumerate(names):
            if self._stopped:
                yield from self._left(names[place:], wanted, self._why)
                return
            for outcome in self._ask([name], wanted, self.options):
                if outcome.applied:
                    self.applied(outcome)
                    outcome = self._settled(outcome, before, last=place + 1 == len(names))
                yield outcome
                if outcome.result in ("failed", "interrupted") and self.fleet.host(name).in_service:
                    yield from self._left(names[place + 1 :], wanted, f"stopped, since {name} failed")
                    return

    def _settled(self, outcome: ReflectOutcome, before: frozenset[Endpoint], *, last: bool) -> ReflectOutcome:
        """The outcome once the pause is over; a failed one when VIPs that took connections do so no more."""
        if not last:
            self._wait(self.options.pause)
        lost = before
        for attempt in range(TRIES):
            lost -= reached(lost)
            if not lost:
                return outcome
            if attempt + 1 < TRIES:
                self._wait(1.0)
        names = ", ".join(f"{address} port {port}" for address, port in sorted(lost))
        return replace(
            outcome,
            result="failed",
            trouble=Trouble(
                "probe",
                f"applied, but {names} takes no connection any more",
                "see to the VIP; what is in force there is the new file",
            ),
        )

    def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until it is told to stop."""
        if not self._stopped:
            with suppress(Empty):
                self._bell.get(timeout=seconds)

    def _ask(
        self, names: Iterable[str], wanted: Mapping[str, Reflected], options: ApplyOptions
    ) -> Iterator[ReflectOutcome]:
        """Hold the dialogue with these hosts, all at once."""
        begun: set[str] = set()
        objection = objection_for(self.fleet, accept_removals=self.accept_removals)

        def dialogue(name: str) -> Dialogue[ReflectOutcome]:
            begun.add(name)
            host = self.fleet.host(name)
            return (yield from apply_dialogue(host, wanted[name], options, objection))

        pairs = [(target_of(self.fleet.host(name)), dialogue(name)) for name in names]
        for target, answer in self.converse(pairs):
            if isinstance(answer, Failure):
                yield self._lost(answer, wanted[target.name], target.name in begun, dry=options.dry)
            else:
                yield answer

    def _lost(self, failure: Failure, file: Reflected, begun: bool, *, dry: bool) -> ReflectOutcome:
        result, trouble = ending(failure, begun=begun, why_stopped=self._why or "stopped")
        if begun and not dry:
            cause = f"{trouble.cause}; what was begun there ends by itself: the new file applied, or the old one"
            trouble = replace(trouble, cause=cause)
        return ReflectOutcome(
            host=failure.host, result=result, trouble=trouble, entry=file.entry.name, path=file.entry.path
        )

    def _vips(self) -> Iterator[Endpoint]:
        return ((service.address, service.port) for service in services_of(self.fleet) if service.protocol == "tcp")

    def _left(self, names: Iterable[str], wanted: Mapping[str, Reflected], why: str) -> Iterator[ReflectOutcome]:
        for name in names:
            entry = wanted[name].entry
            yield ReflectOutcome(
                host=name, result="not begun", trouble=Trouble("stop", why), entry=entry.name, path=entry.path
            )
