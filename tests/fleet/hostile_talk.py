"""A pool for hosts on loopback whose keys nobody knows, as those of `hostile_server` are."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from matrix_distributor.dialogue import Dialogue, Failure, Target, Timeouts
from matrix_distributor.transport import Pool, SSHOptions

T = TypeVar("T")


def open_pool(folder: Path, timeouts: Timeouts | None = None, **options: object) -> Pool:
    """Its files lie in the folder, and nothing of the user's takes part."""
    identity, config, known = folder / "id", folder / "config", folder / "known_hosts"
    if not identity.exists():
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", identity], check=True, stdin=subprocess.DEVNULL
        )
        config.write_text("")
        known.write_text("")
    ssh = SSHOptions(config=config, identities=(identity,), known_hosts=(known,), accept_new=True, agent=False)
    return Pool(ssh, timeouts=timeouts or Timeouts(), **options)  # type: ignore[arg-type]


def at(port: int, name: str = "bad") -> Target:
    """The host that listens there."""
    return Target(f"{name}-{port}", "127.0.0.1", port, "root")


def only(pool: Pool, target: Target, dialogue: Dialogue[T]) -> T | Failure:
    """What came of one dialogue."""
    ((_, outcome),) = pool.converse([(target, dialogue)])
    return outcome


def outcomes(pool: Pool, pairs: Iterable[tuple[Target, Dialogue[T]]]) -> dict[str, T | Failure]:
    """What came of each, by the host's name."""
    return {target.name: outcome for target, outcome in pool.converse(pairs)}
