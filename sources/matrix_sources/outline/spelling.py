"""Foreign words spelled as MATRIX has them: values bare or quoted, and names made legal."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

from matrix_common.terminal import safe
from matrix_grammar.model import (
    PROPERTY_NAME,
    RESERVED_NAMES,
    RESERVED_PROPERTIES,
    UP,
    PropertyType,
    ValueMistake,
    canonical_address,
    is_ipv4,
    property_table,
    read_value,
)
from matrix_grammar.statements import HOST_NAME, LONGEST_NAME, ROLE_NAME

LONGEST_VALUE: Final = 4_000
"""Characters of a value; a line of a MATRIX may have 65,536."""

_BARE: Final = re.compile(r"[A-Za-z0-9_./:@%+,*~=;?&<>|^!$(){}-]+")
_PLAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ,./_-]*[A-Za-z0-9.])?")
_NOT_A_CHARACTER: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_INT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_QUOTES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})
_DIGITS: Final = frozenset("0123456789")
_LIKE_ADDRESS: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_KEPT_HOSTS: Final = ("WARN", "STOP", UP)
_LONGEST_HOST: Final = LONGEST_NAME - 13
_LONGEST_ROLE: Final = 100
_PLAIN_ROLE: Final = re.compile("[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST_COMMENT: Final = 300


def is_bare(value: str) -> bool:
    """Whether a value stands without quotes, as this program writes it."""
    return _BARE.fullmatch(value) is not None


def is_plain(text: str) -> bool:
    """Whether a text is of ASCII's printable characters alone; the blank is one."""
    return text.isascii() and text.isprintable()


def quoted(value: str) -> str:
    """A value in quotes; what is no character of a text is taken out (`has_strange` says whether there is any)."""
    if is_plain(value) and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return f'"{_NOT_A_CHARACTER.sub("", value).translate(_QUOTES)}"'


def has_strange(value: str) -> bool:
    """Whether there are characters in it that a MATRIX does not take: control characters, halves of surrogates."""
    return _NOT_A_CHARACTER.search(value) is not None


def reason(value: str) -> str:
    """The reason of a state as it stands in a tag."""
    return value if _PLAIN.fullmatch(value) else quoted(value)


def comment(text: str) -> str:
    """A text as one comment, shown in full unless it is very long."""
    shown = (text if is_plain(text) else safe(text.replace("\n", " "))).strip()
    if len(shown) <= _LONGEST_COMMENT:
        return f"# {shown}" if shown else "#"
    return f"# {shown[:_LONGEST_COMMENT]} …"


class Claims:
    """Names that are taken, compared by a key; a name that is not free gets a number."""

    def __init__(self, key: Callable[[str], str], kept: Iterable[str] = ()) -> None:
        self._key = key
        self._taken = {key(name) for name in kept}
        self._numbers: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return self._key(name) in self._taken

    def claim(self, name: str, joint: str) -> str:
        """The name, or the first of `name-2`, `name-3` … that is free; it is taken from now on."""
        tried = name
        while tried in self:
            number = self._numbers[name] = self._numbers.get(name, 1) + 1
            tried = f"{name}{joint}{number}"
        self._taken.add(self._key(tried))
        return tried


def legal_host(wanted: str) -> str:
    """The legal name for a host that is nearest to the wanted one; an address becomes `ip-192-0-2-1`."""
    if wanted[:1] not in _DIGITS and len(wanted) <= LONGEST_NAME and HOST_NAME.fullmatch(wanted):
        return f"host-{wanted}" if wanted in _KEPT_HOSTS else wanted
    if (wanted[:1] in _DIGITS or ":" in wanted) and (_LIKE_ADDRESS.fullmatch(wanted) or is_address(wanted)):
        return "ip-" + re.sub(r"[.:]", "-", wanted.lower())
    legal = wanted
    if not HOST_NAME.fullmatch(wanted):
        legal = re.sub(r"\.{2,}", ".", re.sub(r"[^A-Za-z0-9_.-]+", "-", wanted)).strip("-.") or "host"
    legal = legal[:_LONGEST_HOST].rstrip("-.") if len(legal) > LONGEST_NAME else legal
    return f"host-{legal}" if legal in _KEPT_HOSTS or _LIKE_ADDRESS.fullmatch(legal) else legal


def legal_role(wanted: str) -> str:
    """The legal name for a role or group that is nearest to the wanted one. No dots: they would make sub-roles."""
    if len(wanted) <= _LONGEST_ROLE and _PLAIN_ROLE.fullmatch(wanted) and wanted not in RESERVED_NAMES:
        return wanted
    legal = re.sub(r"_{2,}", "_", re.sub(r"[^a-z0-9_]+", "-", wanted.lower()))
    legal = re.sub(r"_?-[-_]*", "-", legal).strip("-_")[:_LONGEST_ROLE].rstrip("-_")
    if not ROLE_NAME.fullmatch(legal) or legal in RESERVED_NAMES:
        legal = f"role-{legal}".rstrip("-")
    return legal


def legal_property(wanted: str, kind: str, values: Iterable[str], is_list: bool) -> str:
    """The legal name for a property; one that MATRIX keeps, or knows with another type, gets `kind.` before it."""
    legal = wanted
    if not PROPERTY_NAME.fullmatch(wanted):
        legal = re.sub(r"[^a-z0-9.]+", "_", wanted.lower())
        legal = re.sub(r"[._]*\.[._]*", ".", legal).strip("._")
    if not PROPERTY_NAME.fullmatch(legal):
        legal = f"{kind}.{legal}".rstrip(".")
    legal = legal[:_LONGEST_ROLE].rstrip("-._")
    known = property_table().types.get(legal)
    if legal in RESERVED_PROPERTIES or (known is not None and not _fits(known, values, is_list)):
        return f"{kind}.{legal}"
    return legal


def _fits(known: PropertyType, values: Iterable[str], is_list: bool) -> bool:
    if known.kind == "host" or (is_list and not known.is_list and known.name not in property_table().repeatable):
        return False
    try:
        for value in values:
            read_value(known, value)
    except ValueMistake:
        return False
    return True


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    if ":" not in text:
        return is_ipv4(text)
    try:
        canonical_address(text)
    except ValueMistake:
        return False
    return True


def type_of(values: Collection[str]) -> str:
    """The narrowest type that all these values have, without their spelling being changed by it."""
    if all(_INT.fullmatch(value) for value in values):
        return "int"
    if all(value in ("true", "false") for value in values):
        return "bool"
    if all(is_ipv4(value) or (is_address(value) and canonical_address(value) == value) for value in values):
        return "ip"
    return "text"
