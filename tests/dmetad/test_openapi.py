"""The description at /@openapi.json, proved against the running server."""

from __future__ import annotations

import json
import warnings

import pytest
from hypothesis import HealthCheck, Phase, settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own imports use what its dependencies have deprecated
    import schemathesis
    from schemathesis.specs.openapi import checks


def test_the_description_is_openapi_and_names_every_path(example):
    answer = example.get("/@openapi.json")
    description = json.loads(answer.text)
    assert answer.headers["Content-Type"] == "application/json"
    assert description["openapi"] == "3.1.0"
    assert {"/", "/{name}", "/{name}/node", "/@host/{host}", "/@self", "/@select"} <= set(description["paths"])


def test_every_answer_is_as_described(example):
    schema = schemathesis.openapi.from_dict(json.loads(example.get("/@openapi.json").text))
    schema.config.update(base_url=example.url)
    proved = 0
    for result in schema.get_all_operations():
        prove(result.ok())
        proved += 1
    assert proved >= 18


def prove(operation) -> None:
    @settings(
        max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @schemathesis_given(operation)
    def run(case) -> None:
        case.query = {**(case.query or {}), **({"wait": "1ms"} if "wait" in (case.query or {}) else {})}
        case.call_and_validate(
            checks=[
                schemathesis.checks.not_a_server_error,
                checks.status_code_conformance,
                checks.content_type_conformance,
                checks.response_schema_conformance,
                checks.response_headers_conformance,
            ]
        )

    run()


def schemathesis_given(operation):
    from hypothesis import given

    return given(case=operation.as_strategy())


@pytest.mark.parametrize(
    "path",
    [
        "/", "/?recursive", "/ps", "/ps?recursive&all", "/front?recursive", "/ps/node", "/ps/vip",
        "/ps/weight", "/cache/reason",

        "/@host/w104", "/@host/w105?recursive&role=cache", "/@host/mail1/addresses", "/@self", "/@self/state",
        "/@select?q=UP", "/@select?q=UP&recursive", "/@state/STOP", "/@states", "/@groups", "/@sites", "/@generation",
        "/@health", "/@ready", "/nosuch", "/@select?q=(", "/ps/node?format=xml",
    ],
)  # fmt: skip
def test_answers_with_facts_in_them_have_the_shape_that_is_described(example, path):
    from jsonschema_rs import Draft202012Validator  # what schemathesis validates with

    description = json.loads(example.get("/@openapi.json").text)
    segments = path.partition("?")[0].split("/")
    answer = example.get(path, Accept="application/json, text/plain;q=0.1")
    operation = next(
        item["get"] for template, item in sorted(description["paths"].items(), key=lambda pair: pair[0].count("{"))
        if len(template.split("/")) == len(segments)
        and all(t.startswith("{") or t == s for t, s in zip(template.split("/"), segments, strict=True))
    )  # fmt: skip
    content = operation["responses"][str(answer.status)]["content"]
    kind = answer.headers["Content-Type"].partition(";")[0]
    schema = {**content[kind].get("schema", {}), "components": description["components"]}
    Draft202012Validator(schema).validate(json.loads(answer.text) if kind.endswith("json") else answer.text)
