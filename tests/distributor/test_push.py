"""A push over hosts that are private roots: every host once, whatever happened to it."""

import re
from pathlib import Path

import pytest

import matrix_distributor
from matrix_distributor.dialogue import Reply
from matrix_distributor.hosts import STAGES, Outcome, exit_status
from matrix_distributor.hostside.requests import HostState, read_state
from matrix_distributor.push import inspect, plan
from matrix_distributor.push.inspection import found
from matrix_distributor.push.plan import decide


def test_every_host_is_brought_to_the_generation(fleet, generation, in_place):
    three, first = fleet("w1", "w2", "w3"), generation(1)
    outcomes = three.push(first)
    assert {outcome.result for outcome in outcomes.values()} == {"updated"}
    assert all(outcome.generation == 1 and outcome.before == 0 for outcome in outcomes.values())
    assert all(host.files() == in_place(first) for host in three.hosts.values())
    assert exit_status(outcomes.values()) == 0


def test_a_second_push_sends_nothing(fleet, generation):
    two, first = fleet("w1", "w2"), generation(1)
    two.push(first)
    two.sent.clear()
    assert {outcome.result for outcome in two.push(first).values()} == {"current"}
    assert all(command.stdin == b"" for command in two.sent)
    assert len(two.sent) == 2


def test_a_host_that_cannot_be_reached_is_an_outcome_and_holds_up_nobody(fleet, generation, in_place):
    three, first = fleet("w1", "w2", "w3"), generation(1)
    three.away = {"w2"}
    outcomes = three.push(first)
    assert outcomes["w2"].result == "unreachable"
    assert outcomes["w2"].stage == "connect"
    assert outcomes["w2"].attempts == 2, "it is tried once more, after the others"
    assert three.hosts["w3"].files() == in_place(first)
    assert exit_status(outcomes.values()) == 3
    three.away = {"w1", "w2", "w3"}
    assert exit_status(three.push(first).values()) == 4


def test_retry_can_be_left_out(fleet, generation):
    one = fleet("w1")
    one.away = {"w1"}
    assert one.push(generation(1), retry=0)["w1"].attempts == 1


@pytest.mark.parametrize("perl", ["exit 127", "kill -9 $$", "echo 'perl: no libraries' >&2; exit 255"])
def test_a_host_whose_perl_is_broken_takes_the_generation_by_sh(fleet, generation, in_place, tmp_path, perl):
    one, first = fleet("w1"), generation(1)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/perl").write_text(f"#!/bin/sh\n{perl}\n")
    (tmp_path / "broken/perl").chmod(0o755)
    host = one.hosts["w1"]
    host.path = f"{tmp_path}/broken:{host.path}"
    assert one.push(first, retry=0)["w1"].result == "updated"
    assert host.files() == in_place(first)
    assert len([command for command in one.sent if command.stdin]) == 2


def test_a_host_that_refuses_is_not_tried_again(fleet, generation):
    one, first = fleet("w1"), generation(1)
    one.push(generation(2, first))
    outcome = one.push(first)["w1"]
    assert outcome.result == "refused"
    assert outcome.attempts == 1
    assert "newer" in outcome.cause
    assert one.push(first, force=True)["w1"].result == "updated"


def test_files_changed_by_hand_are_put_right_unless_that_is_not_wanted(fleet, generation, in_place):
    one, first = fleet("w1"), generation(1)
    one.push(first)
    conf = one.hosts["w1"].root / "etc/dsas.conf"
    conf.write_text("by hand\n")
    left = one.push(first, repair=False)["w1"]
    assert (left.result, left.drift) == ("drifted", ("/etc/dsas.conf",))
    assert conf.read_text() == "by hand\n"
    assert one.push(first)["w1"].result == "updated"
    assert one.hosts["w1"].files() == in_place(first)


def test_canaries_go_first_and_load_their_bindings(fleet, generation):
    three, first = fleet("w1", "w2", "w3"), generation(1)
    outcomes = three.push(first, canaries=frozenset({"w3"}))
    assert three.spoken_to == ["w3", "w1", "w2"]
    assert {outcome.result for outcome in outcomes.values()} == {"updated"}
    assert "load" in three.sent[2].line


def test_when_a_canary_does_not_come_through_the_others_are_left_alone(fleet, generation, in_place):
    three, first = fleet("w1", "w2", "w3"), generation(1)
    three.push(first)
    broken = generation(2, first, extra={"/etc/dsas.conf": b"if\n"})
    outcomes = three.push(broken, canaries=frozenset({"w2"}), retry=0)
    assert outcomes["w2"].result == "failed"
    assert outcomes["w2"].stage == "load"
    assert outcomes["w1"].result == outcomes["w3"].result == "skipped"
    assert "w2" in outcomes["w1"].cause
    assert three.hosts["w1"].files() == in_place(first)


def test_what_a_host_prints_at_login_does_not_confuse(fleet, generation, tmp_path):
    one, first = fleet("w1"), generation(1)
    noisy = tmp_path / "noisy"
    noisy.write_text('#!/bin/sh\necho "Welcome to w1"\nshift\nexec sh -c "$1"\n')
    noisy.chmod(0o755)
    one.hosts["w1"].shell = (str(noisy),)
    assert one.push(first)["w1"].result == "updated"
    assert one.push(first)["w1"].result == "current"


def test_a_host_that_answers_nonsense_is_a_failure_that_shows_what_it_said(fleet, generation, tmp_path):
    one = fleet("w1")
    mad = tmp_path / "mad"
    mad.write_text("#!/bin/sh\nprintf 'no such \\033[31mthing\\n'\n")
    mad.chmod(0o755)
    one.hosts["w1"].shell = (str(mad),)
    outcome = one.push(generation(1))["w1"]
    assert outcome.result == "failed"
    assert "no such <U+001B>[31mthing" in outcome.cause


def test_of_the_files_that_a_host_says_were_changed_so_many_are_told_as_a_person_reads(generation):
    made = generation(1)
    told = b"".join(b"drift /etc/%s%d\nremoved /etc/%d\n" % (b"x" * 3000, n, n) for n in range(1000))
    state = read_state(Reply(0, told + f"dsas 1 1 {made.digest} drift\n".encode(), b"", 0.1))
    assert 1 <= len(state.drift) < 10
    assert len(found(made, "w1", state, 0.1).cause) < 25_000
    assert sum(map(len, state.removed)) <= 20_000


def test_the_plan_says_a_step_for_every_host_and_touches_none(fleet, generation, in_place):
    four, first = fleet("w1", "w2", "w3", "w4"), generation(1)
    second = generation(2, first)
    four.push(first)
    four.hosts["w1"].install(second)
    (four.hosts["w1"].root / "etc/dsas.conf").write_text("by hand\n")
    four.hosts["w2"].install(second)
    four.away = {"w4"}
    found_ = list(inspect(second, four.targets, four))
    steps = plan(second, found_, ["w1", "w2", "w3", "w4"])
    assert [step.action for step in steps.steps] == ["repair", "nothing", "send", "cannot"]
    assert steps.changing == ("w1", "w3")
    assert four.hosts["w3"].files() == in_place(first)


def test_an_empty_plan_sends_nothing(fleet, generation):
    two, first = fleet("w1", "w2"), generation(1)
    two.push(first)
    assert plan(first, inspect(first, two.targets, two), ["w1", "w2"]).empty


@pytest.mark.parametrize(
    ("state", "action", "forced"),
    [
        (lambda g: HostState(0, "", "none"), "send", "send"),
        (lambda g: HostState(g.number, g.digest, "whole"), "nothing", "nothing"),
        (lambda g: HostState(g.number, g.digest, "drift", ("/etc/dsas.conf",)), "repair", "repair"),
        (lambda g: HostState(g.number, g.digest, "partial"), "send", "send"),
        (lambda g: HostState(g.number, g.digest, "broken"), "send", "send"),
        (lambda g: HostState(g.number - 1, "a" * 64, "whole"), "send", "send"),
        (lambda g: HostState(g.number + 1, "a" * 64, "whole"), "refused", "send"),
        (lambda g: HostState(g.number, "a" * 64, "whole"), "refused", "send"),
    ],
)
def test_what_a_host_needs_follows_from_what_it_holds(generation, state, action, forced):
    goal = generation(3)
    outcome = found(goal, "w1", state(goal), 0.1)
    assert decide(goal, outcome) == action
    assert decide(goal, outcome, force=True) == forced


def test_a_host_that_could_not_be_asked_cannot_be_planned_for(generation):
    assert decide(generation(1), Outcome("w1", "unreachable")) == "cannot"


def test_what_was_made_just_now_is_sent_without_a_question_and_what_it_replaced_is_told(fleet, generation, in_place):
    two, first = fleet("w1", "w2"), generation(1)
    two.push(first)
    two.sent.clear()
    second = generation(2, first)
    outcomes = two.push(second, behind={"w1": "", "w2": ""}, canaries=frozenset({"w1"}))
    assert [outcome.before for outcome in outcomes.values()] == [1, 1]
    assert [bool(command.stdin) for command in two.sent] == [True, False, True], "w1, a canary, loads its bindings too"
    assert two.hosts["w2"].files() == in_place(second)
    assert {outcome.result for outcome in two.push(second, behind={"w1": ""}).values()} == {"current"}


def test_every_stage_in_which_a_host_can_fail_is_explained():
    package = Path(matrix_distributor.__file__).parent
    sources = "".join(path.read_text() for path in package.rglob("*.py"))
    named = set(re.findall(r'stage="([a-z ]+)"', sources)) | set(re.findall(r'Trouble\([^"()]*?"([a-z ]+)"', sources))
    named |= set(re.findall(r"_TIMEOUT_CURES = \{(.*?)\}", sources, re.DOTALL)[0].split('"')[1::4])
    assert named
    assert named <= set(STAGES), named - set(STAGES)
    assert all(len(line) <= 120 for text in STAGES.values() for line in text.splitlines())
