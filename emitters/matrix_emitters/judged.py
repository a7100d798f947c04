"""The properties that matrix.toml has to allow, known without the reflectors.

Each kind of configuration declares its own, under `[restricted]` of its properties.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from matrix_grammar.model import property_table

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def restricted_of(kind: str) -> Mapping[str, str]:
    """What a kind of configuration reads that has to be allowed: properties, or `key=TEXT` for values that begin so,
    each with the setting under `[allow]` that judges its values.
    """
    return property_table().restricted.get(kind, NOTHING)


JUDGED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: tuple(restricted) for kind, restricted in property_table().restricted.items()}
)
"""For programs that import it from the top of the package, which the next release has not: see `restricted_of`."""
