from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from language_drivers import printed

from matrix_emitters.bindings import build
from matrix_grammar.reading import load

EXAMPLE = Path(__file__).parents[3] / "examples" / "MATRIX"


@pytest.fixture
def path(install):
    return install(load(EXAMPLE), "ruby") / "etc/dsas.rb"


def ruby(path: Path, program: str) -> str:
    return printed("ruby", "-w", "-e", f"FILE = '{path}'; {program}")


def test_required_and_loaded_again_it_says_nothing_and_takes_the_generation_in_place(path):
    first = ruby(path, "print require(FILE), require(FILE), load(FILE), DSAS.generation")
    assert first == "truefalsetrue41"
    newer = build(load(EXAMPLE), 42, only=["ruby"])[0].content
    (path.parent / "newer").write_bytes(newer)
    assert ruby(path, "require FILE; load File.join(File.dirname(FILE), 'newer'); print DSAS.generation") == "42"
    (path.parent / "newer").unlink()


def test_answers_are_frozen(path):
    program = (
        "require FILE; print [DSAS.hosts, DSAS.serving('ps'), DSAS.roles, DSAS.roles('w104'), DSAS.sites, DSAS.groups,"
    )
    program += " DSAS.addresses('mail1'), DSAS.role_get('ps', 'vip'), DSAS.reason('w104'), DSAS.name_of('w1' + '04'),"
    program += " DSAS.hosts('ps&WARN'), DSAS.texts('w101', 'ipmi')].all?(&:frozen?)"
    assert ruby(path, program) == "true"


def test_a_wrong_name_raises_with_the_nearest_names(path):
    program = "require FILE; begin; DSAS.serving('pss'); rescue DSAS::UnknownName => e; print e.message; end"
    assert ruby(path, program) == "unknown role or group 'pss'; did you mean ps?"


def test_ruby_finds_no_mistake(path):
    ran = subprocess.run(["ruby", "-wc", str(path)], capture_output=True, text=True, timeout=30, check=True)
    assert (ran.stdout, ran.stderr) == ("Syntax OK\n", "")
