"""Brings hosts to one generation by dialogues with them, canaries first, and tries again those that failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.reach import Converse
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Target
from matrix_distributor.generation.delta import Delta
from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.outcome import Outcome, PushResult, result_of
from matrix_distributor.hostside.protocol import Refusal
from matrix_distributor.hostside.requests import install, load_command, read_state

from .inspection import ask, failed, found
from .plan import decide

_NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})
_NO_DELTAS: Mapping[str, Delta] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PushOptions:
    """How to push.

    `retry` is how often a host that failed is tried again; `sudo` installs through `sudo -n`; `force` overrules a
    host that will not have the generation; without `repair` files that were changed by hand are left so.
    """

    force: bool = False
    sudo: bool = False
    retry: int = 1
    repair: bool = True


def deliver(
    generation: Generation,
    targets: Sequence[Target],
    converse: Converse,
    options: PushOptions = PushOptions(),
    *,
    canaries: frozenset[str] = frozenset(),
    behind: Mapping[str, str] = _NOTHING_KNOWN,
    deltas: Mapping[str, Delta] = _NO_DELTAS,
) -> Iterator[Outcome]:
    """Bring the targets to the generation, in their order; one Outcome for every host, as they finish.

    `canaries` come first, and load their bindings; when one of them does not hold the generation after that, the
    others are left alone. `behind` are hosts known not to hold the generation, which are not asked first: each with
    the digest of what it holds, empty if that is not known. `deltas` are what leads to the generation from others, by
    their digests; hosts that hold one of these are sent no more than that.
    """
    sending = _Sending(generation, converse, options, behind, deltas)
    first = [target for target in targets if target.name in canaries]
    rest = [target for target in targets if target.name not in canaries]
    bad = []
    for outcome in sending.wave(first, load=True):
        if not outcome.good:
            bad.append(outcome)
        yield outcome
    if bad:
        names = ", ".join(outcome.host for outcome in bad)
        trouble = Trouble("canary", f"not tried, since {names} went before it and did not come through")
        yield from (Outcome(target.name, "skipped", trouble=trouble) for target in rest)
    else:
        yield from sending.wave(rest, load=False)


@dataclass(frozen=True)
class _Sending:
    """What all hosts of a push have in common."""

    generation: Generation
    converse: Converse
    options: PushOptions
    behind: Mapping[str, str]
    deltas: Mapping[str, Delta]

    def wave(self, targets: Sequence[Target], *, load: bool) -> Iterator[Outcome]:
        """Bring all of these hosts to the generation at once; those that fail are tried again after all others."""
        left = list(targets)
        before: dict[str, Outcome] = {}
        for attempt in range(1, self.options.retry + 2):
            again = []
            pairs = [(target, self._bring(target.name, load=load, first=attempt == 1)) for target in left]
            for target, answer in self.converse(pairs):
                outcome = self._given_up(answer, before) if isinstance(answer, Failure) else answer
                if outcome.worth_retrying and attempt <= self.options.retry:
                    again.append(target)
                    before[target.name] = outcome
                else:
                    yield replace(outcome, attempts=attempt)
            left = again
            if not left:
                return

    @staticmethod
    def _given_up(failure: Failure, before: Mapping[str, Outcome]) -> Outcome:
        """A host that was not come to again is what it was found to be at first; one in the middle has failed."""
        outcome = failed(failure.host, failure)
        if failure.stage != "stop":
            return outcome
        if failure.begun:
            cure = "push again: the host keeps what it had, or completes it"
            return replace(outcome, result=result_of(failure), trouble=replace(failure.trouble, cure=cure))
        return before.get(failure.host, outcome)

    def _bring(self, host: str, *, load: bool, first: bool) -> Dialogue[Outcome]:
        known = self.behind.get(host) if first else None  # a host that was lost may have taken it
        return bring(self.generation, host, self.options, self.deltas, known=known, load=load)


def bring(
    generation: Generation,
    host: str,
    options: PushOptions,
    deltas: Mapping[str, Delta] = _NO_DELTAS,
    *,
    known: str | None = None,
    load: bool = False,
) -> Dialogue[Outcome]:
    """The dialogue that brings one host to the generation.

    With `known`, the digest of another generation that it holds (empty: of any), the host is not asked what it holds
    before this one is sent. With `load` it loads every binding after that. `deltas` as for `deliver`.
    """
    before: int | None = None
    holds = known or ""
    if known is None:
        held = yield from ask(generation, host, sudo=options.sudo)
        action = decide(generation, held, force=options.force)
        if action == "nothing" or (action == "repair" and not options.repair):
            return (yield from _loaded(held, options)) if load else held
        before = held.generation if held.result != "failed" else None
        holds = held.digest
    delta = deltas.get(holds)
    reply = yield from install(generation, host, force=options.force, sudo=options.sudo, delta=delta)
    state = read_state(reply, "install")
    if isinstance(state, Trouble):
        result: PushResult = "refused" if isinstance(state, Refusal) else "failed"
        return Outcome(host, result, before or 0, "", before, trouble=state, seconds=reply.seconds)
    outcome = replace(found(generation, host, state, reply.seconds), before=before if known is None else state.before)
    if outcome.result == "current" and state.condition != "same":
        outcome = replace(outcome, result="updated")
    return (yield from _loaded(outcome, options)) if load else outcome


def _loaded(outcome: Outcome, options: PushOptions) -> Dialogue[Outcome]:
    """The outcome when the host loads its bindings; a failed one when it cannot."""
    reply = yield load_command(options.sudo)
    state = read_state(reply, "load")
    if isinstance(state, Trouble):
        return replace(outcome, result="failed", trouble=replace(state, cure="see that binding on the host"))
    return outcome
