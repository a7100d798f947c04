"""The properties that matrix.toml has to allow, known without the reflectors: few texts have one.

Each kind of configuration declares its own, under `[restricted]` of its properties.toml.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from matrix_grammar.model import property_table
from matrix_grammar.reading import Reading
from matrix_grammar.syntax import written

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.entry import Configuration

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def restricted_of(kind: str) -> Mapping[str, str]:
    """What a kind of configuration reads that has to be allowed: properties, or `key=TEXT` for values that begin so,
    each with the setting under `[allow]` that judges its values.
    """
    return property_table().restricted.get(kind, NOTHING)


def with_what_is_not_allowed(reading: Reading, entries: Callable[[], Iterable[Configuration]]) -> Reading:
    """The reading with a warning for each value that matrix.toml does not allow in what is reflected.

    `entries` gives what is reflected. Only for a text that has such a property it is asked, and reflectors are loaded.
    """
    keys = [key for each in property_table().restricted.values() for key in each]
    if reading.fleet is None or next(written(reading.sources, keys), None) is None:
        return reading
    from matrix_emitters.reflection.model.allowed_texts import check_allowed

    return dataclasses.replace(reading, diagnostics=(*reading.diagnostics, *check_allowed(reading, entries())))


JUDGED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: tuple(restricted) for kind, restricted in property_table().restricted.items()}
)
"""For programs that import it from the top of the package, which the next release has not: see `restricted_of`."""
