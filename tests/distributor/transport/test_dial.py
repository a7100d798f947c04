"""Connecting to the first of several addresses that answers, and names that must be looked up."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from matrix_distributor.transport.net.dial import Address, Dial
from matrix_distributor.transport.net.loop import Loop
from matrix_distributor.transport.net.resolver import Resolver


def at(port: int, host: str = "127.0.0.1") -> Address:
    return (socket.AF_INET, (host, port))


@pytest.fixture
def good() -> Iterator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield at(server.getsockname()[1])


@pytest.fixture
def refusing() -> Iterator[Address]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield at(bound.getsockname()[1])


@pytest.fixture
def silent() -> Iterator[Address]:
    """A listener whose backlog is full: the kernel drops further SYNs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        yield at(listener.getsockname()[1])
        for filler in fillers:
            filler.close()


def dial(addresses: list[Address], seconds: float = 1.0) -> tuple[str, object, float]:
    """How a Dial ends: `connected` and the port, or `failed` and the reason; and the seconds that it took."""
    loop = Loop()
    result: list[tuple[str, object]] = []

    def connected(end: socket.socket) -> None:
        with end:
            result.append(("connected", end.getpeername()[1]))
        loop.stop()

    def failed(error: OSError) -> None:
        result.append(("failed", error.strerror))
        loop.stop()

    begun = time.monotonic()
    loop.post(Dial(loop, addresses, seconds, connected, failed).begin)
    loop.run()
    ((how, what),) = result
    return how, what, time.monotonic() - begun


def test_one_address(good: Address) -> None:
    assert dial([good])[:2] == ("connected", good[1][1])


def test_a_refusing_address_is_passed_over(refusing: Address, good: Address) -> None:
    assert dial([refusing, good])[:2] == ("connected", good[1][1])


def test_a_silent_address_may_not_use_up_the_time_of_all(silent: Address, good: Address) -> None:
    how, port, seconds = dial([silent, good])
    assert (how, port) == ("connected", good[1][1])
    assert 0.4 < seconds < 0.9


def test_the_last_reason_is_told(silent: Address, refusing: Address) -> None:
    assert dial([silent, refusing], 0.2)[:2] == ("failed", "Connection refused")


def test_a_socket_that_cannot_be_made_is_a_reason_too(good: Address) -> None:
    assert dial([(socket.AF_INET, ("not an address", 1)), good])[:2] == ("connected", good[1][1])


def test_names_are_looked_up_beside_the_loop_and_addresses_at_once() -> None:
    loop = Loop()
    resolver = Resolver(loop)
    answers: dict[str, object] = {}

    def keep(name: str, answer: object) -> None:
        answers[name] = answer
        if len(answers) == 4:
            loop.stop()

    for name in ("10.0.0.1", "::1", "localhost", "a..b"):
        loop.post(lambda name=name: resolver.resolve(name, 22, lambda answer: keep(name, answer)))
    loop.run()
    resolver.close()
    assert answers["10.0.0.1"] == [at(22, "10.0.0.1")]
    assert answers["::1"] == [(socket.AF_INET6, ("::1", 22))]
    assert at(22) in answers["localhost"]  # type: ignore[operator]
    assert isinstance(answers["a..b"], OSError)


def test_a_zone_goes_with_its_address() -> None:
    answers: list[object] = []
    loop = Loop()
    for host in ("fe80::1%lo", "fe80::1%nowhere"):
        Resolver(loop).resolve(host, 22, answers.append)
    loop.post(loop.stop)
    loop.run()
    assert answers[0] == [(socket.AF_INET6, ("fe80::1", 22, 0, socket.if_nametoindex("lo")))]
    assert isinstance(answers[1], OSError)


def test_timers_run_in_order_unless_cancelled() -> None:
    loop = Loop()
    seen: list[str] = []
    for seconds, name in ((0.03, "c"), (0.01, "a"), (0.02, "b")):
        timer = loop.after(seconds, lambda name=name: seen.append(name))  # type: ignore[misc]
    timer.cancel()
    loop.after(0.05, loop.stop)
    loop.run()
    assert seen == ["a", "c"]
