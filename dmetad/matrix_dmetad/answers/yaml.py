"""YAML of what JSON has, block style, by PyYAML's emitter (libyaml's, where it has that), fed with events.

Its `dump` makes a tree of nodes first: seven times the time, and memory for every value of a fleet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

import yaml

from .documents import Json

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
"""Texts that are text to a reader of YAML 1.1 or 1.2 without quotes, the words below excepted.

PyYAML itself writes `1e3` and `0o17` bare, which YAML 1.2 reads as numbers.
"""

_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_WIDTH: Final = 10**9
"""Columns: a text is never folded."""

_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_START: Final = (yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False))
_END: Final = (yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent())
_MAPPING: Final = yaml.MappingStartEvent(None, None, True, flow_style=False)
_MAPPING_END: Final = yaml.MappingEndEvent()
_SEQUENCE: Final = yaml.SequenceStartEvent(None, None, True, flow_style=False)
_SEQUENCE_END: Final = yaml.SequenceEndEvent()


def dump(value: Json) -> str:
    """The document, with a line end."""
    written = io.StringIO()
    emit = _DUMPER(written, allow_unicode=True, width=_WIDTH).emit
    for event in chain(_START, _events(value), _END):
        emit(event)
    return written.getvalue()


def _events(value: Json) -> Iterator[yaml.Event]:
    if isinstance(value, Mapping):
        yield _MAPPING
        for key, inner in value.items():
            yield _text(key)
            yield from _events(inner)
        yield _MAPPING_END
    elif isinstance(value, (list, tuple)):
        yield _SEQUENCE
        for inner in value:
            yield from _events(inner)
        yield _SEQUENCE_END
    elif isinstance(value, str):
        yield _text(value)
    else:
        yield yaml.ScalarEvent(None, None, (True, False), _bare(value))


def _text(value: str) -> yaml.ScalarEvent:
    plain = _PLAIN.fullmatch(value) is not None and value.lower() not in _WORDS
    return yaml.ScalarEvent(None, None, (plain, True), value, style='"' if "\n" in value else None)


def _bare(value: Json) -> str:
    """What needs no quotes: nothing, a truth or a number, with a point, which YAML 1.1 asks for before an exponent."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    mantissa, exponent, power = str(value).partition("e")
    return str(value) if not exponent or "." in mantissa else f"{mantissa}.0e{power}"
