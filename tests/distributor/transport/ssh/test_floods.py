"""Hosts that send without end: each ends as a Failure with its cause, in bounded memory, and others have their turn."""

from __future__ import annotations

import itertools
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_server import FLOODS, IGNORE_PACKET, HostileServer, Raw, data, data_flood, flood
from hostile_talk import at, only, open_pool, outcomes
from ssh_talk import saying

from matrix_distributor.dialogue import Command, Dialogue, Failure, Inquiry, Reply, Timeouts
from matrix_distributor.dialogue.commands import CROWDED, TURN
from matrix_distributor.dialogue.shares import MOST_UNREAD, UNDECIDED
from matrix_distributor.dialogue.shares import TURN as MESSAGES
from matrix_distributor.transport.hostkeys.host_key import HostKeyCheck
from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts
from matrix_distributor.transport.ssh.client import SshClient
from matrix_distributor.transport.ssh.login import Login


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("ignore", "key exchange"),
        ("debug", "key exchange"),
        ("login", "login"),
        ("rekey", "login"),
        ("global", "command"),
        ("window", "command"),
    ],
)
def test_messages_that_say_nothing_are_counted(tmp_path: Path, name: str, stage: str) -> None:
    with HostileServer(FLOODS[name]) as server, open_pool(tmp_path) as pool:
        failure = only(pool, at(server.port), saying("x"))
    assert isinstance(failure, Failure)
    assert failure.stage in (stage, "command")
    assert "it floods" in failure.cause
    assert failure.cure


def test_a_host_that_chatters_within_reason_is_well(tmp_path: Path) -> None:
    script = {stage: [IGNORE_PACKET] * 50 for stage in ("keys", "newkeys", "login", "welcome", "open", "run", "end")}
    with HostileServer(script) as server, open_pool(tmp_path) as pool:
        assert isinstance(only(pool, at(server.port), saying("x")), Reply)


def test_many_commands_over_one_connection_are_no_flood(tmp_path: Path) -> None:
    def dialogue() -> Dialogue[int]:
        for _ in range(600):
            yield Command("x")
        return 600

    with HostileServer({}) as server, open_pool(tmp_path) as pool:
        assert only(pool, at(server.port), dialogue()) == 600


def _session() -> SshClient:
    check = HostKeyCheck("x", ("x",), 22, KnownHosts(()), (), True)
    session = SshClient(check, Login("root", [], []))
    session.feed(b"SSH-2.0-x\r\n")
    session.negotiate()
    return session


def _packet(payload: bytes) -> bytes:
    padding = 8 - (5 + len(payload)) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">IB", 1 + len(payload) + padding, padding) + payload + bytes(padding)


def test_a_turn_is_so_many_messages() -> None:
    session = _session()
    session._core._expected_packet = ()
    packet = _packet(IGNORE_PACKET)
    session.feed(packet * 500)
    assert session.has_more
    assert len(session.wire.incoming) == len(packet) * (500 - MESSAGES)
    turns = 1
    while session.has_more:
        session.feed(b"")
        turns += 1
    assert turns == -(-500 // MESSAGES)
    assert not session.wire.incoming


def test_what_there_is_no_room_for_stays_on_the_network(tmp_path: Path) -> None:
    """A host that waits for its place of the fan-out is not read on and on."""
    taken = threading.Event()

    def much() -> Iterator[bytes]:
        yield from itertools.repeat(Raw(bytes(64 * 1024)), 1024)
        taken.set()

    def wait(_channel: int) -> Iterator[bytes]:
        taken.wait(1.0)
        return iter(())

    waits, sends = HostileServer({"run": wait}), HostileServer({"keys": much()})
    with waits as first, sends as second, open_pool(tmp_path, fanout=1) as pool:
        pairs = [(at(first.port), saying("x")), (at(second.port), saying("x"))]
        kinds = {name: type(outcome) for name, outcome in outcomes(pool, pairs).items()}
        assert kinds == {at(first.port).name: Reply, at(second.port).name: Failure}
    assert not taken.is_set()


def test_a_session_says_when_it_has_enough() -> None:
    session = SshClient(HostKeyCheck("x", ("x",), 22, KnownHosts(()), (), True), Login("root", [], []))
    session.feed(b"SSH-2.0-x\r\n")
    assert session.is_hungry
    session.feed(bytes(MOST_UNREAD))
    assert not session.is_hungry


@pytest.mark.parametrize("name", ["stderr", "long", "lines"])
def test_an_answer_has_a_bound_in_bytes(tmp_path: Path, name: str) -> None:
    with HostileServer(FLOODS[name]) as server, open_pool(tmp_path) as pool:
        failure = only(pool, at(server.port), _limited(500_000))
    assert isinstance(failure, Failure)
    assert failure.cause == "the command wrote more than 500,000 bytes"


def test_an_answer_has_a_bound_in_pieces(tmp_path: Path) -> None:
    with HostileServer(FLOODS["bytes"]) as server, open_pool(tmp_path) as pool:
        failure = only(pool, at(server.port), _limited(64_000))
    assert isinstance(failure, Failure)
    assert failure.cause == "the command wrote its output in more than 1,000 pieces"


def _limited(limit: int) -> Dialogue[Reply]:
    return (yield Command("x", output=limit))


@pytest.mark.parametrize("chunk", [b"x" * 30_000, b"x" * 100, b"\n" * 30_000])
def test_what_to_send_is_decided_while_the_answer_is_short(tmp_path: Path, chunk: bytes) -> None:
    asked: list[int] = []

    def answer(told: bytes) -> None:
        asked.append(len(told))

    def dialogue() -> Dialogue[Reply]:
        return (yield Inquiry("x", answer, limit=1_000_000))

    with HostileServer({"run": data_flood(chunk)}) as server, open_pool(tmp_path) as pool:
        failure = only(pool, at(server.port), dialogue())
    assert isinstance(failure, Failure)
    assert "the command wrote" in failure.cause
    assert max(asked) <= UNDECIDED


def test_empty_output_is_counted_as_saying_nothing(tmp_path: Path) -> None:
    with HostileServer({"run": data_flood(b"")}) as server, open_pool(tmp_path) as pool:
        failure = only(pool, at(server.port), saying("x"))
    assert isinstance(failure, Failure)
    assert "it floods" in failure.cause


def test_a_host_whose_output_nobody_takes_is_not_read_from(tmp_path: Path) -> None:
    """The others go on meanwhile; it is read again a moment later, and nothing is lost."""
    heard: list[int] = []

    def crowded(_stream: str, chunk: bytes) -> object:
        heard.append(len(chunk))
        return CROWDED if len(heard) % 10 == 0 else None

    def dialogue() -> Dialogue[Reply]:
        return (yield Command("x", output=crowded))

    script = {"run": lambda channel: itertools.chain.from_iterable(data(b"x" * 30_000)(channel) for _ in range(100))}
    with HostileServer(script) as server, open_pool(tmp_path) as pool:
        assert isinstance(only(pool, at(server.port), dialogue()), Reply)
    assert sum(heard) == 3_000_000


def test_what_waits_for_a_slow_owner_does_not_grow(tmp_path: Path) -> None:
    taken = threading.Event()

    def much(channel: int) -> Iterator[bytes]:
        (piece,) = data(b"x" * 30_000)(channel)
        yield from itertools.repeat(piece, 2000)
        taken.set()

    def dialogue() -> Dialogue[Reply]:
        return (yield Command("x", output=lambda stream, chunk: CROWDED))

    with HostileServer({"run": much}) as server, open_pool(tmp_path, Timeouts(command=1.0)) as pool:
        assert isinstance(only(pool, at(server.port), dialogue()), Failure)
    assert not taken.is_set()


def test_a_dialogue_that_reckons_lets_others_have_their_turn(tmp_path: Path) -> None:
    order: list[str] = []

    def reckons(name: str) -> Dialogue[str]:
        yield Command("x")
        for _ in range(5):
            order.append(name)
            reply = yield TURN
            assert reply == Reply(0, b"", b"", 0.0)
        return name

    with HostileServer({}) as server, open_pool(tmp_path, keep=True) as pool:
        target = at(server.port)
        assert only(pool, target, reckons("a")) == "a"
        pairs = [(target, reckons("a")), (target, reckons("b"))]
        assert {outcome for _, outcome in pool.converse(pairs)} == {"a", "b"}
    assert order[:5] == ["a"] * 5


def test_a_host_that_ends_its_connection_while_its_answer_is_reckoned_is_a_failure(tmp_path: Path) -> None:
    def dialogue() -> Dialogue[str]:
        yield Command("x")
        while True:
            yield TURN

    gone = b"\x01" + struct.pack(">I", 11) + struct.pack(">I", 3) + b"bye" + struct.pack(">I", 0)
    with HostileServer({"rest": [gone]}) as server, open_pool(tmp_path, Timeouts(host=30)) as pool:
        failure = only(pool, at(server.port), dialogue())
    assert isinstance(failure, Failure)
    assert "bye" in failure.cause


def test_floods_of_lines_before_the_version_end_at_once(tmp_path: Path) -> None:
    with HostileServer({"lines": flood(Raw(b"hello\r\n"))}) as server, open_pool(tmp_path) as pool:
        failure = only(pool, at(server.port), saying("x"))
    assert isinstance(failure, Failure)
    assert (failure.stage, "does not speak SSH" in failure.cause) == ("banner", True)
