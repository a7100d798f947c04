"""Fleet → artifacts: the bindings of every language, and configurations. Pure: no network, no processes, no clock."""

from .artifact import MANIFEST_FORMAT, Artifact, Manifest, ManifestError, ManifestFile, describe, digest_of
from .emitter import BUILT_IN, GROUP, Emitter, build, check_options, emitter, registered
from .environment import environment, render
from .errors import EmitterError
from .fleetwork import host_script
from .options import BindingOptions, FileOptions
from .quoting import Language, Name, Quoted
from .reflection import (
    BUILT_IN_REFLECTORS,
    REFLECTORS,
    Check,
    Entry,
    Finding,
    Member,
    Reflected,
    Reflector,
    Removal,
    Scene,
    Service,
    body,
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
from .view import FORMAT, GroupTable, RoleTable, View

__all__ = [
    "BUILT_IN",
    "BUILT_IN_REFLECTORS",
    "FORMAT",
    "GROUP",
    "MANIFEST_FORMAT",
    "REFLECTORS",
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
    "body",
    "build",
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
]
