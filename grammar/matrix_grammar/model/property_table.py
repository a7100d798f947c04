"""The properties that every MATRIX knows without declaring them: the built-in ones, and those of installed packages."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from .built_in_properties import EACH_VIP, FORMS, PROPERTIES, REPEATABLE, RESTRICTED
from .declared import PropertyType, ValueForm
from .names import binding_name

if TYPE_CHECKING:
    from .property_file import PropertyFile

GROUP: Final = "matrix_properties"
"""The entry point group in which a package offers properties: `name = "package"`, which has a `properties.toml`."""

_METADATA: Final = (".dist-info", ".egg-info")


class WrongPropertyFile(NamedTuple):
    """A file of properties of which nothing is used: where it lies, what is wrong, and the cure."""

    path: str
    message: str
    cure: str = ""


class PropertyTable(NamedTuple):
    """All properties that are known, and what is known of each. The order of `types` counts: digests depend on it."""

    types: Mapping[str, PropertyType]
    forms: Mapping[str, ValueForm]
    """The properties whose values have a form beyond their type; an empty value says that there is none."""

    each_vip: frozenset[str]
    """Properties that are no lists, but that a header may give once for each of its VIPs, in their order."""

    repeatable: frozenset[str]
    """Properties that are no lists, but may be given more than once all the same (a host has several keys)."""

    restricted: Mapping[str, Mapping[str, str]]
    """By the configuration that reads them: properties that matrix.toml has to allow, with the setting under `[allow]`.
    `key=TEXT` are only those values that begin so."""

    packages: Mapping[str, str] = MappingProxyType({})
    """Properties that are not built in, with the package of each."""

    wrong: tuple[WrongPropertyFile, ...] = ()

    @property
    def families(self) -> tuple[str, ...]:
        """How the properties of `forms` begin: a text that has none of these has no value with such a form."""
        return tuple(dict.fromkeys(key[: key.find(".") + 1] or f"{key}=" for key in self.forms))

    @property
    def fingerprint(self) -> str:
        """Empty for the built-in properties; with those of packages the same text for the same table alone."""
        if not self.packages and not self.wrong:
            return ""
        import hashlib  # which a site without such packages does not need

        added = [
            (self.types[name], self.forms.get(name), name in self.each_vip, name in self.repeatable, package)
            for name, package in self.packages.items()
        ]
        restricted = sorted((kind, sorted(rules.items())) for kind, rules in self.restricted.items())
        return hashlib.sha256(repr((added, restricted, self.wrong)).encode()).hexdigest()


BUILT_IN: Final = PropertyTable(
    types=MappingProxyType({kind.name: kind for kind in PROPERTIES}),
    forms=MappingProxyType(FORMS),
    each_vip=frozenset(EACH_VIP),
    repeatable=frozenset(REPEATABLE),
    restricted=MappingProxyType(RESTRICTED),
)
"""The properties of the language and of the configurations of this program."""


@cache
def property_table() -> PropertyTable:
    """The properties that are known in this process. Packages are looked at once, at the first call."""
    return _with_packages(BUILT_IN) if _is_offered() else BUILT_IN


def _with_packages(table: PropertyTable) -> PropertyTable:
    """The table with all that packages offer. A file of which anything is wrong is left out as a whole."""
    from .property_packages import property_offers  # importlib.metadata takes 30 ms, which few sites need

    for name, package, path, file, wrong, cure in property_offers(GROUP):
        if file is not None:
            wrong, cure = _meeting(name, file, table)
        if file is None or wrong:
            table = table._replace(wrong=(*table.wrong, WrongPropertyFile(path, f"{package}: {wrong}", cure)))
            continue
        table = table._replace(
            types={**table.types, **file.types},
            forms={**table.forms, **file.forms},
            each_vip=table.each_vip | file.each_vip,
            repeatable=table.repeatable | file.repeatable,
            restricted={**table.restricted, **({name: file.restricted} if file.restricted else {})},
            packages={**table.packages, **dict.fromkeys(file.types, package)},
        )
    return table


def _meeting(name: str, file: PropertyFile, table: PropertyTable) -> tuple[str, str]:
    """Which word of a file is taken already, also as the bindings spell it, and the cure; empty texts when none is."""
    if file.restricted and name in table.restricted:
        return f"{name} has restricted properties already", "give the entry point another name"
    spelled = {binding_name(known): known for known in table.types}
    for key in file.types:
        other = spelled.setdefault(binding_name(key), key)
        if other in table.types:
            owner = f"of {table.packages[other]}" if other in table.packages else "built in"
            return f"property {key} meets {other}, which is {owner}", "call it otherwise"
        if other != key:
            return f"properties {key} and {other} are the same in the bindings", "call one otherwise"
    return "", ""


def _is_offered() -> bool:
    """Whether the metadata of an installed package names GROUP."""
    wanted = f"[{GROUP}]".encode()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith(_METADATA):
                try:
                    with open(os.path.join(folder, name, "entry_points.txt"), "rb") as metadata:
                        if wanted in metadata.read():
                            return True
                except OSError:
                    continue
    return False
