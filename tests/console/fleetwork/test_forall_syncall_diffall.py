"""The commands FORALL, SYNCALL and DIFFALL as a person types them, on real sshd hosts."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

ROOT = Path(__file__).parents[3]
PACKAGES = ":".join(
    str(ROOT / package) for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def hosts() -> Iterator[SshdFleet]:
    require("root", "sshd")
    with SshdFleet(6) as fleet:
        fleet.fault("refuse", "h6")
        yield fleet


@pytest.fixture
def site(hosts: SshdFleet, tmp_path: Path) -> Path:
    """A folder with a MATRIX: h1, h2 (WARN), h3 (STOP), h4 in web; h5, h6 in db, of which h6 refuses."""
    states = {"h2": "[WARN: fan alarm]", "h3": "[STOP: disk]"}
    lines = [
        f"{n} {hosts.address(n)} [{'db' if n in ('h5', 'h6') else 'web'}] {states.get(n, '')}" for n in hosts.names
    ]
    (tmp_path / "MATRIX").write_text("\n".join(lines) + "\n")
    (tmp_path / "matrix.toml").write_text(f'[ssh]\nconfig = "{hosts.ssh_config}"\nconnect_timeout = 3\n')
    return tmp_path


def environment(site: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DSAS_", "MATRIX_", "SSH_"))}
    return kept | {"PYTHONPATH": PACKAGES, "HOME": str(site), "NO_COLOR": "1"}


def words(command: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", f"from matrix_console.main import {command} as run; run()", *arguments]


@pytest.fixture
def run(site: Path) -> Run:
    def call(command: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words(command, *arguments), cwd=site, env=environment(site), input=stdin, text=True,
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip

    return call


def last(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.splitlines()[-1]


def test_lines_have_the_host_in_front_and_a_summary_ends_them(run: Run) -> None:
    done = run("forall", "*", "echo", "hello")
    assert sorted(done.stdout.splitlines()) == ["h1: hello", "h2 WARN: hello", "h4: hello", "h5: hello"]
    assert "h3: skipped: STOP: disk" in done.stderr
    assert "h6: connect: " in done.stderr
    assert last(done) == (
        "4 ok, 1 failed (h6: connection refused), 1 skipped (h3 STOP: disk), 1 flagged (h2 WARN: fan alarm)"
    )
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["h1", "echo", "-a", "-x", "h1"], "h1: -a -x h1\n"),
        (["h1", "-x", "h4", "echo", "x"], "h1: x\n"),
        (["h1", "h1", "--", "echo", "--", "x"], "h1: -- x\n"),
        (["-x", "h2", "h1", "h2", "--", "sh", "-c", "echo $0 $1", "a", "b c"], "h1: a b c\n"),
        (["h1", "echo a; echo b | tr b c"], "h1: a\nh1: c\n"),
    ],
)
def test_options_end_at_the_command(run: Run, arguments: list[str], output: str) -> None:
    done = run("forall", *arguments)
    assert (done.stdout, done.returncode) == (output, 0)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--", "uptime"], ["web"], ["wbe", "uptime"], ["web&db", "uptime"], ["web", "--nonsense", "uptime"],
     ["web", "--rolling", "none", "true"], ["web", "--diff-against", "h9", "true"]],
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_runs_nothing(run: Run, arguments: list[str]) -> None:
    done = run("forall", *arguments)
    assert done.returncode == 2
    assert done.stderr
    assert not done.stdout


def test_statuses_of_the_whole(run: Run) -> None:
    assert run("forall", "h1", "true").returncode == 0
    assert run("forall", "h1,h4", "[ $DSAS_HOST = h1 ]").returncode == 3
    assert run("forall", "h6", "true").returncode == 4


def test_gathered_outputs_are_told_once_under_folded_names(run: Run) -> None:
    done = run("forall", "-g", "web,h5", "[ $DSAS_HOST = h4 ] && echo other && exit 2; echo same")
    assert done.stdout == "h[1-2,5]:\nsame\nh4 (exit 2):\nother\n"
    assert last(done).startswith("3 ok, 1 failed (h4: exit 2)")


def test_differences_from_one_host(run: Run) -> None:
    done = run("forall", "--diff-against", "h1", "web", "echo one; [ $DSAS_HOST != h4 ] || echo two")
    assert done.stdout == "h[1-2]:\none\nh4:\n--- h1\n+++ h4\n@@ -1 +1,2 @@\n one\n+two\n"


def test_json_gives_every_host(run: Run) -> None:
    done = run("forall", "--json", "*", "echo out; echo err >&2; [ $DSAS_HOST != h4 ]")
    told = {host["host"]: host for host in json.loads(done.stdout)["hosts"]}
    assert {name: host["result"] for name, host in told.items()} == {
        "h1": "ok", "h2": "ok", "h3": "skipped", "h4": "failed", "h5": "ok", "h6": "unreachable",
    }  # fmt: skip
    assert (told["h4"]["status"], told["h4"]["stdout"], told["h4"]["stderr"]) == (1, "out\n", "err\n")
    assert 0 < told["h1"]["seconds"] < 30


def test_scripts_and_standard_input(run: Run, site: Path) -> None:
    (site / "fix.sh").write_text('echo "$#:$1"; cat\n')
    done = run("forall", "--script", "-i", "h1", "./fix.sh", "a b", stdin="input\n")
    assert done.stdout == "h1: 1:a b\nh1: input\n"


def test_rolling_goes_host_by_host_and_stops(run: Run) -> None:
    done = run("forall", "--rolling", "1", "*", "[ $DSAS_HOST != h2 ]")
    assert done.returncode == 3
    assert "2 not begun (h" in last(done) or "3 not begun (h[4-6]" in last(done)


@contextmanager
def started(site: Path, arguments: list[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command, and the host that has begun; it is killed at the end unless it has ended."""
    with subprocess.Popen(
        arguments, cwd=site, env=environment(site), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            host, _, line = process.stdout.readline().partition(": ")
            assert line == "begun\n"
            yield process, host
        finally:
            process.kill()


def test_ctrl_c_once_lets_running_hosts_end_and_begins_no_more(site: Path) -> None:
    arguments = words("forall", "--fanout", "1", "h1,h4,h5", "echo begun; sleep 1; echo ended")
    with started(site, arguments) as (process, host):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert f"{host}: ended" in out
    assert "1 ok, 2 not begun (h" in err
    assert ": stopped by Ctrl-C)" in err
    assert process.returncode == 3


def test_ctrl_c_twice_ends_the_commands_on_the_hosts(site: Path, hosts: SshdFleet) -> None:
    arguments = words("forall", "--fanout", "1", "h1,h4", "echo begun; sleep 4730")
    with started(site, arguments) as (process, host):
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        _, err = process.communicate(timeout=10)
    assert f"1 interrupted ({host}: ended before it was done: ended by Ctrl-C), 1 not begun (" in err
    for _ in range(50):
        if b"4730" not in hosts.run(host, "ps", "axww", "-o", "args").stdout:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the command outlived its FORALL")


def test_a_terminal_shows_progress_with_the_slowest_host(site: Path) -> None:
    primary, secondary = pty.openpty()
    arguments = words("forall", "h1,h4,h5", "[ $DSAS_HOST != h4 ] || sleep 1.5")
    process = subprocess.Popen(arguments, cwd=site, env=environment(site), stdout=subprocess.DEVNULL, stderr=secondary)
    os.close(secondary)
    shown = b""
    while True:
        try:
            chunk = os.read(primary, 4096)
        except OSError:  # EIO: the other end is closed
            break
        shown += chunk
    os.close(primary)
    assert process.wait(30) == 0
    assert b"2/3, waiting for h4 (" in shown
    assert b"3 ok" in shown


def test_syncall_copies_shows_and_tells(run: Run, site: Path, hosts: SshdFleet) -> None:
    (site / "app.conf").write_text("one\ntwo\n")
    hosts.write("h1", "/etc/app.conf", b"one\n")
    dry = run("syncall", "-n", "h1,h4", "app.conf:/etc/app.conf")
    assert dry.stdout == (
        "h1: content /etc/app.conf\n--- h1:/etc/app.conf\n+++ app.conf\n@@ -1 +1,2 @@\n one\n+two\n"
        "h4: new /etc/app.conf\n"
    )
    assert last(dry) == "2 would change"
    assert not hosts.exists("h4", "/etc/app.conf")
    done = run("syncall", "web,h6", "app.conf:/etc/app.conf", "--then", "echo reloaded", "--mode", "0600")
    assert (hosts.read("h2", "/etc/app.conf"), done.returncode) == (b"one\ntwo\n", 3)
    assert "h2: reloaded\n" in done.stdout
    assert last(done).startswith("3 changed, 1 failed (h6: connection refused), 1 skipped (h3 STOP: disk)")
    assert last(run("syncall", "web", "app.conf:/etc/app.conf", "--mode", "0600")).startswith("3 same")


@pytest.mark.parametrize(
    "arguments",
    [["web"], ["--", "x"], ["web", "no-such-file:/x"], ["web", "x:/x", "y:/y"], ["web", "MATRIX:/x", "--mode", "9"],
     ["web", "MATRIX:/x", "--delete"]],
)  # fmt: skip
def test_syncall_refuses_what_it_cannot_mean(run: Run, arguments: list[str]) -> None:
    assert run("syncall", *arguments).returncode == 2


def test_diffall_tells_same_different_absent_and_unreachable_apart(run: Run, site: Path, hosts: SshdFleet) -> None:
    (site / "d").write_text("a\nb\n")
    for name, content in (("h1", b"a\nb\n"), ("h2", b"a\nB\n")):
        hosts.write(name, "/etc/d", content)
    assert run("diffall", "h1", "d:/etc/d").returncode == 0
    done = run("diffall", "h1,h2,h4", "d:/etc/d")
    assert done.stdout == (
        "h1: same\nh2: differ from here\n--- here:/etc/d\n+++ h2:/etc/d\n@@ -1,2 +1,2 @@\n a\n-b\n+B\nh4: absent\n"
    )
    assert (last(done), done.returncode) == ("1 same, 1 differ, 1 absent, 1 flagged (h2 WARN: fan alarm)", 1)
    assert run("diffall", "h1,h6", "d:/etc/d").returncode == 3
    assert run("diffall", "h6", "d:/etc/d").returncode == 4


def test_diffall_says_nothing_of_the_mode_of_a_link(run: Run, site: Path, hosts: SshdFleet) -> None:
    (site / "t").mkdir()
    (site / "t/file").write_text("one\n")
    (site / "t/link").symlink_to("file")
    assert run("syncall", "h1", "t/:/etc/t", "--mode", "0600").returncode == 0
    done = run("diffall", "--mode", "h1", "t/:/etc/t")
    assert "/etc/t/file: 0600 " in done.stdout
    assert "/etc/t/link" not in done.stdout


def test_diffall_votes(run: Run, hosts: SshdFleet) -> None:
    for name in ("h1", "h2", "h4"):
        hosts.write(name, "/etc/voted", b"x\n" if name == "h4" else b"y\n")
    done = run("diffall", "--vote", "h1,h2,h4", "/etc/voted")
    assert done.stdout.startswith("h[1-2]: same\nh4: differ from h[1-2]\n--- h[1-2]:/etc/voted\n")
    assert done.returncode == 1
    told = json.loads(run("diffall", "--vote", "--json", "h1,h4,h2", "/etc/voted").stdout)
    assert [host["same"] for host in told["hosts"]] == [True, True, False]
