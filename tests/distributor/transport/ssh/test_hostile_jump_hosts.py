"""A jump host that does not do as it should: it costs the hosts behind it, and nobody else anything."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_server import HostileServer
from hostile_talk import open_pool
from paramiko import SSHException
from ssh_talk import saying

from matrix_distributor.dialogue import Failure, Target, Timeouts
from matrix_distributor.transport import Pool, SSHOptions
from matrix_distributor.transport.hostkeys.host_key import HostKeyCheck
from matrix_distributor.transport.hostkeys.known_hosts import KnownHosts
from matrix_distributor.transport.ssh.client import SshClient
from matrix_distributor.transport.ssh.login import Login


def test_a_channel_that_is_closed_is_not_sent_on_without_end() -> None:
    session = SshClient(HostKeyCheck("x", ("x",), 22, KnownHosts(()), (), True), Login("root", [], []))
    channel = session.forward("192.0.2.1", 22)
    channel.confirmed(0, 2**31, 2**15)
    channel.close()
    for _ in range(10):
        channel.on_bytes(bytes(100_000), stderr=False)
    with pytest.raises(SSHException, match="more than there is room for"):
        channel.on_bytes(bytes(1_200_000), stderr=False)


def test_a_channel_that_opens_when_its_host_was_given_up_is_closed(tmp_path: Path) -> None:
    """Else it stayed open for as long as the connection to the jump host, and the next one beside it."""
    closed = threading.Event()

    def late(_channel: int) -> Iterator[bytes]:
        time.sleep(4)
        return iter(())

    def noticed(_channel: int) -> Iterator[bytes]:
        closed.set()
        return iter(())

    with HostileServer({"open": late, "rest": noticed}) as server:
        open_pool(tmp_path).close()  # makes the key
        config = tmp_path / "config"
        config.write_text(f"Host behind\n ProxyJump root@127.0.0.1:{server.port}\n")
        options = SSHOptions(
            config=config, identities=(tmp_path / "id",), known_hosts=(tmp_path / "known_hosts",), accept_new=True,
            agent=False, user="root",
        )  # fmt: skip
        with Pool(options, timeouts=Timeouts(connect=1, key_exchange=1, login=1), keep=True) as pool:
            ((_, outcome),) = pool.converse([(Target("behind", "192.0.2.1"), saying("x"))])
            assert isinstance(outcome, Failure)
            assert outcome.stage == "connect"
            assert closed.wait(20)
