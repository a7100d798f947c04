"""Numbers, counts and lists that a host names are its word: nothing is counted or reckoned so far for them."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from hostile_server import HostileServer, Script, text
from hostile_talk import at, only, open_pool
from paramiko import Message, SSHException
from ssh_talk import saying

from matrix_distributor.dialogue import Failure, Reply
from matrix_distributor.transport.hostkeys.host_key import HostKeyCheck
from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts
from matrix_distributor.transport.ssh.client import SshClient
from matrix_distributor.transport.ssh.login import Login
from matrix_distributor.transport.words import LONGEST_CAUSE


def _outcome(folder: Path, script: Script) -> Reply | Failure:
    with HostileServer(script) as server, open_pool(folder) as pool:
        return only(pool, at(server.port), saying("x"))


@pytest.mark.parametrize("stage", ["login", "welcome", "run"])
def test_a_host_that_announces_billions_of_extensions_has_none_of_them(tmp_path: Path, stage: str) -> None:
    script = {stage: [b"\x07" + struct.pack(">I", 2**32 - 1)]}
    assert isinstance(_outcome(tmp_path, script), Reply)


def test_extensions_that_are_said_are_taken(tmp_path: Path) -> None:
    said = text(b"server-sig-algs") + text(b"ssh-ed25519,rsa-sha2-512")
    assert isinstance(_outcome(tmp_path, {"login": [b"\x07" + struct.pack(">I", 1) + said]}), Reply)


def test_a_number_of_a_quarter_megabyte_is_not_reckoned_with(tmp_path: Path) -> None:
    """Paramiko's cost of reading one grows by the square: this one takes 5 s, of all hosts."""
    key = text(b"ssh-rsa") + text(b"\x01" * 120_000) + text(b"\x01" * 120_000)
    before = time.thread_time()
    failure = _outcome(tmp_path, {"newkeys": [b"\x1f" + text(key) + text(b"\x01") + text(b"")]})
    assert isinstance(failure, Failure)
    assert "too long" in failure.cause
    assert failure.stage == "key exchange"
    assert time.thread_time() - before < 1


def _session() -> SshClient:
    return SshClient(HostKeyCheck("x", ("x",), 22, KnownHosts(()), (), True), Login("root", [], []))


def test_a_group_that_costs_seconds_is_refused() -> None:
    core = _session()._core
    exchange = core._kex_info["diffie-hellman-group-exchange-sha256"](core)
    group = Message()
    group.add_mpint(2**8191 + 1)
    group.add_mpint(2)
    group.rewind()
    with pytest.raises(SSHException, match="8,192 bits"):
        exchange.parse_next(31, group)


def test_exchanges_over_large_integers_count_more(tmp_path: Path) -> None:
    session = _session()
    for _ in range(4):
        session.noise.reckoned(250)
    with pytest.raises(SSHException, match="floods"):
        session.noise.reckoned(250)


def test_a_channel_that_is_opened_twice_ends_the_connection(tmp_path: Path) -> None:
    """Through a jump host each further one would have given the time for a banner anew."""
    script = {"open": lambda channel: [struct.pack(">BIIII", 91, channel, channel, 2**31, 2**15)]}
    failure = _outcome(tmp_path, script)
    assert isinstance(failure, Failure)
    assert "twice" in failure.cause


@pytest.mark.parametrize("partial", [False, True])
def test_what_a_host_says_of_its_logins_is_told_in_few_words(tmp_path: Path, partial: bool) -> None:
    methods = b"\x1b]0;owned\x07," + b"m" * 200_000
    failure = _outcome(tmp_path, {"login": [b"\x33" + text(methods) + bytes([partial])]})
    assert isinstance(failure, Failure)
    assert failure.stage == "login"
    assert len(failure.cause) <= LONGEST_CAUSE
    assert failure.cause.isprintable()
