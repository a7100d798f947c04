"""The bytes on the wire: ciphers and key exchanges of real sshd, rekeying, large streams, memory."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from matrix_parts import require
from ssh_talk import SHORT, ask, saying
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Command, Dialogue, Failure, Reply, Target
from matrix_distributor.transport import Pool, SSHOptions

CIPHERS = {
    "gcm": "Ciphers aes128-gcm@openssh.com",
    "gcm 256": "Ciphers aes256-gcm@openssh.com",
    "ctr, etm": "Ciphers aes128-ctr\nMACs hmac-sha2-256-etm@openssh.com",
    "ctr, mac of the plain text": "Ciphers aes256-ctr\nMACs hmac-sha2-512",
}
EXCHANGES = ["curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha256"]


@pytest.mark.parametrize("settings", CIPHERS.values(), ids=CIPHERS)
def test_each_cipher_carries_both_ways_and_survives_rekeying(settings: str) -> None:
    require("root", "sshd")
    content = os.urandom(1_200_000)
    with SshdFleet(1, sshd_config=settings + "\nRekeyLimit 256K\n") as fleet:
        reply = ask(fleet.ssh_config, ["h1"], "cat", content)["h1"]
    assert isinstance(reply, Reply)
    assert hashlib.sha256(reply.stdout).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize("name", EXCHANGES)
def test_each_key_exchange(name: str) -> None:
    require("root", "sshd")
    with SshdFleet(1, sshd_config=f"KexAlgorithms {name}\n") as fleet:
        assert isinstance(ask(fleet.ssh_config, ["h1"])["h1"], Reply)


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ("curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384", "ecdh-sha2-nistp256"),
        ("diffie-hellman-group14-sha256,curve25519-sha256@libssh.org", "curve25519-sha256@libssh.org"),
    ],
)
def test_the_exchange_that_costs_a_host_least_goes_first(offered: str, taken: str) -> None:
    """Where a host knows none that holds out against quantum computers, as those of OpenSSH before 9.9."""
    require("root", "sshd")
    with SshdFleet(1, sshd_config=f"KexAlgorithms {offered}\nLogLevel DEBUG\n") as fleet:
        ask(fleet.ssh_config, ["h1"])
        assert f"kex: algorithm: {taken} " in fleet.log("h1")


def test_nothing_in_common_is_said_so() -> None:
    require("root", "sshd")
    with SshdFleet(1, sshd_config="Ciphers chacha20-poly1305@openssh.com\n") as fleet:
        failure = ask(fleet.ssh_config, ["h1"])["h1"]
    assert isinstance(failure, Failure)
    assert (failure.stage, failure.cause) == ("key exchange", "nothing in common: no acceptable ciphers")


@pytest.mark.parametrize(
    ("line", "status"), [("exit 0", 0), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_status_and_signals_of_a_real_sshd(fleet: SshdFleet, line: str, status: int) -> None:
    reply = ask(fleet.ssh_config, ["h1"], line)["h1"]
    assert isinstance(reply, Reply)
    assert reply.status == status


def test_fifty_megabytes_of_input_take_constant_memory(fleet: SshdFleet) -> None:
    program = f"""
import resource, sys
from pathlib import Path
from matrix_distributor.transport import Command, Pool, SSHOptions, Target

def dialogue(pieces):
    return (yield Command("wc -c", (bytes(65536) for _ in range(pieces))))

with Pool(SSHOptions(config=Path({str(fleet.ssh_config)!r}))) as pool:
    for pieces in (16, 800):
        (_, reply), = pool.converse([(Target("h1", "-"), dialogue(pieces))])
        assert int(reply.stdout) == pieces * 65536, reply
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    small, large = map(int, done.stdout.split())
    assert large - small < 4096, "KiB"


def test_a_host_that_does_not_read_stops_the_sender(fleet: SshdFleet) -> None:
    taken = [0]

    def pieces():  # type: ignore[no-untyped-def]
        while True:
            taken[0] += 65536
            yield bytes(65536)

    def dialogue() -> Dialogue[Reply]:
        return (yield Command("sleep 60", pieces(), timeout=1))

    with Pool(SSHOptions(config=fleet.ssh_config)) as pool:
        ((_, failure),) = pool.converse([(Target("h1", "-"), dialogue())])
    assert isinstance(failure, Failure)
    assert taken[0] < 8 * 1024 * 1024


def test_more_hosts_than_the_soft_limit_of_files(fleet: SshdFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        with Pool(SSHOptions(config=fleet.ssh_config), timeouts=SHORT, fanout=100) as pool:
            pairs = [(Target(name, "-"), saying("true")) for name in fleet.names * 8]
            assert all(isinstance(outcome, Reply) for _, outcome in pool.converse(pairs))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_login_banner_does_not_disturb(tmp_path: Path) -> None:
    require("root", "sshd")
    with SshdFleet(1, sshd_config="Banner /etc/hostname\n") as fleet:
        assert isinstance(ask(fleet.ssh_config, ["h1"])["h1"], Reply)
