"""Running commands on real sshd hosts through a Session."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sshd_fleet import SshdFleet

from matrix_distributor.conversation import Output
from matrix_distributor.fleetwork import FleetworkError, Job, RunOutcome, Script, Session, Waves
from matrix_distributor.hosts import exit_status
from matrix_distributor.transport import SSHOptions
from matrix_grammar import Fleet
from matrix_grammar.diagnostics import SelectorError


def by_host(outcomes: object) -> dict[str, RunOutcome]:
    found = {outcome.host: outcome for outcome in outcomes}  # type: ignore[attr-defined]
    return {name: found[name] for name in sorted(found)}


def test_every_host_gives_one_outcome_and_hosts_out_of_service_are_skipped_with_their_reason(session: Session) -> None:
    outcomes = by_host(session.run("web", "echo", "hello"))
    assert [(name, outcome.result) for name, outcome in outcomes.items()] == [
        ("h1", "ok"), ("h2", "ok"), ("h3", "skipped"),
    ]  # fmt: skip
    assert outcomes["h1"].stdout == b"hello\n"
    assert outcomes["h2"].flag == "WARN: fan alarm 4/12"
    assert outcomes["h3"].cause == "STOP: disk, back 4/20"


def test_all_takes_hosts_out_of_service_and_exclude_takes_hosts_away(session: Session) -> None:
    outcomes = by_host(session.run("*", "true", all_=True, exclude=["web!h3", "h6"]))
    assert list(outcomes) == ["h3", "h4", "h5"]


@pytest.mark.parametrize(
    ("selectors", "named", "status"),
    [
        (["h3"], True, 4), (["H3, h4"], True, 0), (["h4", "h3"], True, 0), (["h[3-4]"], False, 0), (["web"], False, 0),
        (["h3&web"], False, 0), (["*"], False, 0),
    ],
)  # fmt: skip
def test_a_host_out_of_service_that_was_named_itself_is_told_and_alone_in_the_status(
    session: Session, selectors: list[str], named: bool, status: int
) -> None:
    outcomes = by_host(session.run(selectors, "true"))
    assert (outcomes["h3"].result, outcomes["h3"].named, exit_status(outcomes.values())) == (
        "skipped",
        named,
        status,
    )
    assert ("-a" in outcomes["h3"].cure) == named


def test_several_selectors_are_united(session: Session) -> None:
    assert list(by_host(session.run(["h4", "web&UP"], "true"))) == ["h1", "h2", "h4"]


def test_no_hosts_are_an_error_and_never_all_of_them(session: Session) -> None:
    for nothing in ("", [], [" "], "web&db"):
        with pytest.raises(FleetworkError):
            list(session.run(nothing, "true"))
    with pytest.raises(SelectorError):
        list(session.run("wbe", "true"))


def test_the_command_knows_who_it_runs_on(session: Session) -> None:
    outcome = by_host(session.run("h2", 'echo "$DSAS_HOST|$DSAS_ROLES|$DSAS_STATE"'))["h2"]
    assert outcome.stdout == b"h2|site site.east web|WARN\n"


def test_several_words_arrive_as_they_are_and_one_is_a_shell_line(session: Session) -> None:
    words = ["printf", "[%s]", "a b", "$HOME", "it's", 'qu"ote', "*", "new\nline", "", "-x", "\\", "ü!"]
    assert by_host(session.run("h1", *words))["h1"].stdout == "".join(f"[{word}]" for word in words[2:]).encode()
    assert by_host(session.run("h1", "echo a | tr a b; echo $((1 + 1))"))["h1"].stdout == b"b\n2\n"


def test_exit_statuses_and_signals_are_values(session: Session) -> None:
    assert by_host(session.run("h1", "exit 7"))["h1"].status == 7
    assert str(by_host(session.run("h1", "exit", "7"))["h1"].trouble) == "command: exit 7"
    assert by_host(session.run("h1", "kill -9 $$"))["h1"].status == 137
    assert by_host(session.run("h1", "no-such-command", "x"))["h1"].status == 127


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_standard_input_goes_to_every_host_whole(session: Session, size: int) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"\0\n" * (size // 2) + b"x" * (size % 2))
        file.flush()
        for outcome in by_host(session.run("h[1,4]", "wc -c; ls -A /tmp", stdin=file)).values():
            assert outcome.stdout.split() == [str(size).encode()]


def test_a_script_is_carried_along_with_arguments_and_leaves_nothing(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "fix.sh"
    path.write_bytes(b'#!/bin/sh -e\nfor word do echo "<$word>"; done; cat; false; echo never\n')
    with tempfile.TemporaryFile() as file:
        file.write(b"input\n")
        file.flush()
        outcome = by_host(session.run("h1", "a b", "-c", script=Script.of(path), stdin=file))["h1"]
    assert (outcome.status, outcome.stdout) == (1, b"<a b>\n<-c>\ninput\n")
    assert by_host(session.run("h1", "ls -A /tmp"))["h1"].stdout == b""


def test_a_script_for_another_interpreter_runs_in_it(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_bytes(b"#!/usr/bin/env perl\nprint 6*7;\n")
    assert by_host(session.run("h1", script=Script.of(path)))["h1"].stdout == b"42"


def test_output_is_given_as_it_comes(session: Session) -> None:
    chosen = session.choose("h1")
    events = session.run_on(chosen, Job(("echo one; sleep 0.3; echo two >&2",)), live=True)
    seen = []
    for event in events:
        seen.append((time.monotonic(), event))
    chunks = [(event.stream, event.chunk) for _, event in seen if isinstance(event, Output)]
    assert chunks == [("stdout", b"one\n"), ("stderr", b"two\n")]
    assert seen[1][0] - seen[0][0] > 0.2


def test_rolling_stops_at_the_first_failure(session: Session) -> None:
    line = "[ $DSAS_HOST != h4 ]"
    outcomes = by_host(session.run("h[1-2,4-6]", line, pace=Waves(rolling=2)))
    assert {name: outcome.result for name, outcome in outcomes.items()} == {
        "h1": "ok", "h2": "ok", "h4": "failed", "h5": "ok", "h6": "not begun",
    }  # fmt: skip
    assert "h4" in outcomes["h6"].cause


def test_rolling_goes_on_wave_after_wave_with_pauses(session: Session) -> None:
    started = time.monotonic()
    outcomes = by_host(session.run("h[1,4-6]", "true", pace=Waves(rolling=2, pause=0.5)))
    assert all(outcome.ok for outcome in outcomes.values())
    assert time.monotonic() - started > 0.5


def test_what_was_not_reached_is_tried_again_and_what_ran_never(session: Session, hosts: SshdFleet) -> None:
    hosts.fault("refuse", "h5")
    outcomes = by_host(session.run("h[4-5]", "echo x >>/srv/host/ran; exit 1", pace=Waves(retry=2)))
    assert outcomes["h5"].result == "unreachable"
    assert "Connection refused" in outcomes["h5"].cause
    assert hosts.read("h4", "/srv/host/ran") == b"x\n"


def running(hosts: SshdFleet, name: str) -> str:
    return hosts.run(name, "ps", "axww", "-o", "args").stdout.decode()


def gone(hosts: SshdFleet, name: str, words: str, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if words not in running(hosts, name):
            return True
        time.sleep(0.1)
    return False


def test_a_time_for_all_ends_what_runs_on_the_hosts_too(session: Session, hosts: SshdFleet) -> None:
    started = time.monotonic()
    line = "sleep 4711 & sh -c 'trap : TERM; sleep 4711'; sleep 4711"
    outcomes = by_host(session.run("h[1,4]", line, pace=Waves(total=1.0)))
    assert time.monotonic() - started < 3
    assert {outcome.result for outcome in outcomes.values()} == {"interrupted"}
    assert "the 1 s for all are over" in outcomes["h1"].cause
    assert gone(hosts, "h1", "4711", 5)
    assert gone(hosts, "h4", "4711", 5)


def test_a_host_that_does_not_end_in_time_fails_and_is_left_clean(hosts: SshdFleet, fleet: Fleet) -> None:
    with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=1) as session:
        outcomes = by_host(session.run("h[1,4]", "[ $DSAS_HOST = h1 ] || sleep 4712"))
        assert (outcomes["h1"].result, outcomes["h4"].result) == ("ok", "failed")
        assert "did not end within 1 s" in outcomes["h4"].cause
        assert gone(hosts, "h4", "4712", 5)


def test_the_whole_of_a_host_has_its_time_from_the_first_step_on(hosts: SshdFleet, fleet: Fleet) -> None:
    for fault, stage in (("hang", "banner"), ("blackhole", "connect"), ("hangcmd", "command")):
        hosts.fault(fault, "h4")
        with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=60, whole=2) as session:
            (outcome,) = session.run("h4", "true")
        assert (outcome.stage, outcome.cause.endswith("within 2 s")) == (stage, True), outcome
    hosts.heal("h4")


def test_this_machine_has_no_more_time_than_others_even_where_its_command_hears_no_signal(
    hosts: SshdFleet, fleet: Fleet
) -> None:
    with Session(fleet, SSHOptions(config=hosts.ssh_config), timeout=60, whole=1, named="h1") as session:
        (outcome,) = session.run("h1", "trap '' TERM HUP; sleep 4719; :")
    assert outcome.cause == "the command did not end within 1 s"
    seen = "pgrep -f '[s]leep 4719' >/dev/null"
    subprocess.run(["sh", "-c", f"i=0; while {seen} && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done"], check=True)
    assert subprocess.run(["sh", "-c", seen], check=False).returncode == 1


def test_a_script_leaves_no_file_when_it_is_ended(session: Session, hosts: SshdFleet) -> None:
    list(session.run("h1", script=Script(b"sleep 4713", "sh"), pace=Waves(total=1.0)))
    assert gone(hosts, "h1", "4713", 5)
    assert hosts.run("h1", "ls", "-A", "/tmp").stdout == b""


def test_stop_begins_nothing_more_and_lets_running_hosts_end(hosts: SshdFleet, fleet: Fleet) -> None:
    with Session(fleet, SSHOptions(config=hosts.ssh_config), fanout=1, timeout=20) as session:
        outcomes = []
        for outcome in session.run("h[1,4-6]", "sleep 0.5; echo done"):
            outcomes.append(outcome)
            session.stop("stopped by the test")
    results = sorted(outcome.result for outcome in outcomes)
    assert results.count("ok") in (1, 2)
    assert results.count("not begun") == 4 - results.count("ok")
    assert {o.cause for o in outcomes if not o.ok} == {"stopped by the test"}


def test_a_session_goes_on_after_it_was_aborted_or_left_early(session: Session) -> None:
    for _ in session.run("h[1,4-6]", "echo $DSAS_HOST; sleep 0.1"):
        break
    assert len(list(session.run("h[1,4]", "true"))) == 2


def test_this_machine_does_its_share_without_ssh(hosts: SshdFleet, fleet: Fleet, tmp_path: Path) -> None:
    hosts.fault("refuse", "h1")
    options = SSHOptions(config=hosts.ssh_config)
    with Session(fleet, options, named="h1", timeout=20) as session:
        outcomes = by_host(session.run("h[1,4]", f"echo $DSAS_HOST >>{tmp_path}/ran; cat; exit 3"))
        assert (outcomes["h1"].status, outcomes["h4"].status) == (3, 3)
        assert (tmp_path / "ran").read_text() == "h1\n"
        ended = by_host(session.run("h1", "sleep 4714", pace=Waves(total=0.5)))
        assert ended["h1"].result == "interrupted"
    with Session(fleet, options, named="h1", local=False, timeout=20) as session:
        assert by_host(session.run("h1", "true"))["h1"].result == "unreachable"


def test_output_without_end_is_taken_at_the_callers_pace(session: Session) -> None:
    job = Job(("head -c 100000000 /dev/zero | tr '\\0' x",))
    size = sum(len(e.chunk) for e in session.run_on(session.choose("h[1,4]"), job, live=True) if isinstance(e, Output))
    assert size == 200_000_000
