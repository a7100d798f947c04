"""Names that other packages' code imported from the top of a package before they had sub-packages of their own."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def forwarded(package: str, every_day: Mapping[str, str] = _NOTHING) -> Callable[[str], object]:
    """The `__getattr__` (PEP 562) of a package: names by the module that has them.

    `every_day` are names that stay, and are imported only when they are asked for since their modules are heavy.
    The names in the `MOVED` of the package's `moved.py` are those that the next release has in their sub-packages
    alone: each use warns with the import to write.
    """

    def forward(name: str) -> object:
        moved = _NOTHING if name in every_day else _moved(package)
        place = every_day.get(name) or moved.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, spelled = place.partition(":")
        if name in moved:
            renamed = f"{spelled} as {name}" if spelled else name
            cure = f"from {module} import {renamed}"
            warnings.warn(f"{package}.{name} has moved: {cure}", DeprecationWarning, stacklevel=2)
        value: object = getattr(import_module(module), spelled or name)
        return value

    return forward


def _moved(package: str) -> Mapping[str, str]:
    """The names that have moved from a package; most have none."""
    from importlib.util import find_spec  # 1 ms, for a name that is seldom asked for

    if find_spec(f"{package}.moved") is None:
        return _NOTHING
    moved: Mapping[str, str] = import_module(f"{package}.moved").MOVED
    return moved
