"""The description of the interface: OpenAPI 3.1, at `/@openapi.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from .formats import MEDIA_TYPES, NAMES, SUFFIXES, problem_type

Schema = Mapping[str, Any]

_TEXT: Final = {"type": "string"}
_NAMES: Final = {"type": "array", "items": {"type": "string"}}
_OR_NONE: Final = {"type": ["string", "null"]}
_SCALAR: Final = {"type": ["string", "number", "boolean"]}
_VALUE: Final = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
_VALUES: Final = {"type": "object", "additionalProperties": _VALUE}
_YES_OR_NO: Final = {"enum": ["", "1", "true", "yes", "0", "false", "no"]}
_WAIT: Final = {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m)?$"}

_STATE: Final = {"state": _OR_NONE, "reason": _TEXT, "in_service": {"type": "boolean"}}
_IN_ROLE: Final = {**_STATE, "properties": _VALUES}
_HOST: Final = {
    "name": _TEXT, "fullname": _TEXT, "address": _TEXT, "addresses": _NAMES, "site": _OR_NONE, "rack": _OR_NONE,
    **_STATE, "roles": _NAMES, "note": _TEXT, "properties": _VALUES,
}  # fmt: skip


def _object(properties: Schema, **optional: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": {**properties, **optional}}


_HOSTS_IN: Final = {
    "type": "object",
    "additionalProperties": _object({"address": _TEXT, "site": _OR_NONE, "rack": _OR_NONE, **_IN_ROLE}),
}
_SCHEMAS: Final = {
    "names": _NAMES,
    "role": _object(
        {"name": _TEXT, "meaning": _TEXT, "parent": _OR_NONE, "node": _NAMES, "properties": _VALUES}, hosts=_HOSTS_IN
    ),
    "group": _object({"name": _TEXT, "selector": _TEXT, "node": _NAMES, "properties": _VALUES}, hosts=_HOSTS_IN),
    "host": _object(_HOST, in_roles={"type": "object", "additionalProperties": _object(_IN_ROLE)}),
    "value": {"anyOf": [_VALUE, {"type": "null"}]},
    "values": {
        "anyOf": [_VALUE, {"type": "object", "additionalProperties": {"anyOf": [_VALUE, {"type": "null"}]}}],
        "description": "The role's own value; or where hosts have values of their own, each host's, by name.",
    },
    "state": _object({"in_service": {"type": "boolean"}, "meaning": _TEXT}),
    "generation": _object({"generation": {"type": "integer"}, "digest": _TEXT, "format": {"type": "integer"}}),
    "manifest": {"type": "object", "required": ["format", "generation", "digest", "time", "files"]},
    "status": _object({"status": _TEXT}),
    "problem": _object(
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "code": _TEXT,
            "nearest": _NAMES,
        }
    ),
}
_NAMES_OR_ALL: Final = {"anyOf": [{"$ref": "#/components/schemas/names"}, {"type": "object"}]}

_PARAMETERS: Final[Mapping[str, tuple[Schema, str]]] = {
    "all": (_YES_OR_NO, "hosts that are out of service too"),
    "recursive": (_YES_OR_NO, "with what lies below it"),
    "per": ({"enum": ["host", "role"]}, "each host's value, or the role's own"),
    "site": (_TEXT, "the role's value in this site"),
    "role": (_TEXT, "as it counts for the host in this role"),
    "default": (_TEXT, "the answer where a known property has no value"),
    "q": (_TEXT, "a selector"),
}
_EVERYWHERE: Final[Mapping[str, tuple[Schema, str]]] = {
    "format": ({"enum": list(SUFFIXES)}, "the form of the answer, before Accept; as the suffix of the path"),
    "wait": (_WAIT, "answer when it has changed, or after this time"),
    "etag": ({"type": "string", "pattern": "^[0-9a-f]{0,40}$"}, "with wait: the answer that the caller has already"),
}
_STATUSES: Final = {
    "400": "The request is not understood: a parameter, a selector, an encoding.",
    "403": "Not for this client.", "404": "A name is not known, or a property has no value; with the nearest names.",
    "406": "None of the accepted forms exists; the answer names those that do.", "413": "A request has no body.",
    "414": "The path and query are too long.", "421": "Not this server's Host.", "429": "Too many requests.",
    "431": "The headers are too big.", "503": "Nothing is loaded yet, or too many requests wait.",
}  # fmt: skip


@cache
def description() -> bytes:
    """The whole description."""
    paths = {
        "/": _get("The roles; recursive: all of each", _NAMES_OR_ALL, "all", "recursive"),
        "/{name}": _get("All of a role or group", {"anyOf": [_ref("role"), _ref("group")]}, "all", "recursive"),
        "/{name}/node": _get("Its hosts in service", _ref("names"), "all"),
        "/{name}/{property}": _get(
            "A property of a role, or of each host in it", _ref("values"), "all", "per", "site", "default"
        ),
        "/@host/{host}": _get("All of a host", _ref("host"), "role", "recursive"),
        "/@host/{host}/{property}": _get("A fact or property of a host", _ref("value"), "role", "default"),
        "/@self": _get("All of the host that asks, by its address", _ref("host"), "role", "recursive"),
        "/@self/{property}": _get("A fact or property of the host that asks", _ref("value"), "role", "default"),
        "/@select": _get("The hosts that a selector names", _NAMES_OR_ALL, "recursive", needed=("q",)),
        "/@state/{state}": _get("The hosts whose own state it is", _NAMES_OR_ALL, "recursive"),
        "/@states": _get("The states there are", {"type": "object", "additionalProperties": _ref("state")}),
        "/@groups": _get("The groups", _ref("names")),
        "/@sites": _get("The sites", _ref("names")),
        "/@generation": _get("What the bindings of this generation call themselves", _ref("generation")),
        "/@manifest": _get("The manifest of the generation in force", _ref("manifest")),
        "/@matrix": _get("The text of the MATRIX", None),
        "/@health": _own("That requests are answered"),
        "/@ready": _own("Whether there is something to answer from"),
        "/@metrics": {
            "get": {"summary": "Counters for Prometheus", "responses": {**_only("text/plain"), **_problems()}}
        },
        "/@openapi.json": {"get": {"summary": "This", "responses": {**_only("application/json"), **_problems()}}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "dmetad",
            "version": "1",
            "description": "The MATRIX over HTTP. GET only. Unknown names are errors, with the nearest known ones.",
        },
        "paths": {path: {**item, **_placed(path)} for path, item in paths.items()},
        "components": {"schemas": _SCHEMAS},
    }
    return (json.dumps(document, separators=(",", ":")) + "\n").encode()


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _get(summary: str, schema: Schema | None, *parameters: str, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """A path of the MATRIX. Without a schema it is there as text alone."""
    listed = [_parameter(name, *_PARAMETERS[name], required=name in needed) for name in (*needed, *parameters)]
    listed += [_parameter(name, *_EVERYWHERE[name]) for name in _EVERYWHERE]
    forms = ("text", "html") if schema is None else (*NAMES, "html")
    content = {
        _bare(MEDIA_TYPES[form]): {"schema": schema if form == "json" else _TEXT} if form != "yaml" else {}
        for form in forms
    }
    answers = {
        "200": {"description": summary, "headers": _HEADERS, "content": content},
        "304": {"description": "The caller has this answer already."},
    }
    return {"get": {"summary": summary, "parameters": listed, "responses": {**answers, **_problems()}}}


_HEADERS: Final = {
    "ETag": {"schema": _TEXT, "description": "The digest of this very answer."},
    "Last-Modified": {"schema": _TEXT, "description": "When the generation was made."},
    "X-Matrix-Generation": {"schema": _TEXT, "description": "Number and digest of the generation that answered."},
}


def _own(summary: str) -> dict[str, Any]:
    content = {_bare(MEDIA_TYPES[form]): {"schema": _ref("status") if form == "json" else _TEXT} for form in NAMES}
    content[_bare(MEDIA_TYPES["yaml"])] = {}
    parameters = [_parameter(name, *_EVERYWHERE[name]) for name in ("format",)]
    answers = {"200": {"description": summary, "content": content}}
    return {"get": {"summary": summary, "parameters": parameters, "responses": {**answers, **_problems()}}}


def _parameter(name: str, schema: Schema, meaning: str, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": meaning, "schema": schema}


def _only(kind: str) -> dict[str, Any]:
    return {"200": {"description": "It", "content": {kind: {}}}}


@cache
def _problems() -> dict[str, Any]:
    content: dict[str, Any] = {_bare(problem_type(form)): {"schema": _TEXT} for form in (*NAMES, "html")}
    content[_bare(problem_type("yaml"))] = {}
    content[_bare(problem_type("json"))] = {"schema": _ref("problem")}
    return {status: {"description": meaning, "content": content} for status, meaning in _STATUSES.items()}


def _bare(kind: bytes) -> str:
    return kind.decode().partition(";")[0]


def _placed(path: str) -> dict[str, Any]:
    """The parameters that stand in a path."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    schema = {"type": "string", "minLength": 1, "maxLength": 60}
    return {"parameters": [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]}
