"""What the fixtures of tests on real sshd hosts have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from matrix_parts import require
from sshd_fleet import SshdFleet


def sshd_hosts(count: int, *parts: str) -> Iterator[SshdFleet]:
    """Hosts h1 to h`count` until the fixture ends; the machine must have sshd, root and these parts."""
    require("root", "sshd", *parts)
    with SshdFleet(count) as fleet:
        yield fleet


def heal(fleet: SshdFleet) -> None:
    """Take every fault from the hosts that have one."""
    if any(fleet.mode(name) != "ok" for name in fleet.names):
        fleet.heal()


def leave_home(factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's ~/.ssh and no agent take part."""
    monkeypatch.setenv("HOME", str(factory.mktemp("home")))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
