"""Which program this is: when a file of it last came to be as it is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import matrix_common
import matrix_emitters
import matrix_grammar
import matrix_sources
from matrix_grammar.model import property_table

PACKAGES = (matrix_emitters, matrix_sources, matrix_grammar, matrix_common)
"""The packages below this one."""


def folders() -> tuple[str, ...]:
    """Where the packages lie that generations are made by."""
    below = (Path(str(package.__file__)).resolve().parent for package in PACKAGES)
    return (str(Path(__file__).resolve().parents[1]), *map(str, below))


def newest(places: Iterable[str]) -> int:
    """When a file below these folders last came to be as it is, in nanoseconds since 1970; 0 where nothing is seen."""
    latest = 0
    for place in places:
        for path, inner, names in os.walk(place):
            inner[:] = [name for name in inner if name != "__pycache__"]
            for name in names:
                try:
                    latest = max(latest, os.stat(os.path.join(path, name)).st_ctime_ns)
                except OSError:
                    continue
    return latest


@cache
def program() -> str:
    """What is another for another program, for one that lies elsewhere, and with other properties of packages."""
    return f"{newest(folders())} {os.pathsep.join(folders())}{property_table().fingerprint}"
