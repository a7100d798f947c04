from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_fixtures import heal, leave_home, sshd_hosts
from matrix_parts import require
from sshd_fleet import SshdFleet

from matrix_distributor.embedded import FleetProcess


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's ~/.ssh and no agent take part, unless a test says so."""
    leave_home(tmp_path_factory, monkeypatch)


@pytest.fixture(scope="session")
def _sshd_fleet() -> Iterator[SshdFleet]:
    yield from sshd_hosts(12, "ssh")


@pytest.fixture
def fleet(_sshd_fleet: SshdFleet) -> Iterator[SshdFleet]:
    """Twelve real sshd hosts, healthy at the begin of each test."""
    yield _sshd_fleet
    heal(_sshd_fleet)


@pytest.fixture(scope="session")
def _embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetProcess]:
    with FleetProcess([f"e{n}" for n in range(1, 7)], tmp_path_factory.mktemp("embedded") / "fleet") as fleet:
        yield fleet


@pytest.fixture
def embedded(_embedded: FleetProcess) -> Iterator[FleetProcess]:
    """Six hosts in one process, e1 to e6, all up at the begin of each test."""
    yield _embedded
    for name in _embedded.roots:
        _embedded.up(name)


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real ssh-agent, empty, in SSH_AUTH_SOCK."""
    require("ssh-agent")
    path = tmp_path / "agent.sock"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while not path.exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        yield path
    finally:
        process.terminate()
        process.wait()
