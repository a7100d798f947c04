"""The forms of an answer: their names, media types and spelling."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from matrix_dmetad.errors import Problem
from matrix_emitters.bindings.sh import spell as sh_literal

from .documents import Document, Json, lines
from .yaml import dump

NAMES: Final = ("sh", "text", "json", "yaml")
"""The forms for programs, in order of preference where the caller has none."""

SUFFIXES: Final = {"sh": "sh", "text": "text", "txt": "text", "json": "json", "yaml": "yaml", "html": "html"}
"""What may stand after a dot at the end of a path, or in `?format=`."""

MEDIA_TYPES: Final = {
    "sh": b"text/x-shellscript; charset=utf-8",
    "text": b"text/plain; charset=utf-8",
    "json": b"application/json",
    "yaml": b"application/yaml",
    "html": b"text/html; charset=utf-8",
}
"""JSON (RFC 8259) and YAML (RFC 9512) are UTF-8 by definition and have no charset parameter."""

ALIASES: Final = {
    "text/x-shellscript": "sh",
    "application/x-sh": "sh",
    "text/x-sh": "sh",
    "text/plain": "text",
    "application/json": "json",
    "application/problem+json": "json",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
    "text/html": "html",
    "application/xhtml+xml": "html",
}
"""What an `Accept` header may call them."""

_PROBLEM_TYPES: Final = MEDIA_TYPES | {"json": b"application/problem+json"}
_TITLES: Final = {
    400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
    413: "Content Too Large", 414: "URI Too Long", 421: "Misdirected Request", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 503: "Service Unavailable",
}  # fmt: skip
_MANY: Final = 500
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def spell(document: Document, name: str) -> bytes:
    """The document in one of the NAMES."""
    if document.raw is not None:
        return document.raw[1]
    if name == "json":
        return "".join((*_json(document.value), "\n")).encode()
    if name == "yaml":
        return dump(document.value).encode()
    if name == "text":
        return "".join([line + "\n" for line in lines(document.value)]).encode()
    return "".join([f"{variable}={sh_literal(text)}\n" for variable, text in document.shell()]).encode()


def _json(value: Json) -> Iterator[str]:
    """In pieces where it is big: one call of the encoder would let no other thread run until it is through."""
    if isinstance(value, Mapping) and _is_big(value):
        before = "{"
        for key, inner in value.items():
            yield f"{before}{_encode(key)}:"
            yield from _json(inner)
            before = ","
        yield "}"
    else:
        yield _encode(value)


def _is_big(value: Mapping[str, Json]) -> bool:
    """Whether there are many of something in it, as hosts in a role, and roles with hosts in the answer of `/`."""
    return len(value) > _MANY or any(isinstance(inner, Mapping) and _is_big(inner) for inner in value.values())


def problem_type(name: str) -> bytes:
    """The media type of a problem in that form."""
    return _PROBLEM_TYPES[name]


def spell_problem(problem: Problem, name: str) -> bytes:
    """A problem in one of the NAMES; in sh a command that prints it on standard error and fails, and `eval` too."""
    if name == "sh":
        return f"printf '%s\\n' {sh_literal('dmetad: ' + problem.sentence)} >&2; false\n".encode()
    if name == "text":
        return (" ".join(problem.sentence.splitlines()) + "\n").encode()
    value: dict[str, Json] = {
        "type": "about:blank",
        "title": title(problem.status),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "nearest": list(problem.nearest),
    }
    return dump(value).encode() if name == "yaml" else (_encode(value) + "\n").encode()


def title(status: int) -> str:
    """The phrase of a status (RFC 9110)."""
    return _TITLES.get(status, "Error")
