"""What emitters produce, as values: artifacts, and the manifest of a generation."""

from .artifact import Artifact, Manifest, ManifestError, ManifestFile, describe, digest_of

__all__ = ["Artifact", "Manifest", "ManifestError", "ManifestFile", "describe", "digest_of"]
