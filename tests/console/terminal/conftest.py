"""A site whose every word is hostile: its text, its files, its hosts, and who answers in their place."""

from __future__ import annotations

import os
import shutil
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from on_terminal import OnTerminal, Told

from matrix_distributor.embedded.host import EmbeddedHost
from matrix_distributor.embedded.server import EmbeddedFleet

HOSTILE = "\x1b]0;own\x07\x1b[45m\x1b[7AX\x9b2J\u202e\u200b\u2028\x7f\x85\U000e0041Z"
"""A title, a colour and a movement that are none of ours, a C1 control, direction, width, separators, a tag."""

TEXT = f"""\
@matrix 1
[ps]
    w1    192.0.2.1  mark="{HOSTILE}"
    w2    192.0.2.2  [WARN: "{HOSTILE}"]
    w3    192.0.2.3  [STOP: "{HOSTILE}"]
    liar  192.0.2.4
"""


class Site:
    """A folder with a MATRIX, and hosts: w1 to w3 are honest, `liar` answers everything by the script `lie`.

    `greeter`, `leaver` and `stranger` are not in the text: a line before SSH's own, a farewell, and a host key of a
    type that nobody knows, each hostile.
    """

    def __init__(self, folder: Path, fleet: EmbeddedFleet, commands: OnTerminal) -> None:
        self.folder = folder
        self._commands = commands
        self.fleet = fleet
        self.write("MATRIX", TEXT)
        self.settings()
        self.lie()

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
        return path

    def settings(self, more: str = "") -> None:
        self.write(
            "matrix.toml",
            f'[ssh]\nconfig = "{self.fleet.ssh_config}"\nagent = false\n{more}\n[push]\nlocal = false\nretry = 0\n'
            f"author = {toml(HOSTILE)}\n",
        )

    def lie(self, status: int = 0, words: str | bytes = f"{HOSTILE}\n") -> None:
        """What `liar` answers, on both streams."""
        said = words.encode() if isinstance(words, str) else words
        (self.fleet.root / "words").write_bytes(said)
        here = self.fleet.root
        (here / "lie").write_text(f"cat '{here}/words'; cat '{here}/words' >&2; exit {status}\n")

    def call(self, *words: str, terminal: bool = False, until: str = "", **environment: str) -> Told:
        """Run `matrix` with these words in the folder."""
        return self._commands.call(["matrix", *words], self.folder, environment, terminal=terminal, until=until)

    def on(self, host: str, path: str, content: bytes) -> None:
        """A file on an honest host."""
        place = Path(os.fsdecode(os.fsencode(self.fleet.hosts[host].root) + path.encode("utf-8", "surrogateescape")))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def toml(text: str) -> str:
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedFleet]:
    root = tmp_path_factory.mktemp("embedded") / "fleet"
    with EmbeddedFleet(["w1", "w2", "w3", "liar", "stranger"], root) as made:
        liar, stranger = made.hosts["liar"], made.hosts["stranger"]
        liar.execute = lambda channel, _line: EmbeddedHost.execute(liar, channel, f". {root}/lie".encode())
        kind = HOSTILE.encode()
        blob = struct.pack(">I", len(kind)) + kind + struct.pack(">I", 32) + bytes(32)
        stranger.key.asbytes = lambda: blob
        fake = root / "fake"
        fake.mkdir()
        (fake / "stat").write_text(f"#!/bin/sh\n/usr/bin/stat \"$@\" | sed 's/root:root/{HOSTILE[:6]}:x/'\n")
        (fake / "stat").chmod(0o755)
        made.hosts["w2"].environment["PATH"] = f"{fake}:{os.environ['PATH']}"
        words = HOSTILE.encode()
        (root / "greeting").write_bytes(words.replace(b"\r", b"") + b"\r\nSSH-1.5-" + words + b"\r\n")
        payload = b"\x01" + struct.pack(">II", 2, len(words)) + words + struct.pack(">I", 0)
        padding = 16 - (5 + len(payload)) % 8
        packet = struct.pack(">IB", 1 + len(payload) + padding, padding) + payload + bytes(padding)
        (root / "farewell").write_bytes(b"SSH-2.0-x\r\n" + packet)
        hosts = ""
        for name, file in (("greeter", "greeting"), ("leaver", "farewell")):
            program = fake / name
            program.write_text(f"#!/bin/sh\ncat {root}/{file}; exec cat >/dev/null\n")  # ends when its client does
            program.chmod(0o755)
            hosts += f"Host {name}\n  ProxyCommand {program}\n"
        made.ssh_config.write_text(hosts + made.ssh_config.read_text())
        yield made
    for thread in threading.enumerate():
        if thread.name.startswith("Thread") and thread is not threading.main_thread():
            thread.join(5)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnTerminal]:
    with OnTerminal(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path, fleet: EmbeddedFleet, commands: OnTerminal) -> Site:
    for host in fleet.hosts.values():
        for folder in ("etc", "var", "srv"):
            shutil.rmtree(host.root / folder, ignore_errors=True)
    return Site(tmp_path, fleet, commands)
