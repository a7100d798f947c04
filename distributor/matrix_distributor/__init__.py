"""Artifacts → hosts: generations, SSH, install, push, and the daemon that keeps the fleet converged."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .adoption import from_folder, from_host, write_texts
from .differences import FileChange, differences
from .errors import DistributorError
from .files import write_atomically
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
from .stages import STAGES
from .state import HostRecord, Past, ReflectRecord, State, StateError
from .templates import templates_of
from .transport import Command, Failure, Pool, Reply, SSHOptions, Target, Timeouts, TransportError

if TYPE_CHECKING:
    from .enrollment import Enrolled, Enrollment, dismiss, enroll, places_for
    from .fleetwork import (
        Cargo,
        Change,
        Chosen,
        CopyOptions,
        CopyOutcome,
        Entry,
        FleetworkError,
        Found,
        HeldOutcome,
        HostOutcome,
        Job,
        Output,
        RunOutcome,
        Script,
        Session,
        Version,
        Waves,
        choose,
        facts,
        flag,
        held_here,
        majority,
        quoted,
        scan,
        status_of,
        versions,
    )
    from .reflection import ApplyOptions, Carrier, Made, Reflection, ReflectOutcome, make
    from .signing import Signer, check_signature, load_signer
    from .transport.server_process import FleetProcess
    from .watch import Daemon, Log, LogForm, Pace, WatchOptions

__all__ = [
    "STAGES",
    "ApplyOptions",
    "Candidate",
    "Cargo",
    "Carrier",
    "Change",
    "Chosen",
    "Command",
    "Converse",
    "CopyOptions",
    "CopyOutcome",
    "Daemon",
    "DistributorError",
    "Enrolled",
    "Enrollment",
    "Entry",
    "Failure",
    "FileChange",
    "FleetProcess",
    "FleetworkError",
    "Found",
    "Generation",
    "HeldOutcome",
    "HostOutcome",
    "HostRecord",
    "Job",
    "Log",
    "LogForm",
    "Made",
    "Origin",
    "Outcome",
    "Output",
    "Pace",
    "Past",
    "Plan",
    "Pool",
    "PushOptions",
    "Reach",
    "ReflectOutcome",
    "ReflectRecord",
    "Reflection",
    "Removals",
    "RemovalsNeedConsent",
    "Reply",
    "Restoration",
    "RunOutcome",
    "SSHOptions",
    "Script",
    "Session",
    "Signer",
    "State",
    "StateError",
    "Step",
    "Target",
    "Text",
    "Timeouts",
    "TransportError",
    "Version",
    "WatchOptions",
    "Waves",
    "check_signature",
    "choose",
    "differences",
    "dismiss",
    "enroll",
    "exit_status",
    "facts",
    "flag",
    "former",
    "from_folder",
    "from_host",
    "held_here",
    "in_order",
    "inspect",
    "load_signer",
    "majority",
    "make",
    "may_install_here",
    "next_generation",
    "places_for",
    "plan",
    "push",
    "quoted",
    "restoration",
    "restore",
    "scan",
    "status_of",
    "stored_fleet",
    "target_of",
    "templates_of",
    "this_machine",
    "versions",
    "write_atomically",
    "write_texts",
]


def __getattr__(name: str) -> Any:
    """What a push does without is imported when first asked for: daemon, signing, FORALL, the embedded fleet."""
    if name == "FleetProcess":
        from .transport.server_process import FleetProcess

        return FleetProcess
    if name in ("Enrolled", "Enrollment", "dismiss", "enroll", "places_for"):
        return getattr(import_module(".enrollment", __name__), name)
    if name in ("ApplyOptions", "Carrier", "Made", "ReflectOutcome", "Reflection", "make"):
        return getattr(import_module(".reflection", __name__), name)
    if name in ("Signer", "check_signature", "load_signer"):
        return getattr(import_module(".signing", __name__), name)
    if name in ("Daemon", "Log", "LogForm", "Pace", "WatchOptions"):
        from . import watch

        return getattr(watch, name)
    if name in __all__:
        return getattr(import_module(".fleetwork", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
