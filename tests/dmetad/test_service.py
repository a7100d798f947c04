"""As a service: a passed socket, readiness and watchdog, an end in order, and the units themselves."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from dmetad_server import EXAMPLE, REPOSITORY, environment, eventually

UNITS = REPOSITORY / "dmetad/systemd"


def everything(asking: socket.socket) -> bytes:
    return b"".join(iter(lambda: asking.recv(65536), b""))


class Manager:
    """What systemd is to a service: it listens, starts it with the socket as descriptor 3, and hears what it says."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.listening = socket.socket()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen()
        self.port = self.listening.getsockname()[1]
        self.heard: list[str] = []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(folder / "notify"))
        self.notify.settimeout(0.1)
        self.ended = threading.Event()
        self.listener = threading.Thread(target=self._hear)
        self.listener.start()
        program = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.executable, sys.argv[1:])"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, sys.executable, "-m", "matrix_dmetad", "-f", str(EXAMPLE)],
            env=environment(LISTEN_FDS="1", NOTIFY_SOCKET=str(folder / "notify"), **more),
            preexec_fn=lambda: os.dup2(self.listening.fileno(), 3),
            pass_fds=[3],
            stderr=subprocess.PIPE,
        )

    def _hear(self) -> None:
        while not self.ended.is_set():
            try:
                self.heard += self.notify.recv(4096).decode().splitlines()
            except TimeoutError:
                continue

    def ask(self) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), 20) as asking:
            asking.sendall(b"GET /db/node HTTP/1.0\r\n\r\n")
            return everything(asking)

    def end(self) -> str:
        if self.process.poll() is None:
            self.process.terminate()
        _, log = self.process.communicate(timeout=20)
        self.ended.set()
        self.listener.join()
        self.notify.close()
        self.listening.close()
        return log.decode()


@pytest.fixture
def manager(tmp_path, request):
    made = Manager(tmp_path, **getattr(request, "param", {}))
    yield made
    made.end()


def test_a_passed_socket_is_served_and_readiness_told(manager):
    assert manager.ask().endswith(b"DSAS_DB='db1 db2'\n")
    eventually(lambda: "READY=1" in manager.heard)
    eventually(lambda: any(line.startswith("STATUS=answering from 0-") for line in manager.heard))
    assert f"listening on http://127.0.0.1:{manager.port}" in manager.end()
    assert "STOPPING=1" in manager.heard


@pytest.mark.parametrize("manager", [{"WATCHDOG_USEC": "200000"}], indirect=True)
def test_the_watchdog_hears_of_the_loop_as_long_as_it_turns(manager):
    eventually(lambda: manager.heard.count("WATCHDOG=1") >= 5)
    manager.process.send_signal(signal.SIGSTOP)
    seen = manager.heard.count("WATCHDOG=1")
    threading.Event().wait(0.5)
    assert manager.heard.count("WATCHDOG=1") <= seen + 1
    manager.process.send_signal(signal.SIGCONT)
    eventually(lambda: manager.heard.count("WATCHDOG=1") > seen + 2)


def test_what_is_being_sent_is_sent_to_its_end_when_the_server_stops(dmetad, tmp_path):
    matrix = tmp_path / "MATRIX"
    matrix.write_text("[ps]\n  w[1-9999] 10.[0-98].[0-100].7\n", encoding="utf-8")
    server = dmetad("-f", str(matrix), "--grace", "15")
    size = len(server.get("/@select.json?q=ps&recursive").body)
    with socket.create_connection(("127.0.0.1", server.port), 20) as asking:
        asking.sendall(b"GET /@select.json?q=ps&recursive HTTP/1.1\r\nHost: meta\r\n\r\n")
        start = asking.recv(100)
        server.process.terminate()
        rest = everything(asking)
    assert len((start + rest).partition(b"\r\n\r\n")[2]) == size > 1_000_000


def test_other_addresses_and_a_unix_socket(dmetad, tmp_path):
    path = tmp_path / "meta.sock"
    server = dmetad("-f", str(EXAMPLE), "--listen", f"unix:{path}", "--listen", "[::1]:0", env={"DSAS_SELF": "db1"})
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(path))
        asking.sendall(b"GET /@self/name.text HTTP/1.0\r\n\r\n")
        assert everything(asking).endswith(b"\r\n\r\ndb1\n")
    port = int(re.search(r"http://\[::1\]:(\d+)", server.log)[1])
    with socket.create_connection(("::1", port), 20) as asking:
        asking.sendall(b"GET /@self/name.text HTTP/1.0\r\n\r\n")
        assert everything(asking).endswith(b"\r\n\r\ndb1\n")


def test_the_access_log_is_a_line_of_json_for_each_request(dmetad):
    server = dmetad("-f", str(EXAMPLE), "--access-log")
    for _ in range(2):
        server.get("/ps/node?format=json")
    server.get("/nosuch%0aforged")
    eventually(lambda: server.log.count("\n{") == 3)
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    assert [(line["path"], line["status"], line["format"]) for line in lines] == [
        ("/ps/node?format=json", 200, "json"),
        ("/ps/node?format=json", 200, "json"),
        ("/nosuch%0aforged", 404, "sh"),
    ]
    assert set(lines[0]) == {"time", "client", "method", "path", "status", "bytes", "ms", "format", "snapshot"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "127.0.0.1:http"], "cannot listen on 127.0.0.1:http"),
        (["--listen", "192.0.2.1:80"], "cannot listen on 192.0.2.1:80: cannot assign requested address"),
        (["--allow", "10.6.0.1/16"], "--allow: 10.6.0.1/16 has host bits set"),
        (["--listen", ""], "cannot listen on "),
        (["--require-header", "no colon"], "is not of the form"),
        (["--rate", "-1"], "-1"),
    ],
)
def test_what_is_wrong_at_the_start_is_said_in_a_line(arguments, said):
    done = subprocess.run(
        [sys.executable, "-m", "matrix_dmetad", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.needs("systemd-analyze")
def test_the_units_are_right_and_give_away_little():
    units = [str(UNITS / "dmetad.service"), str(UNITS / "dmetad.socket")]
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr
    assert "dmetad" not in verified.stderr
    asked = ["systemd-analyze", "security", "--offline=true", "--no-pager", units[0]]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    exposure = re.search(r"Overall exposure level for dmetad.service: ([0-9.]+)", told)
    assert exposure is not None
    assert float(exposure[1]) <= 2.0


def test_the_door_is_light():
    program = "import sys, matrix_dmetad; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    assert not {"uvicorn", "uvloop", "jinja2", "matrix_grammar", "asyncio"} & set(done.stdout.split())
