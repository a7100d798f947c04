"""Gives the figures of the daemon to who asks on this machine: `GET /metrics` on a loopback address.

A port and not a file for node_exporter's textfile collector: a file goes on saying what was when the daemon is dead,
while a scrape that fails is itself the alarm (`up == 0`), and nothing has to be written anywhere.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .errors import DistributorError
from .metrics import CONTENT_TYPE, Metrics

MOST_AT_ONCE = 8
"""Connections that are served at once; a further one is closed unanswered."""
PATIENCE = 5.0
"""Seconds that a connection may be silent."""


class MetricsServer:
    """Serves from threads of its own until it is closed. Raises DistributorError when it cannot listen there."""

    def __init__(self, place: str, metrics: Metrics) -> None:
        """`place` is a loopback address and a port, as `127.0.0.1:9464` or `[::1]:9464`; port 0: any."""
        host, port = _parsed(place)
        try:
            self._server = _Server(host, port, metrics)
        except OSError as error:
            raise DistributorError(f"cannot serve metrics on {place}: {error.strerror or error}") from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _parsed(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        number = int(port)
    except ValueError:
        address, number = ipaddress.ip_address("0.0.0.0"), -1
    if not address.is_loopback or not 0 <= number <= 65535:
        raise DistributorError(
            f"watch.metrics is {place!r}: not a loopback address and a port, such as 127.0.0.1:9464; what is told "
            "there names hosts, and is for this machine alone"
        )
    return str(address), number


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, host: str, port: int, metrics: Metrics) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.metrics = metrics
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__((host, port), _Answer)

    def server_bind(self) -> None:
        # http.server asks the name service for its own name here, which is of no use and may take long.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no trouble of ours."""


class _Answer(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server_version = "matrixd"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        """`/metrics`, and nothing else."""
        if self.path != "/metrics":
            self.send_error(404)
            return
        body = self.server.metrics.render().encode()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a scrape is no event."""
