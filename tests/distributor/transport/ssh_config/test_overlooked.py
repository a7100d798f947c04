"""Blocks of ssh_config that match the address of a host and not its name, told where it cannot be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix_distributor.dialogue import Command, Failure, Reply, Target
from matrix_distributor.transport import Pool, SSHOptions

NOTHING_LISTENS = 1


def failed(folder: Path, config: str) -> Failure:
    path = folder / "config"
    path.write_text(config)

    def dialogue():
        yield Command("true")

    with Pool(SSHOptions(config=path, known_hosts=(folder / "known",), agent=False)) as pool:
        ((_, answer),) = pool.converse([(Target("w1", "127.0.0.9", port=NOTHING_LISTENS), dialogue())])
    assert isinstance(answer, Failure)
    assert not isinstance(answer, Reply)
    return answer


@pytest.mark.parametrize(
    ("config", "line", "patterns"),
    [
        ("Host 127.0.0.*\n  User root\n", 1, "127.0.0.*"),
        ("User ann\nHost other 127.0.0.9\n  ProxyJump bastion\n", 2, "other 127.0.0.9"),
        ("Host w1\n  HostName 127.0.0.8\nHost 127.0.0.8\n  User root\n", 3, "127.0.0.8"),
        ("Match host 127.0.0.9\n  User root\n", 1, None),
        ("Host * !w2\n  User root\n", 1, None),
        ("Host w1 127.0.0.*\n  User root\n", 1, None),
        ("Host 127.0.0.*\n", 1, None),
    ],
)
def test_a_host_block_for_the_address_alone_is_named(
    tmp_path: Path, config: str, line: int, patterns: str | None
) -> None:
    cure = failed(tmp_path, config).cure
    if patterns is None:
        assert "matches" not in cure
    else:
        assert f"config:{line}: Host {patterns} matches 127.0.0." in cure
        assert "and not w1: to have it count here, write the name beside it (Host w1 …)" in cure
