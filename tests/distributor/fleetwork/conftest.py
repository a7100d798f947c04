from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_fixtures import heal, leave_home, sshd_hosts
from sshd_fleet import SshdFleet

from matrix_distributor.dialogue import Timeouts
from matrix_distributor.fleetwork import Session
from matrix_distributor.transport import SSHOptions
from matrix_grammar import Fleet
from matrix_grammar.reading import loads

SHORT = Timeouts(resolve=5, connect=3, banner=3, key_exchange=10, login=10)

TEXT = """\
@matrix 1
{hosts}
[web]
    h1
    h2 [WARN: fan alarm 4/12]
    h3 [STOP: disk, back 4/20]
[db]
    h4
"""


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_home(tmp_path_factory, monkeypatch)
    monkeypatch.delenv("DSAS_SELF", raising=False)


@pytest.fixture(scope="session")
def _hosts() -> Iterator[SshdFleet]:
    yield from sshd_hosts(6)


@pytest.fixture
def hosts(_hosts: SshdFleet) -> Iterator[SshdFleet]:
    """Six real sshd hosts, h1 to h6; a test that gives them faults finds them healed."""
    yield _hosts
    heal(_hosts)


@pytest.fixture(scope="session")
def text(_hosts: SshdFleet) -> str:
    """h1 (web), h2 (web, WARN), h3 (web, STOP), h4 (db), h5, h6."""
    return TEXT.format(hosts="\n".join(f"{name} {_hosts.address(name)} [site.east]" for name in _hosts.names))


@pytest.fixture
def fleet(hosts: SshdFleet, text: str) -> Fleet:
    return loads(text)


@pytest.fixture
def session(hosts: SshdFleet, fleet: Fleet) -> Iterator[Session]:
    with Session(fleet, SSHOptions(config=hosts.ssh_config), timeouts=SHORT, timeout=30) as opened:
        yield opened


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder for files that are to be copied."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder
