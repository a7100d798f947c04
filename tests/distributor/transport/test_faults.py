"""Sick hosts among good ones, real sshd on all: each is named with stage and cause, and delays nobody."""

from __future__ import annotations

import time

import pytest
from matrix_parts import require
from ssh_talk import ask, saying
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Command, Dialogue, Failure, Reply, Target, Timeouts
from matrix_distributor.transport import Pool, SSHOptions

QUICK = Timeouts(connect=1.5, banner=1.5, key_exchange=10, login=10, command=2)

EXPECTED = {
    "refuse": ("connect", "Connection refused"),
    "hang": ("banner", "said nothing within 1.5 s"),
    "blackhole": ("connect", "no answer from"),
    "wrongkey": ("host key", "host key changed"),
    "nokey": ("host key", "unknown host key"),
    "denied": ("login", "root may not log in with"),
    "hangcmd": ("command", "did not end within 2 s"),
    "cut:64": ("command", "the connection was closed"),
}


def test_each_fault_is_named_and_the_good_hosts_do_not_notice(fleet: SshdFleet) -> None:
    stdin = b"x" * 200_000
    sick = dict(zip(fleet.names, EXPECTED, strict=False))
    for name, mode in sick.items():
        fleet.fault(mode, name)
    slow = fleet.names[len(sick)]
    fleet.fault("slow:50", slow)
    finished: dict[str, float] = {}
    outcomes: dict[str, Reply | Failure] = {}
    begun = time.monotonic()
    with Pool(SSHOptions(config=fleet.ssh_config), timeouts=QUICK, fanout=4) as pool:
        pairs = [(Target(name, "-"), saying("cat >/dev/null; hostname", stdin)) for name in fleet.names]
        for target, outcome in pool.converse(pairs):
            outcomes[target.name] = outcome
            finished[target.name] = time.monotonic() - begun
    for name, mode in sick.items():
        failure = outcomes[name]
        assert isinstance(failure, Failure), (mode, failure)
        stage, words = EXPECTED[mode]
        assert (failure.host, failure.stage) == (name, stage), mode
        assert words in failure.cause, mode
        assert failure.cure, mode
    good = [name for name in fleet.names if name not in sick]
    for name in good:
        reply = outcomes[name]
        assert isinstance(reply, Reply)
        assert reply.stdout == f"{name}\n".encode()
    assert max(finished[name] for name in good) < min(finished[n] for n, mode in sick.items() if mode == "hangcmd")
    fleet.heal()
    assert all(isinstance(outcome, Reply) for outcome in ask(fleet.ssh_config, fleet.names).values())


@pytest.mark.parametrize("mode", ["hang", "blackhole", "refuse"])
def test_dead_hosts_take_no_place_of_the_fan_out(fleet: SshdFleet, mode: str) -> None:
    fleet.fault(mode, *fleet.names[:10])
    begun = time.monotonic()
    with Pool(SSHOptions(config=fleet.ssh_config), timeouts=QUICK, fanout=2) as pool:
        outcomes = {t.name: o for t, o in pool.converse([(Target(n, "-"), saying("true")) for n in fleet.names])}
    assert [isinstance(outcomes[name], Reply) for name in fleet.names] == [False] * 10 + [True] * 2
    assert time.monotonic() - begun < 1.5 + 1.5, "one timeout for all, not one after the other"


def test_a_connection_cut_while_kept_is_made_anew(fleet: SshdFleet) -> None:
    with Pool(SSHOptions(config=fleet.ssh_config), timeouts=QUICK, keep=True) as pool:
        for mode in ("ok", "wrongkey", "ok"):
            fleet.fault(mode, "h1")
            outcomes = {t.name: o for t, o in pool.converse([(Target(n, "-"), saying("true")) for n in fleet.names])}
            first = outcomes.pop("h1")
            assert isinstance(first, Reply if mode == "ok" else Failure)
            assert all(isinstance(outcome, Reply) for outcome in outcomes.values())


def test_hosts_that_are_slow_to_answer_wait_side_by_side(fleet: SshdFleet) -> None:
    fleet.fault("slow:100", *fleet.names)
    begun = time.monotonic()
    outcomes = ask(fleet.ssh_config, fleet.names)
    taken = time.monotonic() - begun
    assert all(isinstance(outcome, Reply) for outcome in outcomes.values())
    assert 1.0 < taken < 4.0, "some eight round trips of 0.2 s, for all together"


def test_a_hundred_hosts() -> None:
    require("root", "sshd")
    content = b"0123456789abcdef" * 12_800  # 200 KiB

    def dialogue() -> Dialogue[bytes]:
        first = yield Command("cat > /root/copy && sha256sum < /root/copy", content)
        second = yield Command("hostname")
        return first.stdout[:64] + second.stdout

    with SshdFleet(100) as fleet:
        dead = fleet.names[10:20]
        fleet.fault("blackhole", *dead)
        begun = time.monotonic()
        with Pool(SSHOptions(config=fleet.ssh_config), timeouts=Timeouts(connect=3, banner=10)) as pool:
            pairs = [(Target(name, "-"), dialogue()) for name in fleet.names]
            outcomes = {target.name: outcome for target, outcome in pool.converse(pairs)}
        taken = time.monotonic() - begun
        assert {name for name, outcome in outcomes.items() if isinstance(outcome, Failure)} == set(dead)
        alive = [name for name in fleet.names if name not in dead]
        assert len({bytes(str(outcomes[name]), "ascii")[:60] for name in alive}) == 1
        assert all(fleet.read(name, "/root/copy") == content for name in alive)
    assert taken < 15


def test_a_kept_connection_that_hangs_is_given_up_for_a_new_one(fleet: SshdFleet) -> None:
    timeouts = Timeouts(connect=2, banner=2, login=1, command=60)
    with Pool(SSHOptions(config=fleet.ssh_config), timeouts=timeouts, keep=True) as pool:
        pairs = [(Target("h1", "-"), saying("true"))]
        assert all(isinstance(outcome, Reply) for _, outcome in pool.converse(pairs))
        commands = fleet.path("h1", "/proc").glob("[0-9]*/cmdline")
        sessions = [path.parent.name for path in commands if b"root@notty" in path.read_bytes()]
        assert len(sessions) == 1
        fleet.run("h1", "kill", "-STOP", *sessions)
        begun = time.monotonic()
        ((_, reply),) = pool.converse([(Target("h1", "-"), saying("cat", b"once"))])
        assert isinstance(reply, Reply)
        assert reply.stdout == b"once"
        assert time.monotonic() - begun < 5, "not the 60 s of the command"


def test_a_host_that_floods_delays_nobody(fleet: SshdFleet) -> None:
    flooded = [0]

    def flood() -> Dialogue[Reply]:
        def count(stream: str, chunk: bytes) -> None:
            flooded[0] += len(chunk)

        return (yield Command("cat /dev/zero", timeout=2, output=count))

    finished: dict[str, float] = {}
    begun = time.monotonic()
    with Pool(SSHOptions(config=fleet.ssh_config)) as pool:
        pairs = [(Target(name, "-"), flood() if name == "h1" else saying("hostname")) for name in fleet.names]
        for target, outcome in pool.converse(pairs):
            finished[target.name] = time.monotonic() - begun
            assert isinstance(outcome, Failure if target.name == "h1" else Reply)
    assert flooded[0] > 1_000_000
    assert max(seconds for name, seconds in finished.items() if name != "h1") < finished["h1"]
