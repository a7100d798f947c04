"""Fleet → artifacts: the bindings of every language, and configurations. Pure: no network, no processes, no clock.

This is the room's door. A name is imported from its file when it is first asked for, so that a command does not
pay for what it does without. To add a name, put it into all three lists (`NAME=ITS_NAME_THERE` where these differ).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matrix_grammar import door

if TYPE_CHECKING:
    from .artifact import MANIFEST_FORMAT, Artifact, Manifest, ManifestError, ManifestFile, describe, digest_of
    from .emitting import BUILT_IN, GROUP, Emitter, build, check_options, emitter, registered
    from .errors import EmitterError
    from .fleetwork import host_script
    from .judged import JUDGED, with_what_is_not_allowed
    from .options import BindingOptions, FileOptions
    from .quoting import Language, Name, Quoted
    from .reflection import (
        BUILT_IN_REFLECTORS,
        REFLECTORS,
        Allowed,
        Check,
        Entry,
        Finding,
        Member,
        Reflected,
        Reflector,
        Removal,
        Scene,
        Service,
        allowed_of,
        body,
        check_allowed,
        entries,
        in_order,
        read_check,
        reflect,
        reflector,
        reflectors,
        removals,
        services_of,
    )
    from .sh_names import variable as sh_variable
    from .sh_tables import spell as sh_literal
    from .templating import environment, render
    from .view import FORMAT, GroupTable, RoleTable, View

_FILES = {
    "artifact": "MANIFEST_FORMAT Artifact Manifest ManifestError ManifestFile describe digest_of",
    "emitting": "BUILT_IN GROUP Emitter build check_options emitter registered",
    "templating": "environment render",
    "errors": "EmitterError",
    "fleetwork": "host_script",
    "judged": "JUDGED with_what_is_not_allowed",
    "options": "BindingOptions FileOptions",
    "quoting": "Language Name Quoted",
    "reflection": (
        "BUILT_IN_REFLECTORS REFLECTORS Allowed Check Entry Finding Member Reflected Reflector Removal Scene Service "
        "allowed_of body check_allowed entries in_order read_check reflect reflector reflectors removals services_of"
    ),
    "sh_names": "sh_variable=variable",
    "sh_tables": "sh_literal=spell",
    "view": "FORMAT GroupTable RoleTable View",
}

if not TYPE_CHECKING:
    __getattr__ = door(globals(), _FILES)


__all__ = [
    "BUILT_IN",
    "BUILT_IN_REFLECTORS",
    "FORMAT",
    "GROUP",
    "JUDGED",
    "MANIFEST_FORMAT",
    "REFLECTORS",
    "Allowed",
    "Artifact",
    "BindingOptions",
    "Check",
    "Emitter",
    "EmitterError",
    "Entry",
    "FileOptions",
    "Finding",
    "GroupTable",
    "Language",
    "Manifest",
    "ManifestError",
    "ManifestFile",
    "Member",
    "Name",
    "Quoted",
    "Reflected",
    "Reflector",
    "Removal",
    "RoleTable",
    "Scene",
    "Service",
    "View",
    "allowed_of",
    "body",
    "build",
    "check_allowed",
    "check_options",
    "describe",
    "digest_of",
    "emitter",
    "entries",
    "environment",
    "host_script",
    "in_order",
    "read_check",
    "reflect",
    "reflector",
    "reflectors",
    "registered",
    "removals",
    "render",
    "services_of",
    "sh_literal",
    "sh_variable",
    "with_what_is_not_allowed",
]
