"""Files to real sshd hosts: backups before masters, one at a time; whatever happens, each has a good file in force."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fleet_fixtures import heal, leave_home, sshd_hosts
from sshd_fleet import SshdFleet

from matrix_distributor.conversation import Reach
from matrix_distributor.dialogue import Timeouts
from matrix_distributor.identity import Identity
from matrix_distributor.reflect import ApplyOptions, ReflectOutcome, Rollout, make
from matrix_distributor.transport import Pool, SSHOptions
from matrix_emitters.reflection.model import entries
from matrix_grammar import Fleet
from matrix_grammar.reading import loads

SHORT = Timeouts(resolve=5, connect=3, banner=3, key_exchange=20, login=20)
TEXT = """\
@matrix 1
[lv]
    h1 {h1} [lv.master]
    h2 {h2} [lv.backup]
    h3 {h3}
"""
PLACE = "/etc/lb/lb.conf"
OLD, NEW = "weight 5\n", "weight 10\n"
KEEP = "cat /etc/lb/lb.conf >>/srv/host/log"
ALL = ("h1", "h2", "h3")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_home(tmp_path_factory, monkeypatch)


@pytest.fixture(scope="module")
def _hosts() -> Iterator[SshdFleet]:
    yield from sshd_hosts(3)


@pytest.fixture
def hosts(_hosts: SshdFleet) -> SshdFleet:
    """h1, the master, h2, the backup, and h3; each with an old file, and well."""
    heal(_hosts)
    for name in ALL:
        _hosts.run(name, "sh", "-c", "rm -rf /etc/lb /srv/host/*; mkdir /etc/lb")
        _hosts.write(name, PLACE, OLD.encode())
    return _hosts


@pytest.fixture
def fleet(hosts: SshdFleet) -> Fleet:
    return loads(TEXT.format(**{name: hosts.address(name) for name in ALL}))


@pytest.fixture
def pool(hosts: SshdFleet) -> Iterator[Pool]:
    with Pool(SSHOptions(config=hosts.ssh_config), timeouts=SHORT, keep=True) as opened:
        yield opened


Carry = Callable[..., dict[str, ReflectOutcome]]


@pytest.fixture
def carry(fleet: Fleet, pool: Pool) -> Carry:
    """Carry files to their hosts; the outcomes by host, in the order in which they came."""

    def carried(*files: object, fleet: Fleet = fleet, **options: object) -> dict[str, ReflectOutcome]:
        chosen = ApplyOptions(**{"pause": 0.0, "probe": False, "limit": 20, **options})  # type: ignore[arg-type]
        outcomes = list(Rollout(fleet, Reach(pool), chosen).carry(files))  # type: ignore[arg-type]
        by_host = {outcome.host: outcome for outcome in outcomes}
        assert len(by_host) == len(outcomes)
        return by_host

    return carried


def in_force(hosts: SshdFleet, name: str) -> tuple[str, str]:
    """The file in place, and the one that was applied last."""
    log = hosts.read(name, "/srv/host/log").decode() if hosts.exists(name, "/srv/host/log") else OLD
    return hosts.read(name, PLACE).decode(), log.splitlines(keepends=True)[-1]


def strays(hosts: SshdFleet, name: str) -> bytes:
    return hosts.run(name, "find", "/etc", "/srv/host", "-name", ".dsas*").stdout


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_backups_come_before_masters_one_at_a_time_and_a_second_run_changes_nothing(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry
) -> None:
    wanted = file(NEW, hosts=ALL, check="grep -q weight %s", apply=KEEP)
    assert [outcome.change for outcome in carry(wanted, dry=True).values()] == ["content"] * 3
    outcomes = carry(wanted)
    assert list(outcomes)[-1] == "h1"
    assert all(outcome.applied for outcome in outcomes.values())
    assert [outcome.change for outcome in carry(wanted).values()] == ["same"] * 3
    for name in ALL:
        assert hosts.read(name, "/srv/host/log").decode() == NEW
        assert (in_force(hosts, name), strays(hosts, name)) == ((NEW, NEW), b"")


@pytest.mark.needs("keepalived")
def test_the_real_keepalived_keeps_a_bad_file_out_and_takes_a_good_one(
    hosts: SshdFleet, carry: Carry, fleet: Fleet
) -> None:
    text = TEXT.format(**{name: hosts.address(name) for name in ALL}).replace("[lv]", "[lv] vrid=10", 1)
    text += "[web] vip=203.0.113.80:80 check=tcp\n    w1 192.0.2.11 weight=10\n    w2 192.0.2.12\n"
    settings = {"keepalived": {"path": PLACE, "apply": KEEP}}
    (entry,) = [one for one in entries(settings) if one.name == "keepalived"]
    made = make(loads(text), 3, entry, {})
    assert made.cause == ""
    former = b"global_defs {\n}\n"
    for name in ALL:
        hosts.write(name, PLACE, former)
    bad = [replace(made.files[0], hosts=made.hosts, content=made.files[0].content + b"no_such_word yes\n")]
    outcomes = carry(*bad, fleet=loads(text))
    assert sorted(outcome.stage for outcome in outcomes.values()) == ["check", "stop", "stop"]
    assert b"no_such_word" in b"".join(outcome.output for outcome in outcomes.values())
    assert all(hosts.read(name, PLACE) == former and not hosts.exists(name, "/srv/host/log") for name in ALL)
    assert all(outcome.applied for outcome in carry(*made.files, fleet=loads(text)).values())
    for file in made.files:
        for name in file.hosts:
            assert hosts.read(name, PLACE) == hosts.read(name, "/srv/host/log") == file.content


@pytest.mark.needs("sudo")
def test_it_works_through_sudo(hosts: SshdFleet, file: Callable[..., object], carry: Carry) -> None:
    wanted = file(NEW, hosts=("h2",), owner="nobody", check="grep -q weight %s", apply=KEEP)
    outcome = carry(wanted, sudo=True)["h2"]
    assert outcome.applied, outcome
    assert in_force(hosts, "h2") == (NEW, NEW)
    assert hosts.run("h2", "stat", "-c", "%U", PLACE).stdout == b"nobody\n"
    assert strays(hosts, "h2") == b""
    bad = carry(file(OLD * 2, hosts=("h2",), check="exit 7", apply=KEEP), sudo=True)["h2"]
    assert bad.cause == "its check ended with status 7; nothing was changed"


@pytest.mark.parametrize(
    ("keys", "stage", "log"),
    [
        ({"check": "hostname | grep -qv h2", "apply": KEEP}, "check", OLD),
        ({"apply": f"{KEEP}; hostname | grep -qv h2 || grep -q 'weight 5' {PLACE}"}, "apply", OLD),
    ],
    ids=["its check", "its apply"],
)
def test_what_fails_on_the_backup_never_comes_to_the_master(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry, keys: dict[str, str], stage: str, log: str
) -> None:
    outcomes = carry(file(NEW, hosts=("h1", "h2"), **keys))
    assert (outcomes["h2"].result, outcomes["h2"].stage) == ("failed", stage)
    assert (outcomes["h1"].result, outcomes["h1"].cause) == ("not begun", "stopped, since h2 failed")
    assert in_force(hosts, "h2") == (OLD, log)
    assert in_force(hosts, "h1") == (OLD, OLD)
    assert not hosts.exists("h1", "/srv/host/log")
    assert strays(hosts, "h1") == strays(hosts, "h2") == b""


def test_a_host_that_is_away_or_out_of_service_holds_up_no_other(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry
) -> None:
    hosts.fault("refuse", "h2")
    text = TEXT.format(**{name: hosts.address(name) for name in ALL}).replace("[lv]\n", "[lv]\n", 1)
    stopped = loads(text + "h3 [STOP: disk]\n")
    apply = f"{KEEP}; hostname | grep -qv h3 || grep -q 'weight 5' {PLACE}"
    outcomes = carry(file(NEW, hosts=ALL, apply=apply), fleet=stopped)
    assert {name: outcome.result for name, outcome in outcomes.items()} == {
        "h2": "unreachable", "h3": "failed", "h1": "ok",
    }  # fmt: skip
    assert in_force(hosts, "h1") == (NEW, NEW)
    assert in_force(hosts, "h3") == (OLD, OLD)


def test_nothing_is_changed_anywhere_when_one_host_cannot_take_it(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry
) -> None:
    hosts.run("h1", "sh", "-c", f"rm {PLACE}; ln -s /etc/passwd {PLACE}")
    outcomes = carry(file(NEW, hosts=("h1", "h2"), apply=KEEP))
    assert "is a symbolic link to /etc/passwd" in outcomes["h1"].cause
    assert outcomes["h2"].cause == "nothing is changed, since h1 cannot take it"
    assert in_force(hosts, "h2") == (OLD, OLD)


def test_a_file_without_apply_goes_to_all_at_once(hosts: SshdFleet, file: Callable[..., object], carry: Carry) -> None:
    outcomes = carry(file(NEW, hosts=ALL, check="grep -q weight %s"), pause=3600.0)
    assert all(outcome.applied for outcome in outcomes.values())


def test_a_disk_that_is_full_or_read_only_is_told_and_leaves_the_old_file(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry
) -> None:
    hosts.fault("full", "h1")
    hosts.fault("ro", "h2")
    for name in ("h1", "h2"):
        assert hosts.read(name, PLACE).decode() == OLD
    large = os.urandom(150_000).hex()
    full = carry(file(large, hosts=("h1",), apply="true"))["h1"]
    only = carry(file(large, hosts=("h2",), apply="true"))["h2"]
    assert (full.stage, "No space left on device" in full.cause) == ("transfer", True)
    assert (only.stage, "Read-only file system" in only.cause) == ("stage", True)
    assert (full.cure, only.cure) == ("make room on the host", "make the file system writable on the host")
    for name in ("h1", "h2"):
        assert hosts.read(name, PLACE).decode() == OLD
        assert strays(hosts, name) == b""


def test_a_stream_that_is_cut_leaves_the_old_file(hosts: SshdFleet, file: Callable[..., object], carry: Carry) -> None:
    hosts.fault("cut:120", "h3")
    outcome = carry(file(os.urandom(200_000).hex(), hosts=("h3",), apply=KEEP))["h3"]
    assert outcome.result == "failed"
    assert outcome.cause.endswith("ends by itself: the new file applied, or the old one")
    until(lambda: strays(hosts, "h3") == b"")
    assert in_force(hosts, "h3") == (OLD, OLD)


@pytest.mark.parametrize("good", [True, False], ids=["which it then takes", "which it then does not take"])
def test_a_connection_lost_while_it_is_applied(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry, pool: Pool, good: bool
) -> None:
    """The host comes to an end by itself: the new file applied, or the old one back and applied."""
    wait = "touch /srv/host/begun; until [ -e /srv/host/go ]; do sleep 0.05; done"
    verdict = "true" if good else f"grep -q 'weight 5' {PLACE}"
    apply = f"{wait}; {KEEP}; {verdict}"
    outcomes: dict[str, ReflectOutcome] = {}
    wanted = file(NEW, hosts=("h1", "h2"), apply=apply)
    carrying = threading.Thread(target=lambda: outcomes.update(carry(wanted)))
    carrying.start()
    until(lambda: hosts.exists("h2", "/srv/host/begun"))
    pool.abort()
    carrying.join()
    assert outcomes["h2"].result == "interrupted"
    assert outcomes["h1"].result == "not begun"
    hosts.write("h2", "/srv/host/go", b"")
    until(lambda: strays(hosts, "h2") == b"")
    assert in_force(hosts, "h2") == ((NEW, NEW) if good else (OLD, OLD))
    assert in_force(hosts, "h1") == (OLD, OLD)


def test_a_connection_lost_while_it_is_checked_ends_the_check(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry, pool: Pool
) -> None:
    carrying = threading.Thread(
        target=carry, args=(file(NEW, hosts=("h2",), check="touch /srv/host/begun; sleep 4721", apply=KEEP),)
    )
    carrying.start()
    until(lambda: hosts.exists("h2", "/srv/host/begun"))
    pool.abort()
    carrying.join()
    until(lambda: strays(hosts, "h2") == b"" and b"4721" not in hosts.run("h2", "ps", "axww", "-o", "args").stdout)
    assert in_force(hosts, "h2") == (OLD, OLD)


def test_a_power_cut_while_it_is_applied_is_made_good_by_the_next_run(
    hosts: SshdFleet, file: Callable[..., object], carry: Carry
) -> None:
    wait = "touch /srv/host/begun; [ -e /srv/host/again ] || sleep 4722"
    wanted = file(NEW, hosts=("h2",), apply=f"{wait}; {KEEP}")
    outcomes: dict[str, ReflectOutcome] = {}
    carrying = threading.Thread(target=lambda: outcomes.update(carry(wanted)))
    carrying.start()
    until(lambda: hosts.exists("h2", "/srv/host/begun"))
    hosts.fault("ok", "h2")
    carrying.join()
    assert outcomes["h2"].result == "failed"
    assert in_force(hosts, "h2") == (NEW, OLD)
    hosts.write("h2", "/srv/host/again", b"")
    assert carry(wanted)["h2"].change == "unproved"
    assert (in_force(hosts, "h2"), strays(hosts, "h2")) == ((NEW, NEW), b"")


def test_the_run_stops_when_a_vip_takes_no_connection_any_more(
    hosts: SshdFleet, file: Callable[..., object], pool: Pool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as vip, socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        ports = vip.getsockname()[1], dead.getsockname()[1]
        text = TEXT.format(**{name: hosts.address(name) for name in ALL})
        text += f"[web] {' '.join(f'vip=127.0.0.1:{port}' for port in ports)}\n    h3\n"
        mark = "touch /srv/host/begun; until [ -e /srv/host/go ]; do sleep 0.05; done"
        wanted = file(NEW, hosts=("h1", "h2"), apply=f"{mark}; {KEEP}")
        outcomes: list[ReflectOutcome] = []
        carrier = Rollout(loads(text), Reach(pool), ApplyOptions(pause=0.0, limit=20))
        carrying = threading.Thread(target=lambda: outcomes.extend(carrier.carry((wanted,))))  # type: ignore[arg-type]
        carrying.start()
        until(lambda: hosts.exists("h2", "/srv/host/begun"))
        vip.close()
        hosts.write("h2", "/srv/host/go", b"")
        carrying.join()
    assert [(outcome.host, outcome.result, outcome.stage) for outcome in outcomes] == [
        ("h2", "failed", "probe"),
        ("h1", "not begun", "stop"),
    ]
    assert outcomes[0].cause == f"applied, but 127.0.0.1 port {ports[0]} takes no connection any more"
    assert in_force(hosts, "h1") == (OLD, OLD)


def test_a_pause_lies_between_hosts_and_a_stop_ends_it(
    hosts: SshdFleet, file: Callable[..., object], fleet: Fleet, pool: Pool
) -> None:
    carrier = Rollout(fleet, Reach(pool), ApplyOptions(pause=3600.0, probe=False, limit=20))
    outcomes: list[ReflectOutcome] = []
    wanted = file(NEW, hosts=("h1", "h2"), apply=KEEP)
    carrying = threading.Thread(target=lambda: outcomes.extend(carrier.carry((wanted,))))  # type: ignore[arg-type]
    carrying.start()
    until(lambda: hosts.exists("h2", "/srv/host/log") and not strays(hosts, "h2"))
    assert carrying.is_alive()
    carrier.stop("stopped by Ctrl-C")
    carrying.join()
    assert [(outcome.host, outcome.result) for outcome in outcomes] == [("h2", "ok"), ("h1", "not begun")]
    assert outcomes[1].cause == "stopped by Ctrl-C"
    assert in_force(hosts, "h1") == (OLD, OLD)


def test_this_machine_does_its_share_without_ssh(
    hosts: SshdFleet, file: Callable[..., object], fleet: Fleet, pool: Pool, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("DSAS_ROOT", str(tmp_path))
    hosts.fault("refuse", "h3")
    wanted = file(NEW, hosts=("h3",), apply=f"cat {tmp_path}{PLACE} >>{tmp_path}/log")
    carrier = Rollout(fleet, Reach(pool, Identity("h3")), ApplyOptions(pause=0.0, probe=False, limit=20))
    assert [outcome.change for outcome in carrier.carry((wanted,))] == ["new"]  # type: ignore[arg-type]
    assert (tmp_path / "log").read_text() == Path(f"{tmp_path}{PLACE}").read_text() == NEW
