"""A session with the hosts of a Fleet: run, copy and compare over the same connections; outcomes as they come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import IO, TypeVar

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.exchange import Ended, Exchange, Output
from matrix_distributor.conversation.reach import Reach
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Timeouts
from matrix_distributor.fleetwork.copy.copying import CopyOutcome, copy_dialogue
from matrix_distributor.fleetwork.copy.entries import Cargo
from matrix_distributor.fleetwork.copy.go import CopyOptions
from matrix_distributor.fleetwork.copy.stream import Stream
from matrix_distributor.hosts.outcome import FOR_A_PERSON, Result
from matrix_distributor.hosts.targets import target_of
from matrix_distributor.identity.identity import Identity, identify
from matrix_distributor.transport.options import SSHOptions
from matrix_distributor.transport.pool import Pool
from matrix_grammar import Fleet
from matrix_grammar.model import Host

from .comparing import HeldOutcome, held_dialogue
from .fetching import Fetched, fetch_dialogue
from .outcomes import FleetworkOutcome, ending, flag
from .running import Job, RunOutcome, Script, run_dialogue
from .targets import Chosen, choose

O = TypeVar("O", bound=FleetworkOutcome)  # noqa: E741

NAMED_ALL_THE_SAME = "it was named, and was left out: -a takes hosts out of service too"
"""The cure of a host that was skipped although its own name was given."""

UNBOUNDED = 10 * 24 * 3600.0
"""Seconds that stand for no bound at all."""


@dataclass(frozen=True, slots=True)
class Waves:
    """How hosts follow one another.

    With `rolling` so many go at a time, `pause` seconds lie between one wave and the next, and no further host is
    begun once one of a wave was not ok. `retry` is how often a host is tried again that was not reached; what did begin
    on a host is never run twice, unless `repeatable` says that it may be. `total` bounds the whole, in seconds.
    """

    rolling: int = 0
    pause: float = 0.0
    retry: int = 0
    total: float | None = None
    repeatable: bool = False


class Session:
    """Speaks to the hosts of a Fleet. A context manager; outcomes are values, a host's troubles too.

        with Session(fleet) as session:
            for outcome in session.run("ps", "uptime"):
                print(outcome.host, outcome.status, outcome.stdout)

    `local` lets the host that this machine is (`named`, else found by its addresses) do its share without SSH.
    `sudo` does everything on the hosts through `sudo -n`. `timeout` bounds each command, `whole` all that is done with
    a host in one go, from looking its name up to the end of the last command, in seconds (None: no bound).
    Connections stay open until the session ends. Raises TransportError when the options cannot be used.
    """

    def __init__(
        self,
        fleet: Fleet,
        options: SSHOptions | None = None,
        *,
        fanout: int = 64,
        timeouts: Timeouts | None = None,
        timeout: float | None = None,
        whole: float | None = None,
        local: bool = True,
        named: str = "",
        sudo: bool = False,
        keep: bool = True,
    ) -> None:
        self.fleet = fleet
        self.sudo = sudo
        limit = timeout or UNBOUNDED
        reach = options or SSHOptions()
        stages = replace(timeouts or Timeouts(), command=limit, host=whole)
        self._make_pool: Callable[[], Pool] = lambda: Pool(reach, fanout=fanout, timeouts=stages, keep=keep)
        self._pool = self._make_pool()
        self._identity = Identity()
        if local:
            try:
                self._identity = identify(fleet, named, self._pool.way)
            except BaseException:
                self._pool.close()
                raise
        self.local = self._identity.host
        self._limit, self._whole = limit, whole
        self._reach = self._make_reach()
        self._why = "stopped"
        self._halted = False
        self._order = {host.name: place for place, host in enumerate(fleet.hosts)}

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abort("an error")
        self.close()

    def _make_reach(self) -> Reach:
        return Reach(self._pool, self._identity, limit=self._limit, whole=self._whole)

    def close(self) -> None:
        """Wait for what runs, and close every connection. Harmless when done twice."""
        self._pool.close()

    def stop(self, why: str = "stopped") -> None:
        """Begin with no further host; those that are spoken to go on to their end. From any thread."""
        self._why = why
        self._halted = True
        self._reach.stop(why)

    def abort(self, why: str = "aborted") -> None:
        """End what runs, on the hosts too, and begin nothing more. From any thread."""
        self._why = why
        self._halted = True
        self._reach.abort(why)

    def choose(self, selectors: str | Iterable[str], *, exclude: Iterable[str] = (), all_: bool = False) -> Chosen:
        """The hosts that a selector, or any of several, names; those out of service are set aside without `all_`."""
        words = [selectors] if isinstance(selectors, str) else list(selectors)
        return choose(self.fleet, words, exclude=exclude, all_=all_)

    def run(
        self,
        selectors: str | Iterable[str],
        *words: str,
        script: Script | None = None,
        stdin: IO[bytes] | None = None,
        exclude: Iterable[str] = (),
        all_: bool = False,
        pace: Waves = Waves(),
    ) -> Iterator[RunOutcome]:
        """Run a command on the hosts; the outcome of each, as they end, those that are skipped first.

        One word is a line for the host's shell, several are a command and its arguments as they stand. With `script`
        that script is run there, with the words as arguments. `stdin` (a file that can be rewound) goes to every host.
        """
        job = Job(words, script, stdin, self.sudo)
        chosen = self.choose(selectors, exclude=exclude, all_=all_)
        for event in self.run_on(chosen, job, pace):
            if not isinstance(event, Output):
                yield event

    def run_on(
        self, chosen: Chosen, job: Job, pace: Waves = Waves(), *, live: bool = False
    ) -> Iterator[Output | RunOutcome]:
        """Run a job on chosen hosts. With `live` output is given as it comes, and is not collected in the outcomes."""
        exchange = Exchange()

        def dialogue(host: Host) -> Dialogue[RunOutcome]:
            return run_dialogue(host, job, exchange.output if live else None)

        yield from self.hold(chosen, dialogue, RunOutcome, pace, exchange)

    def copy(
        self,
        selectors: str | Iterable[str],
        cargo: Cargo,
        options: CopyOptions | None = None,
        *,
        exclude: Iterable[str] = (),
        all_: bool = False,
        pace: Waves = Waves(),
    ) -> Iterator[CopyOutcome]:
        """Bring a cargo (see `scan`) to the hosts; the outcome of each, as they end, those that are skipped first."""
        yield from self.copy_to(self.choose(selectors, exclude=exclude, all_=all_), cargo, options, pace)

    def copy_to(
        self, chosen: Chosen, cargo: Cargo, options: CopyOptions | None = None, pace: Waves = Waves()
    ) -> Iterator[CopyOutcome]:
        """As `copy`, to chosen hosts."""
        with Stream(cargo.entries) as stream:

            def dialogue(host: Host) -> Dialogue[CopyOutcome]:
                return copy_dialogue(
                    host, cargo, stream, options or CopyOptions(), sudo=self.sudo, swift=host.name != self.local
                )

            yield from self.outcomes(chosen, dialogue, CopyOutcome, replace(pace, repeatable=True))

    def held(self, chosen: Chosen, path: str, pace: Waves = Waves()) -> Iterator[HeldOutcome]:
        """What the hosts have at an absolute path: files by hash, folders with all that is in them, links."""

        def dialogue(host: Host) -> Dialogue[HeldOutcome]:
            return held_dialogue(host, path, sudo=self.sudo)

        yield from self.outcomes(chosen, dialogue, HeldOutcome, replace(pace, repeatable=True))

    def fetch(self, wanted: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, bytes]:
        """Files by their sha256, each fetched from the host that names it; what cannot be had is missing."""
        chosen = Chosen(tuple(host for host in self.fleet.hosts if host.name in wanted), ())

        def dialogue(host: Host) -> Dialogue[Fetched]:
            return fetch_dialogue(host, tuple(wanted[host.name]), sudo=self.sudo)

        fetched = self.outcomes(chosen, dialogue, Fetched, Waves(repeatable=True))
        return {digest: content for outcome in fetched for digest, content in outcome.contents}

    def outcomes(
        self, chosen: Chosen, dialogue: Callable[[Host], Dialogue[O]], kind: type[O], pace: Waves
    ) -> Iterator[O]:
        """As `hold`, for dialogues that tell nothing on the way."""
        for event in self.hold(chosen, dialogue, kind, pace):
            if not isinstance(event, Output):
                yield event

    def hold(
        self,
        chosen: Chosen,
        dialogue: Callable[[Host], Dialogue[O]],
        kind: type[O],
        pace: Waves = Waves(),
        exchange: Exchange | None = None,
    ) -> Iterator[Output | O]:
        """Hold a dialogue with each of the chosen hosts at the given pace; an outcome of that kind for every host.

        Leaving the iteration early ends what is left.
        """

        def lost(host: Host, result: Result, trouble: Trouble) -> O:
            return kind(host=host.name, result=result, trouble=trouble, flag=flag(host))

        for host in chosen.skipped:
            named = host.name in chosen.named
            cure = NAMED_ALL_THE_SAME if named else ""
            yield replace(lost(host, "skipped", Trouble(cause=flag(host), cure=cure)), named=named)
        if self._halted:
            self._pool.close()
            self._pool, self._halted = self._make_pool(), False
            self._reach = self._make_reach()
        timer = None
        if pace.total is not None:
            why = f"the {pace.total:g} s for all are over"
            timer = threading.Timer(pace.total, self.abort, [why])
            timer.daemon = True
            timer.start()
        complete = False
        try:
            yield from self._waves(chosen.hosts, dialogue, lost, pace, exchange or Exchange())
            complete = True
        finally:
            if timer is not None:
                timer.cancel()
            if not complete:
                self.abort("nobody waits for it any more")

    def _waves(
        self,
        hosts: Sequence[Host],
        dialogue: Callable[[Host], Dialogue[O]],
        lost: Callable[[Host, Result, Trouble], O],
        pace: Waves,
        exchange: Exchange,
    ) -> Iterator[Output | O]:
        size = pace.rolling or len(hosts) or 1
        bad: list[str] = []
        for start in range(0, len(hosts), size):
            wave = hosts[start : start + size]
            if start and not (bad or self._halted) and pace.pause:
                self._rest(pace.pause)
            if bad:
                cause = self._why if self._halted else f"stopped, since {', '.join(bad)} failed"
                yield from (lost(host, "not begun", Trouble("stop", cause)) for host in wave)
                continue
            for event in self._wave(wave, dialogue, lost, pace, exchange):
                if isinstance(event, FleetworkOutcome) and not event.ok and pace.rolling:
                    bad.append(event.host)
                yield event

    def _rest(self, seconds: float) -> None:
        """A pause between waves, which a stop shortens."""
        until = time.monotonic() + seconds
        while not self._halted and (left := until - time.monotonic()) > 0:
            time.sleep(min(0.1, left))

    def _wave(
        self,
        hosts: Sequence[Host],
        dialogue: Callable[[Host], Dialogue[O]],
        lost: Callable[[Host, Result, Trouble], O],
        pace: Waves,
        exchange: Exchange,
    ) -> Iterator[Output | O]:
        left = {host.name: host for host in hosts}
        for attempt in range(pace.retry + 1):
            again: dict[str, Host] = {}
            pairs = [(target_of(host), dialogue(host)) for host in left.values()]
            for event in self._reach.events(pairs, exchange):
                if isinstance(event, Ended):
                    host = left[event.target.name]
                    outcome = self._outcome(host, event, lost)
                    if attempt < pace.retry and self._worth_retrying(outcome, event.begun, pace):
                        again[host.name] = host
                    else:
                        yield outcome
                else:
                    yield event
            left = again
            if not left:
                return

    def _outcome(self, host: Host, event: Ended[O], lost: Callable[[Host, Result, Trouble], O]) -> O:
        own = host.name == self.local
        if isinstance(event.value, Failure):
            failure = self._identity.advised(event.value)
            outcome = lost(host, *ending(failure, begun=event.begun, why_stopped=self._why))
            return replace(outcome, seconds=event.seconds, here=event.begun and own)
        return replace(event.value, here=True) if own else event.value

    def _worth_retrying(self, outcome: FleetworkOutcome, begun: bool, pace: Waves) -> bool:
        """Not what a person has to change first, nor what may have been done already."""
        if self._halted or outcome.stage == "stop" or outcome.stage in FOR_A_PERSON:
            return False
        return outcome.result == "unreachable" or (
            outcome.result == "failed" and outcome.stage == "command" and (pace.repeatable or not begun)
        )
