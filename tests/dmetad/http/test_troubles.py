"""What a machine does to a server: a full disk, a log that nobody reads, no descriptors left, a storm of signals."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from dmetad_server import EXAMPLE, environment, eventually
from matrix_parts import require


@pytest.fixture
def full() -> Iterator[int]:
    """A disk on which there is no room."""
    require("/dev/full")
    with open("/dev/full", "wb") as file:
        yield file.fileno()


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe whose reader has ended."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def ask(port: int, path: str = "/ps/node") -> bytes:
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


@pytest.mark.parametrize("kind", ["full", "unread"])
def test_a_log_that_cannot_be_written_takes_nobodys_answer_away(kind, request):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        program = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.executable, sys.argv[1:])"
        process = subprocess.Popen(
            [sys.executable, "-c", program, sys.executable, "-m", "matrix_dmetad", "-f", str(EXAMPLE), "--access-log"],
            env=environment(LISTEN_FDS="1"),
            preexec_fn=lambda: os.dup2(listening.fileno(), 3),
            pass_fds=[3],
            stderr=request.getfixturevalue(kind),
        )
        try:
            for _ in range(3):
                assert ask(port) == b"DSAS_PS='w101 w102 w103 w104'\n"
            process.send_signal(signal.SIGHUP)
            eventually(lambda: re.search(rb"dmetad_loads_total [2-9]", ask(port, "/@metrics")))
            lost = re.search(rb"^dmetad_lost_log_lines_total (\d+)", ask(port, "/@metrics"), re.MULTILINE)
            assert lost is not None
            assert int(lost[1]) >= 3
        finally:
            process.terminate()
            assert process.wait(20) in (0, -signal.SIGTERM)


def test_without_descriptors_it_answers_whom_it_has_and_loads_once_there_are_some(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    matrix.write_text("[ps]\n  w1 10.0.0.1\n", encoding="utf-8")
    server = dmetad("-f", str(matrix))
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)

    def node() -> bytes:
        connection.request("GET", "/ps/node.text")
        return connection.getresponse().read()

    assert node() == b"w1\n"
    used = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used + 3, used + 3))
    with contextlib.ExitStack() as crowd:
        for _ in range(30):
            crowd.enter_context(socket.create_connection(("127.0.0.1", server.port), 20))
        matrix.write_text("[ps]\n  w2 10.0.0.2\n", encoding="utf-8")
        eventually(lambda: "not loaded" in server.log)
        assert "too many open files" in server.log.lower()
        assert node() == b"w1\n"
    eventually(lambda: node() == b"w2\n")
    connection.close()


def test_a_storm_of_signals_is_a_few_loads(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    matrix.write_text("[ps]\n  w[1-2000] 10.0.[0-19].[1-100]\n", encoding="utf-8")
    server = dmetad("-f", str(matrix))
    before = server.metric("loads_total")
    for _ in range(3_000):
        server.reload()
    matrix.write_text("[db]\n  w1 10.0.0.1\n", encoding="utf-8")
    eventually(lambda: server.get("/db/node.text").body == b"w1\n")
    assert before < server.metric("loads_total") < before + 1_000
    assert server.metric("failed_loads_total") == 0
