"""A hundred real sshd hosts, of which twenty are bad in ten ways."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor import CopyOptions, HostOutcome, Session, SSHOptions, Timeouts, scan
from matrix_grammar import Fleet, loads

FAULTS = {
    "refuse": ("connect", "Connection refused"),
    "hang": ("banner", "then said nothing within"),
    "blackhole": ("connect", "no answer from"),
    "hangcmd": ("command", "did not end within"),
    "wrongkey": ("host key", "changed"),
    "nokey": ("host key", "unknown host key"),
    "denied": ("login", ""),
    "ro": ("stage", "Read-only file system"),
    "full": ("transfer", "No space left on device"),
    "cut:120": ("command", "connection was closed"),
}
BAD = {fault: (f"h{4 + 10 * number}", f"h{9 + 10 * number}") for number, fault in enumerate(FAULTS)}
SLOW = ("h2", "h52")
TIMES = Timeouts(resolve=3, connect=3, banner=3, key_exchange=10, login=10)


@pytest.fixture(scope="module")
def hundred() -> Iterator[SshdFleet]:
    require("root", "sshd")
    with SshdFleet(100) as hosts:
        yield hosts


@pytest.fixture
def fleet(hundred: SshdFleet) -> Fleet:
    return loads("".join(f"{name} {hundred.address(name)} [web]\n" for name in hundred.names))


def bad_hosts() -> dict[str, str]:
    return {host: fault for fault, hosts in BAD.items() for host in hosts}


def copied(hosts: SshdFleet, fleet: Fleet, word: str, selector: str) -> tuple[dict[str, HostOutcome], float, float]:
    """The outcomes, when the last good host was done, and when all were, in seconds."""
    started = last_good = time.monotonic()
    outcomes = {}
    with Session(fleet, SSHOptions(config=hosts.ssh_config), timeouts=TIMES, timeout=8, keep=False) as session:
        for outcome in session.copy(selector, scan(word), CopyOptions()):
            outcomes[outcome.host] = outcome
            if outcome.ok and outcome.host not in SLOW:
                last_good = time.monotonic()
    return outcomes, last_good - started, time.monotonic() - started


def test_the_good_are_as_fast_as_without_the_bad_and_every_bad_one_is_named_with_stage_and_cause(
    hundred: SshdFleet, fleet: Fleet, tmp_path: Path
) -> None:
    source = tmp_path / "file"
    before = os.urandom(5_000)
    source.write_bytes(before)
    good = [name for name in hundred.names if name not in bad_hosts() and name not in SLOW]
    everywhere, _, _ = copied(hundred, fleet, f"{source}:/etc/copied", "*")
    assert all(outcome.ok for outcome in everywhere.values())
    source.write_bytes(os.urandom(200_000))
    alone, fast, _ = copied(hundred, fleet, f"{source}:/etc/copied", ",".join(good))
    assert all(outcome.ok for outcome in alone.values())
    source.write_bytes(os.urandom(200_000))
    for fault, names in BAD.items():
        hundred.fault(fault, *names)
    hundred.fault("slow:300", *SLOW)

    outcomes, good_seconds, all_seconds = copied(hundred, fleet, f"{source}:/etc/copied", "*")

    assert len(outcomes) == 100
    for name in (*good, *SLOW):
        assert outcomes[name].trouble == "", name
    for name, fault in bad_hosts().items():
        stage, cause = FAULTS[fault]
        assert not outcomes[name].ok, (name, fault)
        assert outcomes[name].stage == stage, (fault, outcomes[name])
        assert cause in outcomes[name].cause, (fault, outcomes[name])
    assert good_seconds < 1.5 * fast + 1.5, (fast, good_seconds)
    assert all_seconds < 3 + 10 + 8 + 5
    content = source.read_bytes()
    for name in good:
        assert hundred.read(name, "/etc/copied") == content
    hundred.heal()
    for name in bad_hosts():
        if hundred.exists(name, "/etc/copied"):
            assert hundred.read(name, "/etc/copied") in (before, content), f"{name} has half a file"
        for folder in ("/etc", "/root", "/tmp", "/srv/host"):
            assert list(hundred.path(name, folder).glob(".dsas*")) == [], (name, bad_hosts()[name])

    healed, _, _ = copied(hundred, fleet, f"{source}:/etc/copied", "*")
    assert all(outcome.ok for outcome in healed.values())
    changed = {name for name, outcome in healed.items() if outcome.changes}  # type: ignore[attr-defined]
    assert changed <= set(bad_hosts())
