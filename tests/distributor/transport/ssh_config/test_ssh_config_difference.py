"""Our reading of ssh_config beside OpenSSH's own. `make fuzz` puts thousands of others to both."""

from __future__ import annotations

import os
import pwd
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matrix_parts import require

from matrix_distributor.dialogue import Target
from matrix_distributor.transport import SSHOptions
from matrix_distributor.transport.ssh_config.route import Routes

sys.path.append(str(Path(__file__).parents[2] / "fuzz"))
import ssh_configs

CONFIGURATIONS = 200


@pytest.mark.parametrize("first", range(0, CONFIGURATIONS, 50))
def test_configurations_are_read_as_openssh_reads_them(first: int) -> None:
    require("ssh")
    for number in range(first, first + 50):
        assert (found := ssh_configs.difference(number)) is None, f"configuration {number}:\n{found}"


def test_each_broken_line_is_one_for_openssh_and_here(tmp_path: Path) -> None:
    require("ssh")
    for line in ssh_configs.BROKEN:
        (tmp_path / "config").write_text(f"Host other\n  {line}\n")
        theirs, _ = ssh_configs._of_openssh(tmp_path / "config", "w1", None)
        ours = ssh_configs._ours(tmp_path / "config", "w1", None)
        assert theirs is None, line
        assert isinstance(ours, str), line
        assert ours.startswith(f"{tmp_path}/config:2: "), line


@pytest.mark.parametrize(
    "text",
    [
        "IdentityFile ~/%r-%u-%n-%h-%p-%L-%l-%i-%k\nPort 2222\nUser alice\nHostName %h.example.jp\nHostKeyAlias al",
        "IdentityFile %d/a%%b\nIdentityFile ${SOME_KEYS}/k\nIdentityFile none\nIdentityFile '/with space'",
    ],
)
def test_tokens_are_replaced_as_by_openssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    require("ssh")
    monkeypatch.setenv("HOME", pwd.getpwuid(os.getuid()).pw_dir)
    monkeypatch.setenv("SOME_KEYS", "/some keys")
    command = "false %h %p %r %n 100%% '%h'"
    (tmp_path / "config").write_text(f"{text}\nProxyCommand {command}\n")
    done = subprocess.run(
        ["ssh", "-v", "-F", tmp_path / "config", "w1"], capture_output=True, text=True, check=False, timeout=30
    )
    way = Routes(SSHOptions(config=tmp_path / "config")).to(Target("w1", "w1"))
    files = re.findall(r"identity file (.*) type -?\d", done.stderr)
    assert [str(path) for path in way.identities] == [file for file in files if not file.endswith("-cert")]
    (executed,) = re.findall(r"Executing proxy command: exec (.*)", done.stderr)
    assert way.proxy_command == executed
