"""A package brings properties along: all that read a MATRIX know them, and none of its code is run for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from matrix_console.cache.recording import program as of_answers
from matrix_distributor.origin.program import program as of_generations
from matrix_emitters.reflection import allowed_of, entries, reflect
from matrix_grammar import MatrixError, load
from matrix_grammar.editors.editors import editor_files
from matrix_grammar.model import property_table
from matrix_grammar.reading import loads, read, reads
from matrix_sources.registry import draft

PROPERTIES = """
[properties."lb.mode"]
type = "one-of fast safe"
meaning = "how the balancer behaves"

[properties."lb.name"]
type = "text list"
meaning = "names of the balancer"
form = "host name"

[properties."lb.limit"]
type = "int 1..9"
meaning = "connections"
each_vip = true

[properties."lb.method"]
type = "text"
meaning = "method of the balancer"
words = ["round", "least"]
noun = "method of lb"

[properties."lb.hook"]
type = "text"
meaning = "program that the balancer runs"

[restricted]
"lb.hook=run:" = "programs"
"""

MATRIX = """\
[web]  vip=192.0.2.1:80 vip=192.0.2.1:81  lb.limit=3 lb.limit=9  lb.method=lest
    w1  10.0.0.1  lb.mode=fats
    w2  10.0.0.2  lb.name=a lb.name=b..c
    w3  10.0.0.3  lb.limit=12
    w4  10.0.0.4  lb.limit=3 lb.limit=4
"""

WRONG = [
    ("M066", 1, "lb.method: lest is no method of lb: the next release refuses it"),
    ("M031", 2, "lb.mode: fats is none of fast, safe"),
    ("M066", 3, "lb.name: b..c is no host name: the next release refuses it"),
    ("M031", 4, "lb.limit: 12 is not in 1..9"),
    ("M032", 5, "lb.limit is given twice, and is not a list"),
]

RUNS = "raise SystemExit('the code of the package was run')\n"

Offer = Callable[..., None]


@pytest.fixture
def lb(offer: Offer) -> None:
    offer("matrix_properties", "lb = site_plugin", RUNS, {"properties.toml": PROPERTIES})


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "site" / "MATRIX"
    path.parent.mkdir()
    path.write_text(MATRIX)
    return path


def matrix_command(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which finds the package as any does."""
    program = f"import sys\nsys.path[:] = {sys.path!r}\nfrom matrix_console.entry import matrix\nmatrix()"
    command = [sys.executable, "-c", program, *words]
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent, env=environment, timeout=60)


@pytest.mark.usefixtures("lb")
def test_a_program_the_command_and_an_editor_are_told_the_same(matrix: Path) -> None:
    told = [(d.code, d.place.line, d.message) for d in read(matrix).diagnostics]
    assert told == WRONG
    with pytest.raises(MatrixError) as raised:
        load(matrix)
    assert [(d.code, d.place.line, d.message) for d in raised.value.diagnostics] == WRONG
    checked = matrix_command(matrix, "check", "--format", "json")
    assert (checked.returncode, checked.stderr) == (1, "")
    listed = json.loads(checked.stdout)["diagnostics"]
    assert [(d["code"], d["line"], d["message"]) for d in listed] == WRONG
    for name in ("vim/syntax/matrix.vim", "vscode/matrix.tmLanguage.json"):
        assert "|lb.name|" in editor_files()[name].replace("\\", "")


@pytest.mark.usefixtures("lb")
def test_what_is_wrong_with_a_value_names_the_package() -> None:
    (wrong,) = reads("w1  10.0.0.1  [web]  lb.limit=12\n").diagnostics
    assert wrong.hint == "lb.limit is of site_plugin: int 1..9"


@pytest.mark.usefixtures("lb")
def test_a_draft_keeps_a_property_of_a_package_where_its_values_fit() -> None:
    made = draft("csv", "name,address,lb.mode,lb.limit\nw1,10.0.0.1,fast,12\nw2,10.0.0.2,safe,11\n", "t.csv").text
    assert "@property lb.mode" not in made
    assert "lb.mode=fast" in made
    assert "csv.lb.limit=12" in made
    assert reads(made).diagnostics == ()


@pytest.mark.usefixtures("lb")
def test_a_site_that_declares_the_property_itself_goes_on_as_before() -> None:
    text = '@property lb.mode text "ours"\nw1  10.0.0.1  [web]  lb.mode=fats\n'
    assert reads(text).diagnostics == ()


@pytest.mark.usefixtures("lb")
def test_a_value_that_a_package_restricts_is_judged_by_the_setting_that_it_names() -> None:
    nothing, one = allowed_of({}), allowed_of({"programs": ["/usr/lib/lb/warm"]})
    assert nothing.judge("lb.hook", "run:/usr/lib/lb/warm") is not None
    assert one.judge("lb.hook", "run:/usr/lib/lb/warm") is None
    assert nothing.judge("lb.hook", "none") is None


REFLECTOR = """
from matrix_emitters.reflection.model import Configuration, Reflector

class Lb(Reflector):
    defaults = Configuration("lb", "lb", hosts="web", path="/etc/lb.conf", each=False)

    def text(self, scene):
        return "hook " + str(scene.fleet.host("w1").property("lb.hook", role="web")) + "\\n"
"""


def test_what_a_package_restricts_is_refused_though_its_reflector_does_not_ask(offer: Offer) -> None:
    both = "lb = site_plugin\n[matrix_reflectors]\nlb = site_plugin:Lb"
    offer("matrix_properties", both, REFLECTOR, {"properties.toml": PROPERTIES})
    fleet = loads("[web]  lb.hook=run:/usr/lib/lb/warm\n    w1  10.0.0.1\n    w2  10.0.0.2  lb.hook=none\n")
    for allowed, severities in (({}, ["error"]), ({"programs": ["/usr/lib/lb/warm"]}, [])):
        (entry,) = (each for each in entries({}, allowed_of(allowed)) if each.name == "lb")
        (made,) = reflect(fleet, 1, entry)
        assert [finding.severity for finding in made.findings] == severities


def test_without_a_package_nothing_is_looked_up() -> None:
    property_table.cache_clear()
    loaded = set(sys.modules) - {"importlib.metadata"}
    assert property_table().packages == {}
    assert set(sys.modules) - {"importlib.metadata"} == loaded


def test_what_is_kept_is_believed_only_under_the_same_properties(offer: Offer) -> None:
    def fingerprints() -> tuple[str, str]:
        property_table.cache_clear()
        of_generations.cache_clear()
        return of_generations(), of_answers()

    before = fingerprints()
    offer("matrix_properties", "lb = site_plugin", RUNS, {"properties.toml": PROPERTIES})
    with_package = fingerprints()
    file = Path(str(sys.path[0]), "site_plugin", "properties.toml")
    file.write_text(PROPERTIES.replace("1..9", "1..90"))
    with_another = fingerprints()
    assert len({before[0], with_package[0], with_another[0]}) == 3
    assert len({before[1], with_package[1], with_another[1]}) == 3
    assert fingerprints() == with_another
    of_generations.cache_clear()


FILES = [
    ("", {}, "site_plugin: there is no package site_plugin"),
    (RUNS, {"other.toml": ""}, "site_plugin: No such file or directory"),
    (RUNS, {"properties.toml": "[properties"}, "it is no TOML"),
    (RUNS, {"properties.toml": "[propertis]"}, "propertis is not known here"),
    (RUNS, {"properties.toml": '[properties."lb.x"]\ntype = "int"\n'}, "lb.x has no meaning"),
    (RUNS, {"properties.toml": '[properties."lb.x"]\ntype = "ind"\nmeaning = ""\n'}, "lb.x: 'ind' is no type"),
    (RUNS, {"properties.toml": '[properties.Lb]\ntype = "int"\nmeaning = ""\n'}, "Lb cannot name a property"),
    (RUNS, {"properties.toml": PROPERTIES.replace("lb.mode", "nginx.method")}, "which is built in"),
    (RUNS, {"properties.toml": PROPERTIES.replace("lb.mode", "nginx-method")}, "meets nginx.method"),
    (RUNS, {"properties.toml": PROPERTIES.replace("host name", "hostname")}, "there is no form 'hostname'"),
    (RUNS, {"properties.toml": PROPERTIES.replace('"programs"', '"program"')}, "'program' judges no values"),
    (RUNS, {"properties.toml": PROPERTIES.replace("each_vip", "each")}, "lb.limit: each is not known here"),
]


@pytest.mark.parametrize(("source", "files", "said"), FILES)
def test_a_wrong_file_of_a_package_is_an_error_that_names_it(
    offer: Offer, source: str, files: dict[str, str], said: str
) -> None:
    offer("matrix_properties", "lb = site_plugin", source, files)
    (wrong,) = reads("w1  10.0.0.1\n").diagnostics
    assert (wrong.code, wrong.severity) == ("M069", "error")
    assert said in wrong.message
    assert wrong.message.startswith("site_plugin: ")
    assert "site_plugin" in wrong.place.file
    assert reads("w1  10.0.0.1\n").fleet is None


def test_two_packages_may_not_have_one_property(offer: Offer) -> None:
    line = "lb = site_plugin\nlc = site_plugin.inner"
    files = {"properties.toml": PROPERTIES, "inner/properties.toml": PROPERTIES, "inner/__init__.py": RUNS}
    offer("matrix_properties", line, RUNS, files)
    (wrong,) = reads("w1  10.0.0.1  [web]  lb.mode=fast\n").diagnostics
    assert "site_plugin.inner: lc" not in wrong.message
    assert "property lb.mode meets lb.mode, which is of site_plugin" in wrong.message
