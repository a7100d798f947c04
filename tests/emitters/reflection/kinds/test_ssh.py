"""ssh_config and known_hosts: what OpenSSH itself makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reflecting import HOSTILE, checked, errors, lines_that_differ, made, only, quoted, run

from matrix_emitters import EmitterError
from matrix_emitters.reflection.kinds.ssh.ssh_config import SSH_CONFIG, HostBlock, parse_ssh_config
from matrix_emitters.reflection.model import Reflected

pytestmark = pytest.mark.needs("ssh", "ssh-keygen")
KEYS = [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfkNV4OS33ImTXvorZr72q4v5XhVEQKfvqsxOEJ/XaR",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8ZnQXJJVkRfGDkTQ8ZAxDVcm7BMlPEtlBTCgzGKJPp",
]
MATRIX = f"""
@domain example.jp
@default ssh.user=root ssh.jump=gate
gate  10.0.0.1  ssh.hostkey="{KEYS[0]}"
w1    10.0.0.2  2001:db8::2  ssh.port=2222 ssh.hostkey="{KEYS[1]} a comment" alias=old-w1
vpn   -         ssh.jump=none ssh.hostkey=SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
"""


def asked(reflected: Reflected, folder: Path, host: str) -> dict[str, str]:
    """What ssh would do for a host with this file as its only configuration."""
    (folder / "config").write_bytes(reflected.content)
    answer = run("ssh", "-G", "-F", str(folder / "config"), host)
    assert answer.returncode == 0, answer.stderr
    return dict(line.split(" ", 1) for line in answer.stdout.splitlines() if " " in line)


def test_ssh_reaches_each_host_as_the_matrix_says(tmp_path: Path) -> None:
    config = only("ssh_config", MATRIX)
    assert errors(config) == []
    assert checked(config, tmp_path).returncode == 0
    for name in ("w1", "w1.example.jp", "old-w1"):
        answer = asked(config, tmp_path, name)
        assert [answer[key] for key in ("hostname", "user", "port", "proxyjump")] == [
            "10.0.0.2",
            "root",
            "2222",
            "gate",
        ]
    assert "proxyjump" not in asked(config, tmp_path, "gate")
    vpn = asked(config, tmp_path, "vpn")
    assert (vpn["hostname"], vpn.get("proxyjump")) == ("vpn.example.jp", None)


def test_hostile_text_reaches_ssh_as_text_or_is_refused_by_name(tmp_path: Path) -> None:
    accepted = []
    for number, text in enumerate(HOSTILE):
        line = f"h{number} 10.0.1.{number} ssh.user={quoted(text)}\n"
        if any(letter in text for letter in "%$\n\t"):
            with pytest.raises(EmitterError, match=f"host h{number}: User"):
                made("ssh_config", line)
        else:
            accepted.append((number, text, line))
    config = only("ssh_config", "".join(line for *_, line in accepted))
    assert errors(config) == []
    assert len(accepted) > 12
    for number, text, _ in accepted:
        answer = asked(config, tmp_path, f"h{number}")
        assert (answer["user"], answer["hostname"]) == (text, f"10.0.1.{number}")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_one_argument_or_refused(text: str) -> None:
    try:
        spelled = SSH_CONFIG.literal(text)
    except EmitterError:
        assert text == "" or any(ord(letter) < 32 or letter in "\x7f%$" for letter in text)
        return
    source = f"Host x\n    User {spelled}\n    Port 22\n"
    assert parse_ssh_config(source) == (HostBlock(("x",), (("user", text), ("port", "22"))),)


def test_a_host_to_jump_over_must_be_one() -> None:
    with pytest.raises(EmitterError, match=r"host w1: ssh\.jump: .*did you mean gate"):
        made("ssh_config", "gate 10.0.0.1\nw1 10.0.0.2 ssh.jump=gaet\n")


def test_an_alias_of_two_hosts_is_an_error() -> None:
    assert errors(only("ssh_config", "a 10.0.0.1 alias=x\nb 10.0.0.2 alias=X\n")) == [
        "the name X is claimed by a and by b"
    ]


def found(file: Path, host: str) -> list[str]:
    return [line for line in run("ssh-keygen", "-F", host, "-f", str(file)).stdout.splitlines() if line[:1] != "#"]


def test_ssh_finds_each_key_by_every_name_and_address(tmp_path: Path) -> None:
    keys = only("known_hosts", MATRIX)
    assert errors(keys) == []
    result = checked(keys, tmp_path)
    assert result.returncode == 0, result.stderr
    for name in ("gate", "gate.example.jp", "10.0.0.1"):
        assert [line.split(" ", 1)[1] for line in found(tmp_path / "staged", name)] == [KEYS[0]]
    for name in ("w1", "old-w1", "10.0.0.2", "2001:db8::2"):
        assert [line.split(" ", 1)[1] for line in found(tmp_path / "staged", f"[{name}]:2222")] == [KEYS[1]]
    assert found(tmp_path / "staged", "w1") == []


def test_hosts_without_a_key_and_keys_of_two_hosts_are_told() -> None:
    assert [f.message for f in only("known_hosts", MATRIX).findings] == ["no host key is known of vpn"]
    twice = f'a 10.0.0.1 ssh.hostkey="{KEYS[0]}"\nb 10.0.0.2 ssh.hostkey="{KEYS[0]}"\n'
    assert [f.message for f in only("known_hosts", twice).findings] == ["a and b have the same host key"]
    assert errors(only("known_hosts", "a 10.0.0.1\n")) == ["no host has ssh.hostkey"]


def test_one_host_more_changes_its_own_lines_alone() -> None:
    more = MATRIX + f'w2 10.0.0.3 ssh.hostkey="{KEYS[0]}"\n'
    gone, new = lines_that_differ(only("known_hosts", MATRIX), only("known_hosts", more))
    assert (gone, new) == ([], [f"w2.example.jp,w2,10.0.0.3 {KEYS[0]}"])
    gone, new = lines_that_differ(only("ssh_config", MATRIX), only("ssh_config", more))
    assert (gone, new) == ([], ["Host w2.example.jp w2", "    HostName 10.0.0.3"])


@pytest.mark.parametrize("text", [*HOSTILE, "ssh-ed25519", f"ssh-rsa {KEYS[0].split()[1]}", f"{KEYS[0]}*"])
def test_what_is_no_key_is_refused_by_name(text: str) -> None:
    with pytest.raises(EmitterError, match=r"host w1: ssh\.hostkey"):
        made("known_hosts", f"w1 10.0.0.1 ssh.hostkey={quoted(text)}\n")


def test_the_checks_refuse_what_is_broken(tmp_path: Path) -> None:
    for name, content in (("ssh_config", b"Host x\n    NoSuchWord y\n"), ("known_hosts", b"w1 ssh-ed25519 AAAA\n")):
        bad = Reflected(only(name, MATRIX).entry, (), content)
        assert checked(bad, tmp_path).returncode != 0
