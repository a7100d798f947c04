"""What emitters produce and what they are asked: artifacts, manifests, options, and the Fleet as tables."""

from .artifact import Artifact, Manifest, ManifestError, ManifestFile, describe, digest_of
from .errors import EmitterError
from .options import BindingOptions, FileOptions
from .view import FORMAT, GroupTable, RoleTable, View

__all__ = [
    "FORMAT",
    "Artifact",
    "BindingOptions",
    "EmitterError",
    "FileOptions",
    "GroupTable",
    "Manifest",
    "ManifestError",
    "ManifestFile",
    "RoleTable",
    "View",
    "describe",
    "digest_of",
]
