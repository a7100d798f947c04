"""Our reading of known_hosts beside OpenSSH's own (`ssh-keygen -F`), over generated files."""

from __future__ import annotations

import base64
import random
import re
import struct
import subprocess
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts

FILES = 16
"""Names in lower case are asked for, as ssh(1) does; ssh-keygen hashes what it is given."""

NAMES = ("w1", "w2", "db.example.jp", "10.0.0.1", "fe80::1", "gate")
PATTERNS = (
    *NAMES,
    "W1",
    "w?",
    "*",
    "*.example.jp",
    "10.*",
    "!w1",
    "!*.jp",
    "ga[st]e",
    "[w1]:2222",
    "[*]:2222",
    "[10.0.0.1]:22",
)
PORTS = (22, 2222)


def key(number: int) -> str:
    """A key of its own; ssh-keygen reads any 32 bytes."""
    name = b"ssh-ed25519"
    blob = struct.pack(">I", len(name)) + name + struct.pack(">I", 32) + number.to_bytes(32, "big")
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def lines(chance: random.Random) -> list[str]:
    """Lines of every kind, each with a key of its own."""
    found = []
    for number in range(chance.randint(1, 12)):
        names = ",".join(chance.choice(PATTERNS) for _ in range(chance.choice((1, 1, 2, 3))))
        marker = chance.choice(("", "", "", "", "@revoked ", "@cert-authority "))
        between = chance.choice((" ", " ", "\t", "  "))
        comment = chance.choice(("", "", " a comment", " # another"))
        broken = chance.choice(("# only a comment", "", "w1", "w1 ssh-ed25519", "   "))
        line = f"{chance.choice(('', '', '  '))}{marker}{names}{between}{key(number + 1)}{comment}"
        found.append(broken if chance.random() < 0.1 else line)
    return found


def write(chance: random.Random, path: Path) -> None:
    """A file, some of its names hashed."""
    path.write_text("\n".join(lines(chance)) + "\n")
    if chance.random() < 0.4:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], capture_output=True, check=False)
    if chance.random() < 0.3:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def of_openssh(path: Path, name: str, port: int) -> set[str]:
    """The marker and the key of each line that ssh-keygen finds."""
    spelled = name if port == 22 else f"[{name}]:{port}"
    told = subprocess.run(["ssh-keygen", "-F", spelled, "-f", path], capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^\s*(@\S+\s)?.*?\bssh-ed25519\s+(\S+)", told, re.MULTILINE)
    return {f"{marker.strip()} {blob}" for marker, blob in found}


@pytest.mark.parametrize("first", range(0, FILES, 8))
def test_files_are_read_as_openssh_reads_them(tmp_path: Path, first: int) -> None:
    require("ssh-keygen")
    for number in range(first, first + 8):
        path = tmp_path / f"known_hosts{number}"
        write(random.Random(number), path)
        files = KnownHosts([path])
        for name in NAMES:
            for port in PORTS:
                ours = {
                    f"{known.marker} {base64.b64encode(known.blob or b'').decode()}"
                    for known in files.keys([name], port)
                }
                assert ours == of_openssh(path, name, port), (number, name, port, path.read_text())
