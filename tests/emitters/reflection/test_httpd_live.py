"""httpd at work: who may reach what, and who gets traffic, asked over loopback."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from apache import Apache
from reflecting import errors, only

MEMBERS = ("127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14")


class Page(BaseHTTPRequestHandler):
    """Answers with the address that was asked."""

    def do_GET(self) -> None:
        told = str(self.server.server_address[0]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def members() -> Iterator[int]:
    """A page server on each member's address, all on one port."""
    first = ThreadingHTTPServer((MEMBERS[0], 0), Page)
    port = first.server_address[1]
    servers = [first, *(ThreadingHTTPServer((address, port), Page) for address in MEMBERS[1:])]
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}) for server in servers]
    for thread in threads:
        thread.start()
    yield port
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def get(port: int, path: str, source: str = "127.0.0.1") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    try:
        connection.request("GET", path, headers={"Host": "www.example.jp"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def await_port(port: int) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    pytest.fail("Apache does not listen")


@pytest.mark.needs("apache2ctl")
def test_access_is_the_roles_and_traffic_the_members_in_service(tmp_path: Path, members: int) -> None:
    port, pages = free_port(), tmp_path / "pages"
    for name in ("open", "admin"):
        (pages / name).mkdir(parents=True)
        (pages / name / "index.html").write_text(name)
    found = only(
        "httpd",
        f"""
[www] httpd.name=www.example.jp httpd.port={port} httpd.root={pages} httpd.proxy="/app/ ps" httpd.allow="/admin adm"
    web1  127.0.0.1  [httpd]
[ps] port={members}
    w1  127.0.0.11  weight=2
    w2  127.0.0.12  [STOP: disk]
    w3  127.0.0.13  weight=0
    w4  127.0.0.14  weight=1  [WARN: fan]
[adm]
    adm1  127.0.0.2
""",
    )
    assert errors(found) == []
    apache = Apache(tmp_path)
    assert apache.check(found).returncode == 0
    server = apache.start(port)
    try:
        await_port(port)
        assert get(port, "/open/") == (200, "open")
        assert get(port, "/admin/", "127.0.0.2") == (200, "admin")
        assert get(port, "/admin/", "127.0.0.3")[0] == 403
        answers = [get(port, "/app/x")[1] for _ in range(9)]
        assert {address: answers.count(address) for address in set(answers)} == {"127.0.0.11": 6, "127.0.0.14": 3}
    finally:
        server.terminate()
        _, said = server.communicate(timeout=20)
    assert "error" not in said
