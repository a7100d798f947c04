"""docs/reflection.md: every example is what its built-in makes, and every property of the built-ins is explained."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from reflecting import errors, made

from matrix_emitters import EmitterError
from matrix_emitters.reflection import reflect
from matrix_emitters.reflection.model import Reflected, entries, reflectors
from matrix_grammar.model.property_file import read_property_file
from matrix_grammar.reading import loads

PAGE = Path(__file__).parents[3] / "docs/reflection.md"
KINDS = Path(__file__).parents[3] / "emitters/matrix_emitters/reflection/kinds"
EXAMPLE = re.compile(
    r"<!-- example: (?P<name>\w+) -->\n```matrix\n(?P<matrix>.*?)```\n"
    r"(?:```toml\n(?P<toml>.*?)```\n)?```text\n(?P<text>.*?)```\n",
    re.DOTALL,
)


def examples() -> dict[str, re.Match[str]]:
    return {found["name"]: found for found in EXAMPLE.finditer(PAGE.read_text("utf-8"))}


def reflected(name: str, found: re.Match[str]) -> tuple[Reflected, ...]:
    return made(name, found["matrix"], **tomllib.loads(found["toml"] or "").get("reflect", {}).get(name, {}))


@pytest.mark.parametrize("name", sorted(examples()))
def test_the_example_is_what_comes_out(name: str, regenerate: bool) -> None:
    found = examples()[name]
    first = reflected(name, found)[0]
    assert errors(first) == []
    text = first.content.decode()
    if regenerate:
        page = PAGE.read_text("utf-8")
        PAGE.write_text(page[: found.start("text")] + text + page[found.end("text") :], "utf-8")
    assert without_digest(examples()[name]["text"]) == without_digest(text)


def without_digest(text: str) -> str:
    """A text without the digest of the facts, which a further known property changes."""
    return re.sub("digest [0-9a-f]{12}", "digest", text)


def test_the_template_of_the_page_fails_as_it_says() -> None:
    page = PAGE.read_text("utf-8")
    template = re.search(r"```jinja\n(.*?)```", page, re.DOTALL)
    told = re.search(r"<!-- error: (\S+) -->\n```text\n(.*?)\n```", page, re.DOTALL)
    assert template is not None
    assert told is not None
    table = {"template": told[1], "hosts": "lv1", "path": "/etc/backends"}
    (entry,) = (one for one in entries({"backends": table}) if one.name == "backends")
    with pytest.raises(EmitterError) as caught:
        reflect(loads(examples()["keepalived"]["matrix"]), 7, entry, {told[1]: template[1]})
    assert str(caught.value) == told[2]


def test_every_built_in_has_an_example() -> None:
    assert [name for name in reflectors() if name not in examples()] == []


@pytest.mark.parametrize(
    "prefix",
    [
        "alias",
        "check",
        "persist",
        "vip",
        "priority",
        "preempt",
        "balancer",
        "unicast",
        "vip.name",
        "dns",
        "ssh",
        "metrics",
        "pool",
        "nginx",
        "haproxy",
        "httpd",
    ],
)
def test_the_properties_of_the_built_ins_are_explained(prefix: str) -> None:
    keys = [key for key in loads("").property_types if key == prefix or key.startswith(f"{prefix}.")]
    assert keys
    assert [key for key in keys if f"`{key}`" not in PAGE.read_text("utf-8")] == []


@pytest.mark.parametrize("file", sorted(KINDS.glob("*/properties.toml")), ids=lambda file: file.parent.name)
def test_the_properties_that_a_kind_brings_along_are_explained(file: Path) -> None:
    keys = read_property_file(file.read_bytes()).types
    assert keys
    assert [key for key in keys if f"`{key}`" not in PAGE.read_text("utf-8")] == []


MAKE_ALL = """
import hashlib, json, sys
sys.path[:0] = json.loads(sys.argv[1])
import test_page
for name, found in sorted(test_page.examples().items()):
    for one in test_page.reflected(name, found):
        print(name, hashlib.sha256(one.content).hexdigest())
"""


def test_the_same_fleet_gives_the_same_bytes_whatever_the_order_of_sets() -> None:
    command = [sys.executable, "-c", MAKE_ALL, json.dumps([*sys.path, str(Path(__file__).parent)])]
    one, other = (
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2")
    )
    assert one == other
    assert {line.split()[0] for line in one.splitlines()} == set(reflectors())
