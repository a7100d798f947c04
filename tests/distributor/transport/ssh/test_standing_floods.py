"""Programs that stand ready and speak too much, or unasked: bounded, ended, and replaced."""

from __future__ import annotations

import itertools
import struct
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hostile_server import HostileServer, data, data_flood, text
from hostile_talk import at, only, open_pool

from matrix_distributor.dialogue import Dialogue, Failure, Reply, Request, Resident
from matrix_distributor.dialogue.shares import MOST_UNASKED

ANSWER = b"taken\nreply 0 2 0\nok"

Say = Callable[[int], Iterable[bytes]]


def stderr(chunk: bytes) -> Say:
    return lambda channel: [struct.pack(">BII", 95, channel, 1) + text(chunk)]


def after(*parts: Say) -> Say:
    return lambda channel: itertools.chain.from_iterable(part(channel) for part in parts)


def requests(count: int, limit: int = 1_000_000) -> Dialogue[list[Reply]]:
    replies = []
    for _ in range(count):
        replies.append((yield Request("instead", limit=limit, resident=Resident("program", "ask"))))
    return replies


@pytest.mark.parametrize("said", [data(b""), data(b"taken\n"), data(b"taken\nreply 0 1000000000 0\n")])
@pytest.mark.parametrize("flood", [data_flood(b"x" * 1000), data_flood(b"x" * 1000, stderr=True)])
def test_what_is_told_for_a_request_has_a_bound_also_on_standard_error(tmp_path: Path, said: Say, flood: Say) -> None:
    with HostileServer({"run": after(said, flood)}) as server, open_pool(tmp_path, keep=True) as pool:
        failure = only(pool, at(server.port), requests(1))
    assert isinstance(failure, Failure)
    assert "wrote more than 1,000,000 bytes" in failure.cause or "something else than was asked" in failure.cause


@pytest.mark.parametrize("spam", [stderr(b"spam" * 2000), data(b"spam")])
def test_a_program_that_speaks_unasked_is_ended_and_replaced(tmp_path: Path, spam: Say) -> None:
    begun: list[int] = []

    def run(channel: int) -> Iterable[bytes]:
        begun.append(channel)
        return after(data(ANSWER), spam)(channel) if len(begun) == 1 else data(ANSWER)(channel)

    with HostileServer({"run": run, "mute": ()}) as server, open_pool(tmp_path, keep=True) as pool:
        replies = only(pool, at(server.port), requests(2))
        assert isinstance(replies, list)
        assert [(reply.stdout, reply.stderr) for reply in replies] == [(b"ok", b"")] * 2
        assert server.connections == 1
    assert len(begun) == 2, "a new program over the same connection"


def test_a_warning_that_comes_after_the_reply_does_no_harm(tmp_path: Path) -> None:
    """Sshd reads the two streams one after the other."""
    answer = after(data(ANSWER), stderr(b"warning"))
    script = {"run": answer, "mute": (), "request": answer}
    with HostileServer(script) as server, open_pool(tmp_path, keep=True) as pool:
        replies = only(pool, at(server.port), requests(MOST_UNASKED + 2))
    assert isinstance(replies, list)
    assert len(replies) == MOST_UNASKED + 2


def test_a_host_whose_programs_speak_unasked_again_and_again_fails(tmp_path: Path) -> None:
    run = after(data(ANSWER), stderr(b"spam" * 2000))
    with HostileServer({"run": run, "mute": ()}) as server, open_pool(tmp_path, keep=True) as pool:
        failure = only(pool, at(server.port), requests(MOST_UNASKED))
    assert isinstance(failure, Failure)
    assert "speaks without being asked, again and again" in failure.cause


def test_a_flood_at_rest_ends_the_connection(tmp_path: Path) -> None:
    run = after(data(ANSWER), data_flood(b"e" * 1000, stderr=True))
    with HostileServer({"run": run}) as server, open_pool(tmp_path, keep=True) as pool:
        only(pool, at(server.port), requests(1))
        until = time.monotonic() + 20
        while server.open_connections:
            assert time.monotonic() < until
            time.sleep(0.01)
