"""A hundred real sshd hosts, of which twenty are bad in ten ways: the tests follow one another on the same hosts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from fleet_faces import bring, call_face
from fleet_fixtures import sshd_hosts
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Timeouts
from matrix_distributor.fleetwork import FleetworkOutcome, Session
from matrix_distributor.fleetwork.copy import CopyOptions, scan
from matrix_distributor.transport import SSHOptions
from matrix_grammar import Fleet
from matrix_grammar.reading import loads

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
    yield from sshd_hosts(100)


@pytest.fixture
def fleet(hundred: SshdFleet) -> Fleet:
    return loads("".join(f"{name} {hundred.address(name)} [web]\n" for name in hundred.names))


def bad_hosts() -> dict[str, str]:
    return {host: fault for fault, hosts in BAD.items() for host in hosts}


Work = Callable[[Session, str], Iterable[FleetworkOutcome]]


def told(
    hosts: SshdFleet, fleet: Fleet, work: Work, selector: str, *, timeout: float
) -> tuple[dict[str, FleetworkOutcome], float, float]:
    """The outcomes, when the last good host was done, and when all were, in seconds."""
    started = last_good = time.monotonic()
    outcomes = {}
    with Session(fleet, SSHOptions(config=hosts.ssh_config), timeouts=TIMES, timeout=timeout, keep=False) as session:
        for outcome in work(session, selector):
            outcomes[outcome.host] = outcome
            if outcome.ok and outcome.host not in SLOW:
                last_good = time.monotonic()
    return outcomes, last_good - started, time.monotonic() - started


def copying(source: Path) -> Work:
    return lambda session, selector: session.copy(selector, scan(f"{source}:/etc/copied"), CopyOptions())


def writing(source: Path) -> Work:
    """Run a command that writes what it is given."""

    def work(session: Session, selector: str) -> Iterable[FleetworkOutcome]:
        with source.open("rb") as stdin:
            yield from session.run(selector, "cat >/srv/host/given", stdin=stdin)

    return work


def comparing(session: Session, selector: str) -> Iterable[FleetworkOutcome]:
    return session.held(session.choose(selector), "/etc/copied")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "file"


@dataclass(frozen=True)
class Before:
    """What all hosts had, and how many seconds the good hosts took by themselves."""

    content: bytes
    seconds: Mapping[str, float]


@pytest.fixture(scope="module")
def sick(hundred: SshdFleet, source: Path) -> Before:
    """The hundred, of which twenty are bad from now on and two are slow."""
    fleet = loads("".join(f"{name} {hundred.address(name)} [web]\n" for name in hundred.names))
    content = os.urandom(5_000)
    source.write_bytes(content)
    everywhere, _, _ = told(hundred, fleet, copying(source), "*", timeout=30)
    assert all(outcome.ok for outcome in everywhere.values())
    source.write_bytes(os.urandom(200_000))
    seconds = {}
    for name, work in (("compare", comparing), ("run", writing(source)), ("copy", copying(source))):
        alone, seconds[name], _ = told(hundred, fleet, work, ",".join(good_hosts(hundred)), timeout=30)
        assert all(outcome.ok for outcome in alone.values())
    source.write_bytes(os.urandom(200_000))
    for fault, names in BAD.items():
        hundred.fault(fault, *names)
    hundred.fault("slow:300", *SLOW)
    return Before(content, seconds)


def good_hosts(hosts: SshdFleet) -> list[str]:
    return [name for name in hosts.names if name not in bad_hosts() and name not in SLOW]


def check(hosts: SshdFleet, outcomes: Mapping[str, FleetworkOutcome], faults: Mapping[str, tuple[str, str]]) -> None:
    """Every host once; each bad one has the stage and the cause of its fault, all others are well."""
    assert len(outcomes) == 100
    for name in hosts.names:
        stage, cause = faults.get(bad_hosts().get(name, ""), ("", ""))
        assert (outcomes[name].stage, outcomes[name].ok) == (stage, not stage), (name, outcomes[name])
        assert cause in outcomes[name].cause, (name, outcomes[name])


def test_forall_reaches_the_good_as_fast_and_nothing_of_it_stays_on_the_bad(
    hundred: SshdFleet, fleet: Fleet, sick: Before, source: Path
) -> None:
    outcomes, good_seconds, all_seconds = told(hundred, fleet, writing(source), "*", timeout=6)
    check(hundred, outcomes, FAULTS | {"ro": ("command", "exit 2"), "full": ("command", "exit 1")})
    assert good_seconds < 1.5 * sick.seconds["run"] + 1.5, (sick, good_seconds)
    assert all_seconds < 3 + 10 + 6 + 5
    for name in good_hosts(hundred):
        assert hundred.read(name, "/srv/host/given") == source.read_bytes()
    for name in (*BAD["cut:120"], *BAD["ro"], *BAD["full"], *SLOW):
        assert no_trace(hundred, name), name


def no_trace(hosts: SshdFleet, name: str) -> bool:
    """Whether, within five seconds, no process of ours runs on the host and no temporary file is there."""
    for _ in range(50):
        running = hosts.run(name, "ps", "axww", "-o", "args").stdout
        if b"DSAS_HOST" not in running and not hosts.run(name, "find", "/tmp", "-name", ".dsas*").stdout:
            return True
        time.sleep(0.1)
    return False


def test_diffall_asks_the_good_as_fast_and_names_the_bad(hundred: SshdFleet, fleet: Fleet, sick: Before) -> None:
    outcomes, good_seconds, all_seconds = told(hundred, fleet, comparing, "*", timeout=6)
    check(
        hundred, outcomes, {fault: words for fault, words in FAULTS.items() if fault not in ("ro", "full", "cut:120")}
    )
    assert good_seconds < 1.5 * sick.seconds["compare"] + 1.5, (sick, good_seconds)
    assert all_seconds < 3 + 10 + 6 + 5


SH_CAUSES = FAULTS | {
    "hang": ("banner", "timed out"),
    "blackhole": ("connect", "timed out"),
    "wrongkey": ("host key", "host key changed"),
    "cut:120": ("command|copy|transfer", ""),
}
"""In the words of OpenSSH, which does not tell who cut the line, nor always that it was."""


def test_the_sh_functions_survive_the_same_and_need_nothing_but_ssh(
    hundred: SshdFleet, fleet: Fleet, sick: Before
) -> None:
    text = "".join(f"{name} {hundred.address(name)} [web]\n" for name in hundred.names)
    bring(hundred, fleet, text)
    content = os.urandom(200_000)
    hundred.write("h1", "/root/file", content)
    began = time.monotonic()
    done = call_face(hundred, "dash", "SYNCALL", "--timeout", "15", "*", "file:/etc/copied-by-sh")
    assert time.monotonic() - began < 60
    assert done.returncode == 3, done.stderr
    assert not any(sign < " " for sign in done.stderr.replace("\n", "")), "control characters of ssh or of a host"
    *lines, summary = done.stderr.splitlines()
    told = dict(line.split(": ", 1) for line in lines if not line.startswith(" ") and ": " in line)
    assert set(told) == set(bad_hosts())
    for host, fault in bad_hosts().items():
        stage, cause = SH_CAUSES[fault]
        assert told[host].partition(": ")[0] in stage.split("|"), (fault, told[host])
        assert cause in told[host], (fault, told[host])
    assert summary.startswith("80 changed, 20 failed")
    for name in hundred.names:
        if name in bad_hosts() and not hundred.exists(name, "/etc/copied-by-sh"):
            continue
        assert hundred.read(name, "/etc/copied-by-sh") == content, f"{name} has half a file"


def test_syncall_copies_to_the_good_as_fast_and_leaves_the_bad_as_they_were(
    hundred: SshdFleet, fleet: Fleet, sick: Before, source: Path
) -> None:
    outcomes, good_seconds, all_seconds = told(hundred, fleet, copying(source), "*", timeout=8)

    check(hundred, outcomes, FAULTS)
    assert good_seconds < 1.5 * sick.seconds["copy"] + 1.5, (sick, good_seconds)
    assert all_seconds < 3 + 10 + 8 + 5
    content = source.read_bytes()
    for name in good_hosts(hundred):
        assert hundred.read(name, "/etc/copied") == content
    hundred.heal()
    for name in bad_hosts():
        if hundred.exists(name, "/etc/copied"):
            assert hundred.read(name, "/etc/copied") in (sick.content, content), f"{name} has half a file"
        for folder in ("/etc", "/root", "/tmp", "/srv/host"):
            assert list(hundred.path(name, folder).glob(".dsas*")) == [], (name, bad_hosts()[name])

    healed, _, _ = told(hundred, fleet, copying(source), "*", timeout=30)
    assert all(outcome.ok for outcome in healed.values())
    changed = {name for name, outcome in healed.items() if outcome.changes}  # type: ignore[attr-defined]
    assert changed <= set(bad_hosts())
