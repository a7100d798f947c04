"""Artifacts → hosts: generations, SSH, install, push, and the daemon that keeps the fleet converged.

This is the room's door. A name is imported from its file when it is first asked for, so that a command does not
pay for what it does without. To add a name, put it into all three lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matrix_grammar import door

if TYPE_CHECKING:
    from .adoption import from_folder, from_host, write_texts
    from .delta import Delta, deltas_for
    from .enrollment import Enrolled, Enrollment, dismiss, enroll, enrolment_mark, places_for
    from .errors import DistributorError
    from .file_changes import Differences, FileChange, differences
    from .files import ChangedMeanwhileError, Original, create, insist_on_a_file, staged, write_file
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
    from .generation import Generation, Text, next_generation
    from .hosts import in_order, may_install_here, target_of
    from .identity import Identity, identify, this_machine
    from .in_force import Pending, Watching, last_change, of_state, of_text, settings_sum
    from .in_force.reflected import Reflected, of_its_hosts
    from .inspection import inspect
    from .origin import Candidate, Origin, stored_fleet
    from .outcome import Outcome, exit_status
    from .planning import Plan, Step, plan
    from .pushing import PushOptions, push
    from .reach import Converse, Reach
    from .reflection import ApplyOptions, Carrier, Made, Reflection, ReflectOutcome, drifted, make
    from .removals import Removals, RemovalsNeedConsent
    from .rollback import Restoration, former, restoration, restore
    from .signing import Signer, check_signature, load_signer
    from .stages import STAGES
    from .state import HostRecord, Past, ReflectRecord, Sign, State, StateError, is_held
    from .templates import templates_of
    from .transport import (
        Command,
        Failure,
        KnownKey,
        Pool,
        Reply,
        ShownKey,
        SSHOptions,
        Target,
        Timeouts,
        TransportError,
        remember,
        shown_keys,
        supersede,
    )
    from .transport.server_process import FleetProcess
    from .watch import Daemon, Log, LogForm, Pace, Rests, WatchOptions

_FILES = {
    "adoption": "from_folder from_host write_texts",
    "delta": "Delta deltas_for",
    "file_changes": "Differences FileChange differences",
    "enrollment": "Enrolled Enrollment dismiss enroll enrolment_mark places_for",
    "errors": "DistributorError",
    "files": "ChangedMeanwhileError Original create insist_on_a_file staged write_file",
    "fleetwork": (
        "Cargo Change Chosen CopyOptions CopyOutcome Entry FleetworkError Found HeldOutcome HostOutcome Job "
        "Output RunOutcome Script Session Version Waves choose facts flag held_here majority quoted scan "
        "status_of versions"
    ),
    "generation": "Generation Text next_generation",
    "hosts": "in_order may_install_here target_of",
    "identity": "Identity identify this_machine",
    "in_force": "Pending Watching last_change of_state of_text settings_sum",
    "in_force.reflected": "Reflected of_its_hosts",
    "inspection": "inspect",
    "origin": "Candidate Origin stored_fleet",
    "outcome": "Outcome exit_status",
    "planning": "Plan Step plan",
    "pushing": "PushOptions push",
    "reach": "Converse Reach",
    "reflection": "ApplyOptions Carrier Made Reflection ReflectOutcome drifted make",
    "removals": "Removals RemovalsNeedConsent",
    "rollback": "Restoration former restoration restore",
    "signing": "Signer check_signature load_signer",
    "stages": "STAGES",
    "state": "HostRecord Past ReflectRecord Sign State StateError is_held",
    "templates": "templates_of",
    "transport": (
        "Command Failure KnownKey Pool Reply ShownKey SSHOptions Target Timeouts TransportError remember shown_keys "
        "supersede"
    ),
    "transport.server_process": "FleetProcess",
    "watch": "Daemon Log LogForm Pace Rests WatchOptions",
}

if not TYPE_CHECKING:
    __getattr__ = door(globals(), _FILES)


__all__ = [
    "STAGES",
    "ApplyOptions",
    "Candidate",
    "Cargo",
    "Carrier",
    "Change",
    "ChangedMeanwhileError",
    "Chosen",
    "Command",
    "Converse",
    "CopyOptions",
    "CopyOutcome",
    "Daemon",
    "Delta",
    "Differences",
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
    "Identity",
    "Job",
    "KnownKey",
    "Log",
    "LogForm",
    "Made",
    "Origin",
    "Original",
    "Outcome",
    "Output",
    "Pace",
    "Past",
    "Pending",
    "Plan",
    "Pool",
    "PushOptions",
    "Reach",
    "ReflectOutcome",
    "ReflectRecord",
    "Reflected",
    "Reflection",
    "Removals",
    "RemovalsNeedConsent",
    "Reply",
    "Restoration",
    "Rests",
    "RunOutcome",
    "SSHOptions",
    "Script",
    "Session",
    "ShownKey",
    "Sign",
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
    "Watching",
    "Waves",
    "check_signature",
    "choose",
    "create",
    "deltas_for",
    "differences",
    "dismiss",
    "drifted",
    "enroll",
    "enrolment_mark",
    "exit_status",
    "facts",
    "flag",
    "former",
    "from_folder",
    "from_host",
    "held_here",
    "identify",
    "in_order",
    "insist_on_a_file",
    "inspect",
    "is_held",
    "last_change",
    "load_signer",
    "majority",
    "make",
    "may_install_here",
    "next_generation",
    "of_its_hosts",
    "of_state",
    "of_text",
    "places_for",
    "plan",
    "push",
    "quoted",
    "remember",
    "restoration",
    "restore",
    "scan",
    "settings_sum",
    "shown_keys",
    "staged",
    "status_of",
    "stored_fleet",
    "supersede",
    "target_of",
    "templates_of",
    "this_machine",
    "versions",
    "write_file",
    "write_texts",
]
