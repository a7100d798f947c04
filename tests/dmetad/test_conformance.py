"""Every question of the bindings' table, asked over HTTP with curl, is answered as the grammar answers it."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import conformance
import pytest
from asking import curl
from dmetad_server import running

pytestmark = pytest.mark.needs("curl")

FACTS = {"name", "address", "addresses", "fullname", "site", "rack", "note"}


def address(question: conformance.Question) -> str | None:
    """The path that asks it; None for what HTTP has no path of its own for."""
    name, arguments = question.name, [quote(argument, safe="") for argument in question.arguments]
    match name:
        case "hosts":
            return "/@select?" + urlencode({"q": question.arguments[0] if question.arguments else "*"})
        case "serving":
            return f"/{arguments[0]}/node"
        case "roles":
            return f"/@host/{arguments[0]}/roles" if arguments else "/"
        case "groups" | "sites":
            return f"/@{name}"
        case "state" | "reason":
            return f"/@host/{arguments[0]}/{name}" + (f"?role={arguments[1]}" if arguments[1:] else "")
        case "in_service" | "is":
            return f"/@host/{arguments[0]}" + (f"?role={arguments[1]}" if arguments[1:] else "")
        case "meaning":
            return f"/{arguments[0]}/meaning"
        case "get":
            return f"/@host/{arguments[0]}/{arguments[1]}" + default(arguments[2:], "?")
        case "get_in":
            return f"/@host/{arguments[0]}/{arguments[2]}?role={arguments[1]}" + default(arguments[3:], "&")
        case "role_get":
            return f"/{arguments[0]}/{arguments[1]}?per=role" + default(arguments[2:], "&")
        case "role_get_at":
            return f"/{arguments[0]}/{arguments[2]}?site={arguments[1]}" + default(arguments[3:], "&")
        case "self":
            return "/@self/name"
        case "self_roles":
            return "/@self/roles"
        case "digest" | "format":
            return "/@generation"
        case _ if name in FACTS:
            return f"/@host/{arguments[0]}/{name}"
    assert name == "generation", name
    return None  # a plain file is of no generation; test_generation.py asks the real one


def default(arguments: list[str], mark: str) -> str:
    return f"{mark}default={arguments[0]}" if arguments else ""


def read(question: conformance.Question, status: int, value: object) -> object:
    if status == 404 or status == 400:
        return conformance.REFUSED
    assert status == 200, (question, status)
    if question.name == "is":
        return question.arguments[1] in value["roles"]
    if question.name in ("in_service", "digest", "format"):
        return value[question.name]
    if question.name in ("state", "reason", "site", "rack"):
        return value or ""
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("name", conformance.FLEETS)
def test_the_table_is_answered_over_http_as_the_grammar_answers_it(name, tmp_path):
    matrix = conformance.FLEETS[name]
    asked = [(q, path) for q in conformance.questions(name) if (path := address(q)) is not None]
    with running(tmp_path, "-f", str(matrix), env={"DSAS_SELF": conformance.SELVES[name]}) as server:
        answers = curl([server.url + path for _, path in asked], "Accept: application/json")
    wrong = []
    for (question, path), reply in zip(asked, answers, strict=True):
        got, right = read(question, reply.status, json.loads(reply.body)), conformance.answer(question)
        if got != right or type(got) is not type(right):
            wrong.append(f"{question} ({path}): {got!r}, should be {right!r}")
    assert len(asked) >= 10
    assert not wrong, "\n".join(wrong)
