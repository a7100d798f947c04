"""What hosts hold: asked, and told beside the generation that they should hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from matrix_common.trouble import Trouble
from matrix_distributor.conversation.reach import Converse
from matrix_distributor.dialogue.dialogue import Dialogue, Failure, Target
from matrix_distributor.generation.generation import Generation
from matrix_distributor.hosts.outcome import Outcome, PushResult, result_of
from matrix_distributor.hostside.requests import HostState, query_command, read_state

PUT_RIGHT = "matrix push puts it right"


def inspect(
    generation: Generation, targets: Iterable[Target], converse: Converse, *, sudo: bool = False
) -> Iterator[Outcome]:
    """Ask each host what it holds, and change nothing; an Outcome for every host, as they answer."""
    pairs = [(target, ask(generation, target.name, sudo=sudo)) for target in targets]
    for target, answer in converse(pairs):
        yield failed(target.name, answer) if isinstance(answer, Failure) else answer


def ask(generation: Generation, host: str, *, sudo: bool = False) -> Dialogue[Outcome]:
    """The dialogue that asks one host what it holds."""
    reply = yield query_command(sudo)
    state = read_state(reply, "query")
    if isinstance(state, Trouble):
        return Outcome(host, "failed", trouble=state, seconds=reply.seconds)
    return found(generation, host, state, reply.seconds)


def found(generation: Generation, host: str, state: HostState, seconds: float) -> Outcome:
    """What a host holds, beside the generation that it should hold."""
    result: PushResult
    cause = cure = ""
    if state.holds(generation):
        result = "current"
    elif state.has(generation) and state.condition == "drift":
        result, cause, cure = "drifted", f"changed by hand: {_changes(state)}", PUT_RIGHT
    else:
        result = "behind"
        cause = _BEHIND.get(state.condition, f"has generation {state.generation}")
        if state.generation > generation.number:
            cause = f"has generation {state.generation}, newer than {generation.number}"
        elif not generation.follows(state.generation, state.digest):
            cause = f"has another generation {state.generation} ({state.digest[:12]}): two origins"
            cure = "let one origin alone push; matrix adopt takes over from a host that has the line you want"
    return Outcome(
        host,
        result,
        state.generation,
        state.digest,
        state.generation,
        trouble=Trouble(cause=cause, cure=cure),
        drift=state.drift,
        seconds=seconds,
        enrolled=state.enrolled,
    )


def _changes(state: HostState) -> str:
    """What was changed, and how: the paths that changed alike together."""
    paths: dict[str, list[str]] = {}
    for path, why in zip_longest(state.drift, state.why, fillvalue=""):
        paths.setdefault(why, []).append(path)
    return "; ".join(", ".join(names) + (f": {why}" if why else "") for why, names in paths.items())


_BEHIND = {
    "none": "has no generation",
    "partial": "an install was cut off",
    "broken": "its own copy of the generation is damaged",
    "unsigned": "its generation is not signed by one whom it trusts",
}


def failed(host: str, failure: Failure) -> Outcome:
    """The outcome of a host that could not be spoken to to the end."""
    return Outcome(host, result_of(failure, cut_off="skipped"), trouble=failure.trouble)
