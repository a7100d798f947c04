"""There and back with the other built-ins: what a hosts file or an ssh_config says is generated from its draft."""

import subprocess
from pathlib import Path

import pytest
from reflecting import SURROUNDINGS, only

from matrix_sources.registry import draft

HOSTS = """\
10.0.0.1  web1.example.jp web1 www.example.jp
10.0.0.2  web2.example.jp web2
2001:db8::1 web1.example.jp web1 www.example.jp
10.0.1.9  db1.example.jp db1 master.db
"""

SSH_CONFIG = """\
Host web1
    HostName 10.0.0.1
    User deploy
Host web2
    HostName 10.0.0.2
    ProxyJump gate
Host gate
    HostName 192.0.2.1
    Port 2222
Host *
    User me
"""


def names_by_address(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            found.setdefault(words[0], set()).update(words[1:])
    return found


def test_a_hosts_file() -> None:
    generated = only("hosts", draft("hosts", HOSTS, "FILE").text, hosts="*").content.decode()
    after = names_by_address(generated)
    before = names_by_address(HOSTS)
    assert {address: after[address] for address in before} == before
    assert {line.split()[0] for line in generated.splitlines() if "example.jp" in line} == set(before)


@pytest.mark.needs("ssh")
def test_an_ssh_config(tmp_path: Path) -> None:
    generated = only("ssh_config", draft("ssh_config", SSH_CONFIG, "FILE").text, hosts="*").content.decode()
    paths = {"before": SSH_CONFIG, "after": generated}
    for name in ("web1", "web2", "gate"):
        told = []
        for path, text in paths.items():
            (tmp_path / path).write_text(text)
            command = ["ssh", "-G", "-F", str(tmp_path / path), name]
            run = subprocess.run(command, capture_output=True, text=True, env=SURROUNDINGS, check=True)
            told.append({line for line in run.stdout.splitlines() if line.split()[0] in KEYS})
        assert told[0] == told[1]


KEYS = ("hostname", "user", "port", "proxyjump")
