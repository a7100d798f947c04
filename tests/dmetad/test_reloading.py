"""Snapshots: a new one replaces the old between two requests; a bad one never does."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import threading
import weakref
from http.client import HTTPConnection
from pathlib import Path

from dmetad_server import eventually

from matrix_dmetad.answers.formats import _json
from matrix_dmetad.answers.snapshot import Target
from matrix_dmetad.serving.snapshots import PlainFile


def write(path: Path, text: str) -> None:
    new = path.with_name(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def numbered(number: int) -> str:
    """A MATRIX whose every fact says which one it is."""
    return f'[ps] "{number}" sched=s{number}\n  w[1-9] 10.0.0.[1-9] weight={number} [WARN: {number}]\n'


def test_an_edit_is_answered_from_soon_after(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    write(matrix, numbered(1))
    server = dmetad("-f", str(matrix))
    assert server.get("/ps/sched.text").body == b"s1\n"
    write(matrix, numbered(2))
    eventually(lambda: server.get("/ps/sched.text").body == b"s2\n")
    assert server.metric("loads_total") >= 2


def test_an_include_that_appears_is_read(dmetad, tmp_path):
    (tmp_path / "more").mkdir()
    write(tmp_path / "more/a.matrix", "[ps]\n w1 10.0.0.1\n")
    write(tmp_path / "MATRIX", "@include more/*.matrix\n")
    server = dmetad("-f", str(tmp_path / "MATRIX"))
    write(tmp_path / "more/b.matrix", "[ps]\n w2 10.0.0.2\n")
    eventually(lambda: server.get("/ps/node.text").body == b"w1\nw2\n")


def test_the_page_and_a_figure_say_that_what_is_written_is_not_in_force(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    write(matrix, numbered(1))
    server = dmetad("-f", str(matrix))
    assert server.metric("in_force") == 1
    assert b"Not in force" not in server.get("/ps.html").body
    write(matrix, numbered(2) + "w1 <b>\n")
    eventually(lambda: server.metric("in_force") == 0)
    for path in ("/", "/ps.html", "/@host/w1.html"):
        page = server.get(path, accept="text/html").body
        assert b'role="alert">Not in force: ' in page, path
        assert b"MATRIX:3:" in page
        assert b"<b>\n" not in page
    write(matrix, numbered(1))
    eventually(lambda: server.metric("in_force") == 1)
    assert b"Not in force" not in server.get("/ps.html").body, "the same as before is loaded, and in force"


def test_a_bad_one_is_logged_and_counted_and_the_old_stays(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    write(matrix, numbered(1))
    server = dmetad("-f", str(matrix))
    for text in (numbered(2) + "w1 10.0.0.99\n", "", "[ps\n"):
        failed = server.metric("failed_loads_total")
        write(matrix, text)
        eventually(lambda failed=failed: server.metric("failed_loads_total") > failed)
        assert server.get("/ps/sched.text").body == b"s1\n"
    matrix.unlink()
    eventually(lambda: "not loaded" in server.log)
    assert server.get("/@ready").status == 200
    assert "error[M" in server.log
    write(matrix, numbered(3))
    eventually(lambda: server.get("/ps/sched.text").body == b"s3\n")


def test_nothing_to_answer_from_is_503_until_there_is(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    server = dmetad("-f", str(matrix), loaded=False)
    assert server.get("/@health").status == 200
    for path in ("/@ready", "/ps/node", "/ps/node.json", "/?format=html"):
        answer = server.get(path)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert server.metric("ready") == 0
    write(matrix, numbered(1))
    eventually(lambda: server.get("/@ready").status == 200)
    assert server.get("/ps/sched.text").body == b"s1\n"


def test_reloading_fifty_times_a_second_drops_nothing_and_mixes_nothing(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    write(matrix, numbered(0))
    server = dmetad("-f", str(matrix), "--rate", "0")
    stop = threading.Event()
    wrong: list[object] = []
    counts = [0] * 3

    def load(place: int) -> None:
        with contextlib.closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
            ask_on(connection, place)

    def ask_on(connection: HTTPConnection, place: int) -> None:
        by_generation: dict[str, str] = {}
        while not stop.is_set():
            connection.request("GET", "/ps.json?recursive", headers={"X-Place": str(place)})
            response = connection.getresponse()
            body = response.read()
            counts[place] += 1
            value = json.loads(body) if response.status == 200 else {}
            said = {value.get("meaning"), value.get("properties", {}).get("sched", "").removeprefix("s")}
            said |= {host["reason"] for host in value.get("hosts", {}).values()}
            said |= {str(host["properties"]["weight"]) for host in value.get("hosts", {}).values()}
            generation = response.headers["X-Matrix-Generation"]
            if response.status != 200 or len(said) != 1:
                wrong.append((response.status, said))
            elif by_generation.setdefault(generation, str(said)) != str(said):
                wrong.append((generation, said))

    clients = [threading.Thread(target=load, args=(place,)) for place in range(3)]
    for client in clients:
        client.start()
    for number in range(1, 201):
        write(matrix, numbered(number))
        server.reload()
        stop.wait(0.02)
    stop.set()
    for client in clients:
        client.join(30)
    eventually(lambda: server.get("/ps/sched.text").body == b"s200\n")
    assert not wrong, wrong[:5]
    assert min(counts) > 20
    assert server.metric("loads_total") > 20
    assert server.metric("failed_loads_total") == 0


def test_a_big_answer_is_spelled_in_pieces_that_make_the_same_json():
    host = {
        "address": "10.0.0.1",
        "properties": {"weight": 1, "note": 'a "b"\n\u2028é'},
        "roles": ["a", "b"],
        "rack": None,
    }
    hosts = {f"w{number}": host for number in range(1_200)}
    value = {"ps": {"name": "ps", "node": list(hosts), "hosts": hosts, "properties": {}}, "db": {"hosts": {}}}
    pieces = list(_json(value))
    assert "".join(pieces) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert max(map(len, pieces)) < 10_000, "no piece holds the other threads up"


def test_a_snapshot_that_is_no_longer_in_force_is_freed_without_the_collector(tmp_path):
    write(tmp_path / "MATRIX", numbered(1))
    snapshot = PlainFile(tmp_path / "MATRIX", {}).load(None)
    for path in (b"/ps", b"/@select"):
        snapshot.prepare([Target(path, b"q=ps" if b"@" in path else b"", ("json",))], 0.0)
    host, fleet = weakref.ref(snapshot.view.hosts[0]), weakref.ref(snapshot.view.fleet)
    gc.disable()
    try:
        hosts = snapshot.retire()
        del snapshot
        assert fleet() is None
        assert len(hosts) == 9
        hosts.clear()
        assert host() is None
    finally:
        gc.enable()
