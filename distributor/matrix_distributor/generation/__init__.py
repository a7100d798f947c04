"""A generation: what is brought to hosts, as a stream and as a delta."""

from .delta import Delta
from .generation import Generation, OriginFile, next_generation

__all__ = [
    "Delta",
    "Generation",
    "OriginFile",
    "next_generation",
]
