from __future__ import annotations

from pathlib import Path

import pytest
from language_drivers import printed

from matrix_grammar.reading import load, loads

EXAMPLE = Path(__file__).parents[3] / "examples" / "MATRIX"


@pytest.fixture
def path(install):
    return install(load(EXAMPLE), "javascript") / "etc/dsas.js"


def node(path: Path, program: str, *switches: str) -> str:
    return printed("node", "--throw-deprecation", *switches, "-e", program, FILE=str(path))


def test_it_is_required_and_imported(path):
    assert node(path, "console.log(require(process.env.FILE).serving('ps').length)") == "4\n"
    program = "import(process.env.FILE).then((dsas) => console.log(dsas.default.serving('ps').length))"
    assert node(path, program) == "4\n"


def test_answers_cannot_be_changed(path):
    program = """const dsas = require(process.env.FILE);
        console.log([dsas, dsas.hosts(), dsas.hosts('ps'), dsas.hosts('ps&WARN'), dsas.serving('ps'), dsas.roles(),
            dsas.roles('w104'), dsas.sites(), dsas.groups(), dsas.addresses('mail1'), dsas.roleGet('ps', 'vip'),
            dsas.texts('w101', 'ipmi')].every(Object.isFrozen))"""
    assert node(path, program) == "true\n"


def test_a_wrong_name_throws_with_the_nearest_names(path):
    program = """const dsas = require(process.env.FILE);
        try { dsas.serving('pss'); } catch (error) {
          console.log(error instanceof dsas.UnknownName, error instanceof dsas.DsasError, String(error)); }"""
    assert node(path, program) == "true true UnknownName: unknown role or group 'pss'; did you mean ps?\n"


def test_whole_numbers_beyond_those_of_javascript_stay_whole(install):
    path = install(loads("@property big int\nw1 192.0.2.1 big=9007199254740993\n"), "javascript") / "etc/dsas.js"
    assert node(path, "console.log(String(require(process.env.FILE).get('w1', 'big')))") == "9007199254740993\n"


def test_names_of_javascripts_own_objects_are_unknown(path):
    program = """const dsas = require(process.env.FILE);
        for (const name of ['constructor', '__proto__', 'toString']) {
          for (const ask of [() => dsas.serving(name), () => dsas.get('w101', name), () => dsas.address(name),
                             () => dsas.hosts(name), () => dsas.hosts(`${name.toLowerCase()}=1`)]) {
            try {
              console.log('answered', name, ask());
            } catch (error) {
              if (!(error instanceof dsas.DsasError)) throw error;
            }
          }
        }"""
    assert node(path, program) == ""
