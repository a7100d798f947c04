"""Hosts whose sshd lets in one session for a connection (`MaxSessions 1`): every verb, one after the other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from matrix_parts import require

sys.path.insert(0, str(Path(__file__).parents[2] / "fleet"))

from ssh_talk import keygen
from sshd_fleet import SshdFleet

NARROW = "MaxSessions 1\nMatch User dsas\nAuthorizedKeysFile .ssh/authorized_keys\nMatch all\n"


@pytest.fixture(scope="module")
def hosts() -> Iterator[SshdFleet]:
    require("root", "sshd", "ssh-keygen", "sudo", "visudo")
    with SshdFleet(2, sshd_config=NARROW) as fleet:
        yield fleet


def test_every_verb_comes_through(hosts: SshdFleet, tmp_path: Path) -> None:
    keygen("-t", "ed25519", "-N", "", "-f", tmp_path / "key")
    (tmp_path / "tree").mkdir()
    for number in range(30):
        (tmp_path / "tree" / str(number)).write_text("x" * 1000 * number)
    settings = (
        f'[ssh]\nconfig = "{hosts.ssh_config}"\nagent = false\n[push]\nretry = 0\nlocal = false\n'
        '[reflect.hosts]\npath = "/srv/host/hosts"\nhosts = "*"\ncheck = "test -s %s"\napply = "echo applied"\n'
    )

    def run(*words: str, status: int = 0) -> None:
        line = [sys.executable, "-m", "matrix_console", *words]
        done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == status, (words, done)

    def edit(weight: int, more: str = "") -> None:
        rows = "".join(f"    {name} {hosts.address(name)} weight={weight}\n" for name in hosts.names)
        (tmp_path / "MATRIX").write_text(f"@matrix 1\n[ps]\n{rows}")
        (tmp_path / "matrix.toml").write_text(settings.replace("[push]\n", f"[push]\n{more}"))

    edit(1)
    run("push", "--canary", "1")
    edit(2)
    run("push", "--diff")
    run("forall", "*", "true")
    run("syncall", "*", "tree/:/srv/host/tree/", "--check", "true", "--then", "head -c 200000 /dev/zero")
    hosts.write("h2", "/srv/host/tree/3", b"another")
    run("diffall", "*", "tree/:/srv/host/tree/", status=1)
    run("reflect", "hosts", "--apply", "--pause", "0")
    run("enroll", "*", "--key", "key.pub")
    for weight in (3, 4):
        edit(weight, f'account = "dsas"\nidentity = "{tmp_path}/key"\n')
        run("push", "--canary", "1")
    run("status", "--live")
    run("adopt", "root@h1", "-o", "taken")
