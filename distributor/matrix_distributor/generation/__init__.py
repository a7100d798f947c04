"""A generation: what is brought to hosts, as a stream, as a delta, signed."""

from .delta import Delta
from .generation import Generation, OriginFile, next_generation
from .signing import Signer, check_signature, load_signer

__all__ = [
    "Delta",
    "Generation",
    "OriginFile",
    "Signer",
    "check_signature",
    "load_signer",
    "next_generation",
]
