"""What packages offer through entry points, beside what is built in: emitters and reflectors alike."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from matrix_grammar import nearest

from .errors import EmitterError

Plugin = TypeVar("Plugin")


def offered(group: str, built_in: Mapping[str, str], noun: str) -> dict[str, EntryPoint]:
    """Every entry point by name: the built-in ones (`name: "module:Class"`), then those of packages, by name.

    Raises EmitterError when two offer the same name. `noun` is what messages call them.
    """
    found = {name: EntryPoint(name, value, group) for name, value in built_in.items()}
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise EmitterError(f"two {noun}s are called {point.name}: {other.value} and {point.value}; remove one")
    return found


def instance(name: str, points: Mapping[str, EntryPoint], kind: type[Plugin], noun: str, hint: str = "") -> Plugin:
    """What the entry point of that name makes, which must be a `kind`.

    Raises EmitterError when there is none (with the nearest names, else `hint`), or it cannot be loaded.
    """
    if name not in points:
        near = nearest(name, points)
        cure = f"; did you mean {near[0]}?" if near else hint
        raise EmitterError(f"no {noun} is called {name}; there are {', '.join(points)}{cure}")
    where = f"{noun} {name} ({points[name].value})"
    try:
        made = points[name].load()()
    except (ImportError, AttributeError) as error:
        raise EmitterError(f"{where} cannot be loaded: {error}") from error
    if not isinstance(made, kind):
        raise EmitterError(f"{where} is not a matrix_emitters.{kind.__name__}")
    return made
