"""Whatever the pages of docs/ show was really printed. `pytest --regenerate` writes it anew."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from conformance import FLEETS, fleet

from matrix_emitters.bindings import build

ROOT = Path(__file__).parents[3]
PAGES = sorted(page for page in (ROOT / "docs/bindings").glob("*.md") if page.stem not in ("README", "sh"))
SHOWN = re.compile(
    r"^```(perl|php|python|ruby|javascript)\n(.*?)^```\n\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL
)
INTERPRETERS = {
    "perl": ["perl", "-w"],
    "php": ["php"],
    "python": [sys.executable, "-B", "-W", "error"],
    "ruby": ["ruby", "-w"],
    "javascript": ["node"],
}


@pytest.fixture
def etc(tmp_path) -> Path:
    languages = ["perl", "php", "python", "ruby", "javascript", "json"]
    for artifact in build(fleet("example"), 41, only=languages):
        path = tmp_path / artifact.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)
    return tmp_path / "etc"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_what_is_printed(page, etc, tmp_path, request):
    def printed(match: re.Match[str]) -> str:
        language, program, _ = match.groups()
        script = tmp_path / "script"
        script.write_text(program.replace("/etc", str(etc)))
        ran = subprocess.run(
            [*INTERPRETERS[language], str(script)],
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return f"```{language}\n{program}```\n\n```text\n{ran.stdout.replace(str(script), 'script')}```\n"

    shown = page.read_text(encoding="utf-8")
    real, count = SHOWN.subn(printed, shown)
    if request.config.getoption("--regenerate"):
        page.write_text(real, encoding="utf-8")
    assert count >= 1
    assert shown == real


def test_the_page_about_an_own_binding_shows_the_real_one():
    page = (ROOT / "docs/bindings/ruby.md").read_text(encoding="utf-8")
    source = (ROOT / "emitters/matrix_emitters/bindings/ruby/emitter.py").read_text(encoding="utf-8")
    blocks = re.findall(r"^```py\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert block in source
    template = (ROOT / "emitters/matrix_emitters/bindings/ruby/templates/dsas.rb.j2").read_text(encoding="utf-8")
    lines = [line.strip() for line in template.splitlines() if re.search(r"\{\{|\{%|\{#|^\s*%%", line)]
    shown = re.findall(r"^```jinja\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert shown == ["".join(f"{line}\n" for line in lines)]


@pytest.mark.parametrize("name", FLEETS)
def test_the_schema_describes_the_json(name):
    schema = json.loads((ROOT / "docs/dsas.schema.json").read_text(encoding="utf-8"))
    document = json.loads(build(fleet(name), 41, only=["json"])[0].content)
    jsonschema_rs.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize("spoil", ["generation", "hosts", "digest"])
def test_the_schema_refuses_what_is_not_whole(spoil):
    schema = json.loads((ROOT / "docs/dsas.schema.json").read_text(encoding="utf-8"))
    document = json.loads(build(fleet("example"), 41, only=["json"])[0].content)
    del document[spoil]
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid(document)


def test_the_schema_names_every_member():
    schema = json.loads((ROOT / "docs/dsas.schema.json").read_text(encoding="utf-8"))
    document = json.loads(build(fleet("example"), 41, only=["json"])[0].content)
    document["hosts"]["w101"]["surprise"] = 1
    assert not jsonschema_rs.Draft202012Validator(schema).is_valid(document)
