"""The settings beside a MATRIX: declared by a dataclass, given by matrix.toml, and over that by `MATRIX_…`.

Each package that has settings declares its own, and they are read, documented and refused by the same rules. Pure: the
text of the file and the environment are given.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from matrix_common.paths.homes import at_home

Declared = TypeVar("Declared")


class SettingsError(Exception):
    """A setting that is not known or not of its type; says where, and what would be right."""


def setting(default: Any, meaning: str) -> Any:
    """A field of a dataclass of settings with what it means, for the documentation."""
    return dataclasses.field(default_factory=lambda: default, metadata={"meaning": meaning})


class Setting(NamedTuple):
    """One setting as it is written: its dotted key, its environment variable, type, default and meaning."""

    field: str
    key: str
    variable: str
    type: Any
    default: Any
    meaning: str

    @property
    def is_table(self) -> bool:
        """Whether the setting is a table of its own, which has no variable in the environment."""
        return get_origin(self.type) is Mapping

    @property
    def is_list(self) -> bool:
        """Whether the setting is a list of texts; in the environment they are parted by blanks."""
        return get_origin(self.type) is tuple


def declared(kind: type[Any], section: str = "") -> Iterator[Setting]:
    """Every setting of a dataclass, in its order.

    `push_fanout` is `push.fanout`; where all stand under one `section`, its name goes before the field's.
    """
    types, defaults = get_type_hints(kind), kind()
    for item in dataclasses.fields(kind):
        key = f"{section}.{item.name}" if section else item.name.replace("_", ".", 1)
        variable = "MATRIX_" + key.replace(".", "_").upper()
        yield Setting(
            item.name, key, variable, types[item.name], getattr(defaults, item.name), item.metadata["meaning"]
        )


def tables_of(text: str, where: object) -> dict[str, Any]:
    """The tables of matrix.toml; `where` is its path, for messages. Raises SettingsError."""
    import tomllib

    try:
        tables = tomllib.loads(text)
        for _ in _flat(tables, set()):
            pass  # what is nested too deep is so for whoever reads it later
        return tables
    except (ValueError, RecursionError) as error:  # a number of too many digits, tables too deep
        from .toml_mistakes import explain_toml

        raise SettingsError(f"{where}: {explain_toml(text, error)}") from error


def given(
    settings: list[Setting], tables: Mapping[str, Any], where: object, folder: Path | None = None
) -> dict[str, Any]:
    """What tables say, by field; paths are relative to `folder`. Raises SettingsError, also for unknown keys."""
    by_key = {item.key: item for item in settings}
    values: dict[str, Any] = {}
    for key, raw in _flat(tables, {item.key for item in settings if item.is_table}):
        if key not in by_key:
            from matrix_common.words.nearest import did_you_mean, nearest

            cure = did_you_mean(nearest(key, by_key))
            raise SettingsError(f"{where}: there is no setting {key}{f'; {cure}' if cure else ''}")
        values[by_key[key].field] = _typed(by_key[key], raw, f"{where}: {key}", folder)
    return values


def from_environment(
    settings: list[Setting], environment: Mapping[str, str], folder: Path | None = None
) -> dict[str, Any]:
    """What the environment says, by field. Raises SettingsError."""
    return {
        item.field: _typed(item, _parsed(item, environment[item.variable]), f"${item.variable}", folder)
        for item in settings
        if item.variable in environment and not item.is_table
    }


def _flat(table: Mapping[str, Any], tables: set[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested tables under dotted keys, down to the settings that are tables themselves."""
    for key, value in table.items():
        if isinstance(value, dict) and prefix + key not in tables:
            yield from _flat(value, tables, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _parsed(item: Setting, raw: str) -> Any:
    """A value of the environment as TOML would give it; what cannot be read stays text, and fails by its type."""
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if item.type is bool:
        return words.get(raw.lower(), raw)
    if item.is_list:
        return raw.split()
    try:
        return item.type(raw) if item.type in (int, float) else raw
    except ValueError:
        return raw


def _typed(item: Setting, raw: Any, where: str, folder: Path | None) -> Any:
    if item.is_table:
        if not isinstance(raw, dict):
            raise SettingsError(f"{where}: {raw!r} is not a table")
        return MappingProxyType(raw)
    if any("\0" in each for each in (raw if isinstance(raw, list) else [raw]) if isinstance(each, str)):
        raise SettingsError(f"{where}: {raw!r} has a NUL, which no path and no name has")
    if item.is_list:
        if not isinstance(raw, list) or not all(isinstance(each, str) for each in raw):
            raise SettingsError(f"{where}: {raw!r} is not a list of texts")
        return tuple(raw)
    if get_origin(item.type) is Literal:
        words = get_args(item.type)
        if raw not in words:
            raise SettingsError(f"{where}: {raw!r} is not one of {', '.join(words)}")
        return raw
    kinds = get_args(item.type) or (item.type,)
    if Path in kinds and isinstance(raw, str):
        if not raw and type(None) in kinds:
            return None
        return _path(raw, where, folder)
    if float in kinds and isinstance(raw, int) and not isinstance(raw, bool):
        raw = float(raw)
    if type(raw) not in kinds:
        wanted = {int: "a whole number", float: "a number", bool: "true or false"}.get(kinds[0], "a text")
        raise SettingsError(f"{where}: {raw!r} is not {wanted}")
    if isinstance(raw, int | float) and not 0 <= raw < float("inf"):
        raise SettingsError(f"{where}: {raw} is below zero" if raw < 0 else f"{where}: {raw} is no number of anything")
    return raw


def _path(raw: str, where: str, folder: Path | None) -> Path:
    path = at_home(raw)
    if not raw:
        raise SettingsError(f"{where}: a path is missing")
    if raw.startswith("~") and (user := raw.partition("/")[0]) in path.parts:
        raise SettingsError(f"{where}: there is no user {user[1:]}")
    return path if folder is None else folder / path
