"""What stands after the question mark, and how a path is taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote

from matrix_common.words import nearest
from matrix_dmetad.errors import Problem, echo

KNOWN: Final = ("all", "recursive", "format", "q", "wait", "etag", "per", "site", "role", "default", "from")
"""Every parameter there is. Each path says which of them it takes; those of EVERYWHERE are taken by all."""

EVERYWHERE: Final = ("format", "wait", "etag")
_TRUTHS: Final = {"": True, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_WAIT: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(ms|s|m|)", re.ASCII)
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
_MOST_PARAMETERS: Final = 12


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a request, each at most once."""

    items: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """The value of a parameter, or None when it is not there."""
        return next((value for key, value in self.items if key == name), None)

    def only(self, *allowed: str) -> None:
        """Raises Problem for a parameter that this path does not take, which would otherwise be left out silently."""
        for name, _ in self.items:
            if name not in allowed and name not in EVERYWHERE:
                takes = ", ".join((*allowed, *EVERYWHERE))
                raise Problem(400, "unknown-parameter", f"parameter {name} says nothing here: this path takes {takes}")

    def flag(self, name: str) -> bool:
        """A parameter that is there or not, as `?all`; `?all=no` is as if it were not there. Raises Problem."""
        value = self.get(name)
        if value is None:
            return False
        if value.lower() not in _TRUTHS:
            raise Problem(400, "bad-parameter", f"{name}={echo(value)} is neither yes nor no")
        return _TRUTHS[value.lower()]

    def number(self, name: str, otherwise: int) -> int:
        """A whole number from 1. Raises Problem."""
        value = self.get(name)
        if value is None:
            return otherwise
        if not (value.isascii() and value.isdigit() and len(value) < 8 and int(value) > 0):
            raise Problem(400, "bad-parameter", f"{name}={echo(value)} is not a whole number from 1")
        return int(value)

    def choice(self, name: str, *choices: str) -> str | None:
        """One of some words, or None when it is not there. Raises Problem."""
        value = self.get(name)
        if value is not None and value not in choices:
            raise Problem(400, "bad-parameter", f"{name}={echo(value)}: there are {' and '.join(choices)}")
        return value

    def wait(self) -> float | None:
        """For how many seconds to wait for a change, or None. Raises Problem."""
        value = self.get("wait")
        if value is None:
            return None
        match = _WAIT.fullmatch(value)
        if match is None:
            raise Problem(400, "bad-parameter", f"wait={echo(value)} is no duration such as 30s, 500ms or 2m")
        return float(match[1]) * _SECONDS[match[2]]

    def without(self, *names: str) -> Query:
        """The same without some parameters."""
        return Query(tuple(item for item in self.items if item[0] not in names))


def parse_query(raw: bytes) -> Query:
    """The parameters of a query string. Raises Problem for one that is not known, given twice, or not UTF-8."""
    if not raw:
        return Query()
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeDecodeError:
        raise Problem(400, "bad-encoding", "the query is not UTF-8 in percent-encoding") from None
    except ValueError:
        raise Problem(400, "bad-query", f"more than {_MOST_PARAMETERS} parameters") from None
    names = [name for name, _ in pairs]
    for name in names:
        if name not in KNOWN:
            raise Problem(400, "unknown-parameter", f"unknown parameter {echo(name)}", nearest(name[:40], KNOWN))
        if names.count(name) > 1:
            raise Problem(400, "bad-query", f"parameter {name} is given twice")
    return Query(tuple(pairs))


def parse_path(raw: bytes) -> tuple[str, ...]:
    """The segments of a path, decoded; `/` has none. A slash at the end is left out. Raises Problem."""
    if not raw.startswith(b"/"):
        raise Problem(400, "bad-path", "a path starts with /")
    try:
        segments = [unquote(part, errors="strict") for part in raw[1:].decode("ascii").split("/")]
    except UnicodeDecodeError:
        raise Problem(400, "bad-encoding", "the path is not UTF-8 in percent-encoding") from None
    if segments[-1] == "":
        segments.pop()
    return tuple(segments)
