"""Finds the files of properties that installed packages offer; no code of theirs is imported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Final, NamedTuple

from .property_file import PropertyFile, PropertyFileError, read_property_file

FILE_NAME: Final = "properties.toml"
"""What the file is called, in the folder of the package."""


class PropertyOffer(NamedTuple):
    """What a package offers: the entry point's name and package, where the file lies, and what it says.

    `file` is None when it cannot be read; then `wrong` and `cure` say why.
    """

    name: str
    package: str
    path: str
    file: PropertyFile | None
    wrong: str = ""
    cure: str = ""


def property_offers(group: str) -> Iterator[PropertyOffer]:
    """Every file that is offered in this group of entry points, in the order of their names."""
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        path = point.value
        try:
            path = _path_of(point.value)
            yield PropertyOffer(point.name, point.value, path, _read(path))
        except PropertyFileError as error:
            yield PropertyOffer(point.name, point.value, path, None, str(error), error.cure)


def _path_of(package: str) -> str:
    """Where the file of a package lies. Python is asked for the outermost package alone, since that runs nothing."""
    top, *inner = package.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise PropertyFileError(f"there is no package {top}", "name a package (a folder) in the entry point")
    return os.path.join(next(iter(spec.submodule_search_locations)), *inner, FILE_NAME)


def _read(path: str) -> PropertyFile:
    try:
        with open(path, "rb") as file:
            return read_property_file(file.read())
    except OSError as error:
        raise PropertyFileError(f"{error.strerror}", f"put {FILE_NAME} into the folder of the package") from error
