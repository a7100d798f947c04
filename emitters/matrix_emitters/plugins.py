"""What packages offer through entry points, beside what is built in: emitters and reflectors alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from matrix_emitters.errors import EmitterError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Plugin = TypeVar("Plugin")


class BuiltIn(NamedTuple):
    """What an entry point is to the packages of others: `value` is `module:Class`."""

    name: str
    value: str

    def load(self) -> Any:
        """The class, its module imported now."""
        module, _, attribute = self.value.partition(":")
        return getattr(import_module(module), attribute)


def offered(group: str, built_in: Mapping[str, str], noun: str) -> dict[str, BuiltIn | EntryPoint]:
    """Every entry point by name: the built-in ones (`name: "module:Class"`), then those of packages, by name.

    Raises EmitterError when two offer the same name. `noun` is what messages call them.
    """
    from importlib.metadata import entry_points  # 30 ms, which a command that needs built-in ones alone never pays

    found: dict[str, BuiltIn | EntryPoint] = {name: BuiltIn(name, value) for name, value in built_in.items()}
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise EmitterError(f"two {noun}s are called {point.name}: {other.value} and {point.value}; remove one")
    return found


def instance(
    name: str, points: Mapping[str, BuiltIn | EntryPoint], kind: type[Plugin], noun: str, hint: str = ""
) -> Plugin:
    """What the entry point of that name makes, which must be a `kind`.

    Raises EmitterError when there is none (with the nearest names, else `hint`), or it cannot be loaded.
    """
    if name not in points:
        from matrix_common.words import did_you_mean, nearest

        cure = did_you_mean(nearest(name, points)[:1])
        cure = f"; {cure}" if cure else hint
        raise EmitterError(f"no {noun} is called {name}; there are {', '.join(points)}{cure}")
    where = f"{noun} {name} ({points[name].value})"
    ours = points[name].value.startswith("matrix_emitters.")
    try:
        made = points[name].load()()
    except Exception as error:
        if ours:
            raise
        raise EmitterError(f"{where} cannot be loaded: {_said(error)}") from error
    if not isinstance(made, kind):
        raise EmitterError(f"{where} is not a {kind.__module__.rpartition('.')[0]}.{kind.__name__}")
    return made if ours else cast(Plugin, _OfOthers(made, where))


class _OfOthers:
    """What a package offers: whatever it raises becomes an EmitterError, since a bug of it is none of ours."""

    def __init__(self, plugin: object, where: str) -> None:
        self._plugin, self._where = plugin, where

    def __getattr__(self, name: str) -> Any:
        """An attribute of it; a method raises nothing but EmitterError, also while what it gives is gone through."""
        found = getattr(self._plugin, name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        try:
            made = method(*arguments)
            return tuple(made) if isinstance(made, Iterator) else made
        except EmitterError:
            raise
        except Exception as error:
            raise EmitterError(f"{self._where} failed: {_said(error)}") from error


def _said(error: Exception) -> str:
    """What was raised, and where its package raised it, in a line."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    file = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}: " if place is not None else ""
    return f"{file}{type(error).__name__}: {' '.join(str(error).split())}"
