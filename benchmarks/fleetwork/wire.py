"""Bytes on the wire where nothing is to be copied, of SYNCALL and of rsync, counted by a proxy before one host.

Both directions, of a whole connection, and less what the same client pays for `true` on the same host: that is the
SSH connection itself (key exchange, login, one channel), which no tool can do without.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from site_of_hosts import Site, measured

BARE = """
import sys
from pathlib import Path
from matrix_distributor.transport import Command, Pool, SSHOptions, Target
def dialogue():
    return (yield Command("true"))
with Pool(SSHOptions(config=Path(sys.argv[1]))) as pool:
    for _, reply in pool.converse([(Target("counted", "127.0.0.1"), dialogue())]):
        assert reply.status == 0, reply
"""


class Counter:
    """A proxy before one host that counts what passes."""

    def __init__(self, address: str) -> None:
        self.passed = 0
        self._address = address
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            near = self._listener.accept()[0]
            far = socket.create_connection((self._address, 2222))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        while chunk := one.recv(65536):
            with self._lock:
                self.passed += len(chunk)
            other.sendall(chunk)
        other.shutdown(socket.SHUT_WR)


class Counted:
    """A MATRIX of one host behind a proxy, and what commands cost there."""

    def __init__(self, site: Site) -> None:
        self._site = site
        host = site.names[0]
        self._counter = Counter(site.hosts.address(host))
        self.config = site.folder / "counted_config"
        known = site.folder / "counted_known"
        self.config.write_text(
            f"Host counted\n  HostName 127.0.0.1\n  Port {self._counter.port}\n  User root\n"
            f"  IdentityFile {site.hosts.identity}\n  UserKnownHostsFile {known}\n"
            "  KexAlgorithms curve25519-sha256\n  IdentitiesOnly yes\n  LogLevel ERROR\n"
        )
        known.write_text(f"[127.0.0.1]:{self._counter.port} {site.hosts.host_key(host)}\n")
        folder = site.folder / "counted"
        folder.mkdir()
        (folder / "MATRIX").write_text("counted 127.0.0.1 [bench]\n")
        (folder / "matrix.toml").write_text(f'[ssh]\nconfig = "{self.config}"\n')
        self._ours = [sys.executable, "-m", "matrix_console", "syncall", "-f", str(folder), "--ssh-here", "counted"]

    def cost(self, *command: str) -> int:
        """Bytes that passed while a command ran."""
        before = self._counter.passed
        measured(list(command), self._site.environment)
        time.sleep(0.2)
        return self._counter.passed - before

    def syncall(self, word: str) -> int:
        return self.cost(*self._ours, word)

    def rsync(self, source: str, there: str) -> int:
        return self.cost("rsync", "-ac", "-e", f"ssh -F {self.config}", source, f"counted:{there}")

    def bare(self) -> tuple[int, int]:
        """What the connection itself costs: ours, and OpenSSH's."""
        ours = self.cost(sys.executable, "-c", BARE, str(self.config))
        return ours, self.cost("ssh", "-F", str(self.config), "counted", "true")


def trees(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(title, source, place on the host) of what is copied twice."""
    file = folder / "httpd.conf"
    file.write_bytes(os.urandom(100_000) + bytes(range(256)) * 391)
    yield "one file of 200 KB", str(file), "/etc/httpd.conf"
    for count in (10, 60, 1000):
        tree = folder / f"tree{count}"
        for number in range(count):
            path = tree / f"folder{number // 50}" / f"page-{number}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"page {number}\n")
        yield f"a tree of {count:,} files", f"{tree}/", f"/srv/host/tree{count}/"


def bytes_on_the_wire(site: Site, say: Callable[[str], None] = print) -> None:
    """Count and tell."""
    counted = Counted(site)
    bare = counted.bare()
    say("\nnothing changed: bytes on the wire, both directions")
    say(f"  {'':<24} {'whole connection':>24}  {'less that of `true`':>24}")
    say(f"  {'':<24} {'SYNCALL':>9} {'rsync -ac':>9} {'ratio':>4}  {'SYNCALL':>9} {'rsync -ac':>9} {'ratio':>4}")
    say(f"  {'true':<24} {bare[0]:>9,} {bare[1]:>9,} {bare[0] / bare[1]:>5.2f}")
    for title, source, there in trees(site.folder):
        for _ in range(2):  # the first time copies
            mine, theirs = counted.syncall(f"{source}:{there}"), counted.rsync(source, there)
        own, other = mine - bare[0], theirs - bare[1]
        line = f"  {title:<24} {mine:>9,} {theirs:>9,} {mine / theirs:>5.2f}"
        say(f"{line}  {own:>9,} {other:>9,} {own / other:>5.2f}")
