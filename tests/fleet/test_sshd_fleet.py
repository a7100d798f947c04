"""The tests' own fleet: it is what it says, and nothing of it stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import FAULTS, SshdFleet


@pytest.fixture(scope="module")
def fleet() -> Iterator[SshdFleet]:
    require("root", "sshd", "ssh")
    with SshdFleet(["w101", "w102", "w103"]) as started:
        yield started


def ssh(fleet: SshdFleet, name: str, line: str, seconds: float = 10) -> subprocess.CompletedProcess[str]:
    command = ["timeout", str(seconds), "ssh", "-F", str(fleet.ssh_config), name, line]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_every_host_has_its_own_files_name_and_processes(fleet: SshdFleet) -> None:
    for name in fleet.names:
        done = ssh(fleet, name, "hostname; hostname > /etc/fleet-test; hostname > /var/lib/dsas/x; cat /proc/1/comm")
        assert done.stdout.split() == [name, "sshd"], done
    for name in fleet.names:
        assert fleet.read(name, "/etc/fleet-test") == fleet.read(name, "/var/lib/dsas/x") == f"{name}\n".encode()
    assert not Path("/etc/fleet-test").exists()
    assert len({fleet.address(name) for name in fleet.names}) == 3


@pytest.mark.parametrize("mode", [fault for fault in FAULTS if fault != "ok"])
def test_each_fault_does_what_it_says_and_heals(fleet: SshdFleet, mode: str) -> None:
    fleet.write("w101", "/var/lib/dsas/kept", b"before\n")
    mute = ("hang", "blackhole", "hangcmd")
    begun = time.monotonic()
    fleet.fault({"slow": "slow:60", "cut": "cut:1"}.get(mode, mode), "w101")
    done = ssh(fleet, "w101", "head -c 100000 /dev/zero > /etc/big; cat /var/lib/dsas/kept", 0.5 if mode in mute else 5)
    seen = {
        "refuse": "refused" in done.stderr,
        "hang": done.returncode == 124,
        "blackhole": done.returncode == 124,
        "ro": "Read-only file system" in done.stderr,
        "full": "No space left on device" in done.stderr,
        "wrongkey": "IDENTIFICATION HAS CHANGED" in done.stderr,
        "nokey": "host key is known" in done.stderr,
        "denied": "Permission denied" in done.stderr,
        "hangcmd": done.returncode == 124,
        "cut": done.returncode == 255,
        "slow": time.monotonic() - begun > 0.7,
    }
    assert seen[mode], done
    assert ssh(fleet, "w102", "hostname").stdout == "w102\n"
    fleet.heal()
    assert ssh(fleet, "w101", "cat /var/lib/dsas/kept").stdout == "before\n"


def test_a_power_cut_ends_all_that_ran_on_the_host(fleet: SshdFleet) -> None:
    assert ssh(fleet, "w103", "setsid sleep 4321 >/dev/null 2>&1 </dev/null & echo").returncode == 0
    settle(lambda: sleepers("4321") == 1)
    fleet.fault("refuse", "w103")
    assert sleepers("4321") == 0
    fleet.heal()


def test_the_files_of_a_host_that_is_off_can_be_read(fleet: SshdFleet) -> None:
    fleet.write("w103", "/etc/fleet-test", b"left\n")
    fleet.fault("refuse", "w103")
    assert fleet.read("w103", "/etc/fleet-test") == b"left\n"
    with pytest.raises(ValueError, match="w103 is off"):
        fleet.path("w103", "/usr/bin/env")
    fleet.heal()


def test_two_fleets_do_not_meet(fleet: SshdFleet) -> None:
    with SshdFleet(["w101"]) as other:
        assert other.address("w101") != fleet.address("w101")
        other.write("w101", "/etc/only-there", b"")
        assert not fleet.exists("w101", "/etc/only-there")


@pytest.mark.needs("root", "sshd")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_nothing_is_left_when_the_tests_are_ended(number: signal.Signals, tmp_path: Path) -> None:
    token = f"98{os.getpid()}"
    program = f"""
import sys, time
from sshd_fleet import SshdFleet
with SshdFleet(3) as fleet:
    fleet.fault("hang", "h2")
    fleet.run("h1", "sh", "-c", "setsid sleep {token} >/dev/null 2>&1 </dev/null & :")
    print(fleet.root, *(fleet.pid(name) for name in fleet.names), flush=True)
    time.sleep(60)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    with parent:
        assert parent.stdout is not None
        root, *pids = parent.stdout.readline().split()
        there = [Path(f"/proc/{pid}").exists() for pid in pids]
        settle(lambda: sleepers(token) == 1)
        parent.send_signal(number)
    assert there == [True] * 3
    settle(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    settle(lambda: not sleepers(token) and not Path(root).exists())
    assert root not in Path("/proc/mounts").read_text()


def test_without_root_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(PermissionError, match="needs root"):
        SshdFleet(1)


def settle(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def sleepers(seconds: str) -> int:
    """How many processes anywhere run `sleep SECONDS`."""
    count = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                count += (entry / "cmdline").read_bytes() == f"sleep\0{seconds}\0".encode()
            except OSError:
                continue
    return count
