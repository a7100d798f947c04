"""Files to hosts, from a verb: who is spoken to, how it is ended, and what is remembered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matrix_console.distribution import pool_of, reach_of
from matrix_console.fleetwork.asked import interruptible
from matrix_console.frame import Workspace, fail

if TYPE_CHECKING:
    from matrix_console.settings import Settings
    from matrix_distributor.reflect import ApplyOptions, ReflectPlan, Rollout
    from matrix_distributor.transport import Pool
    from matrix_grammar import Fleet


@dataclass(frozen=True, slots=True)
class Run:
    """Files on their way, which a person may end."""

    carrier: Rollout
    pool: Pool

    def stop(self, why: str) -> None:
        """Begin with no further host."""
        self.carrier.stop(why)

    def abort(self, why: str) -> None:
        """Wait for nobody any more: each host comes to an end by itself."""
        self.carrier.stop(why)
        self.pool.abort()


@contextmanager
def carrier_of(
    workspace: Workspace, fleet: Fleet, options: ApplyOptions, *, accept_removals: bool, accept_new: bool
) -> Iterator[Rollout]:
    """A carrier to the hosts of a Fleet; Ctrl-C once begins no further host, twice waits for nobody."""
    from matrix_distributor.reflect import Rollout

    with pool_of(workspace, accept_new=accept_new, dry=options.dry, keep=True) as pool:
        reach = reach_of(workspace, pool, fleet)
        carrier = Rollout(fleet, reach, options, accept_removals)
        with interruptible(Run(carrier, pool), "matrix reflect"):
            yield carrier


def options_of(
    settings: Settings, *, dry: bool = False, pause: float | None = None, probe: bool = True
) -> ApplyOptions:
    """How the settings want files to be applied, with what the command line says over them."""
    from matrix_distributor.reflect import ApplyOptions

    return ApplyOptions(
        limit=max(1, math.ceil(settings.reflect_limit)),
        sudo=settings.push_sudo,
        dry=dry,
        pause=settings.reflect_pause if pause is None else pause,
        probe=settings.reflect_probe and probe,
    )


def reflection_of(workspace: Workspace) -> ReflectPlan | None:
    """What a push reflects as well, if anything; without, nothing of what does so is loaded.

    Raises SettingsError where the account that pushes can do no such thing.
    """
    if not workspace.settings.reflect_entries:
        return None  # what is built in is never pushed by itself
    pushed = tuple(entry for entry in workspace.reflect_entries if entry.push)
    if not pushed:
        return None
    from matrix_console.settings import SettingsError
    from matrix_distributor.reflect import ReflectPlan

    if workspace.settings.push_account:
        names = ", ".join(f"reflect.{entry.name}" for entry in pushed)
        raise SettingsError(
            f"{names} has push = true, but the account of push.account takes generations and nothing else; set push = "
            f"false, and apply as yourself: MATRIX_PUSH_ACCOUNT= matrix reflect {pushed[0].name} --apply"
        )
    return ReflectPlan(pushed, options_of(workspace.settings))


def refuse_account(workspace: Workspace, name: str) -> None:
    """End the verb where the account that pushes would have to read or change what is no part of a generation."""
    if workspace.settings.push_account:
        fail(
            "the account of push.account takes generations and nothing else; as yourself: "
            f"MATRIX_PUSH_ACCOUNT= matrix reflect {name} …",
            2,
        )
