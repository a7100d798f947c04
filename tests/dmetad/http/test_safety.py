"""Who is answered, and what no client can do to the others."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time

import pytest
from dmetad_server import EXAMPLE, environment, eventually

from matrix_dmetad.http.guard import Guard, canonical, host_name
from matrix_dmetad.settings import Settings


def raw(port: int, request: bytes, seconds: float = 20) -> bytes:
    with socket.create_connection(("127.0.0.1", port), seconds) as asking:
        asking.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            return b"".join(iter(lambda: asking.recv(65536), b""))
        return b""


def test_it_listens_on_loopback_alone_unless_told():
    assert Settings().listen == ("127.0.0.1:8775",)


def test_only_networks_that_are_allowed_are_answered(dmetad):
    assert dmetad("-f", str(EXAMPLE), "--allow", "127.0.0.0/8").get("/ps/node").status == 200
    server = dmetad("-f", str(EXAMPLE), "--allow", "10.6.0.0/16", "--allow", "2001:db8::/32")
    for _ in range(3):
        assert server.get("/ps/node").status == 403


def test_python_without_asserts_opens_nothing(dmetad, monkeypatch):
    """`python -O`, as PYTHONOPTIMIZE, leaves asserts out: who is answered may rest on none."""
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    assert dmetad("-f", str(EXAMPLE), "--allow", "127.0.0.0/8").get("/ps/node").status == 200
    assert dmetad("-f", str(EXAMPLE), "--allow", "10.6.0.0/16").get("/ps/node").status == 403
    assert dmetad("-f", str(EXAMPLE), "--host-name", "meta").get("/ps/node").status == 421
    assert dmetad("-f", str(EXAMPLE), "--require-header", "X-Matrix: yes").get("/ps/node").status == 403


@pytest.mark.parametrize("flag", [[], ["-O"]])
@pytest.mark.parametrize("name", ["allow", "proxies"])
def test_a_network_that_is_none_keeps_the_server_from_starting_with_and_without_asserts(flag, name):
    command = [sys.executable, *flag, "-m", "matrix_dmetad", f"--{name}", "10.6.0.1/16"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, f"--{name}: 10.6.0.1/16 has host bits set" in done.stderr) == (2, True)


@pytest.mark.parametrize("flag", [[], ["-O"]])
def test_a_snapshot_is_whole_before_it_is_in_force_with_and_without_asserts(flag, tmp_path):
    (tmp_path / "MATRIX").write_text("[ps]\n  w1 10.0.0.1 weight=1\n")
    program = (
        "import sys; from pathlib import Path; from matrix_dmetad.serving.snapshots import PlainFile\n"
        "snapshot = PlainFile(Path(sys.argv[1]), {}).load(None); snapshot.prepare([], 0.0)\n"
        "print('by_address' in vars(snapshot), 'index' in vars(snapshot.view), 'properties' in vars(snapshot.facts))"
    )
    command = [sys.executable, *flag, "-c", program, str(tmp_path / "MATRIX")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "True True True\n"


@pytest.mark.parametrize(
    ("client", "admitted"),
    [("10.6.1.1", True), ("10.7.1.1", False), ("::ffff:10.6.1.1", True), ("2001:db8::1", True), ("2001:db9::1", False)],
)
def test_a_network_holds_its_addresses_however_they_are_spelled(client, admitted):
    settings = Settings(allow=("10.6.0.0/16", "2001:db8::/32"))
    assert Guard(settings).admits(client) is admitted


def test_only_hosts_that_are_named_are_answered_for_so_that_rebinding_fails(dmetad):
    server = dmetad("-f", str(EXAMPLE), "--host-name", "meta", "--host-name", "meta.example.jp")
    for host in ("meta", "META:8775", "meta.example.jp."):
        assert server.get("/ps/node", Host=host).status == 200
    for host in ("evil.example.net", "127.0.0.1", "meta.evil.example.net"):
        for _ in range(2):
            assert server.get("/ps/node", Host=host).status == 421


def test_a_header_may_be_required(dmetad):
    server = dmetad("-f", str(EXAMPLE), "--require-header", "X-Matrix: yes")
    assert server.get("/ps/node", X_Matrix="yes").status == 200
    for _ in range(2):
        answer = server.get("/ps/node")
        assert (answer.status, "X-Matrix: yes" in answer.text.lower().replace("x-matrix", "X-Matrix")) == (403, True)
    assert server.get("/ps/node", X_Matrix="no").status == 403


def test_urls_and_headers_have_limits(dmetad):
    server = dmetad("-f", str(EXAMPLE), "--url", "200", "--header-bytes", "500")
    assert server.get("/" + "a" * 199).status == 404
    assert server.get("/" + "a" * 200).status == 414
    assert server.get("/ps/node", X_Long="a" * 600).status == 431
    assert raw(server.port, b"GET /" + b"a" * 5000).startswith(b"HTTP/1.1 431 ")
    assert raw(server.port, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000).startswith(b"HTTP/1.1 431 ")


def test_a_body_is_refused_and_the_connection_closed(example):
    chunked = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    for rest in (b"Content-Length: 5\r\n\r\nhello", chunked):
        answer = raw(example.port, b"GET /ps/node HTTP/1.1\r\nHost: meta\r\n" + rest)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close" in answer


def test_http_1_1_needs_one_host(example):
    assert raw(example.port, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(example.port, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert raw(example.port, b"GET /db/node HTTP/1.0\r\n\r\n").endswith(b"DSAS_DB='db1 db2'\n")


def test_a_client_that_asks_too_often_is_told_so_and_may_come_back(dmetad):
    server = dmetad("-f", str(EXAMPLE), "--rate", "20")
    statuses = [server.get("/ps/node").status for _ in range(80)]
    assert statuses[:30] == [200] * 30
    assert 429 in statuses
    assert eventually(lambda: server.get("/ps/node").status == 200)


def test_an_allowance_grows_with_time_and_is_each_clients_own():
    guard = Guard(Settings(rate=10))
    assert [guard.within_rate("a", 0.0) for _ in range(21)] == [True] * 20 + [False]
    assert guard.within_rate("b", 0.0)
    assert [guard.within_rate("a", 0.5) for _ in range(6)] == [True] * 5 + [False]
    assert guard.within_rate(None, 0.5)


@pytest.mark.parametrize("sent", [b"", b"GET /ps/no", b"GET /ps/node HTTP/1.1\r\nHost: me"])
def test_a_client_that_is_too_slow_is_cut(dmetad, sent):
    server = dmetad("-f", str(EXAMPLE), "--slowest", "0.5", "--idle", "0.5")
    started = time.monotonic()
    assert raw(server.port, sent) == b""
    assert time.monotonic() - started < 10
    assert server.metric("cut_connections_total") == 1


def test_one_that_drips_is_cut_all_the_same(dmetad):
    server = dmetad("-f", str(EXAMPLE), "--slowest", "1")
    with socket.create_connection(("127.0.0.1", server.port), 20) as asking:
        sent = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                asking.sendall(b"X")
                sent += 1
                time.sleep(0.1)
    assert sent < 60


def test_one_that_does_not_take_its_answers_is_cut(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    matrix.write_text("[ps]\n  w[1-9999] 10.[0-98].[0-100].7\n", encoding="utf-8")
    server = dmetad("-f", str(matrix), "--slowest", "0.5")
    with socket.create_connection(("127.0.0.1", server.port), 20) as asking:
        asking.sendall(b"GET /@select.json?q=ps&recursive HTTP/1.1\r\nHost: meta\r\n\r\n" * 10)
        eventually(lambda: server.metric("cut_connections_total") == 1)
        assert server.get("/ps/node").status == 200


def test_connections_are_limited(dmetad):
    server = dmetad("-f", str(EXAMPLE), "--connections", "3")
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            waiting = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            waiting.sendall(b"GET /ps/node?wait=60s HTTP/1.1\r\nHost: m\r\n\r\n")
        eventually(lambda: raw(server.port, b"").startswith(b"HTTP/1.1 503 "))
    eventually(lambda: server.get("/ps/node").status == 200)


def test_pipelined_requests_are_answered_in_order(example):
    one, two = b"GET /db/node HTTP/1.1\r\nHost: m\r\n\r\n", b"GET /xen/node HTTP/1.1\r\nHost: m\r\n\r\n"
    close = b"GET /mx/node HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"
    for _ in range(3):
        answer = raw(example.port, one + two + one + close)
        assert [line for line in answer.split(b"\r\n") if line.startswith(b"DSAS") or b"DSAS" in line[-40:]]
        assert [
            answer.find(b"DSAS_DB="),
            answer.find(b"DSAS_XEN="),
            answer.rfind(b"DSAS_DB="),
            answer.find(b"DSAS_MX="),
        ] == (
            sorted(
                [
                    answer.find(b"DSAS_DB="),
                    answer.find(b"DSAS_XEN="),
                    answer.rfind(b"DSAS_DB="),
                    answer.find(b"DSAS_MX="),
                ]
            )
        )
        assert answer.count(b"HTTP/1.1 200 ") == 4


def test_an_answer_to_one_caller_is_never_given_to_another(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    matrix.write_text("[ps]\n  one 127.0.0.1\n  two 10.0.0.2\n", encoding="utf-8")
    server = dmetad("-f", str(matrix), env={"DSAS_SELF": "two"})
    assert server.get("/@self/name.text").body == b"two\n", "loopback is this very machine, whatever the MATRIX says"


@pytest.mark.parametrize(
    ("header", "name"), [(b"Meta:80", "meta"), (b"[::1]:80", "::1"), (b"", ""), (b"meta.", "meta"), (b"a:b:c", "a")]
)
def test_the_name_in_a_host_header(header, name):
    assert host_name(header) == name


def test_addresses_have_one_form():
    assert str(canonical("::ffff:10.0.0.1")) == "10.0.0.1"
    assert str(canonical("fe80::1%eth0")) == "fe80::1"
    assert canonical("nonsense") is None
