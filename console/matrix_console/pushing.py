"""A push as the verbs `push` and `rollback` show it: progress, the report, the exit status."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

from matrix_console.fleetwork.asked import interruptible
from matrix_console.reflect.after_push import reflect_along
from matrix_console.report.outcomes import as_json, print_outcomes
from matrix_console.report.progress import with_progress

from .frame import Workspace, emit_json

if TYPE_CHECKING:
    from matrix_console.reflect.after_push import Reflecting
    from matrix_distributor.push import Push


def run_push(
    workspace: Workspace,
    push: Push,
    reflecting: Reflecting | None,
    *,
    canaries: frozenset[str] = frozenset(),
    json_: bool = False,
) -> NoReturn:
    """Carry out a push, report each host once, and end with the exit status.

    What is reflected along with it follows when all hosts have been tried, on those that hold the generation.
    """
    from matrix_distributor.hosts import exit_status

    generation = push.generation
    started = time.monotonic()
    with closing(push.run(canaries=canaries)) as coming, interruptible(push, "matrix push") as stopping:
        outcomes = list(with_progress(workspace, coming, push.targets, "push"))
    seconds = time.monotonic() - started
    holding = [outcome.host for outcome in outcomes if outcome.good]
    reflected = reflect_along(workspace, None if stopping() else reflecting, generation, holding, push.state)
    order = {name: place for place, name in enumerate(push.targets)}
    outcomes.sort(key=lambda outcome: order[outcome.host])
    if json_:
        head = {"generation": generation.number, "digest": generation.digest, "new": push.candidate.new}
        hosts = [as_json(outcome) for outcome in outcomes]
        emit_json({**head, "seconds": round(seconds, 3), "hosts": hosts, **reflected.as_json()})
    else:
        title = f"generation {generation.number} ({generation.digest[:12]}) to {len(order)} hosts in {seconds:.2f} s"
        workspace.console.print(title)
        print_outcomes(workspace.console, outcomes)
        reflected.show(workspace.console)
    sys.exit(exit_status(outcomes) or reflected.status)
