"""What a client may make the server hold, and that it takes nobody else's place: with real sockets."""

from __future__ import annotations

import contextlib
import socket

import pytest
from dmetad_server import EXAMPLE, eventually

from matrix_dmetad.http.guard import Guard
from matrix_dmetad.http.places import MOST_UNTAKEN, Places, place_of
from matrix_dmetad.settings import Settings

ASK = b"GET /db/node HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"
WAIT = b"GET /db/node?wait=60s HTTP/1.1\r\nHost: m\r\n\r\n"


@pytest.fixture
def crowd():
    """Opens connections that are held until the end of the test."""
    with contextlib.ExitStack() as stack:

        def connect(server, sent=b"", client="127.0.0.1"):
            made = socket.create_connection(("127.0.0.1", server.port), 30, source_address=(client, 0))
            stack.enter_context(made)
            with contextlib.suppress(ConnectionError):
                made.sendall(sent)
            return made

        yield connect


def answer(connection):
    with contextlib.suppress(ConnectionResetError):
        return b"".join(iter(lambda: connection.recv(65536), b""))
    return b""


def test_open_heads_of_all_clients_take_no_more_memory_than_they_may(dmetad, crowd):
    """An attempt of the review: 5,000 connections with 30 KB of an open head each took 318 MB."""
    server = dmetad("-f", str(EXAMPLE), "--open-heads", "4000000")
    server.get("/ps/node")
    before = server.resident
    for head in (b"X: " + b"a" * 30_000, b"a:b\r\n" * 90 + b"X: " + b"a" * 15_000):
        held = [crowd(server, b"GET / HTTP/1.1\r\n" + head) for _ in range(800)]
        assert answer(crowd(server, ASK)).startswith(b"HTTP/1.1 200 ")
        assert answer(held[0]) == b"", "the oldest makes room"
    assert server.resident - before < 40_000
    assert server.metric("cut_connections_total") > 1_000


def test_a_request_has_so_many_headers(dmetad):
    server = dmetad("-f", str(EXAMPLE))
    short = b"".join(b"a%d:b\r\n" % number for number in range(200))
    with socket.create_connection(("127.0.0.1", server.port), 30) as asking:
        asking.sendall(b"GET /db/node HTTP/1.1\r\nHost: m\r\n" + short)
        assert answer(asking).startswith(b"HTTP/1.1 431 ")


def test_requests_that_wait_behind_another_are_counted_and_limited(dmetad, crowd):
    server = dmetad("-f", str(EXAMPLE))
    fast = crowd(server, ASK.replace(b"close", b"keep-alive") * 50 + ASK)
    assert answer(fast).count(b"HTTP/1.1 200 ") == 51
    greedy = crowd(server, WAIT + ASK.replace(b"close", b"keep-alive") * 400)
    assert answer(greedy) == b""
    eventually(lambda: server.metric("waiting") == 0)
    server = dmetad("-f", str(EXAMPLE), "--open-heads", "1000000")
    hoarders = [crowd(server, WAIT + ASK.replace(b"close", b"keep-alive") * 90) for _ in range(6)]
    assert answer(hoarders[0]) == b"", "the oldest makes room"
    assert answer(crowd(server, ASK)).startswith(b"HTTP/1.1 200 ")


def test_no_client_holds_all_waits(dmetad, crowd):
    """An attempt of the review: one client held them all, and everybody else was refused."""
    server = dmetad("-f", str(EXAMPLE), "--waiters", "100", "--waiters-per-client", "4")
    for _ in range(4):
        crowd(server, WAIT)
    eventually(lambda: server.metric("waiting") == 4)
    refused = answer(crowd(server, WAIT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")))
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"this client" in refused
    last = crowd(server, WAIT, "127.0.0.2")
    eventually(lambda: server.metric("waiting") == 5)
    last.close()
    eventually(lambda: server.metric("waiting") == 4)
    crowd(server, WAIT, "127.0.0.2")
    eventually(lambda: server.metric("waiting") == 5)


def test_connections_of_a_client_are_limited_and_its_own_idle_ones_make_room(dmetad, crowd):
    server = dmetad("-f", str(EXAMPLE), "--connections-per-client", "4")
    first = [crowd(server, WAIT, "127.0.0.2"), crowd(server, b"", "127.0.0.2")]
    eventually(lambda: server.metric("waiting") == 1)
    idle = [crowd(server, b"GET /db", "127.0.0.2"), crowd(server, b"", "127.0.0.2")]
    for made in (first[1], *idle):
        crowd(server, WAIT, "127.0.0.2")
        assert answer(made) == b""
    eventually(lambda: server.metric("waiting") == 4)
    assert answer(crowd(server, b"", "127.0.0.2")).startswith(b"HTTP/1.1 503 "), "all that it has is in use"
    assert answer(crowd(server, ASK)).startswith(b"HTTP/1.1 200 ")


def test_in_all_too_the_oldest_idle_ones_of_who_has_most_make_room(dmetad, crowd):
    server = dmetad("-f", str(EXAMPLE), "--connections", "10")
    mine = crowd(server, ASK.replace(b"close", b"keep-alive"), "127.0.0.3")
    assert mine.recv(65536).startswith(b"HTTP/1.1 200 ")
    greedy = [crowd(server, b"GET /", "127.0.0.2") for _ in range(12)]
    for _ in range(5):
        assert answer(crowd(server, ASK)).startswith(b"HTTP/1.1 200 ")
    assert answer(greedy[0]) == b""
    mine.sendall(ASK)
    assert answer(mine).startswith(b"HTTP/1.1 200 ")


def test_behind_a_proxy_there_are_many_clients(dmetad, crowd):
    bounds = ("--waiters-per-client", "1", "--connections-per-client", "1")
    server = dmetad("-f", str(EXAMPLE), *bounds, "--proxies", "127.0.0.2/32")
    for _ in range(5):
        crowd(server, WAIT, "127.0.0.2")
    eventually(lambda: server.metric("waiting") == 5)


@pytest.mark.parametrize(
    ("client", "place"),
    [
        (None, None), ("10.6.0.9", None), ("::ffff:10.6.0.9", None), ("10.6.0.8", "10.6.0.8"),
        ("::ffff:10.6.0.8", "10.6.0.8"), ("2001:db8::1", "2001:db8::/64"), ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"), ("fe80::1%eth0", "fe80::/64"),
    ],
)  # fmt: skip
def test_who_counts_as_one_client(client, place):
    assert place_of(client, Settings(proxies=("10.6.0.9/32",))) == place


def test_a_request_that_waits_holds_no_long_headers(dmetad, crowd):
    server = dmetad("-f", str(EXAMPLE))
    tags = b", ".join(b'"%064d"' % number for number in range(20))
    refused = crowd(server, WAIT.replace(b"\r\n\r\n", b"\r\nAccept: " + b"*/*, " * 300 + b"*/*\r\n\r\n"))
    assert refused.recv(65536).startswith(b"HTTP/1.1 431 ")
    assert crowd(server, ASK.replace(b"\r\n\r\n", b"\r\nIf-None-Match: " + tags + b"\r\n\r\n")).recv(12)[-3:] == b"200"


class Reader:
    """A client that does not take its answers."""

    def __init__(self, places):
        self.place, self.head, self.untaken, self.idle_since, self.ended = None, 0, 0, None, False
        self._places = places

    def end(self):
        self.ended = True
        self._places.leave(self)


def test_answers_that_are_not_taken_have_a_bound_in_all():
    places = Places(Settings())
    readers = [Reader(places) for _ in range(5)]
    for reader in readers:
        assert places.join(reader, "10.0.0.1")
        places.stalled(reader, MOST_UNTAKEN // 2 - 1)
    assert [reader.ended for reader in readers] == [True, True, True, False, False]
    places.taken(readers[3])
    places.stalled(readers[4], MOST_UNTAKEN * 2)
    assert not readers[4].ended, "one alone may be sent an answer of any length"
    for reader in readers:
        places.leave(reader)
    assert (places.count, places.untaken, places.heads) == (0, 0, 0)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example.net", 421), ("w104.evil.example.net", 421), ("127.0.0.1.evil.example.net:8775", 421),
        ("localhost:8775", 200), ("meta", 200), ("127.0.0.1", 200), ("[::1]:8775", 200), ("10.6.0.5:80", 200),
        ("w104", 200), ("a.localhost", 200), ("vpn.example.net", 200),
    ],
)  # fmt: skip
def test_metrics_are_told_under_no_name_that_may_be_anothers(example, host, status):
    assert example.get("/@metrics", Host=host).status == status
    assert example.get("/ps/node", Host=host).status == 200


def test_a_name_that_is_given_is_answered_for():
    Guard(Settings(host_name=("meta.example.jp",))).check_own_host(b"META.example.jp:80", lambda name: False)
    Guard(Settings()).check_own_host(b"w1.example.jp", lambda name: name == "w1.example.jp")
