"""How a room's door gives a name: imported from its file when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def door(room: dict[str, Any], files: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` (PEP 562) of a room whose globals these are.

    `files` has the names of each file, with blanks between; `NAME=ITS_NAME_THERE` where these differ.
    """
    places = {name.partition("=")[0]: (file, name) for file, names in files.items() for name in names.split()}

    def give(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {room['__name__']!r} has no attribute {name!r}")
        file, spelled = places[name]
        room[name] = getattr(import_module(f".{file}", room["__name__"]), spelled.rpartition("=")[2])
        value: object = room[name]
        return value

    return give
