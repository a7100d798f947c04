"""What is reflected for whom: the `[reflect.NAME]` tables of matrix.toml, with the defaults of the built-ins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from matrix_common.words import did_you_mean, nearest
from matrix_emitters.errors import EmitterError

from .allowed import Allowed

NO_ENTRIES: Final = ("templates", "pause", "probe", "limit")
"""The settings beside the entries in `[reflect]`; no entry has such a name."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
_OWNER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?::[A-Za-z_][A-Za-z0-9_-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Configuration:
    """One configuration file: from which template, for which hosts, where it lies there, how it is checked and applied.

    `template` is a built-in's name, or a file of the folder of own templates (`motd.j2`). `hosts` is a selector; `path`
    absolute. With `each` every host gets its own text (the template sees `host`), without there is one for all.
    `check` and `apply` are lines for the host's sh, `%s` in `check` is the staged file; an empty one does nothing.
    Entries with a lower `order` are applied first. With `push` it is applied as part of push and watch as well.
    `options` are the keys that this built-in alone knows, `allowed` what the text may name in it.
    """

    name: str
    template: str
    hosts: str = "*"
    path: str = ""
    mode: int = 0o644
    owner: str = ""
    each: bool = True
    check: str = ""
    apply: str = ""
    order: int = 50
    push: bool = False
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    allowed: Allowed = field(default_factory=Allowed)

    @property
    def own(self) -> bool:
        """Whether it is made from an own template, not by a built-in."""
        return self.template.endswith(".j2")

    def lines(self, key: str) -> tuple[str, ...]:
        """An option that is a list of texts, each a line. Raises EmitterError."""
        given = self.options[key]
        if not isinstance(given, list) or not all(isinstance(one, str) and one.isprintable() for one in given):
            raise EmitterError(f'reflect.{self.name}.{key}: must be a list of lines, ["…", "…"], not {given!r:.80}')
        return tuple(given)

    def number(self, key: str, low: int, high: int) -> int:
        """An option that is a whole number between bounds. Raises EmitterError."""
        given = self.options[key]
        if type(given) is not int or not low <= given <= high:
            raise EmitterError(f"reflect.{self.name}.{key}: must be {low} to {high}, not {given!r:.80}")
        return given


def entry_of(
    name: str, table: Mapping[str, object], defaults: Configuration | None, options: Mapping[str, object]
) -> Configuration:
    """The entry that a table describes. `defaults` are the built-in's (None: an own template), `options` the built-in's
    own keys with their defaults, which also say the types. Raises EmitterError that names the key.
    """
    if not _NAME.fullmatch(name) or name in NO_ENTRIES:
        raise EmitterError(f"reflect.{name}: not a name for an entry: lower case letters, digits, - and _")
    known = ("template", "hosts", "path", "mode", "owner", "each", "check", "apply", "order", "push", *options)
    for key in table:
        if key not in known:
            cure = did_you_mean(nearest(key, known)[:1]) or f"there are {', '.join(known)}"
            raise EmitterError(f"reflect.{name}.{key}: there is no such setting; {cure}")
    start = replace(defaults, name=name) if defaults is not None else Configuration(name, "")
    values: dict[str, object] = {}
    for key, raw in table.items():
        if key == "mode":
            values[key] = _mode(name, raw)
        elif key not in options:
            values[key] = _typed(name, key, raw, getattr(start, key))
    chosen = {key: _typed(name, key, table.get(key, default), default) for key, default in options.items()}
    entry = replace(start, **values, options=MappingProxyType(chosen))  # type: ignore[arg-type]
    _demand(entry)
    return entry


def _typed(name: str, key: str, raw: object, like: object) -> object:
    """A value that must be of the type of `like`."""
    if type(raw) is not type(like):
        wanted = {bool: "true or false", int: "a whole number", str: "text"}.get(type(like), type(like).__name__)
        raise EmitterError(f"reflect.{name}.{key}: {raw!r} is not {wanted}")
    return raw


def _mode(name: str, raw: object) -> int:
    if isinstance(raw, str) and re.fullmatch(r"[0-7]{3,4}", raw):
        return int(raw, 8)
    raise EmitterError(f'reflect.{name}.mode: must be octal text such as "0644", not {raw!r}')


def _demand(entry: Configuration) -> None:
    """What must hold of every entry."""
    where = f"reflect.{entry.name}"
    if entry.own and ("/" in entry.template or entry.template.startswith(".")):
        raise EmitterError(f"{where}.template: {entry.template!r} is not the name of a file in the folder of templates")
    if not entry.path:
        raise EmitterError(f"{where}.path: missing: the absolute path of the file on its hosts")
    if not entry.path.startswith("/") or "/../" in f"{entry.path}/" or entry.path.endswith("/"):
        raise EmitterError(f"{where}.path: must be the absolute path of a file, without '..', not {entry.path!r}")
    for key in ("path", "check", "apply"):
        if any(ord(letter) < 32 or letter == "\x7f" for letter in getattr(entry, key)):
            raise EmitterError(f"{where}.{key}: must be one line, without control characters")
    if entry.owner and not _OWNER.fullmatch(entry.owner):
        raise EmitterError(f"{where}.owner: {entry.owner!r} is not USER or USER:GROUP")
    if not entry.hosts.strip():
        raise EmitterError(f"{where}.hosts: empty; a selector such as lv or *")
