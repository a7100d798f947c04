"""Long polling: an answer when it has changed, or after the time."""

from __future__ import annotations

import asyncio
import resource
import time
from pathlib import Path

import pytest
from dmetad_server import eventually

ONE = "[ps]\n  w[1-9] 10.0.0.[1-9]\n[db]\n  db1 10.0.1.1\n"
LAST = b"GET /db/node HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"
TWO = ONE.replace("10.0.0.[1-9]", "10.0.0.[1-9] [STOP]")


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    path = tmp_path / "MATRIX"
    path.write_text(ONE, encoding="utf-8")
    return path


async def ask(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: meta\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


async def waiters(server, count: int) -> None:
    """Until so many requests wait."""
    while server.metric("waiting") < count:
        await asyncio.sleep(0.02)


def test_who_waits_is_answered_as_soon_as_the_answer_changes(dmetad, matrix):
    server = dmetad("-f", str(matrix))
    tag = server.get("/ps/node").headers["ETag"].strip('"')

    async def wait_and_edit() -> tuple[bytes, float]:
        waiting = asyncio.create_task(ask(server.port, f"/ps/node?wait=30s&etag={tag}"))
        await waiters(server, 1)
        matrix.write_text(TWO, encoding="utf-8")
        started = time.monotonic()
        return await waiting, time.monotonic() - started

    answer, seconds = asyncio.run(wait_and_edit())
    assert answer.endswith(b"\r\n\r\nDSAS_PS=''\n")
    assert seconds < 15


def test_a_change_elsewhere_wakes_nobody(dmetad, matrix):
    server = dmetad("-f", str(matrix))

    async def wait_and_edit() -> bytes:
        waiting = asyncio.create_task(ask(server.port, "/db/node?wait=2s"))
        await waiters(server, 1)
        matrix.write_text(TWO, encoding="utf-8")
        return await waiting

    before = server.get("/ps/node").headers["X-Matrix-Generation"]
    assert asyncio.run(wait_and_edit()).endswith(b"DSAS_DB='db1'\n")
    assert server.metric("woken_total") == 0
    assert server.get("/ps/node").headers["X-Matrix-Generation"] != before


def test_who_holds_something_else_is_answered_at_once(example):
    started = time.monotonic()
    assert example.get("/ps/node?wait=30s&etag=0123").status == 200
    assert example.get("/ps/node?wait=30s", If_None_Match='"0123"').status == 200
    assert example.get("/nosuch?wait=30s").status == 404
    assert time.monotonic() - started < 10


def test_after_the_time_the_answer_is_what_it_was(example):
    answer = example.get("/ps/node")
    tag = answer.headers["ETag"]
    assert example.get(f"/ps/node?wait=100ms&etag={tag.strip(chr(34))}").body == answer.body
    assert example.get("/ps/node?wait=0.1s", If_None_Match=tag).status == 304


def test_the_number_of_those_who_wait_is_limited(dmetad, matrix):
    server = dmetad("-f", str(matrix), "--waiters", "2")

    async def crowd() -> list[bytes]:
        first = [asyncio.create_task(ask(server.port, "/ps/node?wait=2s")) for _ in range(2)]
        await waiters(server, 2)
        return [await ask(server.port, "/ps/node?wait=2s"), *await asyncio.gather(*first)]

    refused, *answered = asyncio.run(crowd())
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in refused
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answered)


def test_each_who_is_woken_is_answered_in_the_way_it_asked(dmetad, matrix):
    matrix.write_text(ONE.replace("[ps]", '[ps] "' + "page servers " * 60 + '"'), encoding="utf-8")
    server = dmetad("-f", str(matrix), "--access-log")
    tag = server.get("/ps").headers["ETag"]
    asked = {
        "plain": b"GET /ps?wait=60s HTTP/1.1\r\nHost: m\r\n\r\n",
        "head": b"HEAD /ps?wait=60s HTTP/1.1\r\nHost: m\r\n\r\n",
        "gzip": b"GET /ps?wait=60s HTTP/1.1\r\nHost: m\r\nAccept-Encoding: gzip\r\n\r\n",
        "tagged": b"GET /ps?wait=60s HTTP/1.1\r\nHost: m\r\nIf-None-Match: %s\r\n\r\n" % tag.encode(),
        "close": b"GET /ps?wait=60s HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n",
        "old": b"GET /ps?wait=60s HTTP/1.0\r\n\r\n",
        "two": b"GET /ps?wait=60s HTTP/1.1\r\nHost: m\r\n\r\n" + LAST,
        "gone": b"GET /ps?wait=60s HTTP/1.1\r\nHost: m\r\n\r\n",
    }

    async def crowd() -> dict[str, bytes]:
        connections = {name: await asyncio.open_connection("127.0.0.1", server.port) for name in asked}
        for name, (_, writer) in connections.items():
            writer.write(asked[name])
        await waiters(server, len(asked))
        connections["gone"][1].transport.abort()
        while server.metric("waiting") == len(asked):
            await asyncio.sleep(0.02)
        matrix.write_text(TWO, encoding="utf-8")
        answers = {}
        for name, (reader, writer) in connections.items():
            if name == "gone":
                continue
            closes = name in ("close", "old", "two")
            answers[name] = await reader.read() if closes else await reader.readuntil(b"\r\n\r\n")
            if not closes and name != "head":
                length = int(answers[name].partition(b"content-length: ")[2].split(b"\r\n")[0])
                answers[name] += await reader.readexactly(length)
            if not closes:
                writer.write(LAST)
                assert (await reader.read()).endswith(b"\r\n\r\nDSAS_DB='db1'\n"), name
            writer.close()
        return answers

    answers = asyncio.run(crowd())
    body = b"DSAS_PS=''\nDSAS_PS__MEANING=''\n"
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers.values())
    for name in ("plain", "tagged", "close", "old", "gzip"):
        assert answers[name].endswith(b"\r\n\r\n" + body), name
    assert answers["head"].endswith(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % len(body) in answers["head"]
    assert b"connection: close" in answers["close"]
    assert answers["two"].endswith(b"\r\n\r\nDSAS_DB='db1'\n")
    assert answers["two"].count(b"HTTP/1.1 200 ") == 2
    assert server.metric("waiting") == 0
    assert server.metric("woken_total") == 7
    eventually(lambda: server.log.count('"path": "/ps?wait=60s", "status": 200') == 7)


def test_edits_one_right_after_another_leave_nobody_with_what_was(dmetad, matrix):
    server = dmetad("-f", str(matrix))

    async def crowd() -> list[bytes]:
        tasks = [asyncio.create_task(ask(server.port, "/ps/weight.text?wait=60s&default=0")) for _ in range(700)]
        await waiters(server, len(tasks))
        for weight in range(1, 6):
            matrix.write_text(ONE.replace("[ps]", f"[ps] weight={weight}"), encoding="utf-8")
            server.reload()
            await asyncio.sleep(0.01)
        return await asyncio.gather(*tasks)

    answers = asyncio.run(crowd())
    assert {answer.rpartition(b"\r\n\r\n")[2] for answer in answers} <= {b"%d\n" % weight for weight in range(1, 6)}
    assert server.metric("waiting") == 0


def test_who_goes_away_while_an_answer_is_made_does_not_wait_for_it_either(dmetad, matrix):
    """Answers that nobody asked before are made in a thread: whoever hangs up meanwhile would have kept a place."""
    server = dmetad("-f", str(matrix))

    async def ask_and_go() -> None:
        for number in range(1, 10):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(f"GET /@select?q=w{number}&wait=60s HTTP/1.1\r\nHost: m\r\n\r\n".encode())
            writer.close()

    asyncio.run(ask_and_go())
    asked = server.get("/@select?q=w9").status
    assert asked == 200
    time.sleep(0.5)
    assert server.metric("waiting") == 0


def test_who_goes_away_waits_no_longer(dmetad, matrix):
    server = dmetad("-f", str(matrix))

    async def leave() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /ps/node?wait=60s HTTP/1.1\r\nHost: meta\r\n\r\n")
        await waiters(server, 1)
        writer.close()

    asyncio.run(leave())
    eventually(lambda: server.metric("waiting") == 0)


def test_a_server_that_is_stopped_lets_everybody_go_with_an_answer(dmetad, matrix):
    server = dmetad("-f", str(matrix))

    async def stop() -> bytes:
        waiting = asyncio.create_task(ask(server.port, "/ps/node?wait=60s"))
        await waiters(server, 1)
        server.process.terminate()
        return await waiting

    assert asyncio.run(stop()).endswith(b"DSAS_PS='w1 w2 w3 w4 w5 w6 w7 w8 w9'\n")
    assert server.process.wait(20) in (0, -15)


def test_a_crowd_that_asks_at_once_for_what_is_not_ready_gets_it(dmetad, matrix):
    server = dmetad("-f", str(matrix))

    async def crowd() -> list[bytes]:
        connections = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(600)]
        for _, writer in connections:
            writer.write(b"GET /ps.yaml?recursive HTTP/1.1\r\nHost: meta\r\nConnection: close\r\n\r\n")
        answers = [await reader.read() for reader, _ in connections]
        for _, writer in connections:
            writer.close()
        return answers

    assert {answer.split(b" ", 2)[1] for answer in asyncio.run(crowd())} == {b"200"}


def test_five_thousand_are_all_woken_by_one_edit(dmetad, matrix):
    count = 5_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count + 500:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count * 2), hard))
    server = dmetad("-f", str(matrix), "--waiters", str(count))
    paths = ["/ps/node", "/ps/node.json", "/ps.yaml", "/@select.text?q=UP"]

    async def crowd() -> list[bytes]:
        tasks = []
        for number in range(count):
            path = paths[number % len(paths)]
            tasks.append(asyncio.create_task(ask(server.port, f"{path}{'&' if '?' in path else '?'}wait=120s")))
            if number % 200 == 0:
                await asyncio.sleep(0.01)
        while server.metric("waiting") < count:
            await asyncio.sleep(0.05)
        matrix.write_text(TWO, encoding="utf-8")
        return await asyncio.gather(*tasks)

    answers = asyncio.run(crowd())
    assert sum(answer.startswith(b"HTTP/1.1 200 ") for answer in answers) == count
    assert not any(b"w1" in answer for answer in answers)
    assert server.metric("woken_total") == count
    eventually(lambda: server.metric("waiting") == 0)
