"""A push as the verbs `push` and `rollback` carry it out: progress, the state, the report, the exit status."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from matrix_console.fleetwork.asked import interruptible
from matrix_console.reflect.after_push import reflect_along
from matrix_console.report.outcomes import as_json, print_outcomes
from matrix_console.report.progress import with_progress

from .frame import Workspace, emit_json

if TYPE_CHECKING:
    from matrix_console.reflect.after_push import Reflecting
    from matrix_distributor.conversation import Reach
    from matrix_distributor.dialogue import Target
    from matrix_distributor.hosts import Outcome
    from matrix_distributor.origin import Candidate
    from matrix_distributor.push import PushOptions
    from matrix_distributor.state import OriginState


def run_push(
    workspace: Workspace,
    candidate: Candidate,
    targets: Sequence[Target],
    reach: Reach,
    options: PushOptions,
    state: OriginState,
    reflecting: Reflecting | None,
    *,
    canaries: frozenset[str] = frozenset(),
    json_: bool = False,
) -> NoReturn:
    """Push, remember every outcome (also when interrupted), report each host once, and end with the exit status.

    What is reflected along with it follows when all hosts have been tried, on those that hold the generation.
    """
    from matrix_distributor.hosts import exit_status
    from matrix_distributor.push import deliver, deltas_for

    generation = candidate.generation
    order = {target.name: place for place, target in enumerate(targets)}
    outcomes: list[Outcome] = []
    started = time.monotonic()
    try:
        held = state.held()
        # Nobody can hold what was made just now.
        behind = {name: held.get(name, (0, ""))[1] for name in order} if candidate.new else {}
        # An account that takes requests starts no program that could use less than the whole.
        gated = bool(workspace.settings.push_account)
        deltas = {} if gated else deltas_for(generation, state, (held[name] for name in order if name in held))
        coming = deliver(generation, targets, reach, options, canaries=canaries, behind=behind, deltas=deltas)
        with interruptible(reach, "matrix push") as stopping:
            outcomes.extend(with_progress(workspace, coming, order, "push"))
    finally:
        tried = [outcome for outcome in outcomes if outcome.result != "skipped" or outcome.stage != "stop"]
        state.note(tried, generation.number, datetime.now(UTC))
    seconds = time.monotonic() - started
    holding = [outcome.host for outcome in outcomes if outcome.good]
    reflected = reflect_along(workspace, None if stopping() else reflecting, generation, holding, state)
    outcomes.sort(key=lambda outcome: order[outcome.host])
    if json_:
        head = {"generation": generation.number, "digest": generation.digest, "new": candidate.new}
        hosts = [as_json(outcome) for outcome in outcomes]
        emit_json({**head, "seconds": round(seconds, 3), "hosts": hosts, **reflected.as_json()})
    else:
        title = f"generation {generation.number} ({generation.digest[:12]}) to {len(targets)} hosts in {seconds:.2f} s"
        workspace.console.print(title)
        print_outcomes(workspace.console, outcomes)
        reflected.show(workspace.console)
    sys.exit(exit_status(outcomes) or reflected.status)
