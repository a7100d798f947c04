"""What a pool promises, over SSH servers inside one process."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ssh_talk import SHORT, ask, saying

from matrix_distributor.dialogue import Command, Dialogue, Failure, Reply, Target, Timeouts
from matrix_distributor.embedded import FleetProcess
from matrix_distributor.transport import Pool, SSHOptions

HOSTS = [f"e{n}" for n in range(1, 7)]


@pytest.fixture
def pool(embedded: FleetProcess) -> Iterator[Pool]:
    with Pool(SSHOptions(config=embedded.ssh_config), timeouts=SHORT) as opened:
        yield opened


def one(pool: Pool, dialogue: Dialogue[object], name: str = "e1") -> object:
    ((_, outcome),) = pool.converse([(Target(name, "-"), dialogue)])
    return outcome


def test_a_dialogue_goes_back_and_forth_and_returns_a_value(pool: Pool) -> None:
    def dialogue() -> Dialogue[list[bytes]]:
        first = yield Command("echo one")
        second = yield Command(f"echo {first.stdout.decode().strip()} two")
        return [first.stdout, second.stdout]

    assert one(pool, dialogue()) == [b"one\n", b"one two\n"]


def test_every_host_gives_one_outcome(pool: Pool) -> None:
    targets = [Target(name, "-") for name in HOSTS]
    outcomes = list(pool.converse((target, saying("echo $DSAS_ROOT")) for target in targets))
    assert sorted(target.name for target, _ in outcomes) == HOSTS
    roots = {outcome.stdout for _, outcome in outcomes if isinstance(outcome, Reply)}
    assert len(roots) == len(HOSTS)


def test_streams_and_status_are_told_apart(pool: Pool) -> None:
    reply = one(pool, saying("echo out; echo err >&2; exit 3"))
    assert isinstance(reply, Reply)
    assert (reply.status, reply.stdout, reply.stderr) == (3, b"out\n", b"err\n")
    assert 0 < reply.seconds < 10


def test_a_signal_is_128_and_its_number(pool: Pool) -> None:
    reply = one(pool, saying("kill -9 $$"))
    assert isinstance(reply, Reply)
    assert reply.status == 137


@pytest.mark.parametrize("size", [0, 1, 40_000, 5_000_000])
def test_standard_input_arrives_whole_and_ends(pool: Pool, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    reply = one(pool, saying("sha256sum", content))
    assert isinstance(reply, Reply)
    assert reply.stdout.split()[0].decode() == hashlib.sha256(content).hexdigest()


def test_standard_input_may_come_in_pieces(pool: Pool) -> None:
    reply = one(pool, saying("cat", (piece for piece in (b"a", b"", b"b" * 100_000, b"c"))))
    assert isinstance(reply, Reply)
    assert reply.stdout == b"a" + b"b" * 100_000 + b"c"


def test_a_command_may_ignore_its_standard_input(pool: Pool) -> None:
    reply = one(pool, saying("exit 4", b"x" * 5_000_000))
    assert isinstance(reply, Reply)
    assert reply.status == 4


def test_much_output_is_collected(pool: Pool) -> None:
    reply = one(pool, saying("head -c 4000000 /dev/zero"))
    assert isinstance(reply, Reply)
    assert reply.stdout == bytes(4_000_000)


def test_output_can_be_followed_while_it_comes(pool: Pool) -> None:
    chunks: list[tuple[str, bytes]] = []

    def dialogue() -> Dialogue[Reply]:
        return (yield Command("echo a; sleep 0.2; echo b >&2", output=lambda s, c: chunks.append((s, c))))

    reply = one(pool, dialogue())
    assert isinstance(reply, Reply)
    assert (reply.stdout, reply.stderr) == (b"", b"")
    assert chunks == [("stdout", b"a\n"), ("stderr", b"b\n")]


def test_a_host_that_never_stops_talking_fails(pool: Pool) -> None:
    def dialogue() -> Dialogue[Reply]:
        return (yield Command("cat /dev/zero", output=100_000))

    failure = one(pool, dialogue())
    assert isinstance(failure, Failure)
    assert failure.stage == "command"
    assert "100,000 bytes" in failure.cause


def test_a_command_that_hangs_is_ended_by_its_own_timeout(pool: Pool) -> None:
    def dialogue() -> Dialogue[Reply]:
        return (yield Command("sleep 60", timeout=0.3))

    begun = time.monotonic()
    failure = one(pool, dialogue())
    assert isinstance(failure, Failure)
    assert (failure.stage, failure.cause) == ("command", "the command did not end within 0.3 s")
    assert time.monotonic() - begun < 5


def test_the_whole_host_may_have_a_timeout(embedded: FleetProcess) -> None:
    def dialogue() -> Dialogue[None]:
        while True:
            yield Command("sleep 0.1")

    with Pool(SSHOptions(config=embedded.ssh_config), timeouts=Timeouts(host=0.7)) as pool:
        failure = one(pool, dialogue())
    assert isinstance(failure, Failure)
    assert (failure.stage, failure.cause) == ("command", "the command did not end within 0.7 s")


def test_the_time_of_a_host_stands_still_while_it_waits_for_a_place_of_the_fan_out(embedded: FleetProcess) -> None:
    def dialogue() -> Dialogue[str]:
        yield Command("sleep 2")
        return "slept"

    with Pool(SSHOptions(config=embedded.ssh_config), fanout=1, timeouts=Timeouts(host=3.8)) as pool:
        answers = [answer for _, answer in pool.converse((Target(name, "-"), dialogue()) for name in HOSTS[:3])]
    assert answers == ["slept"] * 3


def test_a_host_that_is_down_is_a_failure_in_words(embedded: FleetProcess) -> None:
    embedded.down("e2")
    outcomes = ask(embedded.ssh_config, HOSTS)
    failure = outcomes.pop("e2")
    assert isinstance(failure, Failure)
    assert (failure.host, failure.stage) == ("e2", "connect")
    assert f"127.0.0.1 port {embedded.ports['e2']}: Connection refused" in failure.cause
    assert "sshd" in failure.cure
    assert all(isinstance(outcome, Reply) for outcome in outcomes.values())


def test_a_name_without_address_fails_at_resolve(embedded: FleetProcess) -> None:
    with Pool(SSHOptions(config=embedded.ssh_config), timeouts=SHORT) as pool:
        ((_, failure),) = pool.converse([(Target("w9", "no-such-host.invalid"), saying("true"))])
    assert isinstance(failure, Failure)
    assert failure.stage == "resolve"
    assert "no-such-host.invalid" in failure.cause


def test_what_is_no_ssh_server_is_said_to_be_none(embedded: FleetProcess) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def speak() -> None:
            client, _ = server.accept()
            with client:
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n" * 2000)

        speaker = threading.Thread(target=speak)
        speaker.start()
        with Pool(SSHOptions(config=embedded.ssh_config), timeouts=SHORT) as pool:
            ((_, failure),) = pool.converse([(Target("w9", "127.0.0.1", port), saying("true"))])
        speaker.join()
    assert isinstance(failure, Failure)
    assert failure.stage == "banner"
    assert "HTTP/1.1 400 Bad Request" in failure.cause


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-x\r\n" + b"\xff" * 4000, b"SSH-2.0-x\r\n" + bytes(4000), b"SSH-1.5-old\r\n", b"SSH-2.0-x\r\n"]
)
def test_a_host_that_sends_nonsense_fails_alone(embedded: FleetProcess, garbage: bytes) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def speak() -> None:
            client, _ = server.accept()
            with client:
                client.sendall(garbage)
                client.recv(10)
                time.sleep(0.1)

        speaker = threading.Thread(target=speak)
        speaker.start()
        with Pool(SSHOptions(config=embedded.ssh_config), timeouts=SHORT) as pool:
            pairs = [(Target("w9", "127.0.0.1", port), saying("true")), (Target("e1", "-"), saying("true"))]
            outcomes = {target.name: outcome for target, outcome in pool.converse(pairs)}
        speaker.join()
    assert isinstance(outcomes["w9"], Failure)
    assert outcomes["w9"].stage in ("banner", "key exchange")
    assert isinstance(outcomes["e1"], Reply)


@pytest.mark.parametrize("where", ["dialogue", "stdin", "output"])
def test_an_exception_of_the_caller_is_raised_where_the_caller_is(pool: Pool, where: str) -> None:
    def stdin() -> Iterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    def output(stream: str, chunk: bytes) -> None:
        raise ZeroDivisionError

    def dialogue() -> Dialogue[None]:
        if where == "stdin":
            yield Command("cat", stdin())
        elif where == "output":
            yield Command("echo", output=output)
        else:
            yield Command("true")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        one(pool, dialogue())
    assert isinstance(one(pool, saying("true")), Reply), "the pool goes on"


def test_a_dialogue_that_fails_is_closed(embedded: FleetProcess) -> None:
    closed = []

    def dialogue() -> Dialogue[None]:
        try:
            yield Command("sleep 60", timeout=0.2)
        finally:
            closed.append(True)

    with Pool(SSHOptions(config=embedded.ssh_config)) as pool:
        assert isinstance(one(pool, dialogue()), Failure)
    assert closed == [True]


def test_no_more_hosts_at_a_time_than_the_fan_out(embedded: FleetProcess, tmp_path: Path) -> None:
    running, most = [0], [0]

    def dialogue() -> Dialogue[None]:
        running[0] += 1
        most[0] = max(most[0], running[0])
        yield Command("sleep 0.1")
        running[0] -= 1

    with Pool(SSHOptions(config=embedded.ssh_config), fanout=2) as pool:
        assert len(list(pool.converse([(Target(name, "-"), dialogue()) for name in HOSTS]))) == 6
    assert most == [2]


def test_stop_begins_no_further_host_and_lets_the_others_end(embedded: FleetProcess) -> None:
    with Pool(SSHOptions(config=embedded.ssh_config), fanout=1) as pool:

        def dialogue() -> Dialogue[str]:
            yield Command("true")
            pool.stop()
            yield Command("sleep 0.2")
            return "done"

        outcomes = [outcome for _, outcome in pool.converse([(Target(name, "-"), dialogue()) for name in HOSTS])]
        assert outcomes.count("done") == 1
        assert [o.stage for o in outcomes if isinstance(o, Failure)] == ["stop"] * 5
        ((_, later),) = pool.converse([(Target("e1", "-"), saying("true"))])
        assert isinstance(later, Failure)


def test_abort_ends_all_at_once(embedded: FleetProcess) -> None:
    with Pool(SSHOptions(config=embedded.ssh_config)) as pool:
        threading.Timer(0.5, pool.abort).start()
        begun = time.monotonic()
        outcomes = [o for _, o in pool.converse([(Target(name, "-"), saying("sleep 60")) for name in HOSTS])]
    assert [o.stage for o in outcomes if isinstance(o, Failure)] == ["stop"] * 6
    assert time.monotonic() - begun < 5


def test_giving_up_the_iterator_ends_the_rest(embedded: FleetProcess) -> None:
    begun = time.monotonic()
    with Pool(SSHOptions(config=embedded.ssh_config)) as pool:
        lines = ["true", "sleep 60", "sleep 60"]
        for target, outcome in pool.converse(
            [(Target(n, "-"), saying(line)) for n, line in zip(HOSTS, lines, strict=False)]
        ):
            assert target.name == "e1"
            assert isinstance(outcome, Reply)
            break
    assert time.monotonic() - begun < 5


def test_ctrl_c_ends_the_program_at_once(embedded: FleetProcess) -> None:
    program = f"""
from pathlib import Path
from matrix_distributor.transport import Command, Pool, SSHOptions, Target

def dialogue():
    yield Command("sleep 60", output=print)

with Pool(SSHOptions(config=Path({str(embedded.ssh_config)!r}))) as pool:
    print("ready", flush=True)
    list(pool.converse([(Target(name, "-"), dialogue()) for name in {HOSTS}]))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        settle(lambda: len(connections(embedded.ports)) == len(HOSTS))
        begun = time.monotonic()
        child.send_signal(signal.SIGINT)
        _, complaint = child.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert complaint.splitlines()[-1] == "KeyboardInterrupt"
    assert complaint.count("Traceback") == 1


def test_a_closed_pool_says_so(embedded: FleetProcess) -> None:
    pool = Pool(SSHOptions(config=embedded.ssh_config))
    pool.close()
    pool.close()
    with pytest.raises(RuntimeError, match="closed"):
        list(pool.converse([(Target("e1", "-"), saying("true"))]))


def test_several_threads_may_converse(pool: Pool) -> None:
    seen: list[str] = []

    def worker(name: str) -> None:
        seen.extend(target.name for target, _ in pool.converse([(Target(name, "-"), saying("sleep 0.1"))] * 1))

    workers = [threading.Thread(target=worker, args=(name,)) for name in HOSTS]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert sorted(seen) == HOSTS


def test_a_host_may_be_spoken_to_twice_at_once(pool: Pool) -> None:
    pairs = [(Target("e1", "-"), saying("echo a")), (Target("e1", "-"), saying("echo b"))]
    assert {o.stdout for _, o in pool.converse(pairs) if isinstance(o, Reply)} == {b"a\n", b"b\n"}


def test_a_dialogue_may_have_nothing_to_say(pool: Pool) -> None:
    def dialogue() -> Dialogue[str]:
        return "nothing"
        yield

    assert one(pool, dialogue()) == "nothing"


@pytest.fixture
def keeping(embedded: FleetProcess) -> Iterator[Pool]:
    with Pool(SSHOptions(config=embedded.ssh_config, keep_alive=0.2), timeouts=SHORT, keep=True) as opened:
        yield opened


def connections(ports: dict[str, int]) -> set[tuple[str, str]]:
    """Established connections to these loopback ports, each with its local end (/proc/net/tcp)."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ends = [(line.split()[1], line.split()[2]) for line in lines if line.split()[3] == "01"]
    wanted = {f"{port:04X}" for port in ports.values()}
    return {(local, remote) for local, remote in ends if remote.partition(":")[2] in wanted}


def settle(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_kept_connections_are_used_again(embedded: FleetProcess, keeping: Pool) -> None:
    ends = []
    for _ in range(3):
        outcomes = list(keeping.converse([(Target(name, "-"), saying("true")) for name in HOSTS]))
        assert all(isinstance(outcome, Reply) for _, outcome in outcomes)
        ends.append(connections(embedded.ports))
    assert len(ends[0]) == 6
    assert ends[0] == ends[1] == ends[2]


def test_without_keep_nothing_stays_open(embedded: FleetProcess, pool: Pool) -> None:
    list(pool.converse([(Target(name, "-"), saying("true")) for name in HOSTS]))
    settle(lambda: not connections(embedded.ports))


def test_a_kept_connection_stays_alive_by_itself(embedded: FleetProcess, keeping: Pool) -> None:
    one(keeping, saying("true"))
    before = connections(embedded.ports)
    time.sleep(1)  # five keep-alives
    assert connections(embedded.ports) == before


def test_a_host_that_was_away_is_connected_anew(embedded: FleetProcess, keeping: Pool) -> None:
    assert isinstance(one(keeping, saying("true")), Reply)
    embedded.down("e1")
    failure = one(keeping, saying("true"))
    assert isinstance(failure, Failure)
    assert failure.stage == "connect"
    embedded.up("e1")
    assert isinstance(one(keeping, saying("true")), Reply)


def test_a_kept_connection_that_died_unnoticed_costs_only_a_new_one(embedded: FleetProcess, keeping: Pool) -> None:
    for _ in range(20):
        assert isinstance(one(keeping, saying("true")), Reply)
        embedded.down("e1")
        embedded.up("e1")
        reply = one(keeping, saying("cat", b"once"))
        assert isinstance(reply, Reply)
        assert reply.stdout == b"once"


def test_nothing_of_paramiko_is_logged(
    embedded: FleetProcess, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    embedded.down("e2")
    ask(embedded.ssh_config, HOSTS)
    assert [record.name for record in caplog.records if record.name.startswith("paramiko")] == []
    assert capfd.readouterr() == ("", "")


def test_one_thread_serves_all_hosts(embedded: FleetProcess) -> None:
    counts = []

    def dialogue() -> Dialogue[None]:
        yield Command("sleep 0.2")
        counts.append(threading.active_count())

    before = threading.active_count()
    with Pool(SSHOptions(config=embedded.ssh_config)) as pool:
        list(pool.converse([(Target(name, "-"), dialogue()) for name in HOSTS]))
    assert max(counts) == before + 1
    assert threading.active_count() == before
