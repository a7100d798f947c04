"""Fleet → artifacts: the bindings of every language. Pure: no network, no processes, no clock."""

from .artifact import MANIFEST_FORMAT, Artifact, Manifest, ManifestError, ManifestFile, describe, digest_of
from .emitter import BUILT_IN, GROUP, Emitter, build, check_options, emitter, registered
from .environment import environment, render
from .errors import EmitterError
from .options import BindingOptions, FileOptions
from .quoting import Language, Name, Quoted
from .sh_names import variable as sh_variable
from .sh_tables import spell as sh_literal
from .view import FORMAT, GroupTable, RoleTable, View

__all__ = [
    "BUILT_IN",
    "FORMAT",
    "GROUP",
    "MANIFEST_FORMAT",
    "Artifact",
    "BindingOptions",
    "Emitter",
    "EmitterError",
    "FileOptions",
    "GroupTable",
    "Language",
    "Manifest",
    "ManifestError",
    "ManifestFile",
    "Name",
    "Quoted",
    "RoleTable",
    "View",
    "build",
    "check_options",
    "describe",
    "digest_of",
    "emitter",
    "environment",
    "registered",
    "render",
    "sh_literal",
    "sh_variable",
]
