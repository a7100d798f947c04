"""A host that lacks a tool, or on which one fails in the middle, is not told of as if things were absent there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from matrix_common.trouble import Trouble
from matrix_distributor.dialogue import Dialogue, Reply
from matrix_distributor.fleetwork.comparing import HeldOutcome, held_dialogue
from matrix_distributor.fleetwork.copy.survey import Survey, survey_names
from matrix_grammar.reading import loads

TOOLS = ("sh", "od", "tr", "readlink", "find", "xargs", "stat", "sha256sum", "sort", "gzip")
HOST = loads("@matrix 1\nw1 192.0.2.1 [ps]\n").host("w1")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with what survey.sh needs, and a host with a tree."""
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        there = shutil.which(name)
        assert there is not None
        (tmp_path / "bin" / name).symlink_to(there)
    (tmp_path / "root/t").mkdir(parents=True)
    for name in ("a", "b"):
        (tmp_path / "root/t" / name).write_text(name)
    return tmp_path / "bin"


def hold(tools: Path, dialogue: Dialogue[object]) -> object:
    """Hold a dialogue with a host that has these tools alone."""
    environment = {"PATH": str(tools), "DSAS_ROOT": str(tools.parent / "root")}
    try:
        command = next(dialogue)
        while True:
            done = subprocess.run(
                [tools / "sh", "-c", command.line], env=environment, capture_output=True, timeout=60, check=False,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
            command = dialogue.send(Reply(done.returncode, done.stdout, done.stderr, 0))
    except StopIteration as end:
        return end.value


def held(tools: Path) -> HeldOutcome:
    outcome = hold(tools, held_dialogue(HOST, "/t", sudo=False))
    assert isinstance(outcome, HeldOutcome)
    return outcome


def test_with_all_of_them_a_tree_is_told_of(tools: Path) -> None:
    assert (held(tools).presence, sorted(held(tools).held)) == ("there", ["", "a", "b"])


@pytest.mark.parametrize("missing", ["stat", "sha256sum", "find", "xargs", "sort", "gzip"])
def test_one_that_is_missing_is_named(tools: Path, missing: str) -> None:
    (tools / missing).unlink()
    outcome = held(tools)
    assert (outcome.result, outcome.cause, outcome.presence) == ("failed", f"this host has no {missing}", "unknown")


@pytest.mark.parametrize(
    ("failing", "what"),
    [
        ("xargs", "exit 1"),
        ("xargs", "kill -9 $$"),
        ("sort", "exit 0"),
        ("sort", "exit 1"),
        ("gzip", "exit 0"),
        ("gzip", "exit 1"),
    ],
)
def test_one_that_fails_in_the_middle_is_no_answer(tools: Path, failing: str, what: str) -> None:
    (tools / failing).unlink()
    (tools / failing).write_text(f"#!{os.path.realpath(tools / 'sh')}\n{what}\n")
    (tools / failing).chmod(0o755)
    outcome = held(tools)
    assert (outcome.result, outcome.presence) == ("failed", "unknown")


def test_names_alone_need_two_of_them(tools: Path) -> None:
    for name in ("find", "xargs", "sort", "gzip"):
        (tools / name).unlink()
    survey = hold(tools, survey_names(["/t/a", "/t/none"], "h1", sudo=False))
    assert isinstance(survey, Survey)
    assert list(survey.found) == ["/t/a"]
    (tools / "stat").unlink()
    assert hold(tools, survey_names(["/t/a"], "h1", sudo=False)) == Trouble("survey", "this host has no stat")
