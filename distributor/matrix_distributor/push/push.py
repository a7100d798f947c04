"""A push as an object: the hosts of a MATRIX and the generation that they are to hold, planned and carried out."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from copy import copy
from datetime import UTC, datetime

from matrix_distributor.conversation.reach import Reach
from matrix_distributor.dialogue.dialogue import Dialogue
from matrix_distributor.generation.delta import Delta
from matrix_distributor.hosts.outcome import Outcome
from matrix_distributor.hosts.targets import targets_of
from matrix_distributor.origin.origin import Candidate
from matrix_distributor.state.store import OriginState

from .delivery import PushOptions, bring, deliver
from .deltas import deltas_for
from .file_changes import Differences, differences
from .inspection import inspect
from .plan import Plan, plan

AS_USUAL = PushOptions()


class Push:
    """Brings hosts to the generation of a candidate. What becomes of a host is a value, its troubles too.

        push = Push(candidate, state, Reach.of(pool, candidate.fleet))
        print(push.plan().changing)
        for outcome in push.run():
            print(outcome.host, outcome.result, outcome.cause)

    `candidate` is what `Origin.take` returns, `state` the memory of the same origin, and `reach` says how hosts are
    spoken to. Without a `selector` all hosts of the MATRIX are meant; `targets` are those that are meant, in the order
    in which they are served. Raises SelectorError for a selector that the MATRIX does not know.
    """

    def __init__(
        self,
        candidate: Candidate,
        state: OriginState,
        reach: Reach,
        options: PushOptions = AS_USUAL,
        *,
        selector: str | None = None,
    ) -> None:
        self.candidate = candidate
        self.fleet = candidate.fleet
        self.generation = candidate.generation
        self.state = state
        self.reach = reach
        self.options = options
        self.targets = {target.name: target for target in targets_of(candidate.fleet, selector)}
        self._behind: Mapping[str, str] = {}
        self._deltas: Mapping[str, Delta] = {}

    def over(self, reach: Reach, options: PushOptions) -> Push:
        """The same push by another way to the hosts, or with other options."""
        other = copy(self)
        other.reach, other.options = reach, options
        return other

    def stop(self, why: str) -> None:
        """Begin with no further host; those that are spoken to go on to their end. From any thread."""
        self.reach.stop(why)

    def abort(self, why: str) -> None:
        """End what runs, and begin nothing more. From any thread."""
        self.reach.abort(why)

    def inspect(self) -> Iterator[Outcome]:
        """Ask each host what it holds, and change nothing; what each holds, as they answer."""
        return inspect(self.generation, self.targets.values(), self.reach, sudo=self.options.sudo)

    def plan(self, found: Iterable[Outcome] | None = None) -> Plan:
        """What `run` would do with each host. `found` are the outcomes of `inspect`, which is done here without."""
        answers = self.inspect() if found is None else found
        return plan(self.generation, answers, self.targets, force=self.options.force)

    def differences(self, steps: Plan) -> Differences:
        """What would change in each file of the hosts to which a plan sends something. Asks these hosts."""
        changing = [self.targets[name] for name in steps.changing]
        return differences(self.generation, changing, self.reach, sudo=self.options.sudo)

    def run(self, *, canaries: frozenset[str] = frozenset()) -> Generator[Outcome]:
        """Bring the hosts to the generation; one outcome for each, as they finish. Raises StateError.

        `canaries` are the names of hosts that come first and load their bindings; when one of them does not hold the
        generation after that, the others are left alone. What became of hosts is remembered in the state at the end,
        also when the iteration is interrupted or left early.
        """
        self.prepare()
        outcomes: list[Outcome] = []
        targets = list(self.targets.values())
        try:
            for outcome in deliver(
                self.generation, targets, self.reach, self.options,
                canaries=canaries, behind=self._behind, deltas=self.deltas,
            ):  # fmt: skip
                outcomes.append(outcome)
                yield outcome
        finally:
            self.remember(outcome for outcome in outcomes if outcome.result != "skipped" or outcome.stage != "stop")

    def prepare(self) -> None:
        """Read from the state who is behind, and make the deltas from what most of the hosts hold. Raises StateError.

        `run` does so itself. Who begins with hosts by `to`, in other threads perhaps, calls it before.
        """
        remembered = self.state.held()
        held = {name: remembered[name] for name in self.targets if name in remembered}
        # Nobody can hold what was made just now.
        self._behind = {name: held.get(name, (0, ""))[1] for name in self.targets} if self.candidate.new else {}
        self._deltas = {} if self.reach.gated else deltas_for(self.generation, self.state, held.values())

    @property
    def deltas(self) -> Mapping[str, Delta]:
        """What leads to the generation from those that hosts hold, by their digests; see `prepare`.

        None over a gated login: an account that takes requests starts no program that could use less than the whole.
        """
        return {} if self.reach.gated else self._deltas

    def to(self, host: str, known: str | None = None) -> Dialogue[Outcome]:
        """The dialogue that brings one host to the generation, for who decides when each host's turn is.

        `known` is the digest of another generation that the host holds: it is not asked first.
        """
        return bring(self.generation, host, self.options, self.deltas, known=known)

    def remember(self, outcomes: Iterable[Outcome], now: datetime | None = None) -> None:
        """Note in the state what became of these hosts. Raises StateError."""
        self.state.note(outcomes, self.generation.number, now or datetime.now(UTC))
