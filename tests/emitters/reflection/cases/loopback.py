"""Servers on loopback that say who they are, and requests to what stands before them."""

from __future__ import annotations

import contextlib
import http.client
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

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


@contextlib.contextmanager
def page_servers() -> Iterator[int]:
    """A server on each member's address, all on one port, which is given."""
    first = ThreadingHTTPServer((MEMBERS[0], 0), Page)
    port = first.server_address[1]
    servers = [first, *(ThreadingHTTPServer((address, port), Page) for address in MEMBERS[1:])]
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield port
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


def get(port: int, path: str, address: str = "127.0.0.1", source: str = "127.0.0.1") -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, port, timeout=10, source_address=(source, 0))
    try:
        connection.request("GET", path, headers={"Host": "www.example.jp"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def who_answers(port: int, path: str, address: str = "127.0.0.1", times: int = 9) -> Counter[str]:
    """How often which member answered."""
    return Counter(get(port, path, address)[1] for _ in range(times))


@contextlib.contextmanager
def serving(server: subprocess.Popen[str], port: int, address: str = "127.0.0.1") -> Iterator[None]:
    """Until the end of the block, once the server listens; then it is ended."""
    try:
        for _ in range(500):
            try:
                socket.create_connection((address, port), timeout=10).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        else:
            pytest.fail(f"nobody listens on {address}:{port}")
        yield
    finally:
        server.terminate()
        server.communicate(timeout=20)
