"""A push as an object: what console and daemon decide about hosts, from Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from matrix_distributor import Push
from matrix_distributor.conversation import Reach
from matrix_distributor.dialogue import Command, Dialogue, Failure, GatedRequest, Reply, Target, Timeouts
from matrix_distributor.dialogue.commands import Turn
from matrix_distributor.embedded import FleetProcess
from matrix_distributor.origin import Candidate, Origin
from matrix_distributor.push import PushOptions
from matrix_distributor.state import OriginState
from matrix_distributor.transport import Pool, SSHOptions
from matrix_grammar.reading import read

PAGE = Path(__file__).parents[2] / "docs/operations.md"
TEXT = "@matrix 1\n[ps]\n    w1  127.0.0.2\n    w2  127.0.0.3  [WARN: fan]\n    w3  127.0.0.4  [STOP: disk]\n"
NAMES = ("w1", "w2", "w3")

T = TypeVar("T")


class Site:
    """A MATRIX with its origin, and hosts that are reached over one pool."""

    def __init__(self, folder: Path, fleet: FleetProcess) -> None:
        self.origin = Origin(folder / "MATRIX", folder / ".matrix", author="ann@adm1")
        self.origin.matrix.write_text(TEXT)
        self.fleet = fleet
        self.options = SSHOptions(config=fleet.ssh_config, agent=False)
        self.pool = Pool(self.options, timeouts=Timeouts(connect=5.0), keep=True)
        self.state = OriginState(self.origin.state)

    def edited(self, more: str = "") -> Candidate:
        """What the text leads to once `more` is appended to it."""
        with self.origin.matrix.open("a") as matrix:
            matrix.write(more)
        return self.origin.take(read(self.origin.matrix), self.state)

    def push(self, candidate: Candidate, *, gated: bool = False, selector: str | None = None) -> Push:
        return Push(candidate, self.state, Reach(self.pool, gated=gated), PushOptions(retry=0), selector=selector)

    def close(self) -> None:
        self.pool.close()
        self.state.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "site").mkdir()
    with FleetProcess(list(NAMES), tmp_path / "fleet", remove=True) as fleet:
        made = Site(tmp_path / "site", fleet)
        yield made
        made.close()


class Listening(Reach):
    """Keeps the lines that are said."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.lines: list[str] = []

    def __call__(self, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> Iterator[tuple[Target, T | Failure]]:
        return super().__call__((target, self._heard(dialogue)) for target, dialogue in pairs)

    def _heard(self, dialogue: Dialogue[T]) -> Dialogue[T]:
        try:
            message = next(dialogue)
            while True:
                assert not isinstance(message, Turn)
                self.lines.append(message.line)
                message = dialogue.send((yield message))
        except StopIteration as end:
            value: T = end.value
            return value


def held(site: Site) -> dict[str, int]:
    return {name: number for name, (number, _) in site.state.held().items()}


def test_a_plan_sends_nothing_and_the_run_does_what_it_says(site: Site) -> None:
    push = site.push(site.edited())
    assert [(step.host, step.action) for step in push.plan().steps] == [(name, "send") for name in NAMES]
    assert held(site) == {}
    plan = push.plan(answer for answer in push.inspect() if answer.host != "w2")
    assert plan.changing == ("w1", "w3"), "answers of the caller are taken as they are"
    changes = push.differences(plan).changes
    assert {hosts for change in changes for hosts in [change.hosts]} == {("w1", "w3")}
    assert sorted((outcome.host, outcome.result) for outcome in push.run()) == [(name, "updated") for name in NAMES]
    assert held(site) == dict.fromkeys(NAMES, 1)
    assert push.plan().empty


def test_the_hosts_of_a_selector_are_meant_alone(site: Site) -> None:
    push = site.push(site.edited(), selector="w3,w2")
    assert list(push.targets) == ["w2", "w3"], "in service first"
    assert {outcome.host for outcome in push.run()} == {"w2", "w3"}
    assert held(site) == {"w2": 1, "w3": 1}


def test_what_came_of_hosts_is_remembered_when_the_caller_fails(site: Site) -> None:
    push, seen = site.push(site.edited()), []

    def report() -> None:
        for outcome in push.run():
            seen.append(outcome.host)
            raise RuntimeError("full disk")

    with pytest.raises(RuntimeError, match="full disk"):
        report()
    assert len(seen) == 1
    assert held(site) == {seen[0]: 1}


def test_and_when_it_leaves_early(site: Site) -> None:
    push = site.push(site.edited())
    coming = push.run()
    first = next(coming)
    coming.close()
    assert held(site) == {first.host: 1}


def test_a_push_that_was_stopped_remembers_nothing_of_hosts_that_were_not_begun(site: Site) -> None:
    push = site.push(site.edited())
    push.stop("stopped by a test")
    assert {(outcome.result, outcome.stage) for outcome in push.run()} == {("skipped", "stop")}
    assert site.state.hosts() == {}
    assert site.state.aimed() == 0


def test_hosts_are_known_to_be_behind_what_was_made_just_now(site: Site) -> None:
    """They are sent what changes in what they hold, and not asked before."""
    list(site.push(first := site.edited()).run())
    push = site.push(second := site.edited("    # a comment\n"))
    asked = next(push.to("w1"))
    assert "query" in asked.line
    push.prepare()
    assert list(push.deltas) == [first.generation.digest]
    sent = next(push.to("w1", first.generation.digest))
    assert "change" in sent.line
    push.reach = reach = Listening(site.pool)
    outcomes = list(push.run())
    assert {outcome.result for outcome in outcomes} == {"updated"}
    assert {outcome.generation for outcome in outcomes} == {second.generation.number}
    assert [" change " in line for line in reach.lines] == [True] * 3, "one message for each host"


def test_a_gated_login_is_said_nothing_that_only_a_shell_understands(site: Site) -> None:
    """Also where the login became gated after the deltas were made, as when the daemon reads its settings again."""
    list(site.push(first := site.edited()).run())
    candidate = site.edited("    # a comment\n")
    push = site.push(candidate)
    push.prepare()
    assert push.deltas
    gated = push.over(Reach(site.pool, gated=True), push.options)
    assert not gated.deltas
    assert next(gated.to("w1", first.generation.digest)).words.startswith("dsas install 2 ")
    assert push.deltas, "the push that it was made of is as it was"
    late = site.push(candidate, gated=True)
    late.prepare()
    assert not late.deltas


def test_over_a_gated_login_requests_are_their_words_and_a_command_is_a_bug(site: Site) -> None:
    def request() -> Dialogue[Reply]:
        return (yield GatedRequest("echo a shell", b"content", words="cat; echo an account"))

    def command() -> Dialogue[Reply]:
        return (yield Command("echo a shell"))

    target = site.push(site.edited()).targets["w1"]
    gated = Reach(site.pool, gated=True)
    ((_, reply),) = gated([(target, request())])
    assert isinstance(reply, Reply)
    assert (reply.stdout, reply.requested) == (b"contentan account\n", True)
    with pytest.raises(TypeError, match="only a shell understands this"):
        list(gated([(target, command())]))


def test_the_example_of_the_document(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:  # type: ignore[no-untyped-def]
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    options = replace(site.options)
    monkeypatch.chdir(tmp_path / "site")
    monkeypatch.setattr("matrix_distributor.transport.SSHOptions", lambda: options)
    exec(compile(example, PAGE.name, "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "to change: w1, w2, w3"
    assert sorted(printed[1:]) == [f"{name} updated 1 " for name in NAMES]
    assert held(site) == dict.fromkeys(NAMES, 1)
