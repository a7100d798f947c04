"""A fleet of SSH servers inside one process, for demonstrations and tests: no root, no sshd, no other machine.

Each host has its own loopback port, its own ed25519 key and its own root folder, and runs what it is told through
`/bin/sh -c` with `DSAS_ROOT` naming that folder. One client key, made here, may log in, under any user name.

Run as a program (`python -m matrix_distributor.embedded.server ROOT NAME…`) it is a child that dies with its
parent: it reads requests from standard input, a JSON object a line (`{"do": "down", "host": "w101"}`), answers each
with a line, and at end of file ends everything that it started and, with `--remove`, removes ROOT. Its first line
says where the hosts are.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from matrix_common.lifetime import Closing

from .execution import descendants
from .host import LOOPBACK, EmbeddedHost, new_key

_SSH_CONFIG_HEAD = """\
Host *
  IdentityFile "{root}/id_ed25519"
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile "{root}/known_hosts"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  BatchMode yes
  LogLevel ERROR
"""


class EmbeddedFleet(Closing):
    """N hosts, up from the start. A context manager.

    Writes `ssh_config`, `known_hosts`, `id_ed25519` and `id_ed25519.pub` into `root`; the host NAME lives in
    `root/hosts/NAME`. Raises OSError when the folder cannot be written or no port is to be had.
    """

    def __init__(self, names: Iterable[str], root: Path) -> None:
        self.root = root.absolute()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        client_key, text = new_key()
        private = self.root / "id_ed25519"
        private.touch(mode=0o600)
        private.write_text(text)
        (self.root / "id_ed25519.pub").write_text(f"{client_key.get_name()} {client_key.get_base64()}\n")
        self.hosts = {name: EmbeddedHost(name, self.root / "hosts" / name, client_key) for name in names}
        self._write_for_clients()
        self._selector = selectors.DefaultSelector()
        self._alarm, self._bell = socket.socketpair()
        self._selector.register(self._alarm, selectors.EVENT_READ)
        for host in self.hosts.values():
            self._selector.register(host.listener, selectors.EVENT_READ, host)
        self._lock = threading.Lock()
        self._closing = False
        self._acceptor = threading.Thread(target=self._accept, name="embedded-accept", daemon=True)
        self._acceptor.start()

    @property
    def ssh_config(self) -> Path:
        """What `ssh -F`, and SSHOptions.config, need to reach the hosts by name."""
        return self.root / "ssh_config"

    def down(self, name: str) -> None:
        """Cut one host's power: its connections break, its commands die, its port refuses. Raises KeyError."""
        host = self.hosts[name]
        with self._lock:
            if host.is_up:
                self._selector.unregister(host.listener)
                host.down()

    def up(self, name: str) -> None:
        """Bring it back, with the port, the key and the files that it had. Raises KeyError."""
        host = self.hosts[name]
        with self._lock:
            if not host.is_up:
                host.up()
                self._selector.register(host.listener, selectors.EVENT_READ, host)

    def close(self) -> None:
        """All hosts down, for good. The files stay. Harmless when done twice."""
        if self._closing:
            return
        self._closing = True
        self._bell.send(b"!")
        self._acceptor.join()
        for host in self.hosts.values():
            host.close()
        self._selector.close()
        self._alarm.close()
        self._bell.close()

    def _accept(self) -> None:
        while True:
            ready = self._selector.select()
            if self._closing:
                return
            with self._lock:
                for key, _ in ready:
                    if isinstance(key.data, EmbeddedHost) and key.data.is_up:
                        key.data.accept()

    def _write_for_clients(self) -> None:
        hosts = self.hosts.values()
        lines = [f"Host {host.name}\n  HostName {LOOPBACK}\n  Port {host.port}\n" for host in hosts]
        self.ssh_config.write_text("".join(lines) + _SSH_CONFIG_HEAD.format(root=self.root))
        keys = [f"[{LOOPBACK}]:{host.port} {host.key.get_name()} {host.key.get_base64()}\n" for host in hosts]
        (self.root / "known_hosts").write_text("".join(keys))


def _answer(fleet: EmbeddedFleet, line: str) -> dict[str, object]:
    try:
        request = json.loads(line)
        act = {"down": fleet.down, "up": fleet.up}[request["do"]]
        act(request["host"])
    except (ValueError, KeyError, TypeError) as error:
        return {"error": f"not understood: {line.strip()} ({type(error).__name__}: {error})"}
    return {"done": request["do"], "host": request["host"]}


def _say(message: dict[str, object]) -> None:
    with suppress(BrokenPipeError):
        print(json.dumps(message), flush=True)


def _end_children() -> None:
    """What commands left running in the background, asked first and then ended."""
    for number, patience in ((signal.SIGTERM, 0.5), (signal.SIGKILL, 0.5)):
        for pid in descendants(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        until = time.monotonic() + patience
        while time.monotonic() < until and descendants(os.getpid()):
            time.sleep(0.01)


def _adopt_orphans() -> None:
    """Become the parent of what commands leave behind, so that it can be found (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def main(arguments: list[str] | None = None) -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="matrix_distributor.embedded.server", description="An embedded fleet.")
    parser.add_argument("--remove", action="store_true", help="remove ROOT at the end")
    parser.add_argument("root", type=Path, metavar="ROOT")
    parser.add_argument("names", nargs="+", metavar="NAME")
    options = parser.parse_args(arguments)
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)  # Ctrl-C is the parent's: its end closes our standard input
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _adopt_orphans()
    try:
        with EmbeddedFleet(options.names, options.root) as fleet:
            places = {name: {"port": host.port, "root": str(host.root)} for name, host in fleet.hosts.items()}
            _say({"ready": str(fleet.root), "hosts": places})
            for line in sys.stdin:
                _say(_answer(fleet, line))
    finally:
        _end_children()
        if options.remove:
            shutil.rmtree(options.root, ignore_errors=True)


if __name__ == "__main__":
    main()
