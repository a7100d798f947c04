"""A push: every host is brought to one generation, and what became of each is told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .generation import Generation
from .inspection import ask, failed, found
from .install import Trouble, install, load_command, read_state
from .outcome import Outcome
from .planning import decide
from .reach import Converse
from .transport import Dialogue, Failure, Target


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


def push(
    generation: Generation,
    targets: Sequence[Target],
    converse: Converse,
    options: PushOptions = PushOptions(),
    *,
    canaries: frozenset[str] = frozenset(),
    behind: frozenset[str] = frozenset(),
) -> Iterator[Outcome]:
    """Bring the targets to the generation, in their order; one Outcome for every host, as they finish.

    `canaries` come first, and load their bindings; when one of them does not hold the generation after that, the
    others are left alone. `behind` are hosts known not to hold the generation, which are not asked first.
    """
    first = [target for target in targets if target.name in canaries]
    rest = [target for target in targets if target.name not in canaries]
    bad = []
    for outcome in _wave(generation, first, converse, options, behind, load=True):
        if not outcome.good:
            bad.append(outcome)
        yield outcome
    if bad:
        names = ", ".join(outcome.host for outcome in bad)
        cause = f"not tried, since {names} went before it and did not come through"
        yield from (Outcome(target.name, "skipped", stage="canary", cause=cause) for target in rest)
    else:
        yield from _wave(generation, rest, converse, options, behind, load=False)


def _wave(
    generation: Generation,
    targets: Sequence[Target],
    converse: Converse,
    options: PushOptions,
    behind: frozenset[str],
    *,
    load: bool,
) -> Iterator[Outcome]:
    """Bring all of these hosts to the generation at once; those that fail are tried again after all others."""
    left = list(targets)
    for attempt in range(1, options.retry + 2):
        again = []
        known = behind if attempt == 1 else frozenset()  # a host that was lost may have taken it
        pairs = [(t, bring(generation, t.name, options, known=t.name in known, load=load)) for t in left]
        for target, answer in converse(pairs):
            outcome = failed(target.name, answer) if isinstance(answer, Failure) else answer
            if outcome.worth_retrying and attempt <= options.retry:
                again.append(target)
            else:
                yield replace(outcome, attempts=attempt)
        left = again
        if not left:
            return


def bring(
    generation: Generation, host: str, options: PushOptions, *, known: bool = False, load: bool = False
) -> Dialogue[Outcome]:
    """The dialogue that brings one host to the generation.

    With `known` the host is not asked what it holds before the generation is sent. With `load` it loads every
    binding after that.
    """
    before: int | None = None
    if not known:
        held = yield from ask(generation, host, sudo=options.sudo)
        action = decide(generation, held, force=options.force)
        if action == "nothing" or (action == "repair" and not options.repair):
            return (yield from _loaded(held, options)) if load else held
        before = held.generation if held.result != "failed" else None
    reply = yield from install(generation, host, force=options.force, sudo=options.sudo)
    state = read_state(reply)
    if isinstance(state, Trouble):
        result = "refused" if state.refused else "failed"
        return Outcome(host, result, before or 0, "", before, "install", state.cause, state.cure, seconds=reply.seconds)  # type: ignore[arg-type]
    outcome = replace(found(generation, host, state, reply.seconds), before=state.before if known else before)
    if outcome.result == "current" and state.condition != "same":
        outcome = replace(outcome, result="updated")
    return (yield from _loaded(outcome, options)) if load else outcome


def _loaded(outcome: Outcome, options: PushOptions) -> Dialogue[Outcome]:
    """The outcome when the host loads its bindings; a failed one when it cannot."""
    reply = yield load_command(options.sudo)
    state = read_state(reply)
    if isinstance(state, Trouble):
        return replace(outcome, result="failed", stage="load", cause=state.cause, cure="see that binding on the host")
    return outcome
