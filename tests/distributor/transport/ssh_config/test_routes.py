"""Ways to a host that are not a plain connection: jump hosts, proxy commands, aliases. Real sshd on all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from matrix_parts import require
from ssh_talk import SHORT, ask, saying
from sshd_fleet import PORT, SshdFleet

from matrix_distributor.dialogue import Failure, Reply, Target
from matrix_distributor.transport import Pool, SSHOptions


def config(fleet: SshdFleet, tmp_path: Path, text: str) -> Path:
    """The fleet's ssh_config with something before it."""
    path = tmp_path / "config"
    path.write_text(text + "\n" + fleet.ssh_config.read_text())
    return path


def behind(fleet: SshdFleet) -> str:
    """All hosts but h1 through h1."""
    return f"Host {' '.join(fleet.names[1:])}\n  ProxyJump h1\n"


def test_many_hosts_through_one_jump_host(fleet: SshdFleet, tmp_path: Path) -> None:
    outcomes = ask(config(fleet, tmp_path, behind(fleet)), fleet.names)
    for name, reply in outcomes.items():
        assert isinstance(reply, Reply), reply
        assert reply.stdout == f"{name}\n".encode()


def test_bytes_arrive_whole_through_a_jump_host(fleet: SshdFleet, tmp_path: Path) -> None:
    content = os.urandom(5_000_000)
    outcomes = ask(config(fleet, tmp_path, behind(fleet)), ["h2", "h3"], "cat", content)
    assert [reply.stdout == content for reply in outcomes.values() if isinstance(reply, Reply)] == [True, True]


def test_a_chain_of_jump_hosts(fleet: SshdFleet, tmp_path: Path) -> None:
    path = config(fleet, tmp_path, "Host h4\n  ProxyJump h1,h2,h3\n")
    reply = ask(path, ["h4"])["h4"]
    assert isinstance(reply, Reply)
    assert reply.stdout == b"h4\n"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("refuse", "jump host h1: connect:"),
        ("denied", "jump host h1: login:"),
        ("wrongkey", "jump host h1: host key:"),
    ],
)
def test_a_jump_host_that_fails_is_named(fleet: SshdFleet, tmp_path: Path, mode: str, words: str) -> None:
    fleet.fault(mode, "h1")
    for failure in ask(config(fleet, tmp_path, behind(fleet)), ["h2", "h3"]).values():
        assert isinstance(failure, Failure)
        assert failure.stage == "connect"
        assert words in failure.cause


def test_a_jump_host_that_fails_at_once_is_named_at_once(fleet: SshdFleet, tmp_path: Path) -> None:
    path = config(fleet, tmp_path, "Host h2\n  ProxyJump gate\nHost gate\n  HostName 127.255.255.255\n")
    begun = time.monotonic()
    failure = ask(path, ["h2"])["h2"]
    assert isinstance(failure, Failure)
    assert "jump host gate: connect: 127.255.255.255 port 2222" in failure.cause
    assert time.monotonic() - begun < 2


def test_a_host_behind_that_fails_is_told_from_its_jump_host(fleet: SshdFleet, tmp_path: Path) -> None:
    fleet.fault("refuse", "h2")
    outcomes = ask(config(fleet, tmp_path, behind(fleet)), ["h2", "h3"])
    failure = outcomes["h2"]
    assert isinstance(failure, Failure)
    assert failure.stage == "connect"
    assert "connect failed" in failure.cause
    assert isinstance(outcomes["h3"], Reply)


def test_a_jump_host_that_went_away_is_found_again(fleet: SshdFleet, tmp_path: Path) -> None:
    path = config(fleet, tmp_path, behind(fleet))
    with Pool(SSHOptions(config=path), timeouts=SHORT, keep=True) as pool:
        for _ in range(3):
            ((_, outcome),) = pool.converse([(Target("h2", "-"), saying("true"))])
            assert isinstance(outcome, Reply), outcome
            fleet.fault("ok", "h1")


def test_a_proxy_command(fleet: SshdFleet, tmp_path: Path) -> None:
    require("ssh")
    command = f"ssh -F {fleet.ssh_config} -W %h:%p h1"
    path = config(fleet, tmp_path, f"Host h2\n  ProxyCommand {command}\n")
    content = os.urandom(1_000_000)
    reply = ask(path, ["h2"], "cat", content)["h2"]
    assert isinstance(reply, Reply)
    assert reply.stdout == content


def test_a_proxy_command_that_fails_is_said_so(fleet: SshdFleet, tmp_path: Path) -> None:
    failure = ask(config(fleet, tmp_path, "Host h2\n  ProxyCommand exit 3\n"), ["h2"])["h2"]
    assert isinstance(failure, Failure)
    assert failure.stage == "banner"
    assert "closed" in failure.cause


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        ('sh -c "echo no route to the bastion >&2; echo more >&2; exit 3"', "status 3: no route to the bastion"),
        ("sh -c \"printf '\\n\\033[31mred\\n' >&2; exit 1\"", "status 1: <U+001B>[31mred"),
        ("sh -c \"head -c 9999999 /dev/zero | tr '\\0' x >&2; exit 1\"", "status 1: " + "x" * 200),
        ("no-such-program", "status 127: /bin/sh: 1: exec: no-such-program: not found"),
        ("true", "status 0"),
    ],
)
def test_what_a_proxy_command_says_is_in_the_cause(tmp_path: Path, command: str, cause: str) -> None:
    (tmp_path / "config").write_text(f"ProxyCommand {command}\n")
    failure = ask(tmp_path / "config", ["far"])["far"]
    assert isinstance(failure, Failure)
    assert failure.cause == f"the connection was closed: the ProxyCommand ended with {cause}"
    assert "ProxyCommand" in failure.cure


def test_a_proxy_command_that_brings_nothing_has_the_time_of_a_connect(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        'ConnectTimeout 1\nProxyCommand sh -c "echo asking the gate >&2; exec sleep 100"\n'
    )
    failure = ask(tmp_path / "config", ["far"])["far"]
    assert isinstance(failure, Failure)
    words = "the ProxyCommand brought nothing from 192.0.2.1 port 22 within 1 s; it says: asking the gate"
    assert (failure.stage, failure.cause) == ("banner", words)


@pytest.mark.parametrize("word", ["none", "/dev/null"])
def test_new_keys_are_never_written_into_files_of_the_system(fleet: SshdFleet, tmp_path: Path, word: str) -> None:
    system = tmp_path / "ssh_known_hosts"
    path = config(fleet, tmp_path, f"Host *\n  UserKnownHostsFile {word}\n  GlobalKnownHostsFile {system}\n")
    for accept_new in (False, True):
        failure = ask(path, ["h1"], accept_new=accept_new)["h1"]
        assert isinstance(failure, Failure)
        assert failure.stage == "host key"
    assert "UserKnownHostsFile of ssh_config is none" in failure.cause
    assert not system.exists()
    system.write_text(f"[{fleet.address('h1')}]:{PORT} {fleet.host_key('h1')}\n")
    assert isinstance(ask(path, ["h1"])["h1"], Reply)


def test_an_alias_names_the_known_key(fleet: SshdFleet, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[the-alias]:{PORT} {fleet.host_key('h1')}\n")
    path = config(fleet, tmp_path, "Host h1 h2\n  HostKeyAlias the-alias\n")
    outcomes = ask(path, ["h1", "h2"], known_hosts=(known,))
    assert isinstance(outcomes["h1"], Reply)
    assert isinstance(outcomes["h2"], Failure)
    assert "changed" in outcomes["h2"].cause


def test_strict_host_key_checking_no_weakens_nothing(fleet: SshdFleet, tmp_path: Path) -> None:
    fleet.fault("nokey", "h1")
    failure = ask(config(fleet, tmp_path, "StrictHostKeyChecking no\n"), ["h1"])["h1"]
    assert isinstance(failure, Failure)
    assert failure.stage == "host key"


def test_the_address_of_the_matrix_serves_where_ssh_config_is_silent(fleet: SshdFleet) -> None:
    (fleet.root / "plain").write_text(f"IdentityFile {fleet.identity}\nIdentitiesOnly yes\n")
    options = SSHOptions(config=fleet.root / "plain", known_hosts=(fleet.known_hosts,))
    with Pool(options, timeouts=SHORT) as pool:
        target = Target("web-1", fleet.address("h5"), PORT, "root")
        ((_, reply),) = pool.converse([(target, saying("hostname"))])
    assert isinstance(reply, Reply)
    assert reply.stdout == b"h5\n"
