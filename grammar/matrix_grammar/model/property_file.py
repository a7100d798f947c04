"""Reads a properties.toml: the properties that a kind of configuration brings along, or the language itself has.

    [properties."nginx.max_fails"]
    type = "int 0.."                # as behind @property: TYPE, its range or choices, `list`
    meaning = "failures after which nginx leaves a server alone"

Optional: what a value looks like beyond its type, in one of three ways (see ValueForm); and where it may stand:

    form = "host name"              # a form of matrix_grammar.value_forms, or
    words = ["rr", "wrr"]           # one of these words, or
    pattern = "/.*"                 # a regular expression that matches all of it
    noun = "path"                   # of words and patterns: what a wrong value is not
    cure = "a path begins with /"   # of patterns: what to write
    each_vip = true                 # a header may give it once for each of its VIPs, in their order
    repeatable = true               # it may be given more than once, although it is no list

What matrix.toml has to allow, with the setting under `[allow]` (`key=TEXT`: only values that begin so):

    [restricted]
    "check=misc:" = "programs"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .declared import PropertyType, ValueForm
from .names import PROPERTY_NAME, RESERVED_PROPERTIES
from .vocabulary import KINDS, NAMED_FORMS

_BOUNDS: Final = re.compile(r"(-?[0-9]{1,18})?\.\.(-?[0-9]{1,18})?")
_KEYS: Final[Mapping[str, type]] = {
    "type": str, "meaning": str, "form": str, "words": list, "pattern": str, "noun": str, "cure": str,
    "each_vip": bool, "repeatable": bool,
}  # fmt: skip
_ALLOW: Final = ("programs", "httpd_include", "httpd_root", "httpd_env")
"""The settings under `[allow]` of matrix.toml that judge values."""


class PropertyFileError(ValueError):
    """What is wrong with a file of properties, and what to do about it."""

    def __init__(self, message: str, cure: str = "") -> None:
        self.cure = cure
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class PropertyFile:
    """What a file says, as the fields of PropertyTable."""

    types: Mapping[str, PropertyType]
    forms: Mapping[str, ValueForm]
    each_vip: frozenset[str]
    repeatable: frozenset[str]
    restricted: Mapping[str, str]


def read_property_file(content: bytes) -> PropertyFile:
    """The properties of a file. Raises PropertyFileError."""
    try:
        document = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PropertyFileError(f"it is no TOML: {error}") from error
    tables, restricted = document.pop("properties", {}), document.pop("restricted", {})
    _refuse_unknown(document, "there are [properties.NAME] and [restricted]")
    for title, value in (("properties", tables), ("restricted", restricted)):
        if not isinstance(value, dict):
            raise PropertyFileError(f"{title} is not a table")
    for name, table in tables.items():
        _check_table(name, table)
    for key, setting in restricted.items():
        if setting not in _ALLOW:
            raise PropertyFileError(
                f"restricted: {key}: {setting!r:.60} judges no values", f"there are {', '.join(_ALLOW)}"
            )
    forms = {name: form for name, table in tables.items() if (form := _form(name, table)) != ValueForm()}
    return PropertyFile(
        types={name: _type(name, table) for name, table in tables.items()},
        forms=forms,
        each_vip=frozenset(name for name, table in tables.items() if table.get("each_vip")),
        repeatable=frozenset(name for name, table in tables.items() if table.get("repeatable")),
        restricted=restricted,
    )


def _refuse_unknown(more: Mapping[str, object], cure: str) -> None:
    for key in more:
        raise PropertyFileError(f"{key:.60} is not known here", cure)


def _check_table(name: str, table: object) -> None:
    """That the keys of a property are known, and hold what they should."""
    if not PROPERTY_NAME.fullmatch(name) or name in RESERVED_PROPERTIES:
        raise PropertyFileError(f"{name:.60} cannot name a property", "lower case, as ssh.user")
    if not isinstance(table, dict):
        raise PropertyFileError(f"{name} is not a table")
    _refuse_unknown({f"{name}: {key}": 0 for key in table if key not in _KEYS}, f"there are {', '.join(_KEYS)}")
    for key, kind in _KEYS.items():
        value = table.get(key)
        if value is not None and type(value) is not kind:
            raise PropertyFileError(f"{name}: {key} is not a {kind.__name__}")
        if value is None and key in ("type", "meaning"):
            raise PropertyFileError(f"{name} has no {key}")


def _type(name: str, table: Mapping[str, Any]) -> PropertyType:
    """The type that `type` says, in the words of @property."""
    kind, *words = table["type"].split() or [""]
    is_list = words[-1:] == ["list"]
    choices = words[:-1] if is_list else words
    low = high = None
    if kind == "int" and len(choices) == 1 and (bounds := _BOUNDS.fullmatch(choices[0])):
        low, high = (int(bound) if bound else None for bound in bounds.groups())
        choices = []
    if (
        kind not in KINDS
        or (kind == "one-of") != bool(choices)
        or (low is not None and high is not None and low > high)
    ):
        cure = f"as behind @property: {' '.join(KINDS)}, with the range of an int and the choices of one-of"
        raise PropertyFileError(f"{name}: {table['type']!r:.60} is no type", cure)
    return PropertyType(name, kind, is_list, table["meaning"], low, high, tuple(choices))


def _form(name: str, table: Mapping[str, Any]) -> ValueForm:
    """The form of the values, an empty one where there is none."""
    named, words, pattern = (table.get(key, "") for key in ("form", "words", "pattern"))
    noun, cure = table.get("noun", ""), table.get("cure", "")
    if [bool(named), bool(words), bool(pattern)].count(True) > 1:
        raise PropertyFileError(f"{name} has more than one of form, words and pattern")
    if named and named not in NAMED_FORMS:
        raise PropertyFileError(f"{name}: there is no form {named!r:.60}", f"there are {', '.join(NAMED_FORMS)}")
    if bool(words or pattern) != bool(noun) or bool(pattern) != bool(cure):
        raise PropertyFileError(f"{name}: noun goes with words or pattern, cure with pattern")
    if not all(isinstance(word, str) for word in words):
        raise PropertyFileError(f"{name}: words are texts")
    try:
        re.compile(pattern)
    except re.error as error:
        raise PropertyFileError(f"{name}: pattern: {error}") from error
    return ValueForm(named, tuple(words), pattern, noun, cure)
