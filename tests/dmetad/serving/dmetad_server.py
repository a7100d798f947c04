"""A dmetad in a process of its own, for tests, the fuzzer and the benchmark."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from matrix_ports import free_port

REPOSITORY = Path(__file__).parents[3]
EXAMPLE = REPOSITORY / "examples/MATRIX"
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")


class Running:
    """A dmetad of its own process, on a port of its own."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.process = process
        self.log_file = log
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            return Answer(connection.getresponse())

    def metric(self, name: str) -> float:
        found = re.search(rf"^dmetad_{re.escape(name)} (\S+)$", self.get("/@metrics").text, re.MULTILINE)
        assert found, name
        return float(found[1])

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    @property
    def resident(self) -> int:
        """KiB of memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]


class Answer:
    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


def eventually(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """What `condition` gives, as soon as that is true."""
    until = time.monotonic() + seconds
    while True:
        found = condition()
        if found or time.monotonic() > until:
            assert found, "did not come to be"
            return found
        time.sleep(0.02)


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DSAS_", "MATRIX_DMETAD"))}
    return kept | {"PYTHONPATH": ":".join(str(REPOSITORY / package) for package in PACKAGES)} | more


@contextlib.contextmanager
def running(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None, loaded: bool = True
) -> Iterator[Running]:
    log = folder / f"log-{time.monotonic_ns()}"
    port = free_port()
    command = [sys.executable, "-m", "matrix_dmetad", "--listen", f"127.0.0.1:{port}", *arguments]
    with log.open("wb") as stderr:
        process = subprocess.Popen(command, env=environment(**(env or {})), stderr=stderr, cwd=folder)
    server = Running(process, log, port)
    try:
        eventually(lambda: "listening on" in server.log or process.poll() is not None)
        if loaded:
            eventually(lambda: " in force: " in server.log or process.poll() is not None)
        assert process.poll() is None, server.log
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert "Traceback" not in server.log, server.log
    assert process.returncode == 0 or process.returncode == -signal.SIGTERM, server.log
