"""A plan, and the differences it would make, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import linewise
from .linewise import LARGEST, TOO_MUCH
from .outcomes import Line, advice, alike, as_json, print_here, print_lines

if TYPE_CHECKING:
    from rich.console import Console

    from matrix_distributor.hosts import Outcome
    from matrix_distributor.origin import Candidate
    from matrix_distributor.push import FileChange, Plan, Step

_WORDS = {
    "send": ("send", "green"),
    "repair": ("repair", "yellow"),
    "nothing": ("nothing", ""),
    "refused": ("refused", "red"),
    "cannot": ("cannot", "red"),
}


def _line(step: Step) -> Line:
    word, style = _WORDS[step.action]
    cause = "" if step.action == "nothing" else step.found.cause
    cure = advice(step.found.cure) if step.action == "cannot" else ()
    common, exact = ((*filter(None, (why,)), *cure) for why in (alike(cause), cause))
    return Line(word, style, details=common, alone=exact)


def print_plan(console: Console, plan: Plan, candidate: Candidate) -> None:
    """What would be done, a line per kind of step with the hosts folded."""
    from rich.text import Text

    from matrix_grammar.ranges import fold

    generation = plan.generation
    size = f"{len(generation.archive):,} bytes"
    state = "new" if candidate.new else "current"
    console.print(f"generation {generation.number} ({generation.digest[:12]}, {state}), {size} a host")
    if candidate.lost.need_consent:
        gone = ", ".join(filter(None, (fold(candidate.lost.hosts), *candidate.lost.roles)))
        console.print(Text(f"  removes {gone}: a push waits for --accept-removals", "red"), soft_wrap=True)
    print_lines(console, ((step.host, _line(step)) for step in plan.steps))
    print_here(console, (step.found for step in plan.steps))
    if plan.empty:
        console.print("  nothing would be sent")


def status_of_plan(plan: Plan, *, waits: bool) -> int:
    """The exit status that the push would have: 1 where it `waits` for a person to accept what it removes; else 0 when
    every host can have the generation, 4 when none was reached, else 3.
    """
    if waits:
        return 1
    if not any(step.action in ("cannot", "refused") for step in plan.steps):
        return 0
    return 3 if any(step.found.reached for step in plan.steps) else 4


def plan_as_json(plan: Plan, candidate: Candidate) -> dict[str, Any]:
    """The plan for programs."""
    return {
        "generation": plan.generation.number,
        "digest": plan.generation.digest,
        "new": candidate.new,
        "removes": {"hosts": list(candidate.lost.hosts), "roles": list(candidate.lost.roles)},
        "steps": [{**as_json(step.found), "action": step.action} for step in plan.steps],
    }


def print_differences(console: Console, changes: Sequence[FileChange]) -> None:
    """Unified differences, each once, under the folded names of the hosts that it holds for."""
    from rich.text import Text

    from matrix_common.terminal import safe
    from matrix_grammar.ranges import fold

    for change in changes:
        console.print(Text(f"{fold(change.hosts)}: {safe(change.path)}", "bold"), soft_wrap=True)
        for line in unified(change):
            style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            console.print(Text(line, style), soft_wrap=True)


def differences_as_json(changes: Sequence[FileChange], untold: Sequence[Outcome] = ()) -> dict[str, Any]:
    """The differences for programs, and the hosts of which they are not known; each is left out when there are none."""
    told = [{"path": change.path, "hosts": list(change.hosts), "diff": unified(change)} for change in changes]
    return {
        **({"differences": told} if told else {}),
        **({"untold": [as_json(outcome) for outcome in untold]} if untold else {}),
    }


def unified(change: FileChange) -> list[str]:
    """How a file would change, as diff -u shows it, with what would move the cursor by its code point."""
    from matrix_common.terminal import safe_lines

    sizes = [len(content or b"") for content in (change.before, change.after)]
    if max(sizes) > LARGEST:
        return [f"{change.path}: {TOO_MUCH}: {sizes[0]:,} and {sizes[1]:,} bytes"]
    before, after = (
        [] if content is None else content.decode("utf-8", "replace").splitlines()
        for content in (change.before, change.after)
    )
    old, new = ("/dev/null" if content is None else change.path for content in (change.before, change.after))
    return [safe_lines(line) for line in linewise.unified(before, after, old, new, context=1)]
