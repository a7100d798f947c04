"""FORALL, SYNCALL and DIFFALL as sh functions of dsas.conf: from one real host to others, with ssh and sh alone."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bombs import GZIPS
from fleet_faces import SHELLS, bring, call_face, last
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor.conversation.answers import BEGIN
from matrix_emitters.bindings import build
from matrix_grammar import Fleet

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=["bash", "busybox"])  # dash: test_two_faces.py
def call(request: pytest.FixtureRequest, hosts: SshdFleet, fleet: Fleet) -> Call:
    """Run FORALL and its sisters in a shell of h1, which has a key for the others, and is told that it is h1."""
    require("ssh", request.param)
    bring(hosts, fleet, "")

    def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return call_face(hosts, request.param, *words, stdin=stdin)

    return run


@pytest.mark.parametrize(
    ("hosts_named", "named", "status"),
    [
        ("h3", True, 4), ("h4,h3", True, 0), ("h3,H4", True, 0), ("h[3-4]", False, 0), ("web", False, 0),
        ("h3&web", False, 0),
    ],
)  # fmt: skip
def test_a_host_out_of_service_that_was_named_itself_is_told_and_alone_in_the_status(
    call: Call, hosts_named: str, named: bool, status: int
) -> None:
    done = call("FORALL", hosts_named, "true")
    assert done.returncode == status, done.stderr
    told = "h3: skipped: STOP: disk, back 4/20" + (
        "; it was named, and was left out: -a takes hosts out of service too" * named
    )
    assert told in done.stderr.splitlines()


def test_a_dry_run_lets_a_new_key_in_and_writes_it_nowhere(call: Call, hosts: SshdFleet) -> None:
    hosts.write("h1", "/root/two", b"two\n")
    hosts.write("h1", "/root/.ssh/known_hosts", b"# nobody\n")
    done = call("SYNCALL", "-n", "--accept-new", "h4", "two:/srv/host/two")
    assert done.returncode == 0, done.stderr
    assert hosts.read("h1", "/root/.ssh/known_hosts") == b"# nobody\n"
    assert call("SYNCALL", "-n", "h4", "two:/srv/host/two").returncode == 4
    assert call("SYNCALL", "--accept-new", "h4", "two:/srv/host/two").returncode == 0
    assert hosts.read("h1", "/root/.ssh/known_hosts") != b"# nobody\n"


def test_forall(call: Call, hosts: SshdFleet) -> None:
    hosts.fault("refuse", "h6")
    done = call("FORALL", "*", "printf", "%s|", "a b", "it's", "$x")
    assert sorted(done.stdout.splitlines()) == [f"{name}: a b|it's|$x|" for name in ("h1", "h2 WARN", "h4", "h5")]
    assert "h3: skipped: STOP: disk, back 4/20" in done.stderr
    assert "h6: connect: Connection refused" in done.stderr
    assert last(done) == (
        "4 ok, 1 failed (h6: connection refused), 1 skipped (h3 STOP: disk, back 4/20), "
        "1 flagged (h2 WARN: fan alarm 4/12)"
    )
    assert done.returncode == 3
    assert call("FORALL", "h6", "true").returncode == 4
    gathered = call("FORALL", "-g", "-a", "-x", "h6", "*", "--", 'echo "$DSAS_STATE" | tr -d WN; [ $DSAS_HOST != h5 ]')
    assert gathered.stdout == "h[1,4]:\n\nh2:\nAR\nh3:\nSTOP\nh5 (exit 1):\n\n"


@pytest.mark.parametrize("words", [(), ("web",), ("wbe", "true"), ("--", "true"), ("web", "--nonsense", "true")])
def test_wrong_usage_runs_nothing(call: Call, words: tuple[str, ...]) -> None:
    done = call("FORALL", *words)
    assert (done.returncode, done.stdout) == (2, "")


def test_forall_passes_options_input_and_scripts_on(call: Call, hosts: SshdFleet) -> None:
    assert call("FORALL", "h4", "echo", "-a", "x").stdout == "h4: -a x\n"
    assert call("FORALL", "h4", "h5", "-x", "h5", "--", "echo", "--").stdout == "h4: --\n"
    assert call("FORALL", "-i", "h1,h4", "cat", stdin="input\n").stdout.count("input") == 2
    hosts.write("h1", "/root/fix.sh", b'#!/bin/sh -e\necho "$#:$1"\nfalse\necho never\n')
    done = call("FORALL", "--script", "h4", "./fix.sh", "a b", "c")
    assert (done.stdout, done.returncode) == ("h4: 2:a b\n", 3)
    rolled = call("FORALL", "--rolling", "1", "h[1,4-5]", "[ $DSAS_HOST != h4 ]")
    assert last(rolled) == "1 ok, 1 failed (h4: exit 1), 1 not begun (h5: stopped, since h4 failed)"


def test_forall_ends_what_takes_too_long_on_the_host_too(call: Call, hosts: SshdFleet) -> None:
    done = call("FORALL", "--timeout", "1", "h4", "sleep 4750")
    assert "did not end within 1 s" in last(done)
    assert gone(hosts, "h4", "4750")


def gone(hosts: SshdFleet, name: str, words: str) -> bool:
    """Whether, within five seconds, no process of the host has these words in its command line."""
    for _ in range(50):
        if words not in hosts.run(name, "ps", "axww", "-o", "args").stdout.decode():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("shell", SHELLS)
def test_ctrl_c_begins_nothing_more_and_a_second_one_ends_what_runs(hosts: SshdFleet, fleet: Fleet, shell: str) -> None:
    require("ssh", shell)
    bring(hosts, fleet, "")
    one_by_one = ["FORALL", "--fanout", "1"]
    done = call_face(hosts, shell, *one_by_one, "h[1,4-5]", "echo begun; sleep 1; echo ended", ctrl_c=1)
    assert done.stdout == "h1: begun\nh1: ended\n"
    assert last(done) == "1 ok, 2 not begun (h[4-5]: stopped by Ctrl-C)"
    done = call_face(hosts, shell, *one_by_one, "h[4-5]", "echo begun; sleep 4751", ctrl_c=2)
    assert "1 interrupted (h4: ended before it was done: ended by Ctrl-C), 1 not begun (h5: " in last(done)
    assert gone(hosts, "h4", "4751")


def test_syncall(call: Call, hosts: SshdFleet) -> None:
    hosts.write("h1", "/root/new.conf", b"one\ntwo\n")
    hosts.write("h4", "/etc/sh.conf", b"one\n")
    hosts.path("h5", "/etc/sh.conf").unlink(missing_ok=True)
    word = "./new.conf:/etc/sh.conf"
    dry = call("SYNCALL", "-n", "h[4-5]", word)
    assert "h5: new /etc/sh.conf\n" in dry.stdout
    assert "h4: content /etc/sh.conf\n--- h4:/etc/sh.conf\n+++ ./new.conf\n@@ -1 +1,2 @@\n one\n+two\n" in dry.stdout
    assert not hosts.exists("h5", "/etc/sh.conf")
    bad = call("SYNCALL", "--check", "grep -q three %s", "h[4-5]", word)
    assert last(bad) == "2 failed (h[4-5]: --check ended with status 1; nothing was changed)"
    assert hosts.read("h4", "/etc/sh.conf") == b"one\n"
    done = call("SYNCALL", "--mode", "0640", "--backup", "--then", "echo then $DSAS_HOST", "h[4-5]", word)
    assert (last(done), done.returncode) == ("2 changed", 0)
    assert hosts.read("h4", "/etc/sh.conf") == b"one\ntwo\n"
    assert hosts.read("h4", "/etc/sh.conf~") == b"one\n"
    assert hosts.path("h4", "/etc/sh.conf").stat().st_mode & 0o7777 == 0o640
    assert "h4: then h4\n" in done.stdout
    assert last(call("SYNCALL", "--mode", "0640", "h[4-5]", word)) == "2 same"
    assert hosts.run("h4", "find", "/etc", "-name", ".dsas*").stdout == b""


def test_syncall_to_a_full_disk_leaves_the_old_file(call: Call, hosts: SshdFleet) -> None:
    hosts.run("h1", "sh", "-c", "head -c 300000 /dev/urandom >/root/big")
    hosts.path("h1", "/etc/sh.conf").unlink(missing_ok=True)
    hosts.fault("full", "h6")
    done = call("SYNCALL", "h6", "./big:/etc/big")
    assert "no space left on device" in last(done)
    assert not hosts.exists("h6", "/etc/big")


def test_diffall(call: Call, hosts: SshdFleet) -> None:
    hosts.write("h1", "/root/d", b"a\n")
    for name, content in (("h1", b"a\n"), ("h4", b"b\n"), ("h5", b"a\n")):
        hosts.write(name, "/etc/shd", content)
    hosts.path("h2", "/etc/shd").unlink(missing_ok=True)
    done = call("DIFFALL", "h[1-2,4-5]", "./d:/etc/shd")
    assert done.stdout == (
        "h[1,5]: same\nh4: differ from here\n--- here:/etc/shd\n+++ h4:/etc/shd\n@@ -1 +1 @@\n-a\n+b\nh2: absent\n"
    )
    assert (last(done), done.returncode) == ("2 same, 1 differ, 1 absent, 1 flagged (h2 WARN: fan alarm 4/12)", 1)
    voted = call("DIFFALL", "--vote", "-q", "h[1,4-5]", "/etc/shd")
    assert (voted.stdout, voted.returncode) == ("h[1,5]: same\nh4: differ from h[1,5]\n", 1)
    assert call("DIFFALL", "h[1,5]", "./d:/etc/shd").returncode == 0


@pytest.mark.parametrize("me", ["FORALL", "SYNCALL", "DIFFALL"])
def test_the_files_are_clean_for_shellcheck(me: str, fleet: Fleet, tmp_path: Path) -> None:
    """As they are loaded one after another, so that each knows the variables of those before it."""
    require("shellcheck")
    built = {Path(each.path).name: each.content.decode() for each in build(fleet, 1, only=["sh"])}
    loader = built["fleet.sh"].partition("case $me in\n    FORALL) .")[0]
    (tmp_path / "all.sh").write_text(loader + built[f"fleet-{me.lower()}.sh"] + 'main "$@"\n')
    left_alone = "SC1090,SC2015,SC2016,SC2013,SC2034,SC2046,SC2086,SC2089,SC2090,SC2153,SC2154,SC2329,SC2317"
    done = subprocess.run(
        ["shellcheck", "-s", "sh", "-e", left_alone, str(tmp_path / "all.sh")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""


@pytest.fixture
def lying(hosts: SshdFleet) -> Iterator[Callable[[bytes, str], None]]:
    """Have h4 say something else than it is asked, from its login shell, where a line for the shell is true."""

    def lie(answer: bytes, when: str) -> None:
        hosts.write("h4", "/root/answer", answer)
        hosts.write("h4", "/root/.bashrc", f"{when} && exec cat /root/answer\n: >/root/asked\n".encode())

    yield lie
    hosts.run("h4", "rm", "-f", "/root/.bashrc", "/root/answer", "/root/asked")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        pytest.param(BEGIN + GZIPS["zeros"](), "its report holds more than", id="1.6 GB out of 1.5 MB"),
        pytest.param(BEGIN + b"R\n" * 200_000, "its report ends in the middle", id="letters without end"),
    ],
)
def test_a_report_that_grows_without_end_is_that_hosts_trouble(
    call: Call, lying: Callable[[bytes, str], None], answer: bytes, cause: str
) -> None:
    lying(answer, "true")
    done = call("DIFFALL", "--vote", "h4,h5", "/etc/hostname")
    assert f"h4: survey: {cause}" in done.stderr
    assert done.returncode == 3


def test_a_content_that_grows_without_end_is_not_shown(
    call: Call, hosts: SshdFleet, lying: Callable[[bytes, str], None]
) -> None:
    """The survey is honest, and the file is a bomb when it is fetched."""
    hosts.write("h1", "/srv/host/x", b"here\n")
    hosts.write("h4", "/srv/host/x", b"there\n")
    lying(BEGIN + GZIPS["zeros"](), "[ -e /root/asked ]")
    done = call("DIFFALL", "h4", "/srv/host/x")
    assert "differ; too large to be shown" in done.stdout
    assert done.returncode == 1
