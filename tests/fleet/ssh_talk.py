"""What the tests of the transport share besides fixtures."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from matrix_distributor.dialogue import Command, Dialogue, Failure, Reply, Target, Timeouts
from matrix_distributor.transport import Pool, SSHOptions

SHORT = Timeouts(resolve=5, connect=2, banner=2, key_exchange=10, login=10, command=10)


def saying(line: str, stdin: bytes | Iterable[bytes] = b"") -> Dialogue[Reply]:
    return (yield Command(line, stdin))


def ask(
    config: Path,
    names: Iterable[str],
    line: str = "hostname",
    stdin: bytes = b"",
    timeouts: Timeouts = SHORT,
    fanout: int = 32,
    **options: object,
) -> dict[str, Reply | Failure]:
    """One command to hosts that an ssh_config knows; what came of each."""
    with Pool(SSHOptions(config=config, **options), timeouts=timeouts, fanout=fanout) as pool:  # type: ignore[arg-type]
        pairs = [(Target(name, "192.0.2.1"), saying(line, stdin)) for name in names]
        return {target.name: outcome for target, outcome in pool.converse(pairs)}


def keygen(*arguments: object) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)
