"""Artifacts → hosts: generations, SSH, install, push, and the daemon that keeps the fleet converged."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .adoption import from_folder, from_host, write_texts
from .differences import FileChange, differences
from .errors import DistributorError
from .generation import Generation, Text, next_generation
from .hosts import in_order, may_install_here, target_of, this_machine
from .inspection import inspect
from .origin import Candidate, Origin, stored_fleet
from .outcome import Outcome, exit_status
from .plan import Plan, Step, plan
from .push import PushOptions, push
from .reach import Converse, Reach
from .removals import Removals, RemovalsNeedConsent
from .rollback import Restoration, former, restoration, restore
from .state import HostRecord, Past, State, StateError
from .transport import Command, Failure, Pool, Reply, SSHOptions, Target, Timeouts, TransportError

if TYPE_CHECKING:
    from . import fleetwork
    from .fleetwork import Session
    from .transport.server_process import FleetProcess
    from .watch import Daemon, Log, LogForm, Pace, WatchOptions

__all__ = [
    "Candidate",
    "Command",
    "Converse",
    "Daemon",
    "DistributorError",
    "Failure",
    "FileChange",
    "FleetProcess",
    "Generation",
    "HostRecord",
    "Log",
    "LogForm",
    "Origin",
    "Outcome",
    "Pace",
    "Past",
    "Plan",
    "Pool",
    "PushOptions",
    "Reach",
    "Removals",
    "RemovalsNeedConsent",
    "Reply",
    "Restoration",
    "SSHOptions",
    "Session",
    "State",
    "StateError",
    "Step",
    "Target",
    "Text",
    "Timeouts",
    "TransportError",
    "WatchOptions",
    "differences",
    "exit_status",
    "fleetwork",
    "former",
    "from_folder",
    "from_host",
    "in_order",
    "inspect",
    "may_install_here",
    "next_generation",
    "plan",
    "push",
    "restoration",
    "restore",
    "stored_fleet",
    "target_of",
    "this_machine",
    "write_texts",
]


def __getattr__(name: str) -> Any:
    """The daemon's part and the embedded fleet are imported when first asked for: a push does without them."""
    if name == "FleetProcess":
        from .transport.server_process import FleetProcess

        return FleetProcess
    if name in ("Session", "fleetwork"):
        fleetwork = import_module(".fleetwork", __name__)
        return fleetwork.Session if name == "Session" else fleetwork
    if name in ("Daemon", "Log", "LogForm", "Pace", "WatchOptions"):
        from . import watch

        return getattr(watch, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
