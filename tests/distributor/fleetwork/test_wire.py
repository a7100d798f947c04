"""What an unchanged file costs on the wire, beside rsync: counted by a proxy before a real sshd host."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

import pytest
from matrix_parts import require
from sshd_fleet import PORT, SshdFleet

from matrix_distributor.dialogue import Command, Dialogue, Reply, Target
from matrix_distributor.fleetwork import Session
from matrix_distributor.fleetwork.copy import scan
from matrix_distributor.transport import Pool, SSHOptions
from matrix_grammar.reading import loads


class Proxy:
    """Passes bytes on to an address, one connection after another, and counts them. A context manager."""

    def __init__(self, address: str) -> None:
        self.passed = 0
        self._address = address
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:  # shut down
                return
            with near, socket.create_connection((self._address, PORT)) as far, suppress(ConnectionError):
                self._pass({near: far, far: near})

    def _pass(self, ways: dict[socket.socket, socket.socket]) -> None:
        while ways:
            for one in select.select(list(ways), [], [])[0]:
                chunk = one.recv(65536)
                self.passed += len(chunk)
                if chunk:
                    ways[one].sendall(chunk)
                else:
                    ways.pop(one).shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(hosts: SshdFleet) -> Iterator[Proxy]:
    require("rsync", "ssh")
    with Proxy(hosts.address("h4")) as passing:
        yield passing


@pytest.fixture
def config(proxy: Proxy, hosts: SshdFleet, tmp_path: Path) -> Path:
    """An ssh_config that knows h4 behind the proxy as `counted`."""
    path = tmp_path / "config"
    path.write_text(
        f"Host counted\n  HostName 127.0.0.1\n  Port {proxy.port}\n  User root\n  IdentityFile {hosts.identity}\n"
        f"  UserKnownHostsFile {tmp_path}/known\n  IdentitiesOnly yes\n  LogLevel ERROR\n"
        "  KexAlgorithms curve25519-sha256\n"
    )
    (tmp_path / "known").write_text(f"[127.0.0.1]:{proxy.port} {hosts.host_key('h4')}\n")
    return path


def cost(proxy: Proxy, work: Callable[[], object]) -> int:
    """Bytes that passed while something was done, until no more come."""
    before = proxy.passed
    work()
    seen = -1
    while seen != proxy.passed:
        seen = proxy.passed
        time.sleep(0.1)
    return seen - before


def bare(config: Path) -> None:
    """Our own transport and nothing but `true`: what the connection itself costs."""

    def dialogue() -> Dialogue[Reply]:
        return (yield Command("true"))

    with Pool(SSHOptions(config=config)) as pool:
        assert [
            getattr(reply, "status", reply) for _, reply in pool.converse([(Target("counted", ""), dialogue())])
        ] == [0]


def test_an_unchanged_file_or_tree_costs_some_quarter_of_rsyncs_bytes(proxy: Proxy, config: Path, here: Path) -> None:
    (here / "httpd.conf").write_bytes(os.urandom(200_000))
    for number in range(60):
        (here / f"tree/folder{number // 20}").mkdir(parents=True, exist_ok=True)
        (here / f"tree/folder{number // 20}/page-{number}.html").write_text(f"page {number}\n")
    fleet = loads("counted 127.0.0.1 [web]\n")

    def syncall(word: str) -> None:
        with Session(fleet, SSHOptions(config=config), timeout=30, local=False) as session:
            assert [str(outcome.trouble) for outcome in session.copy("web", scan(word))] == [""]

    def call(*command: str) -> None:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)

    connection = (
        cost(proxy, lambda: bare(config)),
        cost(proxy, lambda: call("ssh", "-F", str(config), "counted", "true")),
    )
    for source, there in (("httpd.conf", "/etc/httpd.conf"), ("tree/", "/srv/host/wire/")):
        for _ in range(2):  # the first time copies
            ours = cost(proxy, lambda word=f"{here}/{source}:{there}": syncall(word))
        # rsync's own packets differ from run to run by a sixth of what is compared here.
        line = ["rsync", "-ac", "-e", f"ssh -F {config}", f"{here}/{source}", f"counted:{there}"]
        theirs = median(cost(proxy, lambda words=line: call(*words)) for _ in range(5))
        assert 7 * (ours - connection[0]) <= 2 * (theirs - connection[1]), (source, connection, ours, theirs)
