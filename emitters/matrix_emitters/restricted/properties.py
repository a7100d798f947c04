"""Warns of values that matrix.toml does not allow, without loading the reflectors: few texts have such a property."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from matrix_grammar.model import property_table
from matrix_grammar.reading import Reading
from matrix_grammar.syntax import written

if TYPE_CHECKING:
    from matrix_emitters.reflection.model.entry import Configuration


def with_what_is_not_allowed(reading: Reading, entries: Callable[[], Iterable[Configuration]]) -> Reading:
    """The reading with a warning for each value that matrix.toml does not allow in what is reflected.

    `entries` gives what is reflected. Only for a text that has such a property it is asked, and reflectors are loaded.
    """
    keys = [key for each in property_table().restricted.values() for key in each]
    if reading.fleet is None or next(written(reading.sources, keys), None) is None:
        return reading
    from matrix_emitters.reflection.model.allowed_texts import check_allowed

    return dataclasses.replace(reading, diagnostics=(*reading.diagnostics, *check_allowed(reading, entries())))
