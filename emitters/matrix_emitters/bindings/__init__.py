"""The bindings: one folder for each language, and the registry that builds them all."""

from .emitter import Emitter, build, check_options, emitter, registered

__all__ = [
    "Emitter",
    "build",
    "check_options",
    "emitter",
    "registered",
]
